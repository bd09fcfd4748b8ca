// The records of Site Recovery. The store keeps them as JSON, so they survive a kill of the
// process.

import type { ContainerPath, PlanAction } from './configuration-records.ts';

/** A provider's own data of an item. Only that provider reads the rest of the data. */
export interface ProviderDetails {
  readonly instanceType: string;
}

/** The input of a write on an item, as its provider parsed it. Only that provider reads it. */
export type ProviderInput = object;

export interface ItemRecord<Details extends ProviderDetails = ProviderDetails> {
  /** The lifecycle id. It stays the same when the ARM id changes. */
  readonly key: string;
  /** The vault's ARM id in lower case. */
  readonly vault: string;
  readonly name: string;
  /** The item's current container. */
  readonly place: ContainerPath;
  readonly target: ContainerPath;
  /** The name of its policy. */
  readonly policy: string;
  /** The name of a row in its provider's table. */
  readonly state: string;
  readonly stateSince: number;
  /** The time when the state changes by itself. */
  readonly stateEndsAt: number | null;
  /** The job that really runs on the item. */
  readonly busyWith: string | null;
  /** The job that readers see. It follows the real job with a lag. */
  readonly shown: ShownJob | null;
  /** The ended job that readers still see while the item waits for its counterpart. */
  readonly scenario: ShownJob | null;
  /**
   * The job that the service started by itself in this state. It does not block other operations on
   * the item.
   */
  readonly serviceJob: string | null;
  /** The number of operations so far. It seeds their durations. */
  readonly operations: number;
  readonly details: Details;
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
  /** With a warning, if the warning is known from the start. */
  | { readonly kind: 'succeeds'; readonly warning?: JobError }
  /** The job does nothing. After some minutes it ends with every task skipped. */
  | { readonly kind: 'refused'; readonly error: JobError }
  /** There is nothing to do: the job succeeds at once and gives the reason. */
  | { readonly kind: 'idle'; readonly warning: JobError }
  | { readonly kind: 'fails'; readonly error: JobError; readonly task: string }
  | { readonly kind: 'sticks'; readonly task: string };

/** One machine's place in a group of a recovery plan. */
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
  /** The operation of the members' provider that their jobs perform. */
  readonly operation: string;
  readonly members: readonly GroupMember[];
}

export interface PlannedTask {
  readonly taskId: string;
  readonly name: string;
  readonly friendlyName: string;
  /** Null: the job fails or hangs before. */
  readonly startsAt: number | null;
  /** Null: never. */
  readonly endsAt: number | null;
  readonly skipped: boolean;
  /** The job that does this task's work. */
  readonly childJob: string | null;
  readonly group?: TaskGroup;
  /** The task waits until somebody resumes the job. The text is the instruction for that person. */
  readonly waits?: string;
  /** A script or a runbook of a plan, and the error that it fails with. */
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
  /** The order of acceptance. */
  readonly sequence: number;
  readonly vault: string;
  /** The table of the job's operation. */
  readonly table: string;
  readonly operation: string;
  /** The target: an item's key, or the name of another record in the vault. */
  readonly subject: string;
  readonly input: unknown;
  readonly activityId: string;
  readonly state: JobState;
  readonly acceptedAt: number;
  /** The planned end. Null: never. */
  readonly endsAt: number | null;
  readonly endedAt: number | null;
  /** Whether lists show the job yet. */
  readonly listed: boolean;
  readonly tasks: readonly PlannedTask[];
  readonly ending: Ending;
  readonly target: JobTarget;
  /** The `customDetails` beside the affected objects. The job adds to them as it runs. */
  readonly outcome: Readonly<Record<string, unknown>>;
  /** The problems of a job that still succeeds. */
  readonly warnings: readonly JobError[];
  /** True when the job did only a part of its work. */
  readonly incomplete: boolean;
  /** The plan's job that started this job. */
  readonly parent: string | null;
}

/** Returns the error that a job fails with, sooner or later. */
export const errorOf = ({ ending }: JobRecord): JobError | undefined =>
  ending.kind === 'refused' || ending.kind === 'fails' ? ending.error : undefined;

/** One accepted write. Tests use these records to check that nothing happens twice. */
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

/** An event at a simulated time. */
export interface DueEvent {
  readonly sequence: number;
  readonly at: number;
  readonly kind: DueKind;
  /** A job; for `stateEnds` an item. */
  readonly subject: string;
  /** The job's task, for `taskStarts`. */
  readonly task: string | null;
}

export interface UnknownCall {
  readonly method: string;
  readonly path: string;
  readonly at: number;
}

/** How long the visible state lags behind the real state, in seconds of simulated time. */
export interface ReadLag {
  readonly jobListSeconds: number;
  readonly itemSeconds: number;
  readonly freshJobSeconds: number;
  /** A fresh job hides its activity id too. Nobody has seen the real service do that. */
  readonly freshJobHidesActivityId: boolean;
}

export const DEFAULT_READ_LAG: ReadLag = {
  jobListSeconds: 20,
  itemSeconds: 5,
  freshJobSeconds: 3,
  freshJobHidesActivityId: false,
};
