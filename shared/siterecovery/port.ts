// What Lifeboat asks of Site Recovery, whoever answers.
import type { Blob } from '../azure/blobs.ts';
import type { WriteAnswer } from '../azure/writeAnswer.ts';
import type { VmSettings } from './vmSettings.ts';
import type { GroundSpec, PartSeen } from '../azure/prerequisite.ts';
import type { ArmJob, ArmJobEntry, Change, Item } from './item.ts';
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
  readonly blobs: readonly Blob[];
}

/** One ARM write that acts on a VM: what it does, to which item, with which body. */
interface OnItem<Operation> {
  readonly operation: Operation;
  readonly item: Item;
}
export type WriteRequest =
  | {
      readonly operation: 'enableReplication';
      readonly scenario: Scenario;
      readonly itemId: string;
      readonly sourceVmId: string;
      readonly settings: VmSettings;
    }
  | (OnItem<'updateReplication'> & { readonly change: Change })
  | OnItem<'disableReplication'>
  | (OnItem<'testFailover'> & { readonly recoveryPointId: string | null; readonly networkId: string | null })
  | (OnItem<'cleanUpTestFailover'> & { readonly notes: string })
  | (OnItem<'failover'> & { readonly recoveryPointId: string | null; readonly shutDownSource: boolean })
  | (OnItem<'changeRecoveryPoint'> & { readonly recoveryPointId: string })
  | OnItem<'commit'>
  | OnItem<'cancelFailover'>
  | (OnItem<'reprotect'> & { readonly target: ReprotectTarget });
export type RequestFor<Operation> = Extract<WriteRequest, { readonly operation: Operation }>;

/** One write for all members of a multi-VM group, through the native plan that holds them. */
interface OnGroup<Operation> {
  readonly operation: Operation;
  readonly scenario: Scenario;
  readonly planId: string;
}
export type GroupRequest =
  | (OnGroup<'testFailover'> & {
      readonly point: RecoveryPointKind;
      readonly networkId: string | null;
    })
  | (OnGroup<'cleanUpTestFailover'> & { readonly notes: string })
  | (OnGroup<'failover'> & {
      readonly point: RecoveryPointKind;
      readonly shutDownSource: boolean;
    })
  | OnGroup<'reprotect'>;

export interface SiteRecovery {
  /** All items of the vault, all pages. */
  items(): Promise<readonly Item[]>;
  /** Undefined when there is none under this ARM id. */
  item(armId: string): Promise<Item | undefined>;
  jobs(): Promise<readonly ArmJobEntry[]>;
  job(id: string): Promise<ArmJob | undefined>;
  recoveryPoints(itemId: string): Promise<readonly RecoveryPoint[]>;
  ground(scenario: Scenario, id: string, spec: GroundSpec): Promise<PartSeen | undefined>;
  /** Sends one request, once, and tells the write's own answer. Never throws: no answer is an answer too. */
  send(request: WriteRequest, clientRequestId: string, deadline: Date): Promise<WriteAnswer>;
  /** What a native plan allows; undefined when there is none under this id. */
  planAllows(id: string): Promise<readonly string[] | undefined>;
  sendGroup(request: GroupRequest, clientRequestId: string, deadline: Date): Promise<WriteAnswer>;
  sendGround(
    scenario: Scenario,
    id: string,
    spec: GroundSpec,
    clientRequestId: string,
    deadline: Date,
  ): Promise<WriteAnswer>;
}
