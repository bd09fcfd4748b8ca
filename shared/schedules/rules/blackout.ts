// When nothing may be begun: once, from one moment to another, or each week by the clock of the
// schedule's time zone.
import * as z from 'zod';
import { wallTime } from './zone.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

const Moment = z.iso.datetime({ offset: true, error: 'must be a moment such as 2026-12-24T00:00:00+01:00' });
const ClockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 22:30');

const Once = z
  .strictObject({ from: Moment, to: Moment, reason: z.string().trim().min(1).max(200).optional() })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), 'must begin before it ends');
/** `days`: on which it begins; one that ends at or before its begin ends on the day after. */
const Weekly = z.strictObject({
  days: z.array(z.enum(WEEKDAYS)).min(1).max(7),
  from: ClockTime,
  to: ClockTime,
  reason: z.string().trim().min(1).max(200).optional(),
});
export const Blackout = z.union(
  [Weekly, Once],
  'must be {"from", "to"} as moments, or {"days", "from", "to"} as weekdays and times of the day',
);
export type Blackout = z.infer<typeof Blackout>;

/** The one that holds at that moment. Its end is outside. */
export const blackoutAt = (
  blackouts: readonly Blackout[],
  zone: string,
  moment: number,
): Blackout | undefined =>
  blackouts.find((one) =>
    'days' in one
      ? isInWeek(one, wallTime(zone, moment))
      : moment >= Date.parse(one.from) && moment < Date.parse(one.to),
  );

function isInWeek({ days, from, to }: z.infer<typeof Weekly>, wall: number): boolean {
  const [first, last] = [minutesOf(from), minutesOf(to)];
  const length = last > first ? last - first : last - first + DAY;
  // Begun today, or yesterday and still going on.
  return [0, 1].some((ago) => {
    const midnight = Math.floor(wall / DAY) * DAY - ago * DAY;
    const begin = midnight + first;
    return (
      days.includes(WEEKDAYS[new Date(midnight).getUTCDay()] ?? 'sunday') &&
      wall >= begin &&
      wall < begin + length
    );
  });
}

const minutesOf = (time: string): number => (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * MINUTE;

export function blackoutText(one: Blackout): string {
  const days = 'days' in one ? `${one.days.join(', ')} ` : '';
  return `${days}${one.from} to ${one.to}${one.reason ? ` (${one.reason})` : ''}`;
}
