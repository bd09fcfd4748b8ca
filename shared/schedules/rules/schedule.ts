// The schema of a drill schedule, and the decision about each due start.
// This module is pure: it reads no clock and no store.

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

/** A schedule as a person sends it. */
export const Schedule = z.strictObject({
  cron: CronText.describe('Five cron fields: minute, hour, day of the month, month, day of the week.'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be the IANA name of a time zone, such as Europe/Berlin')
    .describe('The time zone of the cron and of weekly black-outs, such as Europe/Berlin.'),
  command: z
    .looseObject({
      operation: z
        .literal('testFailover', 'must be testFailover: nothing else is begun without a person')
        .describe('A schedule starts drills only.'),
    })
    .describe('The command of each start: a drill of this plan, with the fields of every such command.'),
  jitterMinutes: z
    .int()
    .min(0)
    .max(120)
    .default(0)
    .describe('The largest delay of a start in minutes, so that schedules do not begin at once. Default: 0.'),
  blackouts: z.array(Blackout).max(100).default([]).describe('Times without starts. Default: none.'),
  catchUpMinutes: z
    .int()
    .min(0)
    .max(WEEK_MINUTES)
    .default(0)
    .describe('A late start is made up for within these minutes; later it is missed. Default: 0.'),
  timeToLiveMinutes: z
    .int()
    .min(10)
    .max(WEEK_MINUTES)
    .optional()
    .describe(
      'Minutes from the start to the clean-up, even after a failed drill. Default: the clean-up of the plan.',
    ),
  enabled: z.boolean().default(true).describe('False: nothing starts. Default: true.'),
});
export type Schedule = z.infer<typeof Schedule>;

/** A start within this time is on time: the timer runs once a minute, and can itself be late. */
export const IN_TIME_MS = 5 * MINUTE_MS;
/** The most starts that one call decides. The timer decides the rest a minute later. */
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
  /** The time of the cron. */
  readonly due: number;
  /** The time with its share of the jitter. */
  readonly begin: number;
  readonly verdict: StartVerdict;
}

/** `share` is between 0 and 1, and always the same for the same due moment. */
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

/** The first start after `after`, with jitter; null: no further start. */
export function nextStartOf(schedule: Schedule, after: number, jitter: Jitter): number | null {
  const due = nextDueAfter(cronOf(schedule), schedule.timeZone, after);
  return due === null ? null : beginWithJitter(schedule, due, jitter);
}

/** With weekly black-outs the starts repeat. A schedule without a start among these has none. */
const MAX_SEARCHED_STARTS = 1000;

/** The first start after `after` outside of all black-outs; null: every start falls into one. */
export function nextStartOutsideBlackouts(schedule: Schedule, after: number, jitter: Jitter): number | null {
  const { blackouts, timeZone, jitterMinutes } = schedule;
  const cron = cronOf(schedule);
  let last = after;
  for (let searched = 0; searched < MAX_SEARCHED_STARTS; searched++) {
    const due = nextDueAfter(cron, timeZone, last);
    if (due === null) return null;
    const begin = beginWithJitter(schedule, due, jitter);
    const blackout = findBlackout(blackouts, timeZone, begin);
    if (!blackout) return begin;
    // A one-time black-out may last for months, so the search continues at its end.
    const end = 'days' in blackout ? due : Date.parse(blackout.to) - jitterMinutes * MINUTE_MS - 1;
    last = Math.max(due, end);
  }
  return null;
}

export interface DecidedStarts {
  readonly decided: readonly DecidedStart[];
  /** All starts due up to this moment have a decision. */
  readonly upTo: number;
}

/** The starts due after `after`, up to `now`. */
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

/** Code and text for waiting starts of a deleted or changed schedule. */
export const GIVE_UP_REASONS = {
  removed: ['ScheduleRemoved', 'The schedule was removed before that.'],
  changed: ['ScheduleChanged', 'The schedule was changed to other times, or switched off, before that.'],
} as const;

/**
 * Gives up the due starts that still wait for their jitter, or for the end of a black-out. None of
 * these starts begins later.
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

/** True: the waiting starts of the old version remain starts of the new version. */
export const hasSameTimes = (before: Schedule, next: Schedule): boolean =>
  before.enabled && next.enabled && before.cron === next.cron && before.timeZone === next.timeZone;

/**
 * Decides about the starts due after `after`. A start that waits for the end of a black-out, and can
 * still begin after it, gets its decision later.
 */
export function decideStarts(schedule: Schedule, after: number, now: number, jitter: Jitter): DecidedStarts {
  const dueStarts = startsDueBetween(schedule, after, now, jitter);
  // Decide in order of `due`, without regard to the jitter. `decidedUpTo` needs one moment with all
  // decisions before it, and none after it.
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

/** Null: no decision yet. */
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
      'The next start was also due before this one could begin, and one drill is enough.',
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
