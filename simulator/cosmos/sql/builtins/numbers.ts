// The mathematical functions.

import { finiteOrUndefined, numberFunction, defineFunction, type Functions } from './function.ts';

export const NUMBER_FUNCTIONS: Functions = {
  ABS: numberFunction(Math.abs),
  ACOS: numberFunction(Math.acos),
  ASIN: numberFunction(Math.asin),
  ATAN: numberFunction(Math.atan),
  ATN2: defineFunction(2, 2, (y, x) =>
    typeof y === 'number' && typeof x === 'number' ? Math.atan2(y, x) : undefined,
  ),
  CEILING: numberFunction(Math.ceil),
  COS: numberFunction(Math.cos),
  COT: numberFunction((angle) => 1 / Math.tan(angle)),
  DEGREES: numberFunction((angle) => (angle * 180) / Math.PI),
  EXP: numberFunction(Math.exp),
  FLOOR: numberFunction(Math.floor),
  LOG: defineFunction(1, 2, (number, base = Math.E) =>
    typeof number === 'number' && typeof base === 'number'
      ? finiteOrUndefined(base === Math.E ? Math.log(number) : Math.log(number) / Math.log(base))
      : undefined,
  ),
  LOG10: numberFunction(Math.log10),
  NUMBERBIN: defineFunction(1, 2, (number, size = 1) =>
    typeof number === 'number' && typeof size === 'number' && size !== 0
      ? finiteOrUndefined(Math.floor(number / size) * size)
      : undefined,
  ),
  PI: defineFunction(0, 0, () => Math.PI),
  POWER: defineFunction(2, 2, (number, exponent) =>
    typeof number === 'number' && typeof exponent === 'number'
      ? finiteOrUndefined(number ** exponent)
      : undefined,
  ),
  RADIANS: numberFunction((angle) => (angle * Math.PI) / 180),
  RAND: defineFunction(0, 0, Math.random),
  ROUND: defineFunction(1, 2, (number, digits = 0) =>
    typeof number === 'number' && typeof digits === 'number' ? roundTo(number, digits) : undefined,
  ),
  SIGN: numberFunction(Math.sign),
  SIN: numberFunction(Math.sin),
  SQRT: numberFunction(Math.sqrt),
  SQUARE: numberFunction((number) => number * number),
  TAN: numberFunction(Math.tan),
  TRUNC: numberFunction(Math.trunc),
};

/** Rounds half away from zero. */
function roundTo(number: number, digits: number): number | undefined {
  const scale = 10 ** Math.trunc(digits);
  return finiteOrUndefined((Math.sign(number) * Math.round(Math.abs(number) * scale)) / scale);
}
