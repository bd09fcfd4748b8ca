// The type of a query function, and helpers to define functions.

import type { Value } from '../values.ts';

export interface SystemFunction {
  /** The smallest and largest number of operands. */
  readonly least: number;
  readonly most: number;
  readonly apply: (...operands: Value[]) => Value;
}

export type Functions = Readonly<Record<string, SystemFunction>>;

/** The largest number of operands for functions with any number of operands. */
export const MAX_OPERANDS = 1_000;

export function defineFunction(least: number, most: number, apply: SystemFunction['apply']): SystemFunction {
  return { least, most, apply };
}

export function textFunction(apply: (text: string) => Value): SystemFunction {
  return defineFunction(1, 1, (text) => (typeof text === 'string' ? apply(text) : undefined));
}

/**
 * Defines a function from number to number. JSON has no infinite values, so the result is then
 * undefined.
 */
export function numberFunction(apply: (number: number) => number): SystemFunction {
  return defineFunction(1, 1, (number) =>
    typeof number === 'number' ? finiteOrUndefined(apply(number)) : undefined,
  );
}

export function finiteOrUndefined(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined;
}

export function isInteger(value: Value): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}
