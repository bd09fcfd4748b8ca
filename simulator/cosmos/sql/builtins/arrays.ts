// Functions on arrays and objects, and functions that test the type of a value.

import { compare, isEqual, partiallyMatches, isObject, type Json, type Value } from '../values.ts';
import { isInteger, MAX_OPERANDS, defineFunction, type Functions, type SystemFunction } from './function.ts';

export const ARRAY_FUNCTIONS: Functions = {
  ARRAY_CONCAT: defineFunction(2, MAX_OPERANDS, (...lists) =>
    lists.every((list) => Array.isArray(list)) ? lists.flat(1) : undefined,
  ),
  ARRAY_CONTAINS: defineFunction(2, 3, arrayContains),
  ARRAY_CONTAINS_ALL: defineFunction(2, MAX_OPERANDS, (list, ...sought) =>
    withArray(list, (items) => sought.every((value) => value !== undefined && contains(items, value))),
  ),
  ARRAY_CONTAINS_ANY: defineFunction(2, MAX_OPERANDS, (list, ...sought) =>
    withArray(list, (items) => sought.some((value) => value !== undefined && contains(items, value))),
  ),
  ARRAY_LENGTH: defineFunction(1, 1, (list) => withArray(list, (items) => items.length)),
  ARRAY_SLICE: defineFunction(2, 3, (list, start, length) =>
    withArray(list, (items) =>
      isInteger(start) && (length === undefined || isInteger(length))
        ? slice(items, start, length)
        : undefined,
    ),
  ),
  CHOOSE: defineFunction(2, MAX_OPERANDS, (index, ...options) =>
    isInteger(index) ? options[index - 1] : undefined,
  ),
  IIF: defineFunction(3, 3, (condition, yes, no) => (condition === true ? yes : no)),
  OBJECTTOARRAY: defineFunction(1, 3, objectToArray),
  SETINTERSECT: defineFunction(2, 2, (left, right) =>
    withArray(left, (items) =>
      withArray(right, (others) => distinct(items.filter((item) => contains(others, item)))),
    ),
  ),
  SETUNION: defineFunction(2, 2, (left, right) =>
    withArray(left, (items) => withArray(right, (others) => distinct([...items, ...others]))),
  ),
};

export const TYPE_FUNCTIONS: Functions = {
  IS_ARRAY: typeTest((value) => Array.isArray(value)),
  IS_BOOL: typeTest((value) => typeof value === 'boolean'),
  IS_DEFINED: typeTest((value) => value !== undefined),
  IS_FINITE_NUMBER: typeTest((value) => typeof value === 'number'),
  IS_INTEGER: typeTest(isInteger),
  IS_NULL: typeTest((value) => value === null),
  IS_NUMBER: typeTest((value) => typeof value === 'number'),
  IS_OBJECT: typeTest(isObject),
  IS_PRIMITIVE: typeTest((value) => value === null || compare(value, value) === 0),
  IS_STRING: typeTest((value) => typeof value === 'string'),
};

function typeTest(test: (value: Value) => boolean): SystemFunction {
  return defineFunction(1, 1, test);
}

function withArray(list: Value, apply: (items: Json[]) => Value): Value {
  return Array.isArray(list) ? apply(list) : undefined;
}

function contains(items: readonly Json[], sought: Json): boolean {
  return items.some((item) => isEqual(item, sought));
}

function distinct(items: readonly Json[]): Json[] {
  return items.filter((item, index) => items.findIndex((other) => isEqual(other, item)) === index);
}

/** Returns a part of an array. A negative start counts from the end. */
function slice(items: readonly Json[], start: number, length = items.length): Json[] {
  const from = start < 0 ? Math.max(0, items.length + start) : start;
  return items.slice(from, from + Math.max(0, length));
}

function arrayContains(list: Value, sought: Value, partial: Value): Value {
  if (!Array.isArray(list) || sought === undefined) return undefined;
  return list.some((item) => (partial === true ? partiallyMatches(item, sought) : isEqual(item, sought)));
}

function objectToArray(object: Value, name: Value = 'k', content: Value = 'v'): Value {
  if (!isObject(object) || typeof name !== 'string' || typeof content !== 'string') return undefined;
  return Object.entries(object).map(([key, value]) => ({ [name]: key, [content]: value }));
}
