// The functions on text.

import { isObject, type Json, type Value } from '../values.ts';
import {
  isInteger,
  MAX_OPERANDS,
  textFunction,
  defineFunction,
  type Functions,
  type SystemFunction,
} from './function.ts';

export const TEXT_FUNCTIONS: Functions = {
  CONCAT: defineFunction(2, MAX_OPERANDS, (...parts) =>
    parts.every((part) => typeof part === 'string') ? parts.join('') : undefined,
  ),
  CONTAINS: textTest((text, part) => text.includes(part)),
  ENDSWITH: textTest((text, part) => text.endsWith(part)),
  INDEX_OF: defineFunction(2, 3, (text, part, from = 0) =>
    typeof text === 'string' && typeof part === 'string' && isInteger(from)
      ? text.indexOf(part, from)
      : undefined,
  ),
  LEFT: defineFunction(2, 2, (text, count) =>
    typeof text === 'string' && isInteger(count) ? text.slice(0, Math.max(0, count)) : undefined,
  ),
  LENGTH: textFunction((text) => text.length),
  LOWER: textFunction((text) => text.toLowerCase()),
  LTRIM: trimFunction((text, unwanted) => withoutStart(text, unwanted)),
  REGEXMATCH: defineFunction(2, 3, regexMatch),
  REPLACE: defineFunction(3, 3, (text, part, other) =>
    typeof text === 'string' && typeof part === 'string' && typeof other === 'string'
      ? text.replaceAll(part, () => other)
      : undefined,
  ),
  REPLICATE: defineFunction(2, 2, replicate),
  REVERSE: textFunction((text) => Array.from(text).reverse().join('')),
  RIGHT: defineFunction(2, 2, (text, count) =>
    typeof text === 'string' && isInteger(count)
      ? text.slice(Math.max(0, text.length - Math.max(0, count)))
      : undefined,
  ),
  RTRIM: trimFunction((text, unwanted) => withoutEnd(text, unwanted)),
  STARTSWITH: textTest((text, part) => text.startsWith(part)),
  STRINGEQUALS: textTest((text, other) => text === other),
  STRINGTOARRAY: textFunction(parseAs(Array.isArray)),
  STRINGTOBOOLEAN: textFunction(parseAs((value) => typeof value === 'boolean')),
  STRINGTONULL: textFunction(parseAs((value) => value === null)),
  STRINGTONUMBER: textFunction(parseAs((value) => typeof value === 'number')),
  STRINGTOOBJECT: textFunction(parseAs(isObject)),
  SUBSTRING: defineFunction(3, 3, substring),
  TOSTRING: defineFunction(1, 1, (value) =>
    value === undefined || typeof value === 'string' ? value : JSON.stringify(value),
  ),
  TRIM: trimFunction((text, unwanted) => withoutEnd(withoutStart(text, unwanted), unwanted)),
  UPPER: textFunction((text) => text.toUpperCase()),
};

const MAX_LENGTH = 10_000;

/** Defines a test of two texts. The optional third operand ignores case. */
function textTest(test: (text: string, other: string) => boolean): SystemFunction {
  return defineFunction(2, 3, (text, other, ignoreCase) => {
    if (typeof text !== 'string' || typeof other !== 'string') return undefined;
    return ignoreCase === true ? test(text.toLowerCase(), other.toLowerCase()) : test(text, other);
  });
}

/** Defines a trim function. It removes spaces, or the text of the second operand. */
function trimFunction(apply: (text: string, unwanted: string) => string): SystemFunction {
  return defineFunction(1, 2, (text, unwanted = '') =>
    typeof text === 'string' && typeof unwanted === 'string' ? apply(text, unwanted) : undefined,
  );
}

function withoutStart(text: string, unwanted: string): string {
  if (unwanted === '') return text.trimStart();
  return text.startsWith(unwanted) ? withoutStart(text.slice(unwanted.length), unwanted) : text;
}

function withoutEnd(text: string, unwanted: string): string {
  if (unwanted === '') return text.trimEnd();
  return text.endsWith(unwanted) ? withoutEnd(text.slice(0, -unwanted.length), unwanted) : text;
}

function replicate(text: Value, count: Value): Value {
  if (typeof text !== 'string' || !isInteger(count) || count < 0 || text.length * count > MAX_LENGTH)
    return undefined;
  return text.repeat(count);
}

function substring(text: Value, start: Value, length: Value): Value {
  if (typeof text !== 'string' || !isInteger(start) || !isInteger(length)) return undefined;
  const from = Math.max(0, start);
  return text.slice(from, from + Math.max(0, length));
}

/**
 * Tests a regular expression with the service's modifiers m, s, i and x. The modifier x ignores
 * spaces in the pattern.
 */
function regexMatch(text: Value, pattern: Value, modifiers: Value = ''): Value {
  if (
    typeof text !== 'string' ||
    typeof pattern !== 'string' ||
    typeof modifiers !== 'string' ||
    !/^[msix]*$/.test(modifiers)
  )
    return undefined;
  const source = modifiers.includes('x') ? pattern.replace(/\s+/g, '') : pattern;
  try {
    return new RegExp(source, [...new Set(modifiers.replaceAll('x', ''))].join('')).test(text);
  } catch {
    return undefined;
  }
}

function parseAs(wanted: (value: unknown) => boolean): (text: string) => Value {
  return (text) => {
    try {
      const value = JSON.parse(text) as Json;
      return wanted(value) ? value : undefined;
    } catch {
      return undefined;
    }
  };
}
