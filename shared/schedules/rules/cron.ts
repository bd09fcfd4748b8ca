// When something is due, in five fields: minute, hour, day of the month, month, day of the week.
// Which moments these are depends on the time zone (occurrences.ts).

export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /**
   * Given as `*` or `*` with a step: meant is each hour that passes, and not one on the face of the
   * clock.
   */
  readonly everyHour: boolean;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0: Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** Such as the second Saturday: `6#2`. */
  readonly nthWeekdays: ReadonlySet<string>;
  /** When both are given, either of them will do: so it has always been in cron. */
  readonly eitherDay: boolean;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface Field {
  readonly what: string;
  readonly least: number;
  readonly most: number;
  /** Words for its numbers; the first is for the least one. */
  readonly words?: readonly string[];
}
const MINUTE: Field = { what: 'minute', least: 0, most: 59 };
const HOUR: Field = { what: 'hour', least: 0, most: 23 };
const DAY: Field = { what: 'day of the month', least: 1, most: 31 };
const MONTH: Field = { what: 'month', least: 1, most: 12, words: MONTHS };
/** Sunday is 0 and 7. */
const WEEKDAY: Field = { what: 'day of the week', least: 0, most: 7, words: WEEKDAYS };

/** The cron, or in one sentence what is wrong with it. */
export function parseCron(text: string): Cron | string {
  const fields = text.trim().split(/\s+/);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (fields.length !== 5)
    return (
      `has ${fields.length} fields and must have five: minute, hour, day of the month, month, ` +
      'day of the week'
    );
  const parts = weekday.split(',');
  const nth = parts.filter((part) => part.includes('#'));
  const plain = parts.filter((part) => !part.includes('#')).join(',');
  const read = [
    numbersOf(minute, MINUTE),
    numbersOf(hour, HOUR),
    numbersOf(day, DAY),
    numbersOf(month, MONTH),
    plain === '' && nth.length > 0 ? [] : numbersOf(plain, WEEKDAY),
    nthOf(nth),
  ] as const;
  const wrong = read.find((one) => typeof one === 'string');
  if (wrong !== undefined) return wrong;
  const [minutes, hours, days, months, weekdays, nthWeekdays] = read as readonly [
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
    weekdays: new Set(weekdays.map((one) => one % 7)),
    nthWeekdays: new Set(nthWeekdays),
    eitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  };
}

/** Ascending, each once; or what is wrong. */
function numbersOf(text: string, field: Field): number[] | string {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const range = rangeOf(part, field);
    if (!range)
      return (
        `has "${part}" as ${field.what}, which must be ${field.least} to ` +
        `${field.most}${field.words ? ` or ${field.words[0] ?? ''} to ${field.words.at(-1) ?? ''}` : ''}, ` +
        'a range, "*", or one of these with a step'
      );
    for (let one = range.first; one <= range.last; one += range.step) found.add(one);
  }
  return [...found].sort((a, b) => a - b);
}

function rangeOf(
  part: string,
  field: Field,
): { readonly first: number; readonly last: number; readonly step: number } | undefined {
  const [, from = '', to, every] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  const step = every === undefined ? 1 : Number(every);
  if (step < 1) return undefined;
  if (from === '*')
    return to === undefined
      ? { first: field.least, last: field.words === WEEKDAYS ? 6 : field.most, step }
      : undefined;
  const first = numberOf(from, field);
  const last = to === undefined ? first : numberOf(to, field);
  // A step needs a range to go through.
  if (first === undefined || last === undefined || first > last || (every !== undefined && to === undefined))
    return undefined;
  return { first, last, step };
}

function numberOf(text: string, { least, most, words }: Field): number | undefined {
  const word = words?.indexOf(text.toUpperCase()) ?? -1;
  if (word >= 0) return least + word;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

function nthOf(parts: readonly string[]): string[] | string {
  const found: string[] = [];
  for (const part of parts) {
    const [, day = '', nth = ''] = /^(\w+)#([1-5])$/.exec(part) ?? [];
    const weekday = numberOf(day, WEEKDAY);
    if (weekday === undefined)
      return (
        `has "${part}" as ${WEEKDAY.what}, which must be a day and its number in the month, such ` +
        'as SAT#1'
      );
    found.push(`${weekday % 7}#${nth}`);
  }
  return found;
}

/** Whether this day of the calendar is one of them. */
export function fallsOn(cron: Cron, year: number, month: number, day: number): boolean {
  if (!cron.months.has(month)) return false;
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  const byDay = cron.days.has(day);
  const byWeekday = cron.weekdays.has(weekday) || cron.nthWeekdays.has(`${weekday}#${Math.ceil(day / 7)}`);
  return cron.eitherDay ? byDay || byWeekday : byDay && byWeekday;
}
