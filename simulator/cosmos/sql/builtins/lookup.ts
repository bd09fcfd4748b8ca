// The functions of the query language that the simulator knows. One that is not listed here is
// refused by name.

import { DATE_FUNCTIONS, CLOCK_FUNCTIONS } from './dates.ts';
import type { SystemFunction } from './function.ts';
import { ARRAY_FUNCTIONS, TYPE_FUNCTIONS } from './arrays.ts';
import { NUMBER_FUNCTIONS } from './numbers.ts';
import { TEXT_FUNCTIONS } from './text.ts';

/** Functions that the real service has too; they are refused as unsupported rather than as unknown. */
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

/** How many operands a function takes; undefined when there is no such function. */
export function operandCounts(name: string): Pick<SystemFunction, 'least' | 'most'> | undefined {
  return CLOCK_FUNCTIONS_BY_NAME.has(name) ? { least: 0, most: 0 } : FUNCTIONS_BY_NAME.get(name);
}

/** The function, for a query that runs at `now`. */
export function findFunction(name: string, now: number): SystemFunction['apply'] {
  const moment = CLOCK_FUNCTIONS_BY_NAME.get(name);
  if (moment !== undefined) return () => moment(now);
  const known = FUNCTIONS_BY_NAME.get(name);
  if (known === undefined) throw new Error(`The function ${name} was read and is not known.`);
  return known.apply;
}
