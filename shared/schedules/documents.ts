// The stored documents of drill schedules, and of each start of a schedule.

import type { Command } from '../commands/command.ts';
import type { Schedule } from './rules/schedule.ts';
import type { Grant } from '../access/grant.ts';

/** A schedule. Partition: plans/{planId}. */
export interface ScheduleDocument {
  /** `schedule:{scheduleId}`. */
  readonly id: string;
  readonly type: 'schedule';
  readonly schema: number;
  readonly planId: string;
  readonly scheduleId: string;
  /** From 1 on; each change by a person adds one. */
  readonly version: number;
  readonly schedule: Schedule;
  readonly command: Command;
  /** The person and the rights behind the schedule's commands. */
  readonly grant: Grant;
  readonly savedAt: string;
  /** Every start due up to this time has its occurrence. */
  readonly decidedUpTo: string;
  /**
   * Time of the next decision: a start, or a start to skip in a black-out. Null: no further start, or
   * a disabled schedule.
   */
  readonly nextAt: string | null;
}

/** The result of a start; `starting` until the result is known. */
export const OccurrenceOutcome = {
  starting: 'starting',
  started: 'started',
  caughtUp: 'caughtUp',
  missed: 'missed',
  skipped: 'skipped',
  refused: 'refused',
} as const;
export type OccurrenceOutcome = (typeof OccurrenceOutcome)[keyof typeof OccurrenceOutcome];

/** One due start of a schedule. The first instance creates it, once. Partition: plans/{planId}. */
export interface OccurrenceDocument {
  /** `occurrence:{scheduleId}:{due}`. */
  readonly id: string;
  readonly type: 'occurrence';
  readonly schema: number;
  readonly planId: string;
  readonly scheduleId: string;
  readonly scheduleVersion: number;
  /** `due`: the time of the cron. `begin`: with the share of the jitter. */
  readonly due: string;
  readonly begin: string;
  readonly outcome: OccurrenceOutcome;
  /** The outcome after a successful start. */
  readonly how: 'started' | 'caughtUp' | null;
  /** Copies from the time of the decision: the schedule may change or disappear later. */
  readonly command: Command;
  readonly grant: Grant;
  readonly decidedAt: string;
  /** `until`: end of the lease of the starting instance. `notAfter`: a later start counts as missed. */
  readonly until: string | null;
  readonly notAfter: string;
  readonly jobId: string | null;
  readonly code: string | null;
  /** Reason for a start without a job. */
  readonly message: string | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  /** Due time of the clean-up; null: no clean-up, or a finished one. */
  readonly cleanUpAt: string | null;
  /** Minutes from the begin of the drill; null: the plan's own time to live applies. */
  readonly timeToLiveMinutes: number | null;
  /** The clean-up job, or the obstacle to a clean-up job. */
  readonly cleanUp: {
    readonly jobId: string | null;
    readonly message: string;
    /** Code of the last refusal, while Lifeboat tries again. */ readonly code?: string;
  } | null;
}
