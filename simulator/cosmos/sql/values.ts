// JSON values in the query language: equality, comparison, and the order of all types for ORDER BY.

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

/** A JSON value or `undefined`. A missing property is `undefined`, which differs from null. */
export type Value = Json | undefined;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Compares two defined values by type and content. The order of an object's properties does not
 * matter.
 */
export function isEqual(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => isEqual(item, right[index] as Json))
    );
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isEqual(left[name] as Json, right[name] as Json))
  );
}

/** Whether `whole` contains everything in `part`: the partial match of ARRAY_CONTAINS. */
export function partiallyMatches(whole: Json, part: Json): boolean {
  if (!isObject(whole) || !isObject(part)) return isEqual(whole, part);
  return Object.entries(part).every(
    ([name, value]) => Object.hasOwn(whole, name) && partiallyMatches(whole[name] as Json, value),
  );
}

/** Compares two values. Returns undefined for different types, arrays and objects. */
export function compare(left: Value, right: Value): number | undefined {
  if (left === null && right === null) return 0;
  if (typeof left !== typeof right || left === undefined || typeof left === 'object') return undefined;
  return compareOrdinal(left, right as typeof left);
}

/**
 * Compares in the order of ORDER BY: undefined, null, false, true, numbers, strings, arrays,
 * objects.
 */
export function compareForSort(left: Value, right: Value): number {
  const ranks = rank(left) - rank(right);
  if (ranks !== 0) return ranks;
  if (left === undefined || left === null) return 0;
  if (typeof left === 'object') return compareOrdinal(JSON.stringify(left), JSON.stringify(right));
  return compareOrdinal(left, right as typeof left);
}

function compareOrdinal<T extends string | number | boolean>(left: T, right: T): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function rank(value: Value): number {
  if (value === undefined) return 0;
  if (value === null) return 1;
  if (Array.isArray(value)) return 5;
  return { boolean: 2, number: 3, string: 4, object: 6 }[
    typeof value as 'boolean' | 'number' | 'string' | 'object'
  ];
}

/** Returns the same text for equal values, with the properties in order. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_, part: Json) =>
    isObject(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => compareOrdinal(left, right)))
      : part,
  );
}
