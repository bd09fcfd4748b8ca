// The stored documents in the partition of one job, and the summary of a job for lists. Every
// module that reads or writes a job uses these types. A change here is a change of the stored
// schema.
import type { Command } from '../commands/command.ts';
import type { ReplicationChange, UsedRecoveryPoint } from '../siterecovery/item.ts';
import type { JobException } from '../core/jobOutcome.ts';
import type { IncomingVm } from '../azure/facts.ts';
import type { EnablingPreview, VmPreview } from '../scenarios/enabling/preview.ts';
import type { Prerequisite } from '../azure/prerequisite.ts';
import type { Action } from '../plans/rules/action.ts';
import type { ApprovalSubject } from '../plans/rules/approval.ts';
import type { HoldNode } from '../plans/rules/graph.ts';
import type { InventoryDifference } from '../plans/rules/inventory.ts';
import type { StoredMeasures } from '../plans/rules/measures.ts';
import type { MappedVm } from '../plans/rules/resourceMap.ts';
import type { RecoveryPointRule } from '../plans/rules/plan.ts';
import type { JobWarning, Warning } from '../core/warning.ts';
import type { Direction, Operation, Phase } from '../core/operations.ts';
import type { Scenario } from '../core/scenario.ts';
import type { AttemptState } from '../core/states/attempt.ts';
import type { JobState } from '../core/states/job.ts';
import type { StepState } from '../core/states/step.ts';
import type { Fault } from '../core/errors.ts';
import type { Caller } from '../access/caller.ts';

/** A person or app that said something to a job: the route and the roles at that moment. */
export type Actor = Pick<Caller, 'id' | 'name' | 'roles' | 'door'>;

/** Partition: jobs/{jobId}. */
export interface JobDocument {
  readonly id: 'job';
  readonly type: 'job';
  readonly schema: number;
  readonly jobId: string;
  readonly epoch: number;
  readonly state: JobState;
  /** The only Durable instance that may run this job at its epoch. */
  readonly run: string | null;
  readonly command: Command;
  /** The fingerprint of the original command: a repeated command must match it. */
  readonly fingerprint: string;
  readonly caller: Caller;
  readonly acceptedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Only the first exceptions, so that the document stays small. Each step has all of its own. */
  readonly exceptions: readonly JobException[];
  readonly exceptionCount: number;
  readonly error: Fault | null;
  /**
   * Known problems from before the start that did not stop the job. They are no exceptions. Only
   * the first warnings.
   */
  readonly warnings: readonly JobWarning[];
  readonly warningCount: number;
  /**
   * True once all steps exist. From then on only the steps define the job, because the VMs change
   * while the job runs.
   */
  readonly laidOut: boolean;
  /** The epoch that retries the unsuccessful steps. Null: nobody asked for a retry. */
  readonly retried: number | null;
  /**
   * The end of the job before a retry. If Lifeboat refuses the retry before the first step, the job
   * ends this way again.
   */
  readonly endedBefore?: Pick<JobDocument, 'state' | 'error' | 'endedAt'>;
  /** The last time that the sweep found the orchestration dead and started a new one. */
  readonly repairedAt: string | null;
  /**
   * Since when the Durable client has no orchestration for the job. Null or absent: an
   * orchestration exists.
   */
  readonly walkMissingSince?: string | null;
  /** The plan of the job, in the version at the time of the command. */
  readonly plan: { readonly id: string; readonly version: number; readonly name: string } | null;
  /** The number of replicated VMs in the job. */
  readonly vmCount: number;
  /** The open questions to persons. */
  readonly needs: readonly PendingQuestion[];
  /** How often the open questions have changed. */
  readonly asked: number;
  /**
   * The measures of the steps that started VMs, once the job has ended. The API computes the times
   * of each VM from its steps.
   */
  readonly measures: StoredMeasures | null;
}

