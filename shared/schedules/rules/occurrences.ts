// Computes the moments at which a cron is due in a time zone.
// The clock skips a local time when daylight saving begins. Such a time is due at the skip.
// The clock shows a local time twice when daylight saving ends. Such a time is due the first time.
// A cron for every hour counts passing hours, so such a day has one start less or more.

import { isDueOnDay, type Cron } from './cron.ts';
import { firstMomentFromWallTime, momentsAtWallTime, wallTimeAt } from './timeZone.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A 29th of February that is a Monday comes every 28 years. */
const MAX_SEARCH_DAYS = 29 * 366;

/** The first due moment after `moment`; null: no due moment within 29 years. */
export const nextDueAfter = (cron: Cron, zone: string, moment: number): number | null =>
  upcomingTimes(cron, zone, moment).next().value ?? null;

/** The due moments after `after`, up to and including `until`; at most `limit`. */
export function dueTimesBetween(
  cron: Cron,
  zone: string,
  after: number,
  until: number,
  limit: number,
): readonly number[] {
  const found: number[] = [];
  for (const next of upcomingTimes(cron, zone, after)) {
    if (next > until || found.length >= limit) break;
    found.push(next);
  }
  return found;
}

/** Yields the due moments in ascending order, without duplicates. */
function* upcomingTimes(cron: Cron, zone: string, after: number): Generator<number, undefined> {
  const today = Math.floor(wallTimeAt(zone, after) / DAY_MS) * DAY_MS;
  let last = after;
  let waiting: readonly number[] = [];
  for (let day = today - DAY_MS; day < today + MAX_SEARCH_DAYS * DAY_MS; day += DAY_MS) {
    const dueThatDay = dueTimesOnDay(cron, zone, day);
    // If the clock goes back over midnight, a day can begin before the previous day has ended.
    const first = Math.min(...dueThatDay);
    for (const next of waiting) {
      if (next >= first) break;
      if (next > last) yield (last = next);
    }
    waiting = [...waiting.filter((time) => time >= first), ...dueThatDay].sort((a, b) => a - b);
  }
}

function dueTimesOnDay(cron: Cron, zone: string, day: number): readonly number[] {
  const date = new Date(day);
  if (!isDueOnDay(cron, date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())) return [];
  return cron.hours.flatMap((hour) =>
    cron.minutes.flatMap((minute) => {
      const wallClock = day + (hour * 60 + minute) * MINUTE_MS;
      const moments = momentsAtWallTime(zone, wallClock);
      if (cron.everyHour) return moments;
      return [moments[0] ?? firstMomentFromWallTime(zone, wallClock)];
    }),
  );
}
