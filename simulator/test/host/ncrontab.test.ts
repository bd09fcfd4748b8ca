import { parseSchedule } from '../../host/timers/ncrontab.ts';

const next = (expression: string, after: string) =>
  new Date(parseSchedule(expression).next(Date.parse(after))).toISOString();

describe('NCRONTAB', () => {
  test.each([
    ['0 */5 * * * *', '2030-01-01T00:00:00Z', '2030-01-01T00:05:00.000Z'],
    ['0 */5 * * * *', '2030-01-01T00:04:59.999Z', '2030-01-01T00:05:00.000Z'],
    ['*/10 * * * * *', '2030-01-01T00:00:50Z', '2030-01-01T00:01:00.000Z'],
    ['30 15 9 * * *', '2030-12-31T09:15:30Z', '2031-01-01T09:15:30.000Z'],
    ['0 0 0 29 2 *', '2030-01-01T00:00:00Z', '2032-02-29T00:00:00.000Z'],
    ['0 0 0 31 * *', '2030-01-31T00:00:00Z', '2030-03-31T00:00:00.000Z'],
    ['0 0 12 * * Mon-Fri', '2030-01-04T12:00:00Z', '2030-01-07T12:00:00.000Z'],
    ['0 0 12 * * 0,6', '2030-01-04T12:00:00Z', '2030-01-05T12:00:00.000Z'],
    // Day and day-of-week must both match: the next Friday the 13th.
    ['0 0 0 13 * Fri', '2030-01-01T00:00:00Z', '2030-09-13T00:00:00.000Z'],
    ['0 0 0 1 January,jul *', '2030-02-01T00:00:00Z', '2030-07-01T00:00:00.000Z'],
    ['*/5 * * * *', '2030-01-01T00:05:00Z', '2030-01-01T00:10:00.000Z'],
    ['30 9 * * Mon', '2030-01-01T00:00:00Z', '2030-01-07T09:30:00.000Z'],
    ['5/20 0-1 8-10/2 * * *', '2030-01-01T08:01:45Z', '2030-01-01T10:00:05.000Z'],
  ])('%s after %s is %s', (expression, after, wanted) => {
    expect(next(expression, after)).toBe(wanted);
  });

  test.each([
    ['*/5 * * *', 'it has 4 fields, not 6'],
    ['60 * * * * *', '"60" is no second'],
    ['0 0 0 0 * *', '"0" is no day'],
    ['0 5-3 * * * *', '"5-3" is no minute'],
    ['0 */0 * * * *', '"*/0" is no minute'],
    ['0 0 0 * * 7', '"7" is no day-of-week'],
    ['0 0 0 * Foo *', '"Foo" is no month'],
    ['0 , * * * *', '"" is no minute'],
    ['0 0 0 31 2 *', 'a schedule that never comes'],
  ])('refuses %s: %s', (expression, reason) => {
    expect(() => parseSchedule(expression)).toThrow(reason);
  });
});
