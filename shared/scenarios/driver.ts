// The interface of a scenario driver. All that differs between scenarios stands behind it.
// Drivers are pure: a client of Site Recovery, and what must be read besides, is handed to them.
import type {
  Policy,
  ReplicationProtectedItem,
  ReplicationProtectedItemProperties,
  SiteRecoveryManagementClient,
} from '@azure/arm-recoveryservices-siterecovery';
import type { ReplicatedBlob } from '../azure/blobs.ts';
import type { StorageAccountFacts } from '../azure/facts.ts';
import type { VmPlacement } from '../azure/vmPlacement.ts';
import type { SiteRecoverySpec, Prerequisite, PrerequisiteStatus } from '../azure/prerequisite.ts';
import type { SendOptions } from '../azure/sendOnce.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Scenario } from '../core/scenario.ts';
import type { Direction, Operation, PhaseOperation } from '../core/operations.ts';
import type { ReplicationChange, ReplicatedItem } from '../siterecovery/item.ts';
import type { GroupWriteRequest, ReprotectTarget, RequestFor } from '../siterecovery/siteRecovery.ts';
import type { RecoveryPointKind } from '../siterecovery/recoveryPoint.ts';
import type { VmSettings } from '../siterecovery/vmSettings.ts';
import type { ItemDetails } from './itemDetails.ts';
import type { OperationEffects, Lifecycle, VmState, ItemState } from './lifecycle.ts';
import type { OperationRule } from './operationRule.ts';

export interface ScenarioDriver {
  readonly name: Scenario;
  /** For people. */
  readonly title: string;
  /** The `instanceType` values of its items and policies. */
  readonly instanceTypes: readonly string[];
  /** What a caller protects and where to, when this scenario is meant. */
  readonly replicationGoals: readonly ScenarioGoal[];
  readonly lifecycle: Lifecycle;
  /** Where each operation leads. */
  readonly effects: OperationEffects;
  readonly vmStateOf: (seen: ItemState) => VmState;
  /** What each operation on replicated VMs is made of. */
  readonly phases: PhasesByOperation;
  /** Before any durations are learned. */
  readonly typicalSeconds: Readonly<Record<PhaseOperation, TypicalSeconds>>;
  readonly rules: Readonly<Partial<Record<PhaseOperation, OperationRule>>>;
  /**
   * Undefined for an item of another scenario. The driver fills `lifecycleId` with an id that
   * outlives every move of the item; null until the item can be told from another life of the VM.
   */
  readonly readItem: (raw: ReplicationProtectedItem) => ReplicatedItem | undefined;
  /** Null while Lifeboat can only read such items: nothing offers the scenario then. */
  readonly capabilities: Capabilities | null;
}

export interface ScenarioGoal {
  readonly protect: string;
  readonly to: string;
}

/**
 * A VM that fails in one phase is skipped in those after it. The phases of enabling follow from its
 * preview.
 */
export type PhasesByOperation = Readonly<
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
  readonly writes: { readonly [Name in PhaseOperation]?: ItemWrite<Name> };
  /** One write for all members of a multi-VM group. */
  readonly writeGroup: GroupWrite;
  /** Where a reprotect will put the item, when its job does not say. */
  readonly itemIdAfterReprotect: (item: Pick<ReplicatedItem, 'recoveryContainerId' | 'name'>) => string;
  /** What a person sees of one VM. */
  readonly readDetails: (properties: ReplicationProtectedItemProperties) => ItemDetails;
  readonly readPolicy: (policy: Policy) => PolicyValues | undefined;
  readonly prerequisites: PrerequisiteAccess;
  readonly reprotect: ReprotectSupport;
  /** What enabling could not say, and an update says afterwards; empty when there is nothing. */
  readonly changesAfterEnabling: (settings: VmSettings, item: ReplicatedItem) => ReplicationChange;
  /** Which VM stands for which after a failover or in a drill; null while no VM has come up. */
  readonly vmPair: (item: ReplicatedItem, isDrill: boolean) => VmPair | null;
  /** In which VM a script of a plan runs; null while there is none. */
  readonly scriptVmIdOf: (item: ReplicatedItem, isDrill: boolean) => string | null;
  readonly manualRequests: ManualRequests;
}

export interface VaultName {
  readonly vault: string;
  readonly resourceGroup: string;
}
export type ItemWrite<Name extends PhaseOperation> = (
  client: SiteRecoveryManagementClient,
  at: VaultName,
  request: RequestFor<Name>,
  options: SendOptions,
) => Promise<unknown>;
export type GroupWrite = (
  client: SiteRecoveryManagementClient,
  at: VaultName,
  request: GroupWriteRequest,
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
export interface PrerequisiteAccess {
  /** Throws a 404 when there is none. */
  readonly find: (
    client: SiteRecoveryManagementClient,
    at: VaultName,
    id: string,
    spec: SiteRecoverySpec,
  ) => Promise<PrerequisiteStatus>;
  readonly write: (
    client: SiteRecoveryManagementClient,
    at: VaultName,
    id: string,
    spec: SiteRecoverySpec,
    options: SendOptions,
  ) => Promise<unknown>;
}

/** What the registry remembers of both sides of a VM. */
export interface VmSites {
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

export interface ReprotectSupport {
  /** The cache storage account that a reprotect reads through; null when none is known. */
  readonly knownCacheFor: (vm: VmSites, named: string | undefined) => string | null;
  /** A cache storage account that must be made first; undefined when one is known. */
  readonly cacheToCreate: (vm: VmSites, named: string | undefined) => Prerequisite | undefined;
  readonly findReprotectTarget: (
    reads: ReprotectReads,
    vm: VmSites,
    item: ReplicatedItem,
    cacheStorageAccountId: string,
  ) => Promise<ReprotectTarget | NoReprotectTarget>;
}
/** Why there is no target: the account is no cache, or disks that are not managed cannot be found. */
export type NoReprotectTarget = { readonly wrongCache: Refusal } | { readonly blobsMissing: true };

/** What a driver asks of Azure before a reprotect. */
export interface ReprotectReads {
  readonly readStorageAccount: (id: string) => Promise<StorageAccountFacts | 'hidden' | undefined>;
  readonly readVmPlacement: (vmId: string) => Promise<VmPlacement>;
  readonly findRecoveredBlobs: (
    disks: ReplicatedItem['disks'],
    recoveryVmId: string | null,
    sourceVmId: string,
  ) => Promise<readonly ReplicatedBlob[] | undefined>;
}

/** What a person sends by hand, as the printed runbook shows it. */
export interface ManualRequests {
  readonly failover: (recoveryPointId?: string) => object;
  readonly failoverOfGroup: (point: RecoveryPointKind) => object;
  /** Where an item names the VM that came up, and a recovery point whether its group shares it. */
  readonly recoveryVmPath: string;
  readonly sharedPointPath: string;
}
