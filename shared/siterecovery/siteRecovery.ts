// What Lifeboat asks of Site Recovery, whoever answers.
import type { ReplicatedBlob } from '../azure/blobs.ts';
import type { WriteAnswer } from '../azure/writeAnswer.ts';
import type { VmSettings } from './vmSettings.ts';
import type { SiteRecoverySpec, PrerequisiteStatus } from '../azure/prerequisite.ts';
import type { ArmJob, ArmJobEntry, ReplicationChange, ReplicatedItem } from './item.ts';
import type { RecoveryPoint, RecoveryPointKind } from './recoveryPoint.ts';
import type { Scenario } from '../core/scenario.ts';

/** Where a reprotect sends its replicas. */
export interface ReprotectTarget {
  readonly resourceGroupId: string;
  readonly cloudServiceId?: string;
  /** In the region that is now the source. */
  readonly cacheStorageAccountId: string;
  readonly availabilitySetId: string | null;
  readonly zone: string | null;
  readonly placementGroupId: string | null;
  /** The disks of the failed-over VM that are not managed. */
  readonly blobs: readonly ReplicatedBlob[];
}

/** One ARM write that acts on a VM: what it does, to which item, with which body. */
interface ItemRequest<Operation> {
  readonly operation: Operation;
  readonly item: ReplicatedItem;
}
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
  | (ItemRequest<'failover'> & { readonly recoveryPointId: string | null; readonly shutDownSource: boolean })
  | (ItemRequest<'changeRecoveryPoint'> & { readonly recoveryPointId: string })
  | ItemRequest<'commit'>
  | ItemRequest<'cancelFailover'>
  | (ItemRequest<'reprotect'> & { readonly target: ReprotectTarget });
export type RequestFor<Operation> = Extract<WriteRequest, { readonly operation: Operation }>;

/** One write for all members of a multi-VM group, through the native plan that holds them. */
interface GroupRequestOf<Operation> {
  readonly operation: Operation;
  readonly scenario: Scenario;
  readonly planId: string;
}
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

export interface SiteRecovery {
  /** All items of the vault, all pages. */
  listItems(): Promise<readonly ReplicatedItem[]>;
  /** Undefined when there is none under this ARM id. */
  readItem(armId: string): Promise<ReplicatedItem | undefined>;
  listJobs(): Promise<readonly ArmJobEntry[]>;
  readJob(id: string): Promise<ArmJob | undefined>;
  listRecoveryPoints(itemId: string): Promise<readonly RecoveryPoint[]>;
  findPrerequisite(
    scenario: Scenario,
    id: string,
    spec: SiteRecoverySpec,
  ): Promise<PrerequisiteStatus | undefined>;
  /** Sends one request, once, and tells the write's own answer. Never throws: no answer is an answer too. */
  sendWrite(request: WriteRequest, clientRequestId: string, deadline: Date): Promise<WriteAnswer>;
  /** What a native plan allows; undefined when there is none under this id. */
  readPlanOperations(id: string): Promise<readonly string[] | undefined>;
  sendGroupWrite(request: GroupWriteRequest, clientRequestId: string, deadline: Date): Promise<WriteAnswer>;
  sendPrerequisite(
    scenario: Scenario,
    id: string,
    spec: SiteRecoverySpec,
    clientRequestId: string,
    deadline: Date,
  ): Promise<WriteAnswer>;
}
