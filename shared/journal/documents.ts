// The partition of one job, and its summary for lists.
import type { Command } from '../commands/command.ts';
import type { ReplicationChange, UsedRecoveryPoint } from '../siterecovery/item.ts';
import type { JobException } from '../core/jobOutcome.ts';
import type { IncomingVm } from '../azure/facts.ts';
import type { EnablingPreview, VmPreview } from '../enabling/rules/preview.ts';
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

/** Whoever said something to a job: by which door, with which roles at that moment. */
export type Actor = Pick<Caller, 'id' | 'name' | 'roles' | 'door'>;

/** Partition: jobs/{jobId}. */
export interface JobDocument {
  readonly id: 'job';
  readonly type: 'job';
  readonly schema: number;
  readonly jobId: string;
  readonly epoch: number;
  readonly state: JobState;
  /** The one execution that may walk this job at its epoch. */
  readonly run: string | null;
  readonly command: Command;
  /** Of the command as it was sent: a repeat must be the same. */
  readonly fingerprint: string;
  readonly caller: Caller;
  readonly acceptedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** The first of them, so that the document stays small; every one stands in its step too. */
  readonly exceptions: readonly JobException[];
  readonly exceptionCount: number;
  readonly error: Fault | null;
  /**
   * What was known before anything began, and what it went ahead in spite of: no exceptions. The
   * first of them.
   */
  readonly warnings: readonly JobWarning[];
  readonly warningCount: number;
  /**
   * All steps of it stand. From then on they alone say what it does: the VMs that they were made
   * from have moved on.
   */
  readonly laidOut: boolean;
  /** The epoch at which what was left over is tried again; null when that was not asked. */
  readonly retried: number | null;
  /**
   * How the job had ended when a person wanted a retry: so it ends again, should the retry be
   * refused before anything of it begins.
   */
  readonly endedBefore?: Pick<JobDocument, 'state' | 'error' | 'endedAt'>;
  /** The last time that a walk of it was found dead and begun anew. */
  readonly repairedAt: string | null;
  /** Since when the durable client knows no walk of it; null, or left out: it does. */
  readonly walkMissingSince?: string | null;
  /** The plan that it runs, as it was when the command was accepted. */
  readonly plan: { readonly id: string; readonly version: number; readonly name: string } | null;
  /** How many replicated VMs it is about. */
  readonly vmCount: number;
  /** What it waits for persons to say. */
  readonly needs: readonly PendingQuestion[];
  /** How often that has changed. */
  readonly asked: number;
  /** Of what brought VMs up, once it has ended. What each VM took is reckoned from its steps. */
  readonly measures: StoredMeasures | null;
}

/** A question to persons; it stands until it is answered or no longer asked. */
export interface PendingQuestion {
  /** The step's id, and with it the how-manyth time that it is tried: an answer is to one question only. */
  readonly stepId: string;
  readonly tries: number;
  readonly kind: 'failure' | 'manual' | 'approval' | 'hold';
  readonly name: string;
  /** What happened, or what is to be done, and what can be answered. */
  readonly message: string;
  readonly since: string;
  /** When it is decided without them; null: never. */
  readonly until: string | null;
  readonly answers: readonly AnswerValue[];
}

/**
 * `done`, `notDone`: a manual step. `tryAgain`, `goOn`, `stop`: a step that failed. `endNow`,
 * `skip`: a wait, and what follows from it. `approved`, `refused`: an approval.
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
 * Partition: jobs/{jobId}. What one person has said to one question. Created once, never changed:
 * `answer:{stepId}:{tries}`, of a failure with `:failure` behind it, of approvals
 * `vote:{stepId}:{tries}:{callerId}`.
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
  /** Of a vote: what the person had before them. */
  readonly subject: ApprovalSubject | null;
}

/**
 * Of a VM's preview what the doing needs: a step is written many times, and why it was decided so
 * stands beside it, written once.
 */
export type DecidedVm = Pick<VmPreview, 'vmId' | 'verdict' | 'refusals' | 'itemId' | 'settings'>;

