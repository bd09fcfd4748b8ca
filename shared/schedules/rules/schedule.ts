// A schedule of drills, as a person writes it, and what is to be done about a start that is due.
import * as z from 'zod';
import { findBlackout, Blackout, blackoutText } from './blackout.ts';
import { parseCron, type Cron } from './cron.ts';
import { dueTimesBetween, nextDueAfter } from './occurrences.ts';
import { isTimeZone } from './timeZone.ts';

const MINUTE_MS = 60_000;
const WEEK_MINUTES = 7 * 24 * 60;

const CronText = z
  .string()
  .trim()
  .min(9)
  .max(200)
  .superRefine((text, context) => {
    const cron = parseCron(text);
    if (typeof cron === 'string') context.addIssue({ code: 'custom', message: cron });
    else if (cron.minutes.length > 1)
      context.addIssue({
        code: 'custom',
        message: 'comes more often than once an hour: a drill takes longer than that',
      });
    else if (nextDueAfter(cron, 'UTC', Date.UTC(2026, 0, 1)) === null)
      context.addIssue({ code: 'custom', message: 'never comes: no month has that day' });
  });

export const Schedule = z.strictObject({
  cron: CronText,
  timeZone: z.string().refine(isTimeZone, 'must be the IANA name of a time zone, such as Europe/Berlin'),
  /** What is begun then; checked as any command is, and a drill of this plan. */
  command: z.looseObject({
    operation: z.literal('testFailover', 'must be testFailover: nothing else is begun without a person'),
  }),
  /** Begun up to so much later, so that many schedules of one time do not begin at once. */
  jitterMinutes: z.int().min(0).max(120).default(0),
  blackouts: z.array(Blackout).max(100).default([]),
  /** A start that could not be made in time is made up for within so long, and else recorded as missed. */
  catchUpMinutes: z.int().min(0).max(WEEK_MINUTES).default(0),
  /**
   * What is still in test so long after the start is cleaned up, however the drill went. Left out:
   * as the plan says, which does that itself unless its drill was stopped.
   */
  timeToLiveMinutes: z.int().min(10).max(WEEK_MINUTES).optional(),
  enabled: z.boolean().default(true),
});
export type Schedule = z.infer<typeof Schedule>;

/** Begun within so long, a start is in time: the timer looks once a minute, and may be late itself. */
export const IN_TIME_MS = 5 * MINUTE_MS;
/** So many are decided at once; the others a minute later. */
const MAX_STARTS = 200;

export type StartVerdict =
  | { readonly do: 'start'; readonly how: 'started' | 'caughtUp' }
  | {
      readonly do: 'record';
      readonly outcome: 'missed' | 'skipped';
      readonly code: string;
      readonly reason: string;
    };

export interface DecidedStart {
  /** As the cron says. */
  readonly due: number;
  /** With its share of the jitter. */
  readonly begin: number;
  readonly verdict: StartVerdict;
}

/** `share` of a due moment is between 0 and 1, and always the same for it. */
export interface Jitter {
  share(due: number): number;
}

const cronOf = ({ cron }: Schedule): Cron => {
  const parsed = parseCron(cron);
  if (typeof parsed === 'string') throw new Error(`A saved cron ${parsed}.`);
  return parsed;
};

const beginWithJitter = (schedule: Schedule, due: number, jitter: Jitter): number =>
  due + Math.floor(schedule.jitterMinutes * jitter.share(due)) * MINUTE_MS;

/** When the first start after that moment is to be looked at; null: never. */
export function nextStartOf(schedule: Schedule, after: number, jitter: Jitter): number | null {
  const due = nextDueAfter(cronOf(schedule), schedule.timeZone, after);
  return due === null ? null : beginWithJitter(schedule, due, jitter);
}

export interface DecidedStarts {
  readonly decided: readonly DecidedStart[];
  /** All that was due up to here is decided. */
  readonly upTo: number;
}

