// What a function of the query language is, and what several of them share.

import type { Value } from '../values.ts';

export interface SystemFunction {
  /** How many operands it takes. */
  readonly least: number;
  readonly most: number;
  readonly apply: (...operands: Value[]) => Value;
}

export type Functions = Readonly<Record<string, SystemFunction>>;

/** What takes any number of operands, from `least` on. */
export const MAX_OPERANDS = 1_000;

export function defineFunction(least: number, most: number, apply: SystemFunction['apply']): SystemFunction {
  return { least, most, apply };
}

export function textFunction(apply: (text: string) => Value): SystemFunction {
  return defineFunction(1, 1, (text) => (typeof text === 'string' ? apply(text) : undefined));
}

/** A number out of a number; what is not finite does not exist in JSON. */
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
