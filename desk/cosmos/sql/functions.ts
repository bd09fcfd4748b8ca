// The functions of the query language that the desk knows. One that is not listed here is refused by name.

import { compare, equal, includes, isObject, type Value } from './values.ts';

export interface SystemFunction {
  readonly least: number;
  readonly most: number;
  readonly apply: (...operands: Value[]) => Value;
}

/** Functions that the real service has too; they are refused as unsupported rather than as unknown. */
export const AGGREGATES_NOT_SUPPORTED = ['SUM', 'AVG', 'MIN', 'MAX', 'COUNTIF', 'MAKELIST', 'MAKESET'];

export const FUNCTIONS: Readonly<Record<string, SystemFunction>> = {
  ARRAY_CONTAINS: { least: 2, most: 3, apply: arrayContains },
  ARRAY_LENGTH: { least: 1, most: 1, apply: (list) => (Array.isArray(list) ? list.length : undefined) },
  CONTAINS: { least: 2, most: 3, apply: overText((text, part) => text.includes(part)) },
  ENDSWITH: { least: 2, most: 3, apply: overText((text, part) => text.endsWith(part)) },
  STARTSWITH: { least: 2, most: 3, apply: overText((text, part) => text.startsWith(part)) },
  STRINGEQUALS: { least: 2, most: 3, apply: overText((text, other) => text === other) },
  IS_ARRAY: { least: 1, most: 1, apply: (value) => Array.isArray(value) },
  IS_BOOL: { least: 1, most: 1, apply: (value) => typeof value === 'boolean' },
  IS_DEFINED: { least: 1, most: 1, apply: (value) => value !== undefined },
  IS_NULL: { least: 1, most: 1, apply: (value) => value === null },
  IS_NUMBER: { least: 1, most: 1, apply: (value) => typeof value === 'number' },
  IS_OBJECT: { least: 1, most: 1, apply: (value) => isObject(value) },
  IS_PRIMITIVE: { least: 1, most: 1, apply: (value) => value === null || compare(value, value) === 0 },
  IS_STRING: { least: 1, most: 1, apply: (value) => typeof value === 'string' },
  LENGTH: { least: 1, most: 1, apply: (text) => (typeof text === 'string' ? text.length : undefined) },
  LOWER: { least: 1, most: 1, apply: (text) => (typeof text === 'string' ? text.toLowerCase() : undefined) },
  UPPER: { least: 1, most: 1, apply: (text) => (typeof text === 'string' ? text.toUpperCase() : undefined) },
};

function arrayContains(list: Value, sought: Value, partial: Value): Value {
  if (!Array.isArray(list) || sought === undefined) return undefined;
  return list.some((item) => (partial === true ? includes(item, sought) : equal(item, sought)));
}

/** A test of two texts; the third operand says whether upper and lower case are the same. */
function overText(test: (text: string, other: string) => boolean): SystemFunction['apply'] {
  return (text, other, ignoreCase) => {
    if (typeof text !== 'string' || typeof other !== 'string') return undefined;
    return ignoreCase === true ? test(text.toLowerCase(), other.toLowerCase()) : test(text, other);
  };
}