/** Every start that was due after one moment, up to another. */
const startsDueBetween = (
  schedule: Schedule,
  after: number,
  now: number,
  jitter: Jitter,
): readonly Omit<DecidedStart, 'verdict'>[] =>
  dueTimesBetween(cronOf(schedule), schedule.timeZone, after, now, MAX_STARTS).map((due) => ({
    due,
    begin: beginWithJitter(schedule, due, jitter),
  }));

/** What a start is that still waits while its schedule is removed, or changed to other times. */
export const GIVE_UP_REASONS = {
  removed: ['ScheduleRemoved', 'The schedule was removed before that.'],
  changed: ['ScheduleChanged', 'The schedule was changed to other times, or switched off, before that.'],
} as const;

/**
 * Starts that were due and still wait for their jitter, or for the end of a black-out: none of them
 * begins any more.
 */
export function giveUpStarts(
  schedule: Schedule,
  after: number,
  now: number,
  jitter: Jitter,
  [code, reason]: (typeof GIVE_UP_REASONS)[keyof typeof GIVE_UP_REASONS],
): readonly DecidedStart[] {
  return startsDueBetween(schedule, after, now, jitter).map((start) => ({
    ...start,
    verdict: missedVerdict(
      code,
      `It was to begin at ${new Date(start.begin).toISOString()} or later. ${reason}`,
    ),
  }));
}

/** A start that waits under one version of a schedule is a start of the next version too. */
export const hasSameTimes = (before: Schedule, next: Schedule): boolean =>
  before.enabled && next.enabled && before.cron === next.cron && before.timeZone === next.timeZone;

/**
 * What is to be done now about everything that was due after that moment. What waits for the end of
 * a black-out that it may still outlive is left for later.
 */
export function decideStarts(schedule: Schedule, after: number, now: number, jitter: Jitter): DecidedStarts {
  const dueStarts = startsDueBetween(schedule, after, now, jitter);
  // One after the other, whatever the jitter of each: so all up to some moment is decided, and
  // nothing after it.
  const firstInFuture = dueStarts.findIndex(({ begin }) => begin > now);
  const due = firstInFuture < 0 ? dueStarts : dueStarts.slice(0, firstInFuture);
  const decided: DecidedStart[] = [];
  for (const [index, { due: moment, begin }] of due.entries()) {
    const verdict = verdictOf(schedule, begin, now, due[index + 1]?.begin ?? null);
    if (verdict === null) break;
    decided.push({ due: moment, begin, verdict });
  }
  return { decided, upTo: decided.at(-1)?.due ?? after };
}

/** Null: not yet. */
function verdictOf(schedule: Schedule, begin: number, now: number, next: number | null): StartVerdict | null {
  const { blackouts, timeZone, catchUpMinutes } = schedule;
  const blackout = findBlackout(blackouts, timeZone, begin);
  if (blackout)
    return {
      do: 'record',
      outcome: 'skipped',
      code: 'BlackOut',
      reason: `Nothing may be begun then: ${blackoutText(blackout)}.`,
    };
  const lateMs = now - begin;
  const isLate = lateMs > IN_TIME_MS;
  if (isLate && lateMs > catchUpMinutes * MINUTE_MS)
    return missedVerdict(
      'TooLate',
      `It could be begun only ${Math.round(lateMs / MINUTE_MS)} minutes late, and catchUpMinutes is ` +
        `${catchUpMinutes}.`,
    );
  if (next !== null)
    return missedVerdict(
      'Overtaken',
      'The next one was due too before this could be begun, and one drill shows what two would.',
    );
  if (findBlackout(blackouts, timeZone, now)) return null;
  return { do: 'start', how: isLate ? 'caughtUp' : 'started' };
}

const missedVerdict = (code: string, reason: string): StartVerdict => ({
  do: 'record',
  outcome: 'missed',
  code,
  reason,
});
