// Functions over text.

import { isObject, type Json, type Value } from '../values.ts';
import { isWhole, MANY, overText, takes, type Functions, type SystemFunction } from './function.ts';

export const TEXT: Functions = {
  CONCAT: takes(2, MANY, (...parts) =>
    parts.every((part) => typeof part === 'string') ? parts.join('') : undefined,
  ),
  CONTAINS: comparing((text, part) => text.includes(part)),
  ENDSWITH: comparing((text, part) => text.endsWith(part)),
  INDEX_OF: takes(2, 3, (text, part, from = 0) =>
    typeof text === 'string' && typeof part === 'string' && isWhole(from)
      ? text.indexOf(part, from)
      : undefined,
  ),
  LEFT: takes(2, 2, (text, count) =>
    typeof text === 'string' && isWhole(count) ? text.slice(0, Math.max(0, count)) : undefined,
  ),
  LENGTH: overText((text) => text.length),
  LOWER: overText((text) => text.toLowerCase()),
  LTRIM: trimming((text, unwanted) => withoutStart(text, unwanted)),
  REGEXMATCH: takes(2, 3, regexMatch),
  REPLACE: takes(3, 3, (text, part, other) =>
    typeof text === 'string' && typeof part === 'string' && typeof other === 'string'
      ? text.replaceAll(part, () => other)
      : undefined,
  ),
  REPLICATE: takes(2, 2, replicate),
  REVERSE: overText((text) => Array.from(text).reverse().join('')),
  RIGHT: takes(2, 2, (text, count) =>
    typeof text === 'string' && isWhole(count)
      ? text.slice(Math.max(0, text.length - Math.max(0, count)))
      : undefined,
  ),
  RTRIM: trimming((text, unwanted) => withoutEnd(text, unwanted)),
  STARTSWITH: comparing((text, part) => text.startsWith(part)),
  STRINGEQUALS: comparing((text, other) => text === other),
  STRINGTOARRAY: overText(parsedAs(Array.isArray)),
  STRINGTOBOOLEAN: overText(parsedAs((value) => typeof value === 'boolean')),
  STRINGTONULL: overText(parsedAs((value) => value === null)),
  STRINGTONUMBER: overText(parsedAs((value) => typeof value === 'number')),
  STRINGTOOBJECT: overText(parsedAs(isObject)),
  SUBSTRING: takes(3, 3, substring),
  TOSTRING: takes(1, 1, (value) =>
    value === undefined || typeof value === 'string' ? value : JSON.stringify(value),
  ),
  TRIM: trimming((text, unwanted) => withoutEnd(withoutStart(text, unwanted), unwanted)),
  UPPER: overText((text) => text.toUpperCase()),
};

const LONGEST = 10_000;

/** A test of two texts; the third operand says whether upper and lower case are the same. */
function comparing(test: (text: string, other: string) => boolean): SystemFunction {
  return takes(2, 3, (text, other, ignoreCase) => {
    if (typeof text !== 'string' || typeof other !== 'string') return undefined;
    return ignoreCase === true ? test(text.toLowerCase(), other.toLowerCase()) : test(text, other);
  });
}

/** Takes off blanks, or the text that is given. */
function trimming(apply: (text: string, unwanted: string) => string): SystemFunction {
  return takes(1, 2, (text, unwanted = '') =>
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
  if (typeof text !== 'string' || !isWhole(count) || count < 0 || text.length * count > LONGEST)
    return undefined;
  return text.repeat(count);
}

function substring(text: Value, start: Value, length: Value): Value {
  if (typeof text !== 'string' || !isWhole(start) || !isWhole(length)) return undefined;
  const from = Math.max(0, start);
  return text.slice(from, from + Math.max(0, length));
}

/** The modifiers are those of the service: m, s, i, and x, which lets blanks in the pattern be ignored. */
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

function parsedAs(wanted: (value: unknown) => boolean): (text: string) => Value {
  return (text) => {
    try {
      const value = JSON.parse(text) as Json;
      return wanted(value) ? value : undefined;
    } catch {
      return undefined;
    }
  };
}
