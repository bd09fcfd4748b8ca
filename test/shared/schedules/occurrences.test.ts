// Due times of schedules, compared with the local clock of the zone, minute by minute.
import fc from 'fast-check';
import { isDueOnDay, parseCron, type Cron } from '../../../shared/schedules/rules/cron.ts';
import { dueTimesBetween, nextDueAfter } from '../../../shared/schedules/rules/occurrences.ts';
import { isTimeZone, wallTimeAt } from '../../../shared/schedules/rules/timeZone.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'America/Santiago',
  'Pacific/Apia',
  'Atlantic/Azores',
  'America/Havana',
  'UTC',
];

const cronOf = (text: string): Cron => {
  const cron = parseCron(text);
  if (typeof cron === 'string') throw new Error(`"${text}" ${cron}`);
  return cron;
};
const iso = (moments: readonly number[]) =>
  moments.map((moment) => new Date(moment).toISOString().slice(0, 16));
const due = (cron: string, zone: string, from: string, until: string) =>
  iso(dueTimesBetween(cronOf(cron), zone, Date.parse(from), Date.parse(until), 100));

/** The local clock of a zone, minute by minute. */
const wallOf = (zone: string, from: number, minutes: number) =>
  Array.from({ length: minutes }, (_, i) => ({
    moment: from + i * MINUTE,
    wall: wallTimeAt(zone, from + i * MINUTE),
  }));

/** The reference for the rule: it checks the clock at every minute. */
function byTheClock(
  cron: Cron,
  walls: readonly { readonly moment: number; readonly wall: number }[],
): readonly number[] {
  const means = (wall: number): boolean => {
    const at = new Date(wall);
    return (
      cron.minutes.includes(at.getUTCMinutes()) &&
      cron.hours.includes(at.getUTCHours()) &&
      isDueOnDay(cron, at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate())
    );
  };
  if (cron.everyHour) return walls.filter(({ wall }) => means(wall)).map(({ moment }) => moment);
  let highest = (walls[0]?.wall ?? 0) - MINUTE;
  return walls.flatMap(({ moment, wall }) => {
    // The clock times that the minute passes for the first time, including skipped ones.
    const passed = Array.from(
      { length: Math.max(0, (wall - highest) / MINUTE) },
      (_, i) => highest + (i + 1) * MINUTE,
    );
    highest = Math.max(highest, wall);
    return passed.some(means) ? [moment] : [];
  });
}

/** Days with a clock change in the zone, and ordinary days. */
const around = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    year: fc.integer({ min: 2009, max: 2030 }),
    which: fc.nat(),
    shift: fc.integer({ min: 0, max: 47 }),
  })
  .map(({ zone, year, which, shift }) => {
    const days = Array.from({ length: 365 }, (_, i) => Date.UTC(year, 0, 1) + i * DAY);
    const changed = days.filter((day) => wallTimeAt(zone, day + DAY) - wallTimeAt(zone, day) !== DAY);
    const day = (changed.length > 0 ? changed : days)[which % (changed.length || days.length)] ?? 0;
    return { zone, from: day - DAY - shift * 30 * MINUTE };
  });
const times = fc
  .record({
    minute: fc.integer({ min: 0, max: 59 }),
    hours: fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 5 }),
    every: fc.constantFrom(0, 0, 1, 2, 3),
  })
  .map(
    ({ minute, hours, every }) =>
      `${minute} ${every === 0 ? hours.join(',') : every === 1 ? '*' : `*/${every}`} * * *`,
  );

test('a cron is due when the clock of its zone first shows or passes its time [property] [TRG-3]', () => {
  fc.assert(
    fc.property(around, times, ({ zone, from }, text) => {
      const cron = cronOf(text);
      // The test needs a day before and after: a repeated time appeared earlier in that range.
      const walls = wallOf(zone, from - DAY, 4 * 24 * 60);
      const until = from + 3 * DAY - HOUR;
      expect(iso(dueTimesBetween(cron, zone, from, until, 500))).toEqual(
        iso(byTheClock(cron, walls).filter((candidate) => candidate > from && candidate <= until)),
      );
    }),
    { numRuns: 40 },
  );
});