/** What a step has to know beside its phase and its target. */
export type StepWork =
  | {
      readonly kind: 'replicatedVm';
      readonly change: ReplicationChange | null;
      /** The cache that a reprotect uses when none is remembered: made by a part of this job. */
      readonly cacheStorageAccountId: string | null;
      /** Of a plan's group; null: as the command says. */
      readonly points: RecoveryPointRule | null;
      /** Where a plan's test VMs come up. */
      readonly networkId: string | null;
    }
  /** A multi-VM group, through the native plan that holds it. */
  | {
      readonly kind: 'group';
      readonly planId: string;
      readonly vms: readonly { readonly id: string; readonly name: string }[];
      readonly points: RecoveryPointRule | null;
      readonly networkId: string | null;
    }
  /** Something a plan does around its groups and VMs; `vm`: the one that it is about. */
  | {
      readonly kind: 'action';
      readonly action: Action;
      readonly group: string | null;
      readonly vm: string | null;
    }
  | { readonly kind: 'hold'; readonly why: HoldNode['purpose']; readonly minutes: number }
  /** Something that must stand before VMs can be replicated. */
  | { readonly kind: 'part'; readonly part: Prerequisite }
  /** A VM that is not replicated yet, and what was decided for it. */
  | { readonly kind: 'newVm'; readonly preview: DecidedVm };

export interface StartedVm {
  /** Lifeboat's id. */
  readonly vm: string;
  readonly name: string;
  readonly fromVmId: string;
  readonly toVmId: string;
}

/**
 * A member of a multi-VM group that an earlier write of its step has brought where the step leads,
 * when others fell behind.
 */
export interface ArrivedMember {
  /** Lifeboat's id. */
  readonly vm: string;
  /** When the job of Site Recovery began that brought it there. */
  readonly armStartedAt: string | null;
}

export interface StepDocument {
  readonly id: string;
  readonly type: 'step';
  readonly schema: number;
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly order: number;
  /**
   * What the step's ARM write acts on: a replicated VM under Lifeboat's id, a VM to be replicated,
   * or a part of the ground.
   */
  readonly targetId: string;
  readonly targetName: string;
  readonly work: StepWork;
  /** Targets whose steps in earlier phases must have ended well. */
  readonly needs: readonly string[];
  readonly vaultId: string;
  readonly scenario: Scenario;
  /** Which way replication ran when the job began. */
  readonly begunIn: Direction;
  readonly state: StepState;
  /** The number of the newest attempt; 0 before the first. */
  readonly attempt: number;
  /**
   * How many attempts were given up because nothing showed what came of them, since a person last
   * had it tried.
   */
  readonly lost?: number;
  /** The Site Recovery job that this step waits for: ours, or with `following` somebody else's. */
  readonly armJobId: string | null;
  /** The job followed, and what it achieves, is somebody else's. */
  readonly foreign: boolean;
  readonly notBefore: string | null;
  /** What holds the step up, when it is not just on its usual way. */
  readonly waitsFor: string | null;
  readonly error: Fault | null;
  readonly warnings: readonly Warning[];
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** As Site Recovery's job tells them; null where nothing of ours ran. */
  readonly armStartedAt: string | null;
  readonly armEndedAt: string | null;
  /** The point in time that the VM came up at. */
  readonly recoveryPoint: UsedRecoveryPoint | null;
  /**
   * The VMs that it brought up, each with the one that it stands for: a reprotect makes of the one
   * the other.
   */
  readonly cameUp?: readonly StartedVm[];
  /** Of a multi-VM group that was torn: nothing is done to these again. */
  readonly arrived?: readonly ArrivedMember[];
  readonly armIdBefore: string | null;
  /** Expected once the step has started, seen once it has ended. */
  readonly armIdAfter: string | null;
  /** Lifeboat's id of a VM that this step has brought into the registry. */
  readonly replicationId: string | null;
  /** Its node in the plan's graph; null in a job without a plan. */
  readonly node: string | null;
  /** Done also when the job is cancelled, such as the clean-up of a drill. */
  readonly always: boolean;
  /** How often a person, or a later epoch, has had it tried again. */
  readonly tries: number;
  /** What an action brought: the end of a script's output, an answer's status. */
  readonly output: string | null;
  /** How many changes of this step were told, in the log or as news: the next one's number. */
  readonly lines: number;
}

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
  /** Which invocation sends, and until when (wall time) nobody else may think it dead. */
  readonly owner: string | null;
  readonly deadline: string | null;
  readonly preparedAt: string;
  readonly sentAt: string | null;
  readonly unknownSince: string | null;
  readonly armJobId: string | null;
  readonly answer: { readonly status: number | null; readonly code: string; readonly message: string } | null;
}

