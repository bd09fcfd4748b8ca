// The clock on the wall of a time zone, and the moments at which it shows a time: one, two when the
// clock goes back, none when it goes forward.

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

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
export function isZone(name: string): boolean {
  if (!/^(?:[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)+|UTC)$/.test(name)) return false;
  try {
    formatter(name);
    return true;
  } catch {
    return false;
  }
}

export function wallTime(zone: string, moment: number): WallTime {
  const of = Object.fromEntries(
    formatter(zone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(of['year'] ?? 0, (of['month'] ?? 1) - 1, of['day'], of['hour'], of['minute'], of['second']);
}

const offsetAt = (zone: string, moment: number): number =>
  wallTime(zone, moment) - Math.floor(moment / 1000) * 1000;

/** When the clock shows this: ascending. */
export function momentsOf(zone: string, wall: WallTime): readonly number[] {
  const offsets = new Set([offsetAt(zone, wall - DAY), offsetAt(zone, wall + DAY)]);
  return [...offsets]
    .map((offset) => wall - offset)
    .filter((moment) => wallTime(zone, moment) === wall)
    .sort((a, b) => a - b);
}

/**
 * The first moment at which the clock shows this or later: of a time that is left out, the moment
 * in which it is passed over.
 */
export function momentPast(zone: string, wall: WallTime): number {
  let [before, after] = [wall - 2 * DAY, wall + 2 * DAY];
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000;
    if (wallTime(zone, middle) >= wall) after = middle;
    else before = middle;
  }
  return after;
}
