// Finds the query functions that the simulator supports. The parser refuses other functions by
// name.

import { DATE_FUNCTIONS, CLOCK_FUNCTIONS } from './dates.ts';
import type { SystemFunction } from './function.ts';
import { ARRAY_FUNCTIONS, TYPE_FUNCTIONS } from './arrays.ts';
import { NUMBER_FUNCTIONS } from './numbers.ts';
import { TEXT_FUNCTIONS } from './text.ts';

/**
 * Functions of the real service that the simulator lacks. The parser calls them unsupported, not
 * unknown.
 */
export const AGGREGATES_NOT_SUPPORTED = [
  'COUNTIF',
  'MAKELIST',
  'MAKESET',
  'STDDEV',
  'STDDEVP',
  'VAR',
  'VARP',
];

const FUNCTIONS_BY_NAME = new Map(
  Object.entries({
    ...TEXT_FUNCTIONS,
    ...NUMBER_FUNCTIONS,
    ...ARRAY_FUNCTIONS,
    ...TYPE_FUNCTIONS,
    ...DATE_FUNCTIONS,
  }),
);
const CLOCK_FUNCTIONS_BY_NAME = new Map(Object.entries(CLOCK_FUNCTIONS));

/** Returns the numbers of operands of a function, or undefined for an unknown function. */
export function operandCounts(name: string): Pick<SystemFunction, 'least' | 'most'> | undefined {
  return CLOCK_FUNCTIONS_BY_NAME.has(name) ? { least: 0, most: 0 } : FUNCTIONS_BY_NAME.get(name);
}

/** Returns a function for a query that runs at `now`. */
export function findFunction(name: string, now: number): SystemFunction['apply'] {
  const clockFunction = CLOCK_FUNCTIONS_BY_NAME.get(name);
  if (clockFunction !== undefined) return () => clockFunction(now);
  const known = FUNCTIONS_BY_NAME.get(name);
  if (known === undefined)
    throw new Error(`The parser accepted the function ${name}, but nothing implements it.`);
  return known.apply;
}
