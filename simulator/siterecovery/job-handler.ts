// The interface between the engine and a kind of job: for items, for the prerequisites in a vault,
// for recovery plans.

import type { RequestIds } from './responses.ts';
import type { DueEvent, Ending, JobError, JobRecord, JobTarget, PlannedTask } from './records.ts';
import type { Change, OperationRow } from './provider-table.ts';
import type { JobSchedule } from './job-schedule.ts';

/** A job that the engine is about to start. */
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
  /** The duration. Default: the duration of the table. */
  readonly duration?: number;
}

/** The outcome of a change. An error ends the job. */
export interface ChangeOutcome {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly warning?: JobError;
  readonly error?: JobError;
  /** True when the change did only a part of its work. */
  readonly incomplete?: true;
}

export interface JobHandler {
  row(table: string, operation: string): OperationRow;
  target(beginning: JobStart): JobTarget;
  /** Returns the tasks of the job with their times. */
  scheduleJob(beginning: JobStart): JobSchedule;
  /** The engine has accepted the job, and the job will do its work. */
  onAccepted(job: JobRecord): void;
  /** Readers can see the running job from now on. */
  onShown(job: JobRecord): void;
  applyChange(change: Change, job: JobRecord, at: number): ChangeOutcome;
  /** A task starts that needs more than a change. */
  onTaskStart(task: PlannedTask, job: JobRecord, due: DueEvent): void;
  /** Starts the same operation again, as a job of the service. */
  restart(job: JobRecord, now: number): void;
  /** The job has ended, with success or failure. */
  onEnded(job: JobRecord, at: number): void;
}

export const activityIdOf = ({
  clientRequestId,
  correlationId,
}: Pick<RequestIds, 'clientRequestId' | 'correlationId'>): string =>
  `${clientRequestId} ActivityId: ${correlationId}`;
