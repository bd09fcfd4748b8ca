// The decisions about due starts: in time, late, outdated, in a blackout.
import fc from 'fast-check';
import { findBlackout, Blackout } from '../../../shared/schedules/rules/blackout.ts';
import {
  decideStarts,
  nextStartOf,
  nextStartOutsideBlackouts,
  Schedule,
  type Jitter,
} from '../../../shared/schedules/rules/schedule.ts';

const MINUTE = 60_000;
const none: Jitter = { share: () => 0 };
const schedule = (change: object = {}) =>
  Schedule.parse({
    cron: '0 3 * * *',
    timeZone: 'Europe/Berlin',
    command: { operation: 'testFailover', plan: 'shop' },
    ...change,
  });
const at = (text: string): number => Date.parse(text);
const decide = (change: object, after: string, now: string, dice = none) =>
  decideStarts(schedule(change), at(after), at(now), dice).decided.map(
    ({ due, verdict }) =>
      `${new Date(due).toISOString().slice(5, 16)} ${verdict.do === 'start' ? verdict.how : verdict.code}`,
  );

test('a timely start runs, a late one runs within its limit, and any other is missed with a reason [TRG-3]', () => {
  expect(decide({}, '2026-06-01T00:00Z', '2026-06-01T00:59Z')).toEqual([]);
  expect(decide({}, '2026-06-01T00:00Z', '2026-06-01T01:00Z')).toEqual(['06-01T01:00 started']);
  expect(decide({}, '2026-06-01T00:00Z', '2026-06-01T01:05Z')).toEqual(['06-01T01:00 started']);
  expect(decide({}, '2026-06-01T00:00Z', '2026-06-01T01:06Z')).toEqual(['06-01T01:00 TooLate']);
  expect(decide({ catchUpMinutes: 60 }, '2026-06-01T00:00Z', '2026-06-01T02:00Z')).toEqual([
    '06-01T01:00 caughtUp',
  ]);
  expect(decide({ catchUpMinutes: 60 }, '2026-06-01T00:00Z', '2026-06-01T02:01Z')).toEqual([
    '06-01T01:00 TooLate',
  ]);
  expect(decide({ catchUpMinutes: 10080 }, '2026-06-01T00:00Z', '2026-06-03T02:01Z')).toEqual([
    '06-01T01:00 Overtaken',
    '06-02T01:00 Overtaken',
    '06-03T01:00 caughtUp',
  ]);
});

test("a blackout stops all starts: once and each week, by the zone's clock, past midnight too [TRG-3]", () => {
  const weekly = Blackout.parse({ days: ['friday'], from: '22:00', to: '06:00', reason: 'billing' });
  expect(findBlackout([weekly], 'Europe/Berlin', at('2026-06-05T20:00Z'))).toBe(weekly);
  expect(findBlackout([weekly], 'Europe/Berlin', at('2026-06-06T03:59Z'))).toBe(weekly);
  for (const outside of ['2026-06-05T19:59Z', '2026-06-06T04:00Z', '2026-06-06T20:00Z', '2026-06-05T03:00Z'])
    expect(findBlackout([weekly], 'Europe/Berlin', at(outside))).toBeUndefined();
  expect(decide({ blackouts: [weekly] }, '2026-06-05T12:00Z', '2026-06-06T01:00Z')).toEqual([
    '06-06T01:00 BlackOut',
  ]);
  const once = { from: '2026-12-24T00:00:00+01:00', to: '2026-12-27T00:00:00+01:00' };
  expect(decide({ blackouts: [once] }, '2026-12-24T12:00Z', '2026-12-25T02:00Z')).toEqual([
    '12-25T02:00 BlackOut',
  ]);
  // An earlier start that could not run waits for the end of the blackout, within its catch-up
  // time.
  const soon = { from: '2026-06-01T01:30:00Z', to: '2026-06-01T04:00:00Z' };
  expect(
    decide({ blackouts: [soon], catchUpMinutes: 240 }, '2026-06-01T00:00Z', '2026-06-01T03:00Z'),
  ).toEqual([]);
  expect(
    decide({ blackouts: [soon], catchUpMinutes: 240 }, '2026-06-01T00:00Z', '2026-06-01T04:00Z'),
  ).toEqual(['06-01T01:00 caughtUp']);
  expect(decide({ blackouts: [soon], catchUpMinutes: 60 }, '2026-06-01T00:00Z', '2026-06-01T03:00Z')).toEqual(
    ['06-01T01:00 TooLate'],
  );
});

