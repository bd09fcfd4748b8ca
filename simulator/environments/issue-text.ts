// Says in plain words what is wrong with a value of an environment file. Schemas with a text of their
// own go before.
import type * as z from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const list = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(', ');

function typeText(expected: string, input: unknown): string {
  if (input === undefined) return 'is missing';
  const type = input === null ? 'null' : Array.isArray(input) ? 'array' : typeof input;
  return `must be ${TYPES[expected] ?? expected}, and is ${TYPES[type] ?? type}`;
}

function sizeText(limit: string, origin: string): string {
  if (origin === 'string') return `must have ${limit} characters`;
  return origin === 'array' || origin === 'set' ? `must have ${limit} entries` : `must be ${limit}`;
}

/** The words for one issue. zod takes them as `error` of a parse. */
export function issueText(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeText(issue.expected, issue.input);
    case 'invalid_value':
      return `${issue.input === undefined ? 'is missing' : 'is not possible'}. Possible are ${list(issue.values)}`;
    case 'too_big':
      return sizeText(`at most ${String(issue.maximum)}`, issue.origin);
    case 'too_small':
      return sizeText(`at least ${String(issue.minimum)}`, issue.origin);
    case 'unrecognized_keys':
      return `has unknown fields: ${list(issue.keys)}`;
    case 'invalid_format':
      return issue.pattern === undefined
        ? `must be of the form ${issue.format}`
        : `must match ${issue.pattern}`;
    case 'invalid_union': {
      const { options } = issue as { readonly options?: readonly unknown[] };
      if (options) return `is not possible. Possible are ${list(options)}`;
      const texts = issue.errors.flatMap(([first]) =>
        first ? [[...first.path.map(String), first.message].join(': ')] : [],
      );
      return [...new Set(texts)].join('; or ') || 'has a value that is not possible here';
    }
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'not_multiple_of':
    default:
      return 'has a value that is not possible here';
  }
}
