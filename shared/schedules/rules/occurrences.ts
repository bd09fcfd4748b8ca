// The moments at which a cron is due in a time zone. Daylight saving: a time that the clock leaves
// out is due when it is passed over, one that it shows twice is due the first time. Only a cron for
// every hour means the hours that pass, and so has one less or one more on such a day.
import { fallsOn, type Cron } from './cron.ts';
import { momentPast, momentsOf, wallTime } from './zone.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A 29th of February that is a Monday comes every 28 years. */
const FARTHEST_DAYS = 29 * 366;

/** The first one after that moment; null when there is none in a generation. */
export const nextAfter = (cron: Cron, zone: string, moment: number): number | null =>
  upcoming(cron, zone, moment).next().value ?? null;

/** Those after the one moment, up to and with the other; at most so many. */
export function between(
  cron: Cron,
  zone: string,
  after: number,
  until: number,
  most: number,
): readonly number[] {
  const found: number[] = [];
  for (const next of upcoming(cron, zone, after)) {
    if (next > until || found.length >= most) break;
    found.push(next);
  }
  return found;
}

/** Ascending, each once. */
function* upcoming(cron: Cron, zone: string, after: number): Generator<number, undefined> {
  const today = Math.floor(wallTime(zone, after) / DAY) * DAY;
  let last = after;
  let waiting: readonly number[] = [];
  for (let day = today - DAY; day < today + FARTHEST_DAYS * DAY; day += DAY) {
    const its = onDay(cron, zone, day);
    // Where the clock goes back over midnight, a day can begin before the one before it has ended.
    const first = Math.min(...its);
    for (const next of waiting) {
      if (next >= first) break;
      if (next > last) yield (last = next);
    }
    waiting = [...waiting.filter((one) => one >= first), ...its].sort((a, b) => a - b);
  }
}

function onDay(cron: Cron, zone: string, day: number): readonly number[] {
  const date = new Date(day);
  if (!fallsOn(cron, date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())) return [];
  return cron.hours.flatMap((hour) =>
    cron.minutes.flatMap((minute) => {
      const wall = day + (hour * 60 + minute) * MINUTE;
      const moments = momentsOf(zone, wall);
      if (cron.everyHour) return moments;
      return [moments[0] ?? momentPast(zone, wall)];
    }),
  );
}
