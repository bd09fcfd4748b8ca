// A schedule of drills, as a person writes it, and what is to be done about a start that is due.
import * as z from 'zod';
import { blackoutAt, Blackout, blackoutText } from './blackout.ts';
import { parseCron, type Cron } from './cron.ts';
import { between, nextAfter } from './occurrences.ts';
import { isZone } from './zone.ts';

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60;

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
    else if (nextAfter(cron, 'UTC', Date.UTC(2026, 0, 1)) === null)
      context.addIssue({ code: 'custom', message: 'never comes: no month has that day' });
  });

export const Schedule = z.strictObject({
  cron: CronText,
  timeZone: z.string().refine(isZone, 'must be the IANA name of a time zone, such as Europe/Berlin'),
  /** What is begun then; checked as any command is, and a drill of this plan. */
  command: z.looseObject({
    operation: z.literal('testFailover', 'must be testFailover: nothing else is begun without a person'),
  }),
  /** Begun up to so much later, so that many schedules of one time do not begin at once. */
  jitterMinutes: z.int().min(0).max(120).default(0),
  blackouts: z.array(Blackout).max(100).default([]),
  /** A start that could not be made in time is made up for within so long, and else recorded as missed. */
  catchUpMinutes: z.int().min(0).max(WEEK).default(0),
  /**
   * What is still in test so long after the start is cleaned up, however the drill went. Left out:
   * as the plan says, which does that itself unless its drill was stopped.
   */
  timeToLiveMinutes: z.int().min(10).max(WEEK).optional(),
  enabled: z.boolean().default(true),
});
export type Schedule = z.infer<typeof Schedule>;

/** Begun within so long, a start is in time: the timer looks once a minute, and may be late itself. */
export const IN_TIME = 5 * MINUTE;
/** So many are decided at once; the others a minute later. */
const MOST_AT_ONCE = 200;

export type Verdict =
  | { readonly do: 'start'; readonly how: 'started' | 'caughtUp' }
  | {
      readonly do: 'record';
      readonly outcome: 'missed' | 'skipped';
      readonly code: string;
      readonly why: string;
    };

export interface Due {
  /** As the cron says. */
  readonly due: number;
  /** With its share of the jitter. */
  readonly begin: number;
  readonly verdict: Verdict;
}

/** `share` of a due moment is between 0 and 1, and always the same for it. */
export interface Dice {
  share(due: number): number;
}

const cronOf = ({ cron }: Schedule): Cron => {
  const parsed = parseCron(cron);
  if (typeof parsed === 'string') throw new Error(`A saved cron ${parsed}.`);
  return parsed;
};

const beginOf = (schedule: Schedule, due: number, dice: Dice): number =>
  due + Math.floor(schedule.jitterMinutes * dice.share(due)) * MINUTE;

/** When the first start after that moment is to be looked at; null: never. */
export function nextLook(schedule: Schedule, after: number, dice: Dice): number | null {
  const due = nextAfter(cronOf(schedule), schedule.timeZone, after);
  return due === null ? null : beginOf(schedule, due, dice);
}

export interface Decided {
  readonly decided: readonly Due[];
  /** All that was due up to here is decided. */
  readonly upTo: number;
}

/** Every start that was due after one moment, up to another. */
const dueBetween = (
  schedule: Schedule,
  after: number,
  now: number,
  dice: Dice,
): readonly Omit<Due, 'verdict'>[] =>
  between(cronOf(schedule), schedule.timeZone, after, now, MOST_AT_ONCE).map((due) => ({
    due,
    begin: beginOf(schedule, due, dice),
  }));

/** What a start is that still waits while its schedule is removed, or changed to other times. */
export const Given = {
  removed: ['ScheduleRemoved', 'The schedule was removed before that.'],
  changed: ['ScheduleChanged', 'The schedule was changed to other times, or switched off, before that.'],
} as const;

/**
 * Starts that were due and still wait for their jitter, or for the end of a black-out: none of them
 * begins any more.
 */
export function giveUp(
  schedule: Schedule,
  after: number,
  now: number,
  dice: Dice,
  [code, why]: (typeof Given)[keyof typeof Given],
): readonly Due[] {
  return dueBetween(schedule, after, now, dice).map((one) => ({
    ...one,
    verdict: missed(code, `It was to begin at ${new Date(one.begin).toISOString()} or later. ${why}`),
  }));
}

/** A start that waits under one version of a schedule is a start of the next version too. */
export const keepsTimes = (before: Schedule, next: Schedule): boolean =>
  before.enabled && next.enabled && before.cron === next.cron && before.timeZone === next.timeZone;

/**
 * What is to be done now about everything that was due after that moment. What waits for the end of
 * a black-out that it may still outlive is left for later.
 */
export function decide(schedule: Schedule, after: number, now: number, dice: Dice): Decided {
  const all = dueBetween(schedule, after, now, dice);
  // One after the other, whatever the jitter of each: so all up to some moment is decided, and
  // nothing after it.
  const first = all.findIndex(({ begin }) => begin > now);
  const due = first < 0 ? all : all.slice(0, first);
  const decided: Due[] = [];
  for (const [at, { due: moment, begin }] of due.entries()) {
    const verdict = judge(schedule, begin, now, due[at + 1]?.begin ?? null);
    if (verdict === null) break;
    decided.push({ due: moment, begin, verdict });
  }
  return { decided, upTo: decided.at(-1)?.due ?? after };
}

/** Null: not yet. */
function judge(schedule: Schedule, begin: number, now: number, next: number | null): Verdict | null {
  const { blackouts, timeZone, catchUpMinutes } = schedule;
  const forbidden = blackoutAt(blackouts, timeZone, begin);
  if (forbidden)
    return {
      do: 'record',
      outcome: 'skipped',
      code: 'BlackOut',
      why: `Nothing may be begun then: ${blackoutText(forbidden)}.`,
    };
  const late = now - begin;
  const isLate = late > IN_TIME;
  if (isLate && late > catchUpMinutes * MINUTE)
    return missed(
      'TooLate',
      `It could be begun only ${Math.round(late / MINUTE)} minutes late, and catchUpMinutes is ` +
        `${catchUpMinutes}.`,
    );
  if (next !== null)
    return missed(
      'Overtaken',
      'The next one was due too before this could be begun, and one drill shows what two would.',
    );
  if (blackoutAt(blackouts, timeZone, now)) return null;
  return { do: 'start', how: isLate ? 'caughtUp' : 'started' };
}

const missed = (code: string, why: string): Verdict => ({ do: 'record', outcome: 'missed', code, why });
