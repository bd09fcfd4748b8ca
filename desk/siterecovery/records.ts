// What Site Recovery remembers. Everything here is kept as JSON in the store and survives a kill.

import type { AzureToAzureDetails } from './providers/azure-to-azure-details.ts';

/** What one provider keeps of an item beyond what all have in common. A new provider joins its own. */
export type ProviderDetails = AzureToAzureDetails;

export interface ItemRecord {
  /** The lifecycle id: stays when the ARM id changes. */
  readonly key: string;
  /** The vault's ARM id in lower case. */
  readonly vault: string;
  readonly name: string;
  /** The container that it lives under now. */
  readonly container: string;
  /** A row of its provider's table. */
  readonly state: string;
  readonly stateSince: number;
  /** When the state passes by itself into the next. */
  readonly stateEndsAt: number | null;
  /** The job that truly runs on it. */
  readonly busyWith: string | null;
  /** What readers are told of that job; it follows the truth with a lag. */
  readonly shown: { readonly jobId: string; readonly scenarioName: string; readonly startTime: number } | null;
  /** How many operations were begun on it; seeds their durations. */
  readonly operations: number;
  readonly details: ProviderDetails;
}

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly possibleCauses: string;
  readonly recommendedAction: string;
}

export type Ending =
  | { readonly kind: 'succeeds' }
  /** Nothing is done; after some minutes the job is over with every task skipped. */
  | { readonly kind: 'refused'; readonly error: JobError }
  | { readonly kind: 'fails'; readonly error: JobError; readonly task: string }
  | { readonly kind: 'sticks'; readonly task: string };

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
}

export type JobState = 'NotStarted' | 'InProgress' | 'Succeeded' | 'Failed';

/** What a write asked for, as far as any provider's rules depend on it. */
export interface OperationInput {
  readonly recoveryPointId?: string | undefined;
  readonly shutsDownSource?: boolean | undefined;
  readonly diskIds?: readonly string[] | undefined;
  readonly recoveryContainerId?: string | undefined;
  readonly policyId?: string | undefined;
}

export interface JobRecord {
  readonly id: string;
  /** Order of acceptance. */
  readonly sequence: number;
  readonly vault: string;
  readonly item: string;
  /** A row of the provider's table. */
  readonly operation: string;
  readonly input: OperationInput;
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
  readonly affectedObjects: Readonly<Record<string, string>>;
  readonly targetObjectId: string;
  readonly targetObjectName: string;
  /** What `customDetails` shows beside the affected objects; filled as the job goes on. */
  readonly outcome: Readonly<Record<string, unknown>>;
}

/** What a job fails of, sooner or later. */
export const errorOf = ({ ending }: JobRecord): JobError | undefined => (ending.kind === 'refused' || ending.kind === 'fails' ? ending.error : undefined);

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
export interface Due {
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
export interface Lag {
  readonly jobListSeconds: number;
  readonly itemSeconds: number;
  readonly freshJobSeconds: number;
  /** A fresh job does not tell its activity id either. */
  readonly freshJobHidesActivityId: boolean;
}

export const DEFAULT_LAG: Lag = { jobListSeconds: 20, itemSeconds: 5, freshJobSeconds: 3, freshJobHidesActivityId: true };
