// Says in plain words what is wrong with a value. zod calls `issueSentence` for each issue that has no
// text of its own in the schema. The texts continue the name of a field: "vms: is missing".
import type * as z from 'zod';
import { nearestOf } from './nearest.ts';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];
type SubIssue = z.core.$ZodIssue;

const MAX_LISTED = 40;

/** The words for a wrong value. zod takes them as `error` of a parse. */
export function issueSentence(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeSentence(issue.expected, issue.input);
    case 'invalid_value':
      return valueSentence(issue.values, issue.input);
    case 'too_big':
    case 'too_small':
      return sizeSentence(issue);
    case 'unrecognized_keys':
      return keySentence(issue.keys, knownKeysOf(issue.inst));
    case 'invalid_format':
      return formatSentence(issue);
    case 'invalid_union':
      return unionSentence(issue);
    case 'not_multiple_of':
      return `must be a multiple of ${String(issue.divisor)}`;
    case 'invalid_key':
      return `has a wrong name: ${issue.issues.map(({ message }) => message).join('; ')}`;
    case 'invalid_element':
      return `has a wrong entry: ${issue.issues.map(({ message }) => message).join('; ')}`;
    case 'custom':
    default:
      return 'has a value that is not possible here';
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  set: 'a list',
  object: 'an object',
  record: 'an object',
  map: 'an object',
  null: 'null',
  date: 'a time',
  nonoptional: 'a value',
};
const typeName = (type: string): string => TYPE_NAMES[type] ?? `of the type ${type}`;

function typeNameOf(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'boolean') return String(input);
  if (typeof input === 'number' && !Number.isFinite(input)) return 'no number';
  return typeName(typeof input);
}

const typeSentence = (expected: string, input: unknown): string => {
  if (input === undefined) return expected === 'never' ? 'is not possible here' : 'is missing';
  if (expected === 'never') return 'is not possible here';
  if (expected === 'int' && typeof input === 'number') return `must be a whole number, and is ${input}`;
  return `must be ${typeName(expected)}, and is ${typeNameOf(input)}`;
};

const valueText = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : String(value));

function valueSentence(values: readonly unknown[], input: unknown): string {
  const [only] = values;
  if (input === undefined) return `is missing. ${possibleText(values)}`;
  if (values.length === 1) return `must be ${valueText(only)}`;
  return `is not one of the possible values${suggestionText(input, values)}. ${possibleText(values)}`;
}

function possibleText(values: readonly unknown[]): string {
  const listed = values.slice(0, MAX_LISTED).map(valueText);
  const rest = values.length > MAX_LISTED ? ` and ${values.length - MAX_LISTED} more` : '';
  return listed.length === 1 ? `It must be ${listed.join('')}` : `Possible are ${listed.join(', ')}${rest}`;
}

function suggestionText(input: unknown, known: readonly unknown[]): string {
  const nearest = typeof input === 'string' ? nearestOf(input, known.map(String)) : undefined;
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

type SizeIssue = Extract<RawIssue, { code: 'too_big' | 'too_small' }>;

const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
  set: ['entry', 'entries'],
  map: ['entry', 'entries'],
  record: ['entry', 'entries'],
  file: ['byte', 'bytes'],
};

function sizeSentence(issue: SizeIssue): string {
  const isMinimum = issue.code === 'too_small';
  const limit = issue.code === 'too_small' ? issue.minimum : issue.maximum;
  const unit = UNITS[issue.origin];
  if (!unit) {
    if (issue.inclusive === false) return `must be ${isMinimum ? 'greater' : 'less'} than ${String(limit)}`;
    return `must be ${String(limit)} at ${isMinimum ? 'least' : 'most'}`;
  }
  const amount = `${String(limit)} ${unit[Number(limit) === 1 ? 0 : 1]}`;
  if (issue.exact === true) return `must have exactly ${amount}`;
  if (isMinimum && Number(limit) === 1) return 'must not be empty';
  return `must have ${amount} at ${isMinimum ? 'least' : 'most'}`;
}

