// Functions over dates: text like 2026-11-21T08:00:00.1234567Z, in steps of 100 nanoseconds.

import type { Value } from '../values.ts';
import { isWhole, takes, type Functions } from './function.ts';

type Part =
  'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond' | 'microsecond' | 'nanosecond';

const NAMES: Readonly<Record<Part, readonly string[]>> = {
  year: ['year', 'yyyy', 'yy'],
  month: ['month', 'mm', 'm'],
  day: ['day', 'dd', 'd'],
  hour: ['hour', 'hh'],
  minute: ['minute', 'mi', 'n'],
  second: ['second', 'ss', 's'],
  millisecond: ['millisecond', 'ms'],
  microsecond: ['microsecond', 'mcs'],
  nanosecond: ['nanosecond', 'ns'],
};
const TICKS_A_MILLISECOND = 10_000n;
/** How long a part is in ticks of 100 nanoseconds, for those of one length. */
const LENGTHS = {
  day: 864_000_000_000n,
  hour: 36_000_000_000n,
  minute: 600_000_000n,
  second: 10_000_000n,
  millisecond: TICKS_A_MILLISECOND,
  microsecond: 10n,
} as const;
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?Z?$/;

export const DATES: Functions = {
  DATETIMEADD: takes(3, 3, (part, count, text) =>
    over(text, (ticks) => (isWhole(count) ? written(added(partOf(part), count, ticks)) : undefined)),
  ),
  DATETIMEBIN: takes(2, 4, (text, part, size = 1, origin = '1970-01-01T00:00:00Z') =>
    over(text, (ticks) =>
      over(origin, (start) =>
        isWhole(size) && size > 0 ? written(binned(partOf(part), size, ticks, start)) : undefined,
      ),
    ),
  ),
  DATETIMEDIFF: takes(3, 3, (part, start, end) =>
    over(start, (from) => over(end, (to) => difference(partOf(part), from, to))),
  ),
  DATETIMEFROMPARTS: takes(3, 7, (...parts) => (parts.every(isWhole) ? fromParts(parts) : undefined)),
  DATETIMEPART: takes(2, 2, (part, text) => over(text, (ticks) => partIn(partOf(part), ticks))),
  DATETIMETOTICKS: takes(1, 1, (text) => over(text, Number)),
  DATETIMETOTIMESTAMP: takes(1, 1, (text) => over(text, (ticks) => Number(ticks / TICKS_A_MILLISECOND))),
  TICKSTODATETIME: takes(1, 1, (ticks) => (isWhole(ticks) ? written(BigInt(ticks)) : undefined)),
  TIMESTAMPTODATETIME: takes(1, 1, (milliseconds) =>
    isWhole(milliseconds) ? written(BigInt(milliseconds) * TICKS_A_MILLISECOND) : undefined,
  ),
};

/** Functions of the moment at which the query runs, given in milliseconds. */
export const MOMENTS: Readonly<Record<string, (now: number) => Value>> = {
  GETCURRENTDATETIME: (now) => written(BigInt(now) * TICKS_A_MILLISECOND),
  GETCURRENTDATETIMESTATIC: (now) => written(BigInt(now) * TICKS_A_MILLISECOND),
  GETCURRENTTICKS: (now) => now * 10_000,
  GETCURRENTTICKSSTATIC: (now) => now * 10_000,
  GETCURRENTTIMESTAMP: (now) => now,
  GETCURRENTTIMESTAMPSTATIC: (now) => now,
};

function over(text: Value, apply: (ticks: bigint) => Value): Value {
  const ticks = typeof text === 'string' ? read(text) : undefined;
  return ticks === undefined ? undefined : apply(ticks);
}

function partOf(name: Value): Part | undefined {
  return typeof name === 'string'
    ? (Object.keys(NAMES) as Part[]).find((part) => NAMES[part].includes(name.toLowerCase()))
    : undefined;
}

