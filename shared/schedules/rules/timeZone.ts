// Converts between moments and the local time of a time zone.
// A local time has one moment, two moments when the clock goes back, or none when it goes forward.

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A local time as if in UTC, in milliseconds: only for arithmetic with days and hours. */
export type WallTime = number;

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  const known =
    formatters.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  formatters.set(zone, known);
  return known;
}

/** Accepts IANA names. Rejects offsets and abbreviations, because they have no daylight saving. */
export function isTimeZone(name: string): boolean {
  if (!/^(?:[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)+|UTC)$/.test(name)) return false;
  try {
    formatter(name);
    return true;
  } catch {
    return false;
  }
}

/** The local time at a moment. */
export function wallTimeAt(zone: string, moment: number): WallTime {
  const parts = Object.fromEntries(
    formatter(zone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(
    parts['year'] ?? 0,
    (parts['month'] ?? 1) - 1,
    parts['day'],
    parts['hour'],
    parts['minute'],
    parts['second'],
  );
}

const offsetAt = (zone: string, moment: number): number =>
  wallTimeAt(zone, moment) - Math.floor(moment / 1000) * 1000;

/** The moments with this local time, in ascending order. */
export function momentsAtWallTime(zone: string, wall: WallTime): readonly number[] {
  const offsets = new Set([offsetAt(zone, wall - DAY_MS), offsetAt(zone, wall + DAY_MS)]);
  return [...offsets]
    .map((offset) => wall - offset)
    .filter((moment) => wallTimeAt(zone, moment) === wall)
    .sort((a, b) => a - b);
}

/**
 * The first moment with this local time or a later one. For a skipped local time, that is the moment
 * of the skip.
 */
export function firstMomentFromWallTime(zone: string, wall: WallTime): number {
  let [before, after] = [wall - 2 * DAY_MS, wall + 2 * DAY_MS];
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000;
    if (wallTimeAt(zone, middle) >= wall) after = middle;
    else before = middle;
  }
  return after;
}
