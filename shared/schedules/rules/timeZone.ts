// The clock on the wall of a time zone, and the moments at which it shows a time: one, two when the
// clock goes back, none when it goes forward.

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A time on the wall, as if it were UTC: for reckoning with days and hours alone. */
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

/** By IANA's name; offsets and abbreviations have no daylight saving and are none. */
export function isTimeZone(name: string): boolean {
  if (!/^(?:[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)+|UTC)$/.test(name)) return false;
  try {
    formatter(name);
    return true;
  } catch {
    return false;
  }
}

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

/** When the clock shows this: ascending. */
export function momentsAtWallTime(zone: string, wall: WallTime): readonly number[] {
  const offsets = new Set([offsetAt(zone, wall - DAY_MS), offsetAt(zone, wall + DAY_MS)]);
  return [...offsets]
    .map((offset) => wall - offset)
    .filter((moment) => wallTimeAt(zone, moment) === wall)
    .sort((a, b) => a - b);
}

/**
 * The first moment at which the clock shows this or later: of a time that is left out, the moment
 * in which it is passed over.
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