test('the next start is outside of black-outs, also far behind a long one [TRG-3]', () => {
  const next = (change: object, after: string, jitter = none): string | null => {
    const start = nextStartOutsideBlackouts(schedule({ timeZone: 'UTC', ...change }), at(after), jitter);
    return start === null ? null : new Date(start).toISOString().slice(0, 16);
  };
  const fridays = { days: ['friday'], from: '00:00', to: '00:00' };
  // The first of January 2027 is a Friday.
  expect(next({ cron: '0 3 1 * *', blackouts: [fridays] }, '2026-12-02T00:00Z')).toBe('2027-02-01T03:00');
  expect(next({ cron: '0 3 1 * *' }, '2026-12-02T00:00Z')).toBe('2027-01-01T03:00');
  expect(next({ cron: '0 3 * * FRI', blackouts: [fridays] }, '2026-12-02T00:00Z')).toBeNull();
  const year = { from: '2026-06-01T00:00:00Z', to: '2027-06-01T00:30:00Z' };
  expect(next({ cron: '0 * * * *', blackouts: [year] }, '2026-06-01T00:00Z')).toBe('2027-06-01T01:00');
  // The jitter moves this start out of its black-out.
  const late: Jitter = { share: () => 0.99 };
  expect(next({ cron: '0 * * * *', jitterMinutes: 60, blackouts: [year] }, '2026-06-01T00:00Z', late)).toBe(
    '2027-06-01T00:59',
  );
});

test('jitter moves the start, never the order, and stays the same at each pass [TRG-3]', () => {
  const dice: Jitter = { share: (due) => ((due / 3_600_000) % 7) / 7 };
  const start = nextStartOf(schedule({ jitterMinutes: 60 }), at('2026-06-01T00:00Z'), dice) ?? 0;
  expect(start).toBeGreaterThanOrEqual(at('2026-06-01T01:00Z'));
  expect(start).toBeLessThan(at('2026-06-01T02:00Z'));
  expect(
    decideStarts(schedule({ jitterMinutes: 60 }), at('2026-06-01T00:00Z'), start - 1, dice).decided,
  ).toEqual([]);
  expect(
    decideStarts(schedule({ jitterMinutes: 60 }), at('2026-06-01T00:00Z'), start, dice).decided,
  ).toHaveLength(1);
});

test('for any timer delays, the app decides each start exactly once, in order [property] [TRG-3]', () => {
  const passes = fc.array(fc.integer({ min: 1, max: 40 * 60 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      passes,
      fc.integer({ min: 0, max: 2000 }),
      fc.integer({ min: 0, max: 120 }),
      fc.constantFrom('0 3 * * *', '30 */2 * * *', '15 * * * *'),
      (gaps, catchUpMinutes, jitterMinutes, cron) => {
        const drillSchedule = schedule({ cron, catchUpMinutes, jitterMinutes });
        const dice: Jitter = { share: (due) => ((due / MINUTE) % 97) / 97 };
        const begin = at('2026-10-23T00:00Z');
        let [upTo, now] = [begin, begin];
        const decided: number[] = [];
        for (const pause of gaps) {
          now += pause * MINUTE;
          const step = decideStarts(drillSchedule, upTo, now, dice);
          upTo = step.upTo;
          decided.push(...step.decided.map(({ due }) => due));
          for (const { verdict, begin: from } of step.decided)
            if (verdict.do === 'start')
              expect(now - from).toBeLessThanOrEqual(Math.max(5, catchUpMinutes) * MINUTE);
        }
        expect(decided).toEqual([...new Set(decided)].sort((a, b) => a - b));
        const all = decideStarts(
          { ...drillSchedule, jitterMinutes: 0 },
          begin,
          now - 120 * MINUTE,
          none,
        ).decided.map(({ due }) => due);
        expect(decided).toEqual(expect.arrayContaining(all));
      },
    ),
    { numRuns: 40 },
  );
});

test('an invalid schedule fails field by field [TRG-3]', () => {
  for (const [change, field] of [
    [{ cron: '*/5 * * * *' }, 'cron'],
    [{ cron: '0 0 31 2 *' }, 'cron'],
    [{ cron: 'daily' }, 'cron'],
    [{ timeZone: 'Mars/Base' }, 'timeZone'],
    [{ command: { operation: 'failover', plan: 'shop' } }, 'command.operation'],
    [{ blackouts: [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }] }, 'blackouts.0'],
    [{ blackouts: [{ days: ['someday'], from: '01:00', to: '02:00' }] }, 'blackouts.0'],
    [{ jitterMinutes: 500 }, 'jitterMinutes'],
    [{ catchUpMinutes: -1 }, 'catchUpMinutes'],
    [{ colour: 'red' }, ''],
  ] as const) {
    const read = Schedule.safeParse({
      cron: '0 3 * * *',
      timeZone: 'Europe/Berlin',
      command: { operation: 'testFailover', plan: 'shop' },
      ...change,
    });
    expect(read.error?.issues.map(({ path }) => path.join('.'))).toContainEqual(field);
  }
});
