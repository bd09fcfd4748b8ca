// What stands in Cosmos DB. Every document carries its type and the version of its schema.
import type { Seen } from '../domain/lifecycle.ts';
import type { Command } from '../domain/command.ts';
import type { Change, ItemSettings } from '../domain/item.ts';
import type { News, Place } from '../domain/news.ts';
import type { Exception } from '../domain/outcome.ts';
import type { Part, Preview, VmPreview } from '../domain/enabling/preview.ts';
import type { AttemptState, Direction, JobState, Operation, Phase, Scenario, StepState } from '../domain/words.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { Fault } from '../errors.ts';

export { SCHEMA } from './schema.ts';

export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly door: 'rest';
}

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
  readonly exceptions: readonly Exception[];
  readonly exceptionCount: number;
  readonly error: Fault | null;
  /** All steps of it stand. From then on they alone say what it does: the VMs that they were made from have moved on. */
  readonly laidOut: boolean;
  /** The epoch at which what was left over is tried again; null when that was not asked. */
  readonly retried: number | null;
  /** The last time that a walk of it was found dead and begun anew. */
  readonly repairedAt: string | null;
}

/** Of a VM's preview what the doing needs: a step is written many times, and why it was decided so stands beside it, written once. */
export type DecidedVm = Pick<VmPreview, 'vmId' | 'verdict' | 'refusals' | 'itemId' | 'settings'>;

/** What a step has to know beside its phase and its target. */
export type Work =
  | { readonly kind: 'replicatedVm'; readonly change: Change | null; /** The cache that a reprotect uses when none is remembered: made by a part of this job. */ readonly cacheStorageAccountId: string | null }
  /** A multi-VM group, through the native plan that holds it. */
  | { readonly kind: 'group'; readonly planId: string; readonly vms: readonly { readonly id: string; readonly name: string }[] }
  /** Something that must stand before VMs can be replicated. */
  | { readonly kind: 'part'; readonly part: Part }
  /** A VM that is not replicated yet, and what was decided for it. */
  | { readonly kind: 'newVm'; readonly preview: DecidedVm };

