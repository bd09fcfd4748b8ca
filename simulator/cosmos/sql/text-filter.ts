// A cheap filter before the exact check: texts that every matching document's JSON must contain.

import { parameterValue } from './evaluate.ts';
import type { PreparedQuery } from './prepared-query.ts';
import { documentName, propertyPath, type Expression } from './syntax.ts';
import type { Value } from './values.ts';

/** A text that the JSON must contain, or a list of which all or any must occur. */
export type TextFilter =
  string | { readonly all: readonly TextFilter[] } | { readonly any: readonly TextFilter[] };

/** The longest list of alternatives. A longer list is not worth its own prepared statement. */
const MAX_ALTERNATIVES = 8;

/**
 * Returns the texts that matching documents contain. The store keeps documents as JSON.stringify
 * writes them. So a document with `c.type = "step"` contains `"type":"step"`, and SQLite can skip
 * the other documents without parsing. Undefined means that every document may match.
 */
export function textFilterOf(prepared: PreparedQuery): TextFilter | undefined {
  const { where } = prepared.query;
  return where === undefined ? undefined : buildTextFilter(where.expression, prepared);
}

/**
 * Returns the values of the property `type` that can match. The database has an index on `type`, so
 * a query reads only these documents. Undefined means that the query does not restrict `type`.
 */
export function documentTypesOf(prepared: PreparedQuery): readonly string[] | undefined {
  const { where } = prepared.query;
  return where === undefined ? undefined : findTypes(where.expression, prepared);
}

function findTypes(expression: Expression, prepared: PreparedQuery): readonly string[] | undefined {
  if (expression.kind !== 'binary') return undefined;
  const { operator, left, right } = expression;
  if (operator === 'AND') return findTypes(left, prepared) ?? findTypes(right, prepared);
  if (operator === 'OR') {
    const [leftTypes, rightTypes] = [findTypes(left, prepared), findTypes(right, prepared)];
    return leftTypes && rightTypes && [...new Set([...leftTypes, ...rightTypes])];
  }
  const path = operator === '=' ? propertyPath(documentName(prepared.query), left) : undefined;
  const sought = path?.length === 1 && path[0] === 'type' ? valueOf(right, prepared) : undefined;
  // SQLite ends a text at a zero character.
  return typeof sought === 'string' && !sought.includes('\0') ? [sought] : undefined;
}

function buildTextFilter(expression: Expression, prepared: PreparedQuery): TextFilter | undefined {
  if (expression.kind === 'in')
    return anyOf(expression.options.map((option) => propertyText(expression.operand, option, prepared)));
  if (expression.kind !== 'binary') return undefined;
  const { operator, left, right } = expression;
  if (operator === '=') return propertyText(left, right, prepared) ?? propertyText(right, left, prepared);
  if (operator === 'AND') return allOf([buildTextFilter(left, prepared), buildTextFilter(right, prepared)]);
  return operator === 'OR'
    ? anyOf([buildTextFilter(left, prepared), buildTextFilter(right, prepared)])
    : undefined;
}

function allOf(parts: readonly (TextFilter | undefined)[]): TextFilter | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : { all: known };
}

const anyOf = (parts: readonly (TextFilter | undefined)[]): TextFilter | undefined =>
  parts.length === 0 || parts.length > MAX_ALTERNATIVES || parts.includes(undefined)
    ? undefined
    : { any: parts.filter((part) => part !== undefined) };

function propertyText(property: Expression, value: Expression, prepared: PreparedQuery): string | undefined {
  const name = propertyPath(documentName(prepared.query), property)?.at(-1);
  const sought = valueOf(value, prepared);
  // An array index does not occur in the JSON text.
  if (typeof name !== 'string' || sought === undefined || typeof sought === 'object') return undefined;
  return `${JSON.stringify(name)}:${JSON.stringify(sought)}`;
}

function valueOf(expression: Expression, prepared: PreparedQuery): Value {
  if (expression.kind === 'literal') return expression.value;
  return expression.kind === 'parameter' ? parameterValue(expression.name, prepared.parameters) : undefined;
}