/** A question to persons. It stays until a person answers or the job no longer asks. */
export interface PendingQuestion {
  /** The step and the number of its try: an answer belongs to one question only. */
  readonly stepId: string;
  readonly tries: number;
  readonly kind: 'failure' | 'manual' | 'approval' | 'hold';
  readonly name: string;
  /** The event or the task, and the possible answers. */
  readonly message: string;
  readonly since: string;
  /** When the job decides without an answer. Null: never. */
  readonly until: string | null;
  readonly answers: readonly AnswerValue[];
}

/**
 * `done`, `notDone`: a manual step. `tryAgain`, `goOn`, `stop`: a failed step. `endNow`, `skip`: a
 * wait, and its consequence. `approved`, `refused`: an approval.
 */
export const AnswerValue = {
  done: 'done',
  notDone: 'notDone',
  tryAgain: 'tryAgain',
  goOn: 'goOn',
  stop: 'stop',
  endNow: 'endNow',
  skip: 'skip',
  approved: 'approved',
  refused: 'refused',
} as const;
export type AnswerValue = (typeof AnswerValue)[keyof typeof AnswerValue];

/**
 * Partition: jobs/{jobId}. The answer of one person to one question. Lifeboat creates the document
 * once and never changes it. Its id is `answer:{stepId}:{tries}`, with the suffix `:failure` for
 * the answer to a failure. The id of a vote on an approval is `vote:{stepId}:{tries}:{callerId}`.
 */
export interface AnswerDocument {
  readonly id: string;
  readonly type: 'answer';
  readonly schema: number;
  readonly jobId: string;
  readonly stepId: string;
  readonly tries: number;
  readonly answer: AnswerValue;
  readonly by: Pick<Caller, 'id' | 'name'>;
  readonly reason: string | null;
  readonly at: string;
  /** For a vote: the subject that the person saw. */
  readonly subject: ApprovalSubject | null;
}

/**
 * The part of a VM preview that a step needs. Lifeboat writes a step many times, so the reasons
 * stay in a separate document, written once.
 */
export type DecidedVm = Pick<VmPreview, 'vmId' | 'verdict' | 'refusals' | 'itemId' | 'settings'>;

/** The work of a step, beside its phase and its target. */
export type StepWork =
  | {
      readonly kind: 'replicatedVm';
      readonly change: ReplicationChange | null;
      /**
       * The cache for a reprotect if the registry remembers none. A prerequisite of this job
       * creates it.
       */
      readonly cacheStorageAccountId: string | null;
      /** The rule of the group in the plan. Null: the command decides. */
      readonly points: RecoveryPointRule | null;
      /** The network for the test VMs of the plan. */
      readonly networkId: string | null;
    }
  /** A multi-VM group, through its native recovery plan. */
  | {
      readonly kind: 'multiVmGroup';
      readonly nativePlanId: string;
      readonly vms: readonly { readonly id: string; readonly name: string }[];
      readonly points: RecoveryPointRule | null;
      readonly networkId: string | null;
    }
  /** An action of the plan around its groups and VMs. `vm`: the VM of the action. */
  | {
      readonly kind: 'action';
      readonly action: Action;
      readonly group: string | null;
      readonly vm: string | null;
    }
  | { readonly kind: 'hold'; readonly why: HoldNode['purpose']; readonly minutes: number }
  /** A prerequisite for the replication of VMs. */
  | { readonly kind: 'prerequisite'; readonly prerequisite: Prerequisite }
  /** A VM without replication yet, and the decision about it. */
  | { readonly kind: 'newVm'; readonly preview: DecidedVm };

/** A VM that a step started, paired with the VM that it replaces. */
export interface StartedVm {
  /** The id of the VM in Lifeboat. */
  readonly vm: string;
  readonly name: string;
  readonly fromVmId: string;
  readonly toVmId: string;
}

/**
 * A member of a multi-VM group that an earlier write of its step moved while other members fell
 * behind.
 */
export interface ArrivedMember {
  /** The id of the VM in Lifeboat. */
  readonly vm: string;
  /** The start of the Site Recovery job that moved the member. */
  readonly armStartedAt: string | null;
}

