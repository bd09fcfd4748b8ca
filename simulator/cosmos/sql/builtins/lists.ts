// Functions over arrays and objects, and those that tell the type of a value.

import { compare, equal, includes, isObject, type Json, type Value } from '../values.ts';
import { isWhole, MANY, takes, type Functions, type SystemFunction } from './function.ts';

export const LISTS: Functions = {
  ARRAY_CONCAT: takes(2, MANY, (...lists) =>
    lists.every((list) => Array.isArray(list)) ? lists.flat(1) : undefined,
  ),
  ARRAY_CONTAINS: takes(2, 3, arrayContains),
  ARRAY_CONTAINS_ALL: takes(2, MANY, (list, ...sought) =>
    ofList(list, (items) => sought.every((one) => one !== undefined && holds(items, one))),
  ),
  ARRAY_CONTAINS_ANY: takes(2, MANY, (list, ...sought) =>
    ofList(list, (items) => sought.some((one) => one !== undefined && holds(items, one))),
  ),
  ARRAY_LENGTH: takes(1, 1, (list) => ofList(list, (items) => items.length)),
  ARRAY_SLICE: takes(2, 3, (list, start, length) =>
    ofList(list, (items) =>
      isWhole(start) && (length === undefined || isWhole(length)) ? slice(items, start, length) : undefined,
    ),
  ),
  CHOOSE: takes(2, MANY, (index, ...options) => (isWhole(index) ? options[index - 1] : undefined)),
  IIF: takes(3, 3, (condition, yes, no) => (condition === true ? yes : no)),
  OBJECTTOARRAY: takes(1, 3, objectToArray),
  SETINTERSECT: takes(2, 2, (left, right) =>
    ofList(left, (items) => ofList(right, (others) => distinct(items.filter((item) => holds(others, item))))),
  ),
  SETUNION: takes(2, 2, (left, right) =>
    ofList(left, (items) => ofList(right, (others) => distinct([...items, ...others]))),
  ),
};

export const TYPES: Functions = {
  IS_ARRAY: telling((value) => Array.isArray(value)),
  IS_BOOL: telling((value) => typeof value === 'boolean'),
  IS_DEFINED: telling((value) => value !== undefined),
  IS_FINITE_NUMBER: telling((value) => typeof value === 'number'),
  IS_INTEGER: telling(isWhole),
  IS_NULL: telling((value) => value === null),
  IS_NUMBER: telling((value) => typeof value === 'number'),
  IS_OBJECT: telling(isObject),
  IS_PRIMITIVE: telling((value) => value === null || compare(value, value) === 0),
  IS_STRING: telling((value) => typeof value === 'string'),
};

function telling(test: (value: Value) => boolean): SystemFunction {
  return takes(1, 1, test);
}

function ofList(list: Value, apply: (items: Json[]) => Value): Value {
  return Array.isArray(list) ? apply(list) : undefined;
}

function holds(items: readonly Json[], sought: Json): boolean {
  return items.some((item) => equal(item, sought));
}

function distinct(items: readonly Json[]): Json[] {
  return items.filter((item, index) => items.findIndex((other) => equal(other, item)) === index);
}

/** From the end, when the start is negative. */
function slice(items: readonly Json[], start: number, length = items.length): Json[] {
  const from = start < 0 ? Math.max(0, items.length + start) : start;
  return items.slice(from, from + Math.max(0, length));
}

function arrayContains(list: Value, sought: Value, partial: Value): Value {
  if (!Array.isArray(list) || sought === undefined) return undefined;
  return list.some((item) => (partial === true ? includes(item, sought) : equal(item, sought)));
}

function objectToArray(object: Value, name: Value = 'k', content: Value = 'v'): Value {
  if (!isObject(object) || typeof name !== 'string' || typeof content !== 'string') return undefined;
  return Object.entries(object).map(([key, value]) => ({ [name]: key, [content]: value }));
}