export interface LogDocument {
  readonly id: string;
  readonly type: 'log';
  readonly schema: number;
  readonly jobId: string;
  readonly at: string;
  readonly targetName: string | null;
  readonly phase: Phase | null;
  readonly message: string;
  /** Whose word it tells of; left out: nobody's, or from before it was kept. */
  readonly by?: Actor;
}

/** Partition: jobs/{jobId}. What people want of the job while it runs. */
export interface ControlDocument {
  readonly id: 'control';
  readonly type: 'control';
  readonly schema: number;
  readonly jobId: string;
  readonly wish: 'running' | 'paused' | 'cancelled';
  readonly by: string;
  readonly reason: string | null;
  readonly at: string;
  /** The job that needs the VMs at once: a drill leaves its clean-up to it. */
  readonly yieldTo: string | null;
}

/**
 * Partition: jobs/{jobId}. A person has said that the source does not answer any more: nothing
 * waits for it to shut down.
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

/** Partition: jobs/{jobId}. What was decided for one VM, with the checks and the choices that led there. */
export interface VmPreviewDocument {
  readonly id: string;
  readonly type: 'vmPreview';
  readonly schema: number;
  readonly jobId: string;
  readonly targetId: string;
  readonly preview: VmPreview;
}

/**
 * Partition: jobs/{jobId}. What was decided before anything was done, beside what stands in the
 * previews of single VMs. Once it is there, all steps are.
 */
export interface PreviewDocument {
  readonly id: 'preview';
  readonly type: 'preview';
  readonly schema: number;
  readonly jobId: string;
  readonly preview: Omit<EnablingPreview, 'vms'>;
  /** The VMs that are to be enabled, and what comes up of them: other jobs count it against the quota. */
  readonly coming?: readonly IncomingVm[];
  readonly at: string;
}

/** Partition: jobIndex/{month}. What a list shows of a job, without a look into the job's own partition. */
export interface JobSummaryDocument {
  /** The job's id. */
  readonly id: string;
  readonly type: 'jobSummary';
  readonly schema: number;
  /** In which the job was accepted, such as 2026-01. */
  readonly month: string;
  readonly epoch: number;
  readonly state: JobState;
  readonly operation: Operation;
  readonly vms: number;
  /**
   * What the command names: Lifeboat's ids of replicated VMs, or the ARM ids, in lower case, of
   * those to be replicated. Of a plan's run those that it is for.
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
 * Partition: jobs/{jobId}. From old to new resource ids: a part of a job's VMs, once all of them
 * could be read.
 */
export interface ResourceMapDocument {
  readonly id: string;
  readonly type: 'resourceMap';
  readonly schema: number;
  readonly jobId: string;
  readonly epoch: number;
  /** How many such parts there are. */
  readonly parts: number;
  readonly readAt: string;
  readonly vms: readonly MappedVm[];
}

/** Partition: jobs/{jobId}. What lay in a resource group before a drill's test VMs came up there. */
export interface InventoryDocument {
  readonly id: string;
  readonly type: 'inventory';
  readonly schema: number;
  readonly jobId: string;
  readonly groupId: string;
  /** Ids without the group's own. */
  readonly resources: readonly string[];
  readonly readAt: string;
}

/** Partition: jobs/{jobId}. How it lay there after the clean-up. */
export interface LeftoverDocument {
  readonly id: string;
  readonly type: 'left';
  readonly schema: number;
  readonly jobId: string;
  readonly epoch: number;
  readonly difference: InventoryDifference;
  readonly readAt: string;
}
