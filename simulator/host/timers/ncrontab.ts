// NCRONTAB, as timer triggers use it: {second} {minute} {hour} {day} {month} {day-of-week}, in UTC.
// Without the first field, the second is 0.

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Names of the values, starting at `from`. */
  readonly names?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: 'second', from: 0, to: 59 },
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, names: MONTHS },
  { name: 'day-of-week', from: 0, to: 6, names: DAYS },
];

/** How far ahead to search for the next occurrence: 29 February may be eight years away. */
const HORIZON_YEARS = 9;

export interface Schedule {
  /** Returns the first occurrence after this time, both in milliseconds since 1970. */
  next(after: number): number;
}

/** Parses an NCRONTAB expression. Throws for an invalid expression. */
export function parseSchedule(expression: string): Schedule {
  const given = expression.trim().split(/\s+/);
  const parts = given.length === FIELDS.length - 1 ? ['0', ...given] : given;
  if (parts.length !== FIELDS.length)
    throw new Error(
      `"${expression}" is no schedule: it has ${parts.length} fields, not 6 ` +
        '(second minute hour day month day-of-week), or 5 without the second.',
    );
  const [seconds, minutes, hours, days, months, weekdays] = FIELDS.map((field, index) =>
    parseField(parts[index] ?? '', field, expression),
  );
  const schedule = {
    next: (after: number) =>
      nextOccurrence(after, { seconds, minutes, hours, days, months, weekdays }, expression),
  };
  schedule.next(0);
  return schedule;
}

type ValueSet = ReadonlySet<number> | undefined;

interface FieldValues {
  readonly seconds: ValueSet;
  readonly minutes: ValueSet;
  readonly hours: ValueSet;
  readonly days: ValueSet;
  readonly months: ValueSet;
  readonly weekdays: ValueSet;
}

/**
 * Moves forward by the largest unit that does not match. Unlike in cron, day and day-of-week must
 * both match.
 */
function nextOccurrence(after: number, sets: FieldValues, expression: string): number {
  const at = new Date(Math.floor(after / 1000) * 1000 + 1000);
  const last = at.getUTCFullYear() + HORIZON_YEARS;
  while (at.getUTCFullYear() <= last) {
    if (sets.months?.has(at.getUTCMonth() + 1) === false) {
      at.setUTCMonth(at.getUTCMonth() + 1, 1);
      at.setUTCHours(0, 0, 0);
    } else if (sets.days?.has(at.getUTCDate()) === false || sets.weekdays?.has(at.getUTCDay()) === false) {
      at.setUTCDate(at.getUTCDate() + 1);
      at.setUTCHours(0, 0, 0);
    } else if (sets.hours?.has(at.getUTCHours()) === false) {
      at.setUTCHours(at.getUTCHours() + 1, 0, 0);
    } else if (sets.minutes?.has(at.getUTCMinutes()) === false) {
      at.setUTCMinutes(at.getUTCMinutes() + 1, 0);
    } else if (sets.seconds?.has(at.getUTCSeconds()) === false) {
      at.setUTCSeconds(at.getUTCSeconds() + 1);
    } else {
      return at.getTime();
    }
  }
  throw new Error(`"${expression}" is a schedule that never comes.`);
}

function parseField(text: string, field: Field, expression: string): ReadonlySet<number> {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [, first, second, step = '1'] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
    const from = first === '*' ? field.from : parseValue(first, field);
    // "5/15" runs from 5 to the end of the range.
    const to =
      second !== undefined
        ? parseValue(second, field)
        : first === '*' || part.includes('/')
          ? field.to
          : from;
    if (from === undefined || to === undefined || from > to || Number(step) === 0) {
      throw new Error(`"${expression}" is no schedule: "${part}" is no ${field.name}.`);
    }
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return values;
}

function parseValue(text: string | undefined, field: Field): number | undefined {
  const named = field.names?.indexOf((text ?? '').toLowerCase().slice(0, 3)) ?? -1;
  if (named >= 0) return field.from + named;
  const value = Number(text);
  return Number.isInteger(value) && value >= field.from && value <= field.to ? value : undefined;
}
