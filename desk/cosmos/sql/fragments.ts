// A cheap test before the exact one: texts that the JSON of every matching document must contain.

import { parameterValue } from './evaluate.ts';
import type { PreparedQuery } from './run.ts';
import { documentName, pathFrom, type Expression } from './syntax.ts';
import type { Value } from './values.ts';

/**
 * Documents are stored as JSON.stringify writes them. So one where `c.type = "step"` is true contains `"type":"step"`,
 * and the database file can pass over the others without anybody parsing them.
 */
export function fragmentsOf(prepared: PreparedQuery): string[] {
  const { where } = prepared.query;
  return where === undefined ? [] : conjuncts(where.expression).flatMap((part) => fragmentOf(part, prepared));
}

/** The parts that must all be true. */
function conjuncts(expression: Expression): Expression[] {
  if (expression.kind !== 'binary' || expression.operator !== 'AND') return [expression];
  return [...conjuncts(expression.left), ...conjuncts(expression.right)];
}

function fragmentOf(expression: Expression, prepared: PreparedQuery): string[] {
  if (expression.kind !== 'binary' || expression.operator !== '=') return [];
  const { left, right } = expression;
  return written(left, right, prepared) ?? written(right, left, prepared) ?? [];
}

function written(property: Expression, value: Expression, prepared: PreparedQuery): string[] | undefined {
  const name = pathFrom(documentName(prepared.query), property)?.at(-1);
  const sought = valueOf(value, prepared);
  // An index into an array leaves no name in the text.
  if (typeof name !== 'string' || sought === undefined || typeof sought === 'object') return undefined;
  return [`${JSON.stringify(name)}:${JSON.stringify(sought)}`];
}

function valueOf(expression: Expression, prepared: PreparedQuery): Value {
  if (expression.kind === 'literal') return expression.value;
  return expression.kind === 'parameter' ? parameterValue(expression.name, prepared.parameters) : undefined;
}
