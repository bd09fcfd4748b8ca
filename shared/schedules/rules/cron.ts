// Parses a cron text with five fields: minute, hour, day of the month, month, day of the week.
// `occurrences.ts` turns a cron into moments of a time zone.

/** A parsed cron. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /**
   * True for `*` or `*` with a step. Such a cron means each hour that passes, not an hour shown by
   * the clock.
   */
  readonly everyHour: boolean;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0: Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** Such as the second Saturday: `6#2`. */
  readonly nthWeekdays: ReadonlySet<string>;
  /** True: with both day fields, one matching field is enough, as in every cron. */
  readonly eitherDay: boolean;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface CronField {
  readonly what: string;
  readonly min: number;
  readonly max: number;
  /** Words for the numbers; the first word means the smallest number. */
  readonly words?: readonly string[];
}
const MINUTE_FIELD: CronField = { what: 'minute', min: 0, max: 59 };
const HOUR_FIELD: CronField = { what: 'hour', min: 0, max: 23 };
const DAY_FIELD: CronField = { what: 'day of the month', min: 1, max: 31 };
const MONTH_FIELD: CronField = { what: 'month', min: 1, max: 12, words: MONTHS };
/** Sunday is 0 and 7. */
const WEEKDAY_FIELD: CronField = { what: 'day of the week', min: 0, max: 7, words: WEEKDAYS };

/** Parses a cron. Returns a sentence about the error if the text is invalid. */
export function parseCron(text: string): Cron | string {
  const fields = text.trim().split(/\s+/);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (fields.length !== 5)
    return (
      `has ${fields.length} fields and must have five: minute, hour, day of the month, month, ` +
      'day of the week'
    );
  const parts = weekday.split(',');
  const nthParts = parts.filter((part) => part.includes('#'));
  const plainParts = parts.filter((part) => !part.includes('#')).join(',');
  const parsed = [
    parseNumbers(minute, MINUTE_FIELD),
    parseNumbers(hour, HOUR_FIELD),
    parseNumbers(day, DAY_FIELD),
    parseNumbers(month, MONTH_FIELD),
    plainParts === '' && nthParts.length > 0 ? [] : parseNumbers(plainParts, WEEKDAY_FIELD),
    parseNthWeekdays(nthParts),
  ] as const;
  const problem = parsed.find((result) => typeof result === 'string');
  if (problem !== undefined) return problem;
  const [minutes, hours, days, months, weekdays, nthWeekdays] = parsed as readonly [
    number[],
    number[],
    number[],
    number[],
    number[],
    string[],
  ];
  return {
    minutes,
    hours,
    everyHour: hour.startsWith('*'),
    days: new Set(days),
    months: new Set(months),
    weekdays: new Set(weekdays.map((number) => number % 7)),
    nthWeekdays: new Set(nthWeekdays),
    eitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  };
}

/** The numbers in ascending order without duplicates, or the error. */
function parseNumbers(text: string, field: CronField): number[] | string {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const range = parseRange(part, field);
    if (!range)
      return (
        `has "${part}" as ${field.what}, which must be ${field.min} to ` +
        `${field.max}${field.words ? ` or ${field.words[0] ?? ''} to ${field.words.at(-1) ?? ''}` : ''}, ` +
        'a range, "*", or one of these with a step'
      );
    for (let number = range.first; number <= range.last; number += range.step) found.add(number);
  }
  return [...found].sort((a, b) => a - b);
}

function parseRange(
  part: string,
  field: CronField,
): { readonly first: number; readonly last: number; readonly step: number } | undefined {
  const [, from = '', to, every] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  const step = every === undefined ? 1 : Number(every);
  if (step < 1) return undefined;
  if (from === '*')
    return to === undefined
      ? { first: field.min, last: field.words === WEEKDAYS ? 6 : field.max, step }
      : undefined;
  const first = parseNumber(from, field);
  const last = to === undefined ? first : parseNumber(to, field);
  // A step is valid only with a range.
  if (first === undefined || last === undefined || first > last || (every !== undefined && to === undefined))
    return undefined;
  return { first, last, step };
}

function parseNumber(text: string, { min, max, words }: CronField): number | undefined {
  const word = words?.indexOf(text.toUpperCase()) ?? -1;
  if (word >= 0) return min + word;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}

function parseNthWeekdays(parts: readonly string[]): string[] | string {
  const found: string[] = [];
  for (const part of parts) {
    const [, day = '', nth = ''] = /^(\w+)#([1-5])$/.exec(part) ?? [];
    const weekday = parseNumber(day, WEEKDAY_FIELD);
    if (weekday === undefined)
      return (
        `has "${part}" as ${WEEKDAY_FIELD.what}, which must be a day and its number in the month, such ` +
        'as SAT#1'
      );
    found.push(`${weekday % 7}#${nth}`);
  }
  return found;
}

/** Tells whether the cron is due on this calendar day. */
export function isDueOnDay(cron: Cron, year: number, month: number, day: number): boolean {
  if (!cron.months.has(month)) return false;
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  const byDay = cron.days.has(day);
  const byWeekday = cron.weekdays.has(weekday) || cron.nthWeekdays.has(`${weekday}#${Math.ceil(day / 7)}`);
  return cron.eitherDay ? byDay || byWeekday : byDay && byWeekday;
}
