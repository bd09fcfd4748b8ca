// What the engine needs to know of a kind of work: of items, of the ground in a vault, of recovery plans.

import type { RequestIds } from './responses.ts';
import type { DueEvent, Ending, JobError, JobRecord, JobTarget, PlannedTask } from './records.ts';
import type { Change, OperationRow } from './provider-table.ts';
import type { JobSchedule } from './job-schedule.ts';

/** A job that is about to be. */
export interface JobStart {
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
export interface ChangeOutcome {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly warning?: JobError;
  readonly error?: JobError;
  /** Not all of it was done. */
  readonly incomplete?: true;
}

export interface JobHandler {
  row(table: string, operation: string): OperationRow;
  target(beginning: JobStart): JobTarget;
  /** Its tasks and when each of them is. */
  scheduleJob(beginning: JobStart): JobSchedule;
  /** The job is accepted and will do its work. */
  onAccepted(job: JobRecord): void;
  /** Readers learn that it runs. */
  onShown(job: JobRecord): void;
  applyChange(change: Change, job: JobRecord, at: number): ChangeOutcome;
  /** A task begins that needs more than a change. */
  onTaskStart(task: PlannedTask, job: JobRecord, due: DueEvent): void;
  /** The same once more, as a job of the service. */
  restart(job: JobRecord, now: number): void;
  /** The job is over, however it ended. */
  onEnded(job: JobRecord, at: number): void;
}

export const activityIdOf = ({
  clientRequestId,
  correlationId,
}: Pick<RequestIds, 'clientRequestId' | 'correlationId'>): string =>
  `${clientRequestId} ActivityId: ${correlationId}`;
