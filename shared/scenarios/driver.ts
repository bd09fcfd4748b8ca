// The interface of a scenario driver. All that differs between scenarios stands behind it.
// Drivers are pure: a client of Site Recovery, and what must be read besides, is handed to them.
import type {
  Policy,
  ReplicationProtectedItem,
  ReplicationProtectedItemProperties,
  SiteRecoveryManagementClient,
} from '@azure/arm-recoveryservices-siterecovery';
import type { Blob } from '../azure/blobs.ts';
import type { StorageAccountFacts } from '../azure/facts.ts';
import type { Placement } from '../azure/placement.ts';
import type { GroundSpec, Part, PartSeen } from '../azure/prerequisite.ts';
import type { SendOptions } from '../azure/send.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Scenario } from '../core/scenario.ts';
import type { Direction, Operation, PhaseOperation } from '../core/words.ts';
import type { Change, Item } from '../siterecovery/item.ts';
import type { GroupRequest, ReprotectTarget, RequestFor } from '../siterecovery/port.ts';
import type { RecoveryPointKind } from '../siterecovery/recoveryPoint.ts';
import type { VmSettings } from '../siterecovery/vmSettings.ts';
import type { ItemDetails } from './itemDetails.ts';
import type { Effects, Lifecycle, VmState, Seen } from './lifecycle.ts';
import type { OperationRule } from './operationRule.ts';

export interface ScenarioDriver {
  readonly name: Scenario;
  /** For people. */
  readonly title: string;
  /** The `instanceType` values of its items and policies. */
  readonly instanceTypes: readonly string[];
  /** What a caller protects and where to, when this scenario is meant. */
  readonly goals: readonly Goal[];
  readonly lifecycle: Lifecycle;
  /** Where each operation leads. */
  readonly effects: Effects;
  readonly vmStateOf: (seen: Seen) => VmState;
  /** What each operation on replicated VMs is made of. */
  readonly phases: Phases;
  /** Before any durations are learned. */
  readonly typicalSeconds: Readonly<Record<PhaseOperation, TypicalSeconds>>;
  readonly rules: Readonly<Partial<Record<PhaseOperation, OperationRule>>>;
  /**
   * Undefined for an item of another scenario. The driver fills `lifecycleId` with an id that
   * outlives every move of the item; null until the item can be told from another life of the VM.
   */
  readonly readItem: (raw: ReplicationProtectedItem) => Item | undefined;
  /** Null while Lifeboat can only read such items: nothing offers the scenario then. */
  readonly capabilities: Capabilities | null;
}

export interface Goal {
  readonly protect: string;
  readonly to: string;
}

/**
 * A VM that fails in one phase is skipped in those after it. The phases of enabling follow from its
 * preview.
 */
export type Phases = Readonly<
  Record<Exclude<Operation, 'prepareVault' | 'enableReplication'>, readonly PhaseOperation[]>
>;

/** From the accepted write to the job's end, and from there until the item has settled. */
export interface TypicalSeconds {
  readonly job: number;
  readonly settle: number;
}

/** What Lifeboat does with VMs of a scenario. */
export interface Capabilities {
  readonly operations: readonly Operation[];
  /** Whether a failover can wait at the source for its last changes to arrive. */
  readonly plannedFailover: boolean;
  readonly writes: { readonly [Name in PhaseOperation]?: Write<Name> };
  /** One write for all members of a multi-VM group. */
  readonly writeGroup: GroupWrite;
  /** Where a reprotect will put the item, when its job does not say. */
  readonly movedItemId: (item: Pick<Item, 'recoveryContainerId' | 'name'>) => string;
  /** What a person sees of one VM. */
  readonly readDetails: (properties: ReplicationProtectedItemProperties) => ItemDetails;
  readonly readPolicy: (policy: Policy) => PolicyValues | undefined;
  readonly prerequisites: Prerequisites;
  readonly reprotect: Reprotect;
  /** What enabling could not say, and an update says afterwards; empty when there is nothing. */
  readonly stillToChange: (settings: VmSettings, item: Item) => Change;
  /** Which VM stands for which after a failover or in a drill; null while no VM has come up. */
  readonly vmPair: (item: Item, isDrill: boolean) => VmPair | null;
  /** In which VM a script of a plan runs; null while there is none. */
  readonly machineOf: (item: Item, isDrill: boolean) => string | null;
  readonly manualRequests: ManualRequests;
}

export interface At {
  readonly vault: string;
  readonly resourceGroup: string;
}
export type Write<Name extends PhaseOperation> = (
  client: SiteRecoveryManagementClient,
  at: At,
  request: RequestFor<Name>,
  options: SendOptions,
) => Promise<unknown>;
export type GroupWrite = (
  client: SiteRecoveryManagementClient,
  at: At,
  request: GroupRequest,
  options: SendOptions,
) => Promise<unknown>;

export interface PolicyValues {
  readonly retentionMinutes: number;
  readonly appConsistentMinutes: number;
}

export interface VmPair {
  readonly fromVmId: string;
  readonly toVmId: string;
}

/** The prerequisites that are Site Recovery's own. */
export interface Prerequisites {
  /** Throws a 404 when there is none. */
  readonly find: (
    client: SiteRecoveryManagementClient,
    at: At,
    id: string,
    spec: GroundSpec,
  ) => Promise<PartSeen>;
  readonly write: (
    client: SiteRecoveryManagementClient,
    at: At,
    id: string,
    spec: GroundSpec,
    options: SendOptions,
  ) => Promise<unknown>;
}

/** What the registry remembers of both sides of a VM. */
export interface Sides {
  readonly direction: Direction;
  readonly sites: Readonly<
    Record<
      Direction,
      {
        readonly region: string;
        readonly resourceGroupId: string;
        readonly cacheStorageAccountId: string | null;
      }
    >
  >;
}

export interface Reprotect {
  /** The cache storage account that a reprotect reads through; null when none is known. */
  readonly cacheFor: (vm: Sides, named: string | undefined) => string | null;
  /** A cache storage account that must be made first; undefined when one is known. */
  readonly cacheToMake: (vm: Sides, named: string | undefined) => Part | undefined;
  readonly targetFor: (
    reads: ReprotectReads,
    vm: Sides,
    item: Item,
    cacheStorageAccountId: string,
  ) => Promise<ReprotectTarget | NoTarget>;
}
/** Why there is no target: the account is no cache, or disks that are not managed cannot be found. */
export type NoTarget = { readonly wrongCache: Refusal } | { readonly blobsMissing: true };

/** What a driver asks of Azure before a reprotect. */
export interface ReprotectReads {
  readonly storageAccount: (id: string) => Promise<StorageAccountFacts | 'hidden' | undefined>;
  readonly placementOf: (vmId: string) => Promise<Placement>;
  readonly recoveredBlobs: (
    disks: Item['disks'],
    recoveryVmId: string | null,
    sourceVmId: string,
  ) => Promise<readonly Blob[] | undefined>;
}

/** What a person sends by hand, as the printed runbook shows it. */
export interface ManualRequests {
  readonly failover: (recoveryPointId?: string) => object;
  readonly failoverOfGroup: (point: RecoveryPointKind) => object;
  /** Where an item names the VM that came up, and a recovery point whether its group shares it. */
  readonly recoveryVmPath: string;
  readonly sharedPointPath: string;
}
