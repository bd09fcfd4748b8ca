// The interface of a scenario driver. All differences between scenarios are behind this interface.
// Drivers are pure: callers pass in the Site Recovery client and all other reads.
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
import type { ItemSettings, ReplicationChange, ReplicatedItem } from '../siterecovery/item.ts';
import type {
  GroupWriteRequest,
  ReprotectTarget,
  RequestFor,
  ServerReprotectTarget,
} from '../siterecovery/siteRecovery.ts';
import type { RecoveryPointKind } from '../siterecovery/recoveryPoint.ts';
import type { VmSettings } from '../siterecovery/vmSettings.ts';
import type { CommonRequest, EnablingSupport } from './enabling/support.ts';
import type { RegistrationSupport } from './enabling/registration.ts';
import type { ItemDetails } from './itemDetails.ts';
import type { OperationEffects, Lifecycle, VmState, ItemState } from './lifecycle.ts';
import type { OperationRule } from './operationRule.ts';

/** The driver of one scenario. */
export interface ScenarioDriver {
  readonly name: Scenario;
  /** The name of the scenario for people. */
  readonly title: string;
  /** The `instanceType` values of its items and policies. */
  readonly instanceTypes: readonly string[];
  /** The source and target kinds that select this scenario. */
  readonly replicationGoals: readonly ScenarioGoal[];
  readonly lifecycle: Lifecycle;
  /** The effect of each operation on the VM's state. */
  readonly effects: OperationEffects;
  readonly vmStateOf: (seen: ItemState) => VmState;
  /** The phases of each operation on replicated VMs. */
  readonly phases: PhasesByOperation;
  /** The durations before Lifeboat has learned any. */
  readonly typicalSeconds: Readonly<Record<PhaseOperation, TypicalSeconds>>;
  readonly rules: Readonly<Partial<Record<PhaseOperation, OperationRule>>>;
  /**
   * Returns undefined for an item of another scenario. `lifecycleId` must be an id that survives
   * every move of the item. It is null until the item is distinguishable from another life of the
   * VM.
   */
  readonly readItem: (raw: ReplicationProtectedItem) => ReplicatedItem | undefined;
  /** Null when Lifeboat can only read such items. Then nothing offers the scenario. */
  readonly capabilities: Capabilities | null;
}

export interface ScenarioGoal {
  readonly protect: string;
  readonly to: string;
}

/**
 * The phases of each operation, in order. A VM that fails in one phase skips the later phases. The
 * phases of enabling follow from its preview.
 */
export type PhasesByOperation = Readonly<
  Record<Exclude<Operation, 'prepareVault' | 'enableReplication'>, readonly PhaseOperation[]>
>;

/** The seconds from the accepted write to the end of its job, and from there to the settled item. */
export interface TypicalSeconds {
  readonly job: number;
  readonly settle: number;
}

/** The operations and functions for the VMs of a scenario. */
export interface Capabilities {
  readonly operations: readonly Operation[];
  /** True when a failover can wait until the source's last changes arrive. */
  readonly plannedFailover: boolean;
  readonly writes: { readonly [Name in PhaseOperation]?: ItemWrite<Name> };
  /** Sends one write for all members of a multi-VM group. Null: the scenario has no such groups. */
  readonly writeGroup: GroupWrite | null;
  /** Returns the item's id after a reprotect, for a job that does not return it. */
  readonly itemIdAfterReprotect: (
    item: Pick<ReplicatedItem, 'armId' | 'recoveryContainerId' | 'name'>,
  ) => string;
  /** Returns the details of one VM for people. */
  readonly readDetails: (properties: ReplicationProtectedItemProperties) => ItemDetails;
  readonly readPolicy: (policy: Policy) => PolicyValues | undefined;
  readonly prerequisites: PrerequisiteAccess;
  readonly enabling: EnablingSupport<CommonRequest>;
  /** Null: nothing registers in the vault. */
  readonly registration: RegistrationSupport | null;
  /** Null: the item alone names the target of a reprotect. */
  readonly reprotect: ReprotectSupport | null;
  /** The lasting reason against an operation on this VM, whatever its state; undefined without one. */
  readonly refusalOf: (vm: VmInOperation, request: OperationRequest) => Refusal | undefined;
  /**
   * The settings that the enabling cannot contain and an update sends later. Empty when there are
   * none.
   */
  readonly changesAfterEnabling: (settings: VmSettings, item: ReplicatedItem) => ReplicationChange;
  /** The source VM and its counterpart after a failover or in a drill. Null while no VM has come up. */
  readonly vmPair: (item: ReplicatedItem, isDrill: boolean) => VmPair | null;
  /** The VM that runs a plan's script; null while there is none. */
  readonly scriptVmIdOf: (item: ReplicatedItem, isDrill: boolean) => string | null;
  readonly manualRequests: ManualRequests;
}

