// What makes one value out of many. Undefined takes no part; what does not fit makes the whole undefined.

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

/** One value that is no number spoils it. Nothing at all adds up to 0. */
function createSum(result: (sum: number, count: number) => Value): Accumulator {
  let sum = 0;
  let count = 0;
  let spoilt = false;
  return {
    add(value) {
      if (typeof value === 'number') sum += value;
      else spoilt = true;
      count += 1;
    },
    total: () => (spoilt ? undefined : result(sum, count)),
  };
}

/** The least or greatest in the order over all types. Arrays and objects have no place in it. */
function createExtreme(better: (difference: number) => boolean): Accumulator {
  let best: Value;
  let spoilt = false;
  return {
    add(value) {
      if (typeof value === 'object' && value !== null) spoilt = true;
      else if (best === undefined || better(compareForSort(value, best))) best = value;
    },
    total: () => (spoilt ? undefined : best),
  };
}
