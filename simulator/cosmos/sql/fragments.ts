// A cheap test before the exact one: texts that the JSON of every matching document must contain.

import { parameterValue } from './evaluate.ts';
import type { PreparedQuery } from './run.ts';
import { documentName, pathFrom, type Expression } from './syntax.ts';
import type { Value } from './values.ts';

/** What a document's text must contain: this, all of these, or one of these. */
export type Sieve = string | { readonly all: readonly Sieve[] } | { readonly any: readonly Sieve[] };

/** A longer list is not worth a statement of its own. */
const MOST_ALTERNATIVES = 8;

/**
 * Documents are stored as JSON.stringify writes them. So one where `c.type = "step"` is true
 * contains `"type":"step"`,
 * and the database file can pass over the others without anybody parsing them. Undefined: every
 * document may match.
 */
export function sieveOf(prepared: PreparedQuery): Sieve | undefined {
  const { where } = prepared.query;
  return where === undefined ? undefined : sieve(where.expression, prepared);
}

/**
 * The kinds of documents that can match, where documents tell theirs as `type`, which the database
 * file has an index of: of many kinds in one
 * container only these are touched. Undefined: any, or none that is told.
 */
export function typesOf(prepared: PreparedQuery): readonly string[] | undefined {
  const { where } = prepared.query;
  return where === undefined ? undefined : types(where.expression, prepared);
}

function types(expression: Expression, prepared: PreparedQuery): readonly string[] | undefined {
  if (expression.kind !== 'binary') return undefined;
  const { operator, left, right } = expression;
  if (operator === 'AND') return types(left, prepared) ?? types(right, prepared);
  if (operator === 'OR') {
    const [one, other] = [types(left, prepared), types(right, prepared)];
    return one && other && [...new Set([...one, ...other])];
  }
  const path = operator === '=' ? pathFrom(documentName(prepared.query), left) : undefined;
  const sought = path?.length === 1 && path[0] === 'type' ? valueOf(right, prepared) : undefined;
  // SQLite ends a text at a zero.
  return typeof sought === 'string' && !sought.includes('\0') ? [sought] : undefined;
}

function sieve(expression: Expression, prepared: PreparedQuery): Sieve | undefined {
  if (expression.kind === 'in')
    return oneOf(expression.options.map((option) => written(expression.operand, option, prepared)));
  if (expression.kind !== 'binary') return undefined;
  const { operator, left, right } = expression;
  if (operator === '=') return written(left, right, prepared) ?? written(right, left, prepared);
  if (operator === 'AND') return allOf([sieve(left, prepared), sieve(right, prepared)]);
  return operator === 'OR' ? oneOf([sieve(left, prepared), sieve(right, prepared)]) : undefined;
}

function allOf(parts: readonly (Sieve | undefined)[]): Sieve | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : { all: known };
}

const oneOf = (parts: readonly (Sieve | undefined)[]): Sieve | undefined =>
  parts.length === 0 || parts.length > MOST_ALTERNATIVES || parts.includes(undefined)
    ? undefined
    : { any: parts.filter((part) => part !== undefined) };

function written(property: Expression, value: Expression, prepared: PreparedQuery): string | undefined {
  const name = pathFrom(documentName(prepared.query), property)?.at(-1);
  const sought = valueOf(value, prepared);
  // An index into an array leaves no name in the text.
  if (typeof name !== 'string' || sought === undefined || typeof sought === 'object') return undefined;
  return `${JSON.stringify(name)}:${JSON.stringify(sought)}`;
}

function valueOf(expression: Expression, prepared: PreparedQuery): Value {
  if (expression.kind === 'literal') return expression.value;
  return expression.kind === 'parameter' ? parameterValue(expression.name, prepared.parameters) : undefined;
}
