// Black-outs: times without scheduled starts. A black-out is either one period, or a weekly period
// in the schedule's time zone.

import * as z from 'zod';
import { wallTimeAt } from './timeZone.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

const DateTime = z.iso.datetime({
  offset: true,
  error: 'must be a moment such as 2026-12-24T00:00:00+01:00',
});
const ClockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 22:30');

const reason = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .optional()
  .describe('The reason, for people. Default: none.');

const OneTimeBlackout = z
  .strictObject({
    from: DateTime.describe('The begin, with its offset.'),
    to: DateTime.describe('The end, with its offset.'),
    reason,
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), 'must begin before it ends');
const WeeklyBlackout = z.strictObject({
  days: z.array(z.enum(WEEKDAYS)).min(1).max(7).describe('The days on which the black-out begins.'),
  from: ClockTime.describe('The begin, such as 22:30, in the time zone of the schedule.'),
  to: ClockTime.describe('The end, such as 06:00. At or before "from" it is on the next day.'),
  reason,
});
/** A black-out, as a person writes it. */
export const Blackout = z.union(
  [WeeklyBlackout, OneTimeBlackout],
  'must be {"from", "to"} as moments, or {"days", "from", "to"} as weekdays and times of the day',
);
export type Blackout = z.infer<typeof Blackout>;

/** Finds the black-out at this moment. The end of a black-out is not part of it. */
export const findBlackout = (
  blackouts: readonly Blackout[],
  zone: string,
  moment: number,
): Blackout | undefined =>
  blackouts.find((blackout) =>
    'days' in blackout
      ? isInWeeklyBlackout(blackout, wallTimeAt(zone, moment))
      : moment >= Date.parse(blackout.from) && moment < Date.parse(blackout.to),
  );

function isInWeeklyBlackout({ days, from, to }: z.infer<typeof WeeklyBlackout>, wallClock: number): boolean {
  const [first, last] = [msOfClockTime(from), msOfClockTime(to)];
  const lengthMs = last > first ? last - first : last - first + DAY_MS;
  // The black-out began today, or began yesterday and still continues.
  return [0, 1].some((daysAgo) => {
    const midnight = Math.floor(wallClock / DAY_MS) * DAY_MS - daysAgo * DAY_MS;
    const begin = midnight + first;
    return (
      days.includes(WEEKDAYS[new Date(midnight).getUTCDay()] ?? 'sunday') &&
      wallClock >= begin &&
      wallClock < begin + lengthMs
    );
  });
}

const msOfClockTime = (time: string): number =>
  (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * MINUTE_MS;

export function blackoutText(blackout: Blackout): string {
  const days = 'days' in blackout ? `${blackout.days.join(', ')} ` : '';
  return `${days}${blackout.from} to ${blackout.to}${blackout.reason ? ` (${blackout.reason})` : ''}`;
}
