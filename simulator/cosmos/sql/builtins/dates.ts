// Functions on dates in the form 2026-11-21T08:00:00.1234567Z, with ticks of 100 nanoseconds.

import type { Value } from '../values.ts';
import { isInteger, defineFunction, type Functions } from './function.ts';

type DatePart =
  'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond' | 'microsecond' | 'nanosecond';

const PART_NAMES: Readonly<Record<DatePart, readonly string[]>> = {
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
const TICKS_PER_MILLISECOND = 10_000n;
/** The ticks of each part with a fixed length. */
const TICKS_PER_PART = {
  day: 864_000_000_000n,
  hour: 36_000_000_000n,
  minute: 600_000_000n,
  second: 10_000_000n,
  millisecond: TICKS_PER_MILLISECOND,
  microsecond: 10n,
} as const;
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?Z?$/;

export const DATE_FUNCTIONS: Functions = {
  DATETIMEADD: defineFunction(3, 3, (part, count, text) =>
    withTicks(text, (ticks) =>
      isInteger(count) ? formatTicks(addPart(parsePart(part), count, ticks)) : undefined,
    ),
  ),
  DATETIMEBIN: defineFunction(2, 4, (text, part, size = 1, origin = '1970-01-01T00:00:00Z') =>
    withTicks(text, (ticks) =>
      withTicks(origin, (start) =>
        isInteger(size) && size > 0 ? formatTicks(binTicks(parsePart(part), size, ticks, start)) : undefined,
      ),
    ),
  ),
  DATETIMEDIFF: defineFunction(3, 3, (part, start, end) =>
    withTicks(start, (from) => withTicks(end, (to) => difference(parsePart(part), from, to))),
  ),
  DATETIMEFROMPARTS: defineFunction(3, 7, (...parts) =>
    parts.every(isInteger) ? fromParts(parts) : undefined,
  ),
  DATETIMEPART: defineFunction(2, 2, (part, text) =>
    withTicks(text, (ticks) => readPart(parsePart(part), ticks)),
  ),
  DATETIMETOTICKS: defineFunction(1, 1, (text) => withTicks(text, Number)),
  DATETIMETOTIMESTAMP: defineFunction(1, 1, (text) =>
    withTicks(text, (ticks) => Number(ticks / TICKS_PER_MILLISECOND)),
  ),
  TICKSTODATETIME: defineFunction(1, 1, (ticks) =>
    isInteger(ticks) ? formatTicks(BigInt(ticks)) : undefined,
  ),
  TIMESTAMPTODATETIME: defineFunction(1, 1, (milliseconds) =>
    isInteger(milliseconds) ? formatTicks(BigInt(milliseconds) * TICKS_PER_MILLISECOND) : undefined,
  ),
};

/** Functions of the query's time in milliseconds. */
export const CLOCK_FUNCTIONS: Readonly<Record<string, (now: number) => Value>> = {
  GETCURRENTDATETIME: (now) => formatTicks(BigInt(now) * TICKS_PER_MILLISECOND),
  GETCURRENTDATETIMESTATIC: (now) => formatTicks(BigInt(now) * TICKS_PER_MILLISECOND),
  GETCURRENTTICKS: (now) => now * 10_000,
  GETCURRENTTICKSSTATIC: (now) => now * 10_000,
  GETCURRENTTIMESTAMP: (now) => now,
  GETCURRENTTIMESTAMPSTATIC: (now) => now,
};

function withTicks(text: Value, apply: (ticks: bigint) => Value): Value {
  const ticks = typeof text === 'string' ? parseTicks(text) : undefined;
  return ticks === undefined ? undefined : apply(ticks);
}

function parsePart(name: Value): DatePart | undefined {
  return typeof name === 'string'
    ? (Object.keys(PART_NAMES) as DatePart[]).find((part) => PART_NAMES[part].includes(name.toLowerCase()))
    : undefined;
}

function parseTicks(text: string): bigint | undefined {
  const found = DATE.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((field: string | undefined) => Number(field ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // An invalid day or hour changes the other parts of the date.
  const whole =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return whole
    ? BigInt(date.getTime()) * TICKS_PER_MILLISECOND + BigInt((found[7] ?? '').padEnd(7, '0'))
    : undefined;
}

/** Formats ticks. Returns undefined for years outside 1 to 9999. */
function formatTicks(ticks: bigint | undefined): string | undefined {
  if (ticks === undefined) return undefined;
  const rest = modulo(ticks, TICKS_PER_PART.second);
  const date = new Date(Number((ticks - rest) / TICKS_PER_MILLISECOND));
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999)
    return undefined;
  return `${date.toISOString().slice(0, 19)}.${String(rest).padStart(7, '0')}Z`;
}

function dateOf(ticks: bigint): Date {
  return new Date(Number((ticks - modulo(ticks, TICKS_PER_MILLISECOND)) / TICKS_PER_MILLISECOND));
}

function addPart(part: DatePart | undefined, count: number, ticks: bigint): bigint | undefined {
  if (part === undefined) return undefined;
  if (part === 'year' || part === 'month')
    return ticks + monthsLater(dateOf(ticks), part === 'year' ? count * 12 : count);
  return part === 'nanosecond'
    ? ticks + BigInt(Math.trunc(count / 100))
    : ticks + BigInt(count) * TICKS_PER_PART[part];
}

/**
 * Returns the ticks between a date and the date `count` months later. A shorter month gives its
 * last day.
 */
function monthsLater(date: Date, count: number): bigint {
  const later = new Date(date);
  later.setUTCDate(1);
  later.setUTCMonth(later.getUTCMonth() + count);
  const lastDay = new Date(Date.UTC(later.getUTCFullYear(), later.getUTCMonth() + 1, 0)).getUTCDate();
  later.setUTCDate(Math.min(date.getUTCDate(), lastDay));
  return BigInt(later.getTime() - date.getTime()) * TICKS_PER_MILLISECOND;
}

/** Returns the number of part boundaries between two times. */
function difference(part: DatePart | undefined, from: bigint, to: bigint): number | undefined {
  if (part === undefined) return undefined;
  const [start, end] = [dateOf(from), dateOf(to)];
  const years = end.getUTCFullYear() - start.getUTCFullYear();
  if (part === 'year') return years;
  if (part === 'month') return years * 12 + end.getUTCMonth() - start.getUTCMonth();
  if (part === 'nanosecond') return Number(to - from) * 100;
  return Number(
    (to - modulo(to, TICKS_PER_PART[part]) - (from - modulo(from, TICKS_PER_PART[part]))) /
      TICKS_PER_PART[part],
  );
}

function binTicks(
  part: DatePart | undefined,
  size: number,
  ticks: bigint,
  start: bigint,
): bigint | undefined {
  if (part === undefined || part === 'year' || part === 'month') return undefined;
  const length = part === 'nanosecond' ? BigInt(Math.ceil(size / 100)) : TICKS_PER_PART[part] * BigInt(size);
  return ticks - modulo(ticks - start, length);
}

function readPart(part: DatePart | undefined, ticks: bigint): number | undefined {
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
      return Number(modulo(ticks, TICKS_PER_PART.second) / TICKS_PER_PART.microsecond);
    case 'nanosecond':
      return Number(modulo(ticks, TICKS_PER_PART.second)) * 100;
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
  return formatTicks(parseTicks(`${date}T${two(hour)}:${two(minute)}:${two(second)}.${digits(7, rest)}Z`));
}

/** Returns a remainder that is never negative. */
function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}