/** The facts about a VM that can rule out an operation. */
export interface VmInOperation {
  readonly name: string;
  /** Null before the first read. */
  readonly settings: Pick<ItemSettings, 'disks' | 'placementGroupId'> | null;
}
/** The facts about a request that can rule out an operation. */
export interface OperationRequest {
  readonly operation: Operation;
  /** Undefined: the plan or the default decides. */
  readonly recoveryPoint?: unknown;
}

/** The place of a vault in a request of the SDK. */
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

/** Reads and writes the prerequisites inside Site Recovery. */
export interface PrerequisiteAccess {
  /** Throws a 404 when the prerequisite does not exist. */
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

/** The data of the registry about both sides of a VM. */
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
  /** True when a caller may name the resource group and the placement group of the replicas. */
  readonly takesPlace: boolean;
  /** True when each reprotect and failback needs `checkPlace` first, whatever the command names. */
  readonly checksEveryReprotect: boolean;
  /** Returns the cache storage account for a reprotect; null when none is known. */
  readonly knownCacheFor: (vm: VmSites, named: string | undefined) => string | null;
  /** Returns the cache storage account that Lifeboat must create first; undefined when one exists. */
  readonly cacheToCreate: (vm: VmSites, named: string | undefined) => Prerequisite | undefined;
  readonly findReprotectTarget: (
    reads: ReprotectReads,
    vm: VmSites,
    item: ReplicatedItem,
    cacheStorageAccountId: string | null,
    place: ReprotectPlace,
  ) => Promise<ReprotectTarget | ServerReprotectTarget | NoReprotectTarget>;
  /** Checks the place before the first step. Undefined: the place fits. */
  readonly checkPlace: (
    reads: ReprotectReads,
    vm: VmSites & VmOnSite,
    place: ReprotectPlace,
  ) => Promise<Refusal | undefined>;
}
/** The requested place of the replicas. A missing field follows the VM that was failed over. */
export interface ReprotectPlace {
  /** The name of the resource group. */
  readonly resourceGroup?: string | undefined;
  /** Null: no placement group. */
  readonly placementGroupId?: string | null | undefined;
  readonly wayBack?: WayBack | undefined;
}
/** The servers of a reprotect on premises, by their names. A missing field follows the VM. */
export interface WayBack {
  readonly server?: string | undefined;
  readonly datastore?: string | undefined;
  /** The id of the account that installs the agent. */
  readonly account?: string | undefined;
}
/** The VM that a reprotect replicates to, as the registry knows it. */
export interface VmOnSite {
  readonly name: string;
  readonly armId: string;
  readonly sourceVmId: string;
  readonly hasUnmanagedDisks: boolean;
}
/**
 * The reason for a missing target: the account cannot be a cache, the place does not fit, or Azure
 * lacks blobs of unmanaged disks.
 */
export type NoReprotectTarget =
  | { readonly cacheMissing: true }
  | { readonly wrongCache: Refusal }
  | { readonly wrongPlace: Refusal }
  | { readonly blobsMissing: true };

/** The Azure reads that a driver needs before a reprotect. */
export interface ReprotectReads {
  /** The client that reads the vault of an item. */
  readonly siteRecoveryClientOf: (armId: string) => Promise<SiteRecoveryManagementClient>;
  readonly readStorageAccount: (id: string) => Promise<StorageAccountFacts | 'hidden' | undefined>;
  readonly readVmPlacement: (vmId: string) => Promise<VmPlacement>;
  readonly readResourceGroup: (id: string) => Promise<{ readonly region: string } | 'hidden' | undefined>;
  readonly readPlacementGroup: (
    id: string,
  ) => Promise<{ readonly region: string; readonly zones: readonly string[] } | 'hidden' | undefined>;
  readonly findRecoveredBlobs: (
    disks: ReplicatedItem['disks'],
    recoveryVmId: string | null,
    sourceVmId: string,
  ) => Promise<readonly ReplicatedBlob[] | undefined>;
}

/** The request bodies that the printed runbook shows for manual use. */
export interface ManualRequests {
  readonly failover: (recoveryPointId?: string) => object;
  /** Null: the scenario has no multi-VM groups. */
  readonly failoverOfGroup: ((point: RecoveryPointKind) => object) | null;
  /**
   * The path of the failed-over VM in an item. `sharedPointPath` is the path of the group's sharing
   * flag in a recovery point.
   */
  readonly recoveryVmPath: string;
  readonly sharedPointPath: string | null;
}