export interface StepDocument {
  readonly id: string;
  readonly type: 'step';
  readonly schema: number;
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly order: number;
  /** What the step's ARM write acts on: a replicated VM under Lifeboat's id, a VM to be replicated, or a part of the ground. */
  readonly targetId: string;
  readonly targetName: string;
  readonly work: Work;
  /** Targets whose steps in earlier phases must have ended well. */
  readonly needs: readonly string[];
  readonly vaultId: string;
  readonly scenario: Scenario;
  /** Which way replication ran when the job began. */
  readonly begunIn: Direction;
  readonly state: StepState;
  /** The number of the newest attempt; 0 before the first. */
  readonly attempt: number;
  /** The Site Recovery job that this step waits for: ours, or with `following` somebody else's. */
  readonly armJobId: string | null;
  /** The job followed, and what it achieves, is somebody else's. */
  readonly foreign: boolean;
  readonly notBefore: string | null;
  /** What holds the step up, when it is not just on its usual way. */
  readonly waitsFor: string | null;
  readonly error: Fault | null;
  readonly warnings: readonly string[];
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** As Site Recovery's job tells them; null where nothing of ours ran. */
  readonly armStartedAt: string | null;
  readonly armEndedAt: string | null;
  /** The point in time that the VM came up at. */
  readonly recoveryPoint: { readonly id: string; readonly time: string } | null;
  readonly armIdBefore: string | null;
  /** Expected once the step has started, seen once it has ended. */
  readonly armIdAfter: string | null;
  /** Lifeboat's id of a VM that this step has brought into the registry. */
  readonly replicationId: string | null;
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

/** Partition: jobs/{jobId}. What was decided before anything was done, beside what stands in the previews of single VMs. Once it is there, all steps are. */
export interface PreviewDocument {
  readonly id: 'preview';
  readonly type: 'preview';
  readonly schema: number;
  readonly jobId: string;
  readonly preview: Omit<Preview, 'vms'>;
  readonly at: string;
}

/** Partition: jobs/{jobId}, as all that follows up to the gap. One piece of news, written with the change that it tells of. */
export interface EntryDocument {
  readonly id: string;
  readonly type: 'news';
  readonly schema: number;
  readonly jobId: string;
  /** From 1 on, without holes; 0 until the relay has numbered it. */
  readonly number: number;
  readonly at: string;
  readonly news: News;
  /** The VM, or the job. */
  readonly subject: string;
  readonly place: Place;
  readonly data: Readonly<Record<string, string | number | boolean | null | Readonly<Record<string, string>>>>;
}

/** Who is told of this job, and how far its news are numbered. Nothing that a job itself writes touches it. */
export interface RelayDocument {
  readonly id: 'relay';
  readonly type: 'relay';
  readonly schema: number;
  readonly jobId: string;
  readonly last: number;
  /** Nobody waits for anything up to `last`. */
  readonly settled: boolean;
  /** Those who wait are all to be told again after this moment (story time); empty while somebody may be told at once. */
  readonly quietUntil: string;
  /** Those who were to be told when the job had its first news. */
  readonly targets: readonly string[];
}

/** How far one target was told. */
export interface DeliveryDocument {
  readonly id: string;
  readonly type: 'delivery';
  readonly schema: number;
  readonly jobId: string;
  readonly target: string;
  /** The number of the newest entry that arrived. */
  readonly delivered: number;
  /** Who tells it now, and until when (wall time) nobody else may. */
  readonly lease: { readonly owner: string; readonly until: string } | null;
  /** In a row, of the entry after `delivered`. */
  readonly failures: number;
  readonly failingSince: string | null;
  readonly notBefore: string | null;
  readonly why: string | null;
  /** The gap at which it stands still until a person resumes it. */
  readonly gap: string | null;
  /** The target is no longer there to be told. */
  readonly removed: boolean;
}

/** What a target was not told, because it was tried for too long. */
export interface GapDocument {
  readonly id: string;
  readonly type: 'gap';
  readonly schema: number;
  readonly jobId: string;
  readonly target: string;
  /** The first number that did not arrive. None after it was tried, for they are told in order. */
  readonly from: number;
  readonly failingSince: string;
  readonly gaveUpAt: string;
  readonly failures: number;
  readonly why: string;
  readonly resumedAt: string | null;
  readonly resumedBy: string | null;
}

/** Partition: settings/callback. */
export interface CallbackDocument {
  readonly id: string;
  readonly kind: 'callback';
  readonly type: 'callback';
  readonly schema: number;
  readonly url: string;
  /** Whose jobs it is told of; null: everybody's. */
  readonly caller: string | null;
  /** Names of keys; the keys themselves are no business of the store. One, or two while one takes the other's place. Each signs every call. */
  readonly keys: readonly string[];
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
  readonly requestedBy: Pick<Caller, 'id' | 'name' | 'door'>;
  readonly ticket: string | null;
  readonly acceptedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly exceptions: number;
  readonly error: string | null;
}

/** Partition: plans/{planId}. */
export interface PlanDocument {
  readonly id: 'plan';
  readonly type: 'plan';
  readonly schema: number;
  readonly planId: string;
  /** `native`: made in Site Recovery, and read from there each time. */
  readonly origin: { readonly kind: 'native'; readonly vaultId: string; readonly armId: string } | { readonly kind: 'own'; readonly by: Pick<Caller, 'id' | 'name'> };
  /** From 1 on; each change is a new one. */
  readonly version: number;
  readonly fingerprint: string;
  readonly plan: Plan;
  /** What of a native plan could not be brought over, and what that means. */
  readonly warnings: readonly string[];
  readonly savedAt: string;
}

/** The same, as it was saved once: a job runs the version that it began with. */
export type PlanVersionDocument = Omit<PlanDocument, 'id' | 'type'> & { readonly id: string; readonly type: 'planVersion' };

export interface SiteMemory {
  readonly region: string;
  readonly resourceGroupId: string;
  /** Known once replication has read from this site. */
  readonly cacheStorageAccountId: string | null;
}

/** Partition: registry/{vaultId}. */
export interface ReplicatedVmDocument {
  readonly id: string;
  readonly type: 'replicatedVm';
  readonly schema: number;
  readonly vaultId: string;
  readonly vaultArmId: string;
  readonly scenario: Scenario;
  readonly name: string;
  readonly lifecycleId: string;
  readonly armId: string;
  /** The VM that replication reads from now. */
  readonly sourceVmId: string;
  readonly direction: Direction;
  readonly sites: Readonly<Record<Direction, SiteMemory>>;
  readonly seen: Seen & { readonly health: string; readonly at: string };
  /** Where the VM would come up, as last seen; null when it was not looked at since that is remembered. */
  readonly settings: ItemSettings | null;
  /** Which step brought it to its present ARM id. */
  readonly movedBy: string | null;
  /** Since when its vault does not show it, though nobody of ours has disabled it. */
  readonly missingSince: string | null;
}

/** Partition: registry/{vaultId}. A vault that Lifeboat was told of by a command; those of the settings need none. */
export interface VaultDocument {
  readonly id: 'vault';
  readonly type: 'vault';
  readonly schema: number;
  readonly vaultId: string;
  readonly armId: string;
  readonly addedAt: string;
}

/** Partition: registry/{vaultId}. How often replication of a VM was begun there by Lifeboat: the names of its items follow from it. */
export interface SourceDocument {
  readonly id: string;
  readonly type: 'source';
  readonly schema: number;
  readonly vaultId: string;
  readonly sourceVmId: string;
  readonly generation: number;
  readonly itemName: string;
  /** This replication was ended: the VM's next one is another. */
  readonly spent: boolean;
}

export interface LockDocument {
  readonly id: string;
  readonly type: 'lock';
  readonly schema: number;
  readonly vaultId: string;
  readonly targetId: string;
  readonly jobId: string;
  readonly epoch: number;
  readonly takenAt: string;
}
