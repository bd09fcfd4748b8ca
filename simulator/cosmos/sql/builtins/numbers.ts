// Mathematical functions.

import { finite, overNumber, takes, type Functions } from './function.ts';

export const NUMBERS: Functions = {
  ABS: overNumber(Math.abs),
  ACOS: overNumber(Math.acos),
  ASIN: overNumber(Math.asin),
  ATAN: overNumber(Math.atan),
  ATN2: takes(2, 2, (y, x) =>
    typeof y === 'number' && typeof x === 'number' ? Math.atan2(y, x) : undefined,
  ),
  CEILING: overNumber(Math.ceil),
  COS: overNumber(Math.cos),
  COT: overNumber((angle) => 1 / Math.tan(angle)),
  DEGREES: overNumber((angle) => (angle * 180) / Math.PI),
  EXP: overNumber(Math.exp),
  FLOOR: overNumber(Math.floor),
  LOG: takes(1, 2, (number, base = Math.E) =>
    typeof number === 'number' && typeof base === 'number'
      ? finite(base === Math.E ? Math.log(number) : Math.log(number) / Math.log(base))
      : undefined,
  ),
  LOG10: overNumber(Math.log10),
  NUMBERBIN: takes(1, 2, (number, size = 1) =>
    typeof number === 'number' && typeof size === 'number' && size !== 0
      ? finite(Math.floor(number / size) * size)
      : undefined,
  ),
  PI: takes(0, 0, () => Math.PI),
  POWER: takes(2, 2, (number, exponent) =>
    typeof number === 'number' && typeof exponent === 'number' ? finite(number ** exponent) : undefined,
  ),
  RADIANS: overNumber((angle) => (angle * Math.PI) / 180),
  RAND: takes(0, 0, Math.random),
  ROUND: takes(1, 2, (number, digits = 0) =>
    typeof number === 'number' && typeof digits === 'number' ? rounded(number, digits) : undefined,
  ),
  SIGN: overNumber(Math.sign),
  SIN: overNumber(Math.sin),
  SQRT: overNumber(Math.sqrt),
  SQUARE: overNumber((number) => number * number),
  TAN: overNumber(Math.tan),
  TRUNC: overNumber(Math.trunc),
};

/** A half goes away from zero. */
function rounded(number: number, digits: number): number | undefined {
  const scale = 10 ** Math.trunc(digits);
  return finite((Math.sign(number) * Math.round(Math.abs(number) * scale)) / scale);
}
