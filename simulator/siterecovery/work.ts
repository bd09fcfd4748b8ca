// What the engine needs to know of a kind of work: of items, of the ground in a vault, of recovery plans.

import type { RequestMarks } from './answers.ts';
import type { Due, Ending, JobError, JobRecord, JobTarget, PlannedTask } from './records.ts';
import type { Change, OperationRow } from './table.ts';
import type { Plan } from './tasks.ts';

/** A job that is about to be. */
export interface Beginning {
  readonly id: string;
  readonly vault: string;
  readonly table: string;
  readonly operation: string;
  readonly subject: string;
  readonly input: unknown;
  readonly ending: Ending;
  readonly activityId: string;
  readonly now: number;
  readonly parent: string | null;
  /** How long it takes, when that is given; else the table says so. */
  readonly duration?: number;
}

/** What a change came to. An error ends the job there. */
export interface Outcome {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly warning?: JobError;
  readonly error?: JobError;
  /** Not all of it was done. */
  readonly incomplete?: true;
}

export interface Work {
  row(table: string, operation: string): OperationRow;
  target(beginning: Beginning): JobTarget;
  /** Its tasks and when each of them is. */
  layOut(beginning: Beginning): Plan;
  /** The job is accepted and will do its work. */
  begun(job: JobRecord): void;
  /** Readers learn that it runs. */
  shows(job: JobRecord): void;
  change(change: Change, job: JobRecord, at: number): Outcome;
  /** A task begins that needs more than a change. */
  taskStarts(task: PlannedTask, job: JobRecord, due: Due): void;
  /** The same once more, as a job of the service. */
  again(job: JobRecord, now: number): void;
  /** The job is over, however it ended. */
  ended(job: JobRecord, at: number): void;
}

export const activityOf = ({
  clientRequestId,
  correlationId,
}: Pick<RequestMarks, 'clientRequestId' | 'correlationId'>): string =>
  `${clientRequestId} ActivityId: ${correlationId}`;
