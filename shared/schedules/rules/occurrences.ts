// The moments at which a cron is due in a time zone. Daylight saving: a time that the clock leaves
// out is due when it is passed over, one that it shows twice is due the first time. Only a cron for
// every hour means the hours that pass, and so has one less or one more on such a day.
import { isDueOnDay, type Cron } from './cron.ts';
import { firstMomentFromWallTime, momentsAtWallTime, wallTimeAt } from './timeZone.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A 29th of February that is a Monday comes every 28 years. */
const MAX_SEARCH_DAYS = 29 * 366;

/** The first one after that moment; null when there is none in a generation. */
export const nextDueAfter = (cron: Cron, zone: string, moment: number): number | null =>
  upcomingTimes(cron, zone, moment).next().value ?? null;

/** Those after the one moment, up to and with the other; at most so many. */
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

/** Ascending, each once. */
function* upcomingTimes(cron: Cron, zone: string, after: number): Generator<number, undefined> {
  const today = Math.floor(wallTimeAt(zone, after) / DAY_MS) * DAY_MS;
  let last = after;
  let waiting: readonly number[] = [];
  for (let day = today - DAY_MS; day < today + MAX_SEARCH_DAYS * DAY_MS; day += DAY_MS) {
    const dueThatDay = dueTimesOnDay(cron, zone, day);
    // Where the clock goes back over midnight, a day can begin before the one before it has ended.
    const first = Math.min(...dueThatDay);
    for (const next of waiting) {
      if (next >= first) break;
      if (next > last) yield (last = next);
    }
    waiting = [...waiting.filter((one) => one >= first), ...dueThatDay].sort((a, b) => a - b);
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
