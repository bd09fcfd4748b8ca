// The aggregate functions. They ignore undefined values. One value of a wrong type makes the result
// undefined.

import type { AggregateName } from './syntax.ts';
import { compareForSort, type Json, type Value } from './values.ts';

export interface Accumulator {
  add(value: Json): void;
  total(): Value;
}

export const ACCUMULATORS: Readonly<Record<AggregateName, () => Accumulator>> = {
  COUNT: () => createCounter(),
  SUM: () => createSum((sum) => sum),
  AVG: () => createSum((sum, count) => (count === 0 ? undefined : sum / count)),
  MIN: () => createExtreme((difference) => difference < 0),
  MAX: () => createExtreme((difference) => difference > 0),
};

function createCounter(): Accumulator {
  let count = 0;
  return {
    add: () => {
      count += 1;
    },
    total: () => count,
  };
}

/**
 * A sum or an average. A value that is not a number makes the result undefined. The sum of no
 * values is 0.
 */
function createSum(result: (sum: number, count: number) => Value): Accumulator {
  let sum = 0;
  let count = 0;
  let invalid = false;
  return {
    add(value) {
      if (typeof value === 'number') sum += value;
      else invalid = true;
      count += 1;
    },
    total: () => (invalid ? undefined : result(sum, count)),
  };
}

/** The minimum or maximum in the order of all types. An array or object makes the result undefined. */
function createExtreme(better: (difference: number) => boolean): Accumulator {
  let best: Value;
  let invalid = false;
  return {
    add(value) {
      if (typeof value === 'object' && value !== null) invalid = true;
      else if (best === undefined || better(compareForSort(value, best))) best = value;
    },
    total: () => (invalid ? undefined : best),
  };
}
