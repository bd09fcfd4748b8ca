// Schedules of drills, and what became of each of their starts.
import type { Command } from '../commands/command.ts';
import type { Schedule } from './rules/schedule.ts';
import type { Grant } from '../access/grant.ts';

/** Partition: plans/{planId}. */
export interface ScheduleDocument {
  /** `schedule:{scheduleId}`. */
  readonly id: string;
  readonly type: 'schedule';
  readonly schema: number;
  readonly planId: string;
  readonly scheduleId: string;
  /** From 1 on; each change by a person is a new one. */
  readonly version: number;
  readonly schedule: Schedule;
  readonly command: Command;
  /** In whose name it acts. */
  readonly grant: Grant;
  readonly savedAt: string;
  /** Every start that was due up to here has its occurrence. */
  readonly decidedUpTo: string;
  /** When the next start is to be looked at; null: none comes, or it is switched off. */
  readonly nextAt: string | null;
}

/** `starting` until it is known. */
export const OccurrenceOutcome = {
  starting: 'starting',
  started: 'started',
  caughtUp: 'caughtUp',
  missed: 'missed',
  skipped: 'skipped',
  refused: 'refused',
} as const;
export type OccurrenceOutcome = (typeof OccurrenceOutcome)[keyof typeof OccurrenceOutcome];

/** Partition: plans/{planId}. One start that was due: created once, by whichever instance looks first. */
export interface OccurrenceDocument {
  /** `occurrence:{scheduleId}:{due}`. */
  readonly id: string;
  readonly type: 'occurrence';
  readonly schema: number;
  readonly planId: string;
  readonly scheduleId: string;
  readonly scheduleVersion: number;
  /** As the cron says, and with its share of the jitter. */
  readonly due: string;
  readonly begin: string;
  readonly outcome: OccurrenceOutcome;
  /** What it is once it has begun. */
  readonly how: 'started' | 'caughtUp' | null;
  /** As they were then: the schedule may be another by now, or gone. */
  readonly command: Command;
  readonly grant: Grant;
  readonly decidedAt: string;
  /** While it starts: until when somebody is at it; and from when on it is missed. */
  readonly until: string | null;
  readonly notAfter: string;
  readonly jobId: string | null;
  readonly code: string | null;
  /** Why it was not begun. */
  readonly message: string | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  /** When what is still in test is to be cleaned up; null: never, or that is settled. */
  readonly cleanUpAt: string | null;
  /** Minutes after the begin of the drill; null: the plan sees to it. */
  readonly timeToLiveMinutes: number | null;
  /** The job that cleaned up what was left, and what is in the way of one. */
  readonly cleanUp: {
    readonly jobId: string | null;
    readonly message: string;
    /** Of the last refusal, while it is tried again. */ readonly code?: string;
  } | null;
}
