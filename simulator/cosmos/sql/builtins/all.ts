// The functions of the query language that the simulator knows. One that is not listed here is
// refused by name.

import { DATES, MOMENTS } from './dates.ts';
import type { SystemFunction } from './function.ts';
import { LISTS, TYPES } from './lists.ts';
import { NUMBERS } from './numbers.ts';
import { TEXT } from './text.ts';

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

const FUNCTIONS = new Map(Object.entries({ ...TEXT, ...NUMBERS, ...LISTS, ...TYPES, ...DATES }));
const OF_THE_MOMENT = new Map(Object.entries(MOMENTS));

/** How many operands a function takes; undefined when there is no such function. */
export function operandsOf(name: string): Pick<SystemFunction, 'least' | 'most'> | undefined {
  return OF_THE_MOMENT.has(name) ? { least: 0, most: 0 } : FUNCTIONS.get(name);
}

/** The function, for a query that runs at `now`. */
export function functionNamed(name: string, now: number): SystemFunction['apply'] {
  const moment = OF_THE_MOMENT.get(name);
  if (moment !== undefined) return () => moment(now);
  const known = FUNCTIONS.get(name);
  if (known === undefined) throw new Error(`The function ${name} was read and is not known.`);
  return known.apply;
}