/** Partition: jobs/{jobId}. One step: a phase of the job for one target. */
export interface StepDocument {
  readonly id: string;
  readonly type: 'step';
  readonly schema: number;
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly order: number;
  /**
   * The target of the ARM write: a replicated VM by its Lifeboat id, a VM without replication, or a
   * prerequisite.
   */
  readonly targetId: string;
  readonly targetName: string;
  readonly work: StepWork;
  /** The targets that must succeed in earlier phases first. */
  readonly needs: readonly string[];
  readonly vaultId: string;
  readonly scenario: Scenario;
  /** The direction of the replication when the job began. */
  readonly begunIn: Direction;
  readonly state: StepState;
  /** The number of the newest attempt; 0 before the first. */
  readonly attempt: number;
  /**
   * How many attempts Lifeboat gave up without proof of their result, since a person last requested
   * another try.
   */
  readonly lost?: number;
  /**
   * The Site Recovery job that this step waits for: ours, or in state `following` a foreign job.
   */
  readonly armJobId: string | null;
  /** The job and its effect belong to another caller. */
  readonly foreign: boolean;
  readonly notBefore: string | null;
  /** The reason for a delay, if the step has one. */
  readonly waitsFor: string | null;
  readonly error: Fault | null;
  readonly warnings: readonly Warning[];
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** The times of the Site Recovery job. Null if Lifeboat ran no job. */
  readonly armStartedAt: string | null;
  readonly armEndedAt: string | null;
  /** The recovery point of the started VM. */
  readonly recoveryPoint: UsedRecoveryPoint | null;
  /**
   * The VMs that the step started, each with the VM that it replaces. A reprotect swaps the two.
   */
  readonly cameUp?: readonly StartedVm[];
  /** The arrived members of a partially completed group: the step does not touch them again. */
  readonly arrived?: readonly ArrivedMember[];
  readonly armIdBefore: string | null;
  /** The expected id once the step has started, the observed id once it has ended. */
  readonly armIdAfter: string | null;
  /** The Lifeboat id of a VM that this step added to the registry. */
  readonly replicationId: string | null;
  /** The node of the step in the graph of the plan. Null in a job without a plan. */
  readonly node: string | null;
  /**
   * The name of the group in the plan. Null: the step belongs to the whole plan, or the job runs no
   * plan. Missing in documents of older builds.
   */
  readonly planGroup?: string | null;
  /** The step runs even in a cancelled job, such as the clean-up of a drill. */
  readonly always: boolean;
  /** How often a person or a later epoch has requested another try. */
  readonly tries: number;
  /** The output of an action: the end of the script output, or the status of an answer. */
  readonly output: string | null;
  /**
   * How many changes of this step the log or an event has reported. The next change takes the next
   * number.
   */
  readonly lines: number;
}

/** Partition: jobs/{jobId}. One ARM write of a step, from intention to known end. */
export interface AttemptDocument {
  readonly id: string;
  readonly type: 'attempt';
  readonly schema: number;
  readonly jobId: string;
  readonly stepId: string;
  readonly number: number;
  readonly epoch: number;
  readonly state: AttemptState;
  readonly clientRequestId: string | null;
  /**
   * The invocation that sends. Until the deadline (wall time) no other invocation may assume that
   * it died.
   */
  readonly owner: string | null;
  readonly deadline: string | null;
  readonly preparedAt: string;
  readonly sentAt: string | null;
  readonly unknownSince: string | null;
  readonly armJobId: string | null;
  readonly answer: { readonly status: number | null; readonly code: string; readonly message: string } | null;
}

/** Partition: jobs/{jobId}. One line in the log of the job. */
export interface LogDocument {
  readonly id: string;
  readonly type: 'log';
  readonly schema: number;
  readonly jobId: string;
  readonly at: string;
  readonly targetName: string | null;
  readonly phase: Phase | null;
  readonly message: string;
  /** The person or app behind the line. Absent: nobody, or an older document. */
  readonly by?: Actor;
}

