// What Site Recovery remembers. Everything here is kept as JSON in the store and survives a kill.

import type { ContainerPath, PlanAction } from './configuration-records.ts';
import type { AzureToAzureDetails, AzureToAzureInput } from './providers/azure-to-azure-details.ts';

/** What one provider keeps of an item beyond what all have in common. A new provider joins its own. */
export type ProviderDetails = AzureToAzureDetails;

/** What a write on an item asked for, as its provider read it. A new provider joins its own. */
export type ProviderInput = AzureToAzureInput;

export interface ItemRecord {
  /** The lifecycle id: stays when the ARM id changes. */
  readonly key: string;
  /** The vault's ARM id in lower case. */
  readonly vault: string;
  readonly name: string;
  /** Where it lives now, and where it replicates to. */
  readonly place: ContainerPath;
  readonly target: ContainerPath;
  /** The name of its policy. */
  readonly policy: string;
  /** A row of its provider's table. */
  readonly state: string;
  readonly stateSince: number;
  /** When the state passes by itself into the next. */
  readonly stateEndsAt: number | null;
  /** The job that truly runs on it. */
  readonly busyWith: string | null;
  /** What readers are told of that job; it follows the truth with a lag. */
  readonly shown: ShownJob | null;
  /** What readers are told of a job that is over, where the item still waits for its counterpart. */
  readonly scenario: ShownJob | null;
  /** The job that the service began by itself in this state, which keeps nobody from working on the item. */
  readonly serviceJob: string | null;
  /** How many operations were begun on it; seeds their durations. */
  readonly operations: number;
  readonly details: ProviderDetails;
}

export interface ShownJob {
  readonly jobId: string;
  readonly scenarioName: string;
  readonly startTime: number;
}

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly possibleCauses: string;
  readonly recommendedAction: string;
}

export type Ending =
  /** With a warning, if that is known from the beginning. */
  | { readonly kind: 'succeeds'; readonly warning?: JobError }
  /** Nothing is done; after some minutes the job is over with every task skipped. */
  | { readonly kind: 'refused'; readonly error: JobError }
  /** There is nothing to do: the job succeeds at once and says why. */
  | { readonly kind: 'idle'; readonly warning: JobError }
  | { readonly kind: 'fails'; readonly error: JobError; readonly task: string }
  | { readonly kind: 'sticks'; readonly task: string };

/** One machine's part in a group of a recovery plan. */
export interface GroupMember {
  readonly item: string;
  readonly name: string;
  readonly job: string;
}

/** The machines of a recovery plan that go through one phase together. */
export interface TaskGroup {
  readonly type: 'RecoveryPlanGroupTaskDetails' | 'RecoveryPlanShutdownGroupTaskDetails';
  readonly name: string;
  readonly rpGroupType: string;
  /** The operation of the members' provider that their jobs carry out. */
  readonly operation: string;
  readonly members: readonly GroupMember[];
}

export interface PlannedTask {
  readonly taskId: string;
  readonly name: string;
  readonly friendlyName: string;
  /** Null: the job fails or sticks before. */
  readonly startsAt: number | null;
  /** Null: never. */
  readonly endsAt: number | null;
  readonly skipped: boolean;
  /** The job that does this task's work. */
  readonly childJob: string | null;
  readonly group?: TaskGroup;
  /** The task waits for somebody to resume the job. */
  readonly waits?: string;
  /** A script or a runbook of a plan, and of what it fails. */
  readonly action?: PlanAction['customDetails'];
  readonly failure?: JobError;
}

export type JobState =
  'NotStarted' | 'InProgress' | 'Suspended' | 'Succeeded' | 'PartiallySucceeded' | 'Failed' | 'Cancelled';

export interface JobTarget {
  readonly id: string;
  readonly name: string;
  readonly instanceType: string;
  readonly affectedObjects: Readonly<Record<string, string>>;
}

export interface JobRecord {
  readonly id: string;
  /** Order of acceptance. */
  readonly sequence: number;
  readonly vault: string;
  /** The table that its operation stands in. */
  readonly table: string;
  readonly operation: string;
  /** What it works on: an item's key, or the name of what else there is in a vault. */
  readonly subject: string;
  readonly input: unknown;
  readonly activityId: string;
  readonly state: JobState;
  readonly acceptedAt: number;
  /** When it will have ended; null: never. */
  readonly endsAt: number | null;
  readonly endedAt: number | null;
  /** Whether lists show it yet. */
  readonly listed: boolean;
  readonly tasks: readonly PlannedTask[];
  readonly ending: Ending;
  readonly target: JobTarget;
  /** What `customDetails` shows beside the affected objects; filled as the job goes on. */
  readonly outcome: Readonly<Record<string, unknown>>;
  /** What went wrong although it succeeds. */
  readonly warnings: readonly JobError[];
  /** Not all of what it was to do was done. */
  readonly incomplete: boolean;
  /** The plan's job that it is a part of. */
  readonly parent: string | null;
}

/** What a job fails of, sooner or later. */
export const errorOf = ({ ending }: JobRecord): JobError | undefined =>
  ending.kind === 'refused' || ending.kind === 'fails' ? ending.error : undefined;

/** One accepted write: the truth by which "never twice" is judged. */
export interface WriteRecord {
  readonly jobId: string;
  readonly operation: string;
  readonly itemName: string;
  readonly lifecycleId: string;
  readonly vault: string;
  readonly principal: string;
  readonly clientRequestId: string;
  readonly at: number;
  readonly outcome: 'accepted';
}

export type DueKind = 'jobStarts' | 'itemShows' | 'jobListed' | 'taskStarts' | 'jobEnds' | 'stateEnds';

/** Something that will happen at a moment of story time. */
export interface DueEvent {
  readonly sequence: number;
  readonly at: number;
  readonly kind: DueKind;
  /** A job, or for `stateEnds` an item. */
  readonly subject: string;
  /** Which of the job's tasks, for `taskStarts`. */
  readonly task: string | null;
}

export interface UnknownCall {
  readonly method: string;
  readonly path: string;
  readonly at: number;
}

/** How far what one sees stays behind what is, in seconds of story time. */
export interface ReadLag {
  readonly jobListSeconds: number;
  readonly itemSeconds: number;
  readonly freshJobSeconds: number;
  /** A fresh job does not tell its activity id either, which the real service was never seen to hide. */
  readonly freshJobHidesActivityId: boolean;
}

export const DEFAULT_READ_LAG: ReadLag = {
  jobListSeconds: 20,
  itemSeconds: 5,
  freshJobSeconds: 3,
  freshJobHidesActivityId: false,
};