function read(text: string): bigint | undefined {
  const found = DATE.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((field: string | undefined) => Number(field ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // A day or hour that there is not has moved the others.
  const whole =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return whole
    ? BigInt(date.getTime()) * TICKS_A_MILLISECOND + BigInt((found[7] ?? '').padEnd(7, '0'))
    : undefined;
}

/** Undefined beyond the years that have four digits. */
function written(ticks: bigint | undefined): string | undefined {
  if (ticks === undefined) return undefined;
  const rest = modulo(ticks, LENGTHS.second);
  const date = new Date(Number((ticks - rest) / TICKS_A_MILLISECOND));
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999)
    return undefined;
  return `${date.toISOString().slice(0, 19)}.${String(rest).padStart(7, '0')}Z`;
}

function dateOf(ticks: bigint): Date {
  return new Date(Number((ticks - modulo(ticks, TICKS_A_MILLISECOND)) / TICKS_A_MILLISECOND));
}

function added(part: Part | undefined, count: number, ticks: bigint): bigint | undefined {
  if (part === undefined) return undefined;
  if (part === 'year' || part === 'month')
    return ticks + monthsLater(dateOf(ticks), part === 'year' ? count * 12 : count);
  return part === 'nanosecond'
    ? ticks + BigInt(Math.trunc(count / 100))
    : ticks + BigInt(count) * LENGTHS[part];
}

/** How much later it is so many months after: on the last day of a month that is too short. */
function monthsLater(date: Date, count: number): bigint {
  const later = new Date(date);
  later.setUTCDate(1);
  later.setUTCMonth(later.getUTCMonth() + count);
  const lastDay = new Date(Date.UTC(later.getUTCFullYear(), later.getUTCMonth() + 1, 0)).getUTCDate();
  later.setUTCDate(Math.min(date.getUTCDate(), lastDay));
  return BigInt(later.getTime() - date.getTime()) * TICKS_A_MILLISECOND;
}

/** How many borders between two such parts lie in between. */
function difference(part: Part | undefined, from: bigint, to: bigint): number | undefined {
  if (part === undefined) return undefined;
  const [start, end] = [dateOf(from), dateOf(to)];
  const years = end.getUTCFullYear() - start.getUTCFullYear();
  if (part === 'year') return years;
  if (part === 'month') return years * 12 + end.getUTCMonth() - start.getUTCMonth();
  if (part === 'nanosecond') return Number(to - from) * 100;
  return Number((to - modulo(to, LENGTHS[part]) - (from - modulo(from, LENGTHS[part]))) / LENGTHS[part]);
}

function binned(part: Part | undefined, size: number, ticks: bigint, start: bigint): bigint | undefined {
  if (part === undefined || part === 'year' || part === 'month') return undefined;
  const length = part === 'nanosecond' ? BigInt(Math.ceil(size / 100)) : LENGTHS[part] * BigInt(size);
  return ticks - modulo(ticks - start, length);
}

function partIn(part: Part | undefined, ticks: bigint): number | undefined {
  const date = dateOf(ticks);
  switch (part) {
    case 'year':
      return date.getUTCFullYear();
    case 'month':
      return date.getUTCMonth() + 1;
    case 'day':
      return date.getUTCDate();
    case 'hour':
      return date.getUTCHours();
    case 'minute':
      return date.getUTCMinutes();
    case 'second':
      return date.getUTCSeconds();
    case 'millisecond':
      return date.getUTCMilliseconds();
    case 'microsecond':
      return Number(modulo(ticks, LENGTHS.second) / LENGTHS.microsecond);
    case 'nanosecond':
      return Number(modulo(ticks, LENGTHS.second)) * 100;
    case undefined:
      return undefined;
  }
}

function fromParts([
  year = 0,
  month = 0,
  day = 0,
  hour = 0,
  minute = 0,
  second = 0,
  rest = 0,
]: readonly number[]): string | undefined {
  const digits = (count: number, field: number): string => String(field).padStart(count, '0');
  const two = (field: number): string => digits(2, field);
  const date = `${digits(4, year)}-${two(month)}-${two(day)}`;
  return written(read(`${date}T${two(hour)}:${two(minute)}:${two(second)}.${digits(7, rest)}Z`));
}

/** Never negative, whatever is divided. */
function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}