/** A VM of a drill, and the job that takes it over. */
export interface HandedOverVm {
  readonly vmId: string;
  readonly jobId: string;
}

/** Partition: jobs/{jobId}. The latest request of a person about the running job. */
export interface ControlDocument {
  readonly id: 'control';
  readonly type: 'control';
  readonly schema: number;
  readonly jobId: string;
  readonly wish: 'running' | 'paused' | 'cancelled';
  readonly by: string;
  readonly reason: string | null;
  readonly at: string;
  /** VMs that other jobs need at once, each with its job: that job cleans up the test of the VM. */
  readonly yields: readonly HandedOverVm[];
}

/**
 * Partition: jobs/{jobId}. A person has reported that the source no longer answers. From then on,
 * nothing waits for its shutdown.
 */
export interface SourceLostDocument {
  readonly id: 'sourceLost';
  readonly type: 'sourceLost';
  readonly schema: number;
  readonly jobId: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** Partition: jobs/{jobId}. The decision about one VM, with its checks and choices. */
export interface VmPreviewDocument {
  readonly id: string;
  readonly type: 'vmPreview';
  readonly schema: number;
  readonly jobId: string;
  readonly targetId: string;
  readonly preview: VmPreview;
}

/**
 * Partition: jobs/{jobId}. The decisions from before the first step, beside the previews of single
 * VMs. If this document exists, all steps exist.
 */
export interface PreviewDocument {
  readonly id: 'preview';
  readonly type: 'preview';
  readonly schema: number;
  readonly jobId: string;
  readonly preview: Omit<EnablingPreview, 'vms'>;
  /**
   * The VMs that the job enables and their target sizes: other jobs count them against the quota.
   */
  readonly coming?: readonly IncomingVm[];
  readonly at: string;
}

/**
 * Partition: jobIndex/{month}. The fields of a job in lists, so that a list needs no read of the
 * partition of the job.
 */
export interface JobSummaryDocument {
  /** The id of the job. */
  readonly id: string;
  readonly type: 'jobSummary';
  readonly schema: number;
  /** The month of acceptance, such as 2026-01. */
  readonly month: string;
  readonly epoch: number;
  readonly state: JobState;
  readonly operation: Operation;
  readonly vms: number;
  /**
   * The targets of the command: Lifeboat ids of replicated VMs, or lower-case ARM ids of VMs
   * without replication. For a run of a plan: the VMs of the run.
   */
  readonly targets: readonly string[];
  readonly plan: JobDocument['plan'];
  readonly requestedBy: Pick<Caller, 'id' | 'name' | 'door'>;
  readonly ticket: string | null;
  readonly acceptedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly exceptions: number;
  readonly error: string | null;
}

/**
 * Partition: jobs/{jobId}. Maps old resource ids to new ones. Each document covers some VMs of the
 * job. Lifeboat writes the documents once it could read all VMs.
 */
export interface ResourceMapDocument {
  readonly id: string;
  readonly type: 'resourceMap';
  readonly schema: number;
  readonly jobId: string;
  readonly epoch: number;
  /** The number of such documents. */
  readonly parts: number;
  readonly readAt: string;
  readonly vms: readonly MappedVm[];
}

/**
 * Partition: jobs/{jobId}. The resources of a resource group before a drill started its test VMs
 * there.
 */
export interface InventoryDocument {
  readonly id: string;
  readonly type: 'inventory';
  readonly schema: number;
  readonly jobId: string;
  readonly groupId: string;
  /** Resource ids without the prefix of the group. */
  readonly resources: readonly string[];
  readonly readAt: string;
}

/** Partition: jobs/{jobId}. The difference in those resource groups after the clean-up. */
export interface LeftoverDocument {
  readonly id: string;
  readonly type: 'left';
  readonly schema: number;
  readonly jobId: string;
  readonly epoch: number;
  readonly difference: InventoryDifference;
  readonly readAt: string;
}