/** The fields that the object of an issue knows. */
function knownKeysOf(inst: unknown): readonly string[] {
  const shape = (inst as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape;
  return shape ? Object.keys(shape) : [];
}

const MAX_UNKNOWN_KEYS = 10;

function keySentence(keys: readonly string[], known: readonly string[]): string {
  const texts = keys.slice(0, MAX_UNKNOWN_KEYS).map((key) => {
    const nearest = nearestOf(key, known);
    return nearest === undefined ? `"${key}"` : `"${key}" (did you mean "${nearest}"?)`;
  });
  const rest = keys.length > MAX_UNKNOWN_KEYS ? ` and ${keys.length - MAX_UNKNOWN_KEYS} more` : '';
  return `has ${keys.length === 1 ? 'an unknown field' : 'unknown fields'}: ${texts.join(', ')}${rest}`;
}

const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'a time such as 2026-01-31T12:00:00Z',
  date: 'a date such as 2026-01-31',
  time: 'a time of day such as 12:00',
  duration: 'a duration such as PT5M',
  email: 'an email address',
  url: 'an address such as https://example.com',
  uuid: 'a GUID',
  guid: 'a GUID',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  cidrv4: 'an IPv4 range such as 10.0.0.0/16',
  cidrv6: 'an IPv6 range',
  base64: 'text in base64',
  base64url: 'text in base64url',
  json_string: 'JSON',
};

type FormatIssue = Extract<RawIssue, { code: 'invalid_format' }>;

function formatSentence(issue: FormatIssue): string {
  const details = issue as Readonly<Record<string, unknown>>;
  const text = (name: string): string => String(details[name]);
  if (issue.format === 'starts_with') return `must start with "${text('prefix')}"`;
  if (issue.format === 'ends_with') return `must end with "${text('suffix')}"`;
  if (issue.format === 'includes') return `must contain "${text('includes')}"`;
  const format = FORMATS[issue.format];
  if (format !== undefined) return `must be ${format}`;
  return details['pattern'] === undefined ? 'has the wrong form' : `must match ${text('pattern')}`;
}

type UnionIssue = Extract<RawIssue, { code: 'invalid_union' }>;

/** The branch that fits best explains the fault. Without one, all forms are named. */
function unionSentence(issue: UnionIssue): string {
  const { options } = issue as { readonly options?: readonly unknown[] };
  // The issue stands at the field that distinguishes the forms, and its input is the whole object.
  if (options) return valueSentence(options, discriminatorValueOf(issue));
  const branches = (issue.errors as readonly (readonly SubIssue[])[]).filter(({ length }) => length > 0);
  const [nearest, ...others] = branches
    .filter((branch) => !isWrongForm(branch))
    .sort((a, b) => a.length - b.length);
  if (nearest && (others[0] === undefined || others[0].length > nearest.length))
    return nearest.map(({ path, message }) => withPath(path, message)).join('; ');
  const texts = [
    ...new Set(branches.flatMap(([first]) => (first ? [withPath(first.path, first.message)] : []))),
  ];
  if (texts.length === 0) return 'has a value that is not possible here';
  return texts.every((text) => text.startsWith(MUST_BE))
    ? `${MUST_BE}${texts.map((text) => text.slice(MUST_BE.length).replace(/, and is .*$/, '')).join(', or ')}`
    : texts.join('; or ');
}

const MUST_BE = 'must be ';

const discriminatorValueOf = ({ input, ...issue }: UnionIssue): unknown => {
  const { discriminator } = issue as { readonly discriminator?: string };
  return typeof input === 'object' && input !== null && discriminator !== undefined
    ? (input as Readonly<Record<string, unknown>>)[discriminator]
    : undefined;
};

/** The value has another type than this branch of a union. */
const isWrongForm = ([first, second]: readonly SubIssue[]): boolean =>
  second === undefined && first?.code === 'invalid_type' && first.path.length === 0;

const withPath = (path: readonly PropertyKey[], message: string): string =>
  path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;
