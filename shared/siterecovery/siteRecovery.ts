// The interface between Lifeboat and Site Recovery. shared/scenarios/adapter.ts implements it with
// the SDK. Steps of jobs read and write Site Recovery only through this interface.
import type { ReplicatedBlob } from '../azure/blobs.ts';
import type { WriteAnswer } from '../azure/writeAnswer.ts';
import type { VmSettings } from './vmSettings.ts';
import type { SiteRecoverySpec, PrerequisiteStatus } from '../azure/prerequisite.ts';
import type { ArmJob, ArmJobEntry, ReplicationChange, ReplicatedItem } from './item.ts';
import type { RecoveryPoint, RecoveryPointKind } from './recoveryPoint.ts';
import type { Scenario } from '../core/scenario.ts';

/** The target of a reprotect. */
export interface ReprotectTarget {
  readonly resourceGroupId: string;
  readonly cloudServiceId?: string;
  /** The cache account is in the region that becomes the source. */
  readonly cacheStorageAccountId: string;
  readonly availabilitySetId: string | null;
  readonly zone: string | null;
  readonly placementGroupId: string | null;
  /** The unmanaged disks of the failed-over VM. */
  readonly blobs: readonly ReplicatedBlob[];
}

/** The target of a reprotect that runs through servers on premises. */
export interface ServerReprotectTarget {
  /** The server that passes the changes on. */
  readonly serverId: string;
  /** The server that writes the disks on premises; null on the way to Azure. */
  readonly writerId: string | null;
  readonly datastore: string | null;
  readonly retentionDrive: string | null;
  readonly logStorageAccountId: string | null;
  readonly accountId: string | null;
  readonly policyId: string;
}

/** The common fields of a write on one item: the operation and the item. */
interface ItemRequest<Operation> {
  readonly operation: Operation;
  readonly item: ReplicatedItem;
}
/** One ARM write on one VM. */
export type WriteRequest =
  | {
      readonly operation: 'enableReplication';
      readonly scenario: Scenario;
      readonly itemId: string;
      readonly sourceVmId: string;
      readonly settings: VmSettings;
    }
  | (ItemRequest<'updateReplication'> & { readonly change: ReplicationChange })
  | ItemRequest<'disableReplication'>
  | (ItemRequest<'testFailover'> & {
      readonly recoveryPointId: string | null;
      readonly networkId: string | null;
    })
  | (ItemRequest<'cleanUpTestFailover'> & { readonly notes: string })
  | (ItemRequest<'failover'> & {
      readonly recoveryPointId: string | null;
      readonly shutDownSource: boolean;
      /** A planned failover waits for the last changes of the source. */
      readonly planned: boolean;
    })
  | (ItemRequest<'changeRecoveryPoint'> & { readonly recoveryPointId: string })
  | ItemRequest<'commit'>
  | ItemRequest<'cancelFailover'>
  | (ItemRequest<'reprotect'> & { readonly target: ReprotectTarget | ServerReprotectTarget | null });
/** The write request of one operation. */
export type RequestFor<Operation> = Extract<WriteRequest, { readonly operation: Operation }>;

/** The common fields of a write on a multi-VM group, through the native plan of the group. */
interface GroupRequestOf<Operation> {
  readonly operation: Operation;
  readonly scenario: Scenario;
  readonly nativePlanId: string;
  /** A member of the group. All members have one form and one direction. */
  readonly member: Pick<ReplicatedItem, 'instanceType' | 'direction'>;
}
/** One ARM write on all members of a multi-VM group. */
export type GroupWriteRequest =
  | (GroupRequestOf<'testFailover'> & {
      readonly point: RecoveryPointKind;
      readonly networkId: string | null;
    })
  | (GroupRequestOf<'cleanUpTestFailover'> & { readonly notes: string })
  | (GroupRequestOf<'failover'> & {
      readonly point: RecoveryPointKind;
      readonly shutDownSource: boolean;
    })
  | GroupRequestOf<'reprotect'>;

/** Reads and writes of one vault. */
export interface SiteRecovery {
  /** Returns all items of the vault. */
  listItems(): Promise<readonly ReplicatedItem[]>;
  /** Undefined when no item has this ARM id. */
  readItem(armId: string): Promise<ReplicatedItem | undefined>;
  listJobs(): Promise<readonly ArmJobEntry[]>;
  readJob(id: string): Promise<ArmJob | undefined>;
  listRecoveryPoints(itemId: string): Promise<readonly RecoveryPoint[]>;
  findPrerequisite(
    scenario: Scenario,
    id: string,
    spec: SiteRecoverySpec,
  ): Promise<PrerequisiteStatus | undefined>;
  /** Sends one request once and returns its answer. Never throws: a missing answer is a result too. */
  sendWrite(request: WriteRequest, clientRequestId: string, deadline: Date): Promise<WriteAnswer>;
  /** The operations that a native plan allows. Undefined when no plan has this id. */
  readNativePlanOperations(id: string): Promise<readonly string[] | undefined>;
  sendGroupWrite(request: GroupWriteRequest, clientRequestId: string, deadline: Date): Promise<WriteAnswer>;
  sendPrerequisite(
    scenario: Scenario,
    id: string,
    spec: SiteRecoverySpec,
    clientRequestId: string,
    deadline: Date,
  ): Promise<WriteAnswer>;
}