test('a fixed time comes once on every calendar day, despite clock changes [property] [TRG-3]', () => {
  fc.assert(
    fc.property(
      around,
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
      ({ zone, from }, hour, minute) => {
        const found = dueTimesBetween(cronOf(`${minute} ${hour} * * *`), zone, from, from + 6 * DAY, 100);
        const days = found.map((entry) => Math.floor(wallTimeAt(zone, entry) / DAY));
        for (let i = 1; i < days.length; i++)
          expect(zone === 'Pacific/Apia' ? [1, 2, 0] : [1]).toContain((days[i] ?? 0) - (days[i - 1] ?? 0));
        expect(found).toEqual([...found].sort((a, b) => a - b));
      },
    ),
    { numRuns: 30 },
  );
});

test('the skipped and the repeated hours, by name [TRG-3]', () => {
  // Berlin: 29 March 2026 goes from 2:00 to 3:00, 25 October from 3:00 back to 2:00.
  expect(due('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', '2026-03-30T12:00Z')).toEqual([
    '2026-03-28T01:30',
    '2026-03-29T01:00',
    '2026-03-30T00:30',
  ]);
  expect(due('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ]);
  expect(due('15 * * * *', 'Europe/Berlin', '2026-10-24T23:30Z', '2026-10-25T03:00Z')).toEqual([
    '2026-10-25T00:15',
    '2026-10-25T01:15',
    '2026-10-25T02:15',
  ]);
  // Lord Howe changes by half an hour: 5 April 2026 from 2:00 back to 1:30.
  expect(due('45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T00:00Z', '2026-04-05T15:00Z')).toEqual([
    '2026-04-04T14:45',
  ]);
  expect(due('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00Z', '2026-10-04T20:00Z')).toEqual([
    '2026-10-03T15:30',
    '2026-10-04T15:15',
  ]);
  // New York: 8 March 2026.
  expect(due('0 2 * * SUN', 'America/New_York', '2026-03-07T00:00Z', '2026-03-16T00:00Z')).toEqual([
    '2026-03-08T07:00',
    '2026-03-15T06:00',
  ]);
});

test('days: lists, ranges, steps, words, the first Saturday; both kinds of day mean either [TRG-3]', () => {
  expect(due('0 3 * * SAT#1', 'UTC', '2026-01-01T00:00Z', '2026-04-01T00:00Z')).toEqual([
    '2026-01-03T03:00',
    '2026-02-07T03:00',
    '2026-03-07T03:00',
  ]);
  expect(due('0 3 13 * FRI', 'UTC', '2026-02-01T00:00Z', '2026-02-21T00:00Z')).toEqual([
    '2026-02-06T03:00',
    '2026-02-13T03:00',
    '2026-02-20T03:00',
  ]);
  expect(due('0 0 1 JAN-DEC/6 *', 'UTC', '2026-01-02T00:00Z', '2027-02-01T00:00Z')).toEqual([
    '2026-07-01T00:00',
    '2027-01-01T00:00',
  ]);
  expect(due('0 12 * * 7', 'UTC', '2026-01-01T00:00Z', '2026-01-06T00:00Z')).toEqual(['2026-01-04T12:00']);
  expect(nextDueAfter(cronOf('0 0 29 2 MON#5'), 'UTC', Date.UTC(2026, 0, 1))).not.toBeNull();
  expect(nextDueAfter(cronOf('0 0 31 2 *'), 'UTC', Date.UTC(2026, 0, 1))).toBeNull();
});

test('an invalid cron or zone fails with the reason [TRG-3]', () => {
  for (const [text, wrong] of [
    ['* * * *', 'has 4 fields'],
    ['60 * * * *', '"60" as minute'],
    ['0 24 * * *', '"24" as hour'],
    ['0 0 0 * *', 'day of the month'],
    ['0 0 * 13 *', 'month'],
    ['0 0 * * 8', 'day of the week'],
    ['0 5-2 * * *', '"5-2"'],
    ['0 */0 * * *', '"*/0"'],
    ['0 3/2 * * *', '"3/2"'],
    ['0 0 * * SAT#6', 'SAT#1'],
    ['0 0 * * FOO', '"FOO"'],
    ['0 0 * * 1,', '""'],
    ['-1 0 * * *', '"-1"'],
  ] as const)
    expect(parseCron(text)).toContain(wrong);
  expect(['Europe/Berlin', 'America/Argentina/Ushuaia', 'Etc/GMT+3', 'UTC'].every(isTimeZone)).toBe(true);
  expect(['CET+1', '+02:00', 'Europe/Nowhere', '', 'Berlin'].some(isTimeZone)).toBe(false);
});
