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
export const MANY = 1_000;

export function takes(least: number, most: number, apply: SystemFunction['apply']): SystemFunction {
  return { least, most, apply };
}

export function overText(apply: (text: string) => Value): SystemFunction {
  return takes(1, 1, (text) => (typeof text === 'string' ? apply(text) : undefined));
}

/** A number out of a number; what is not finite does not exist in JSON. */
export function overNumber(apply: (number: number) => number): SystemFunction {
  return takes(1, 1, (number) => (typeof number === 'number' ? finite(apply(number)) : undefined));
}

export function finite(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined;
}

export function isWhole(value: Value): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}
