// Evaluates the syntax tree of a SQL filter for one message.

import type { MessageFields } from '../message.ts';
import type { Expression, Arithmetic, Comparison } from './sql-expression.ts';

/**
 * Returns the value of the expression. Undefined is SQL's unknown: a missing property, or values of
 * different types.
 */
export function evaluate(expression: Expression, facts: MessageFields): unknown {
  switch (expression.kind) {
    case 'literal':
      return expression.value ?? undefined;
    case 'system':
      return facts.system[expression.name] ?? undefined;
    case 'user':
      return findProperty(facts, expression.name);
    case 'compare':
      return compareValues(
        expression.operator,
        evaluate(expression.left, facts),
        evaluate(expression.right, facts),
      );
    case 'arithmetic':
      return calculate(
        expression.operator,
        evaluate(expression.left, facts),
        evaluate(expression.right, facts),
      );
    case 'and':
      return logicalAnd(evaluate(expression.left, facts), evaluate(expression.right, facts));
    case 'or':
      return logicalOr(evaluate(expression.left, facts), evaluate(expression.right, facts));
    case 'not':
      return logicalNot(evaluate(expression.of, facts));
    case 'isNull':
    case 'exists':
      return (evaluate(expression.of, facts) !== undefined) === (expression.kind === 'exists');
    case 'in':
      return expression.values
        .map((value) => compareValues('=', evaluate(expression.of, facts), evaluate(value, facts)))
        .reduce(logicalOr, false);
    case 'like': {
      const text = evaluate(expression.of, facts);
      return typeof text === 'string' ? expression.pattern.test(text) : undefined;
    }
  }
}

/** Property names ignore case. */
function findProperty({ application }: MessageFields, name: string): unknown {
  const exact = application.get(name);
  if (exact !== undefined) return exact ?? undefined;
  const lower = name.toLowerCase();
  for (const [other, value] of application) if (other.toLowerCase() === lower) return value ?? undefined;
  return undefined;
}

function compareValues(operator: Comparison, left: unknown, right: unknown): boolean | undefined {
  const [first, second] = [comparable(left), comparable(right)];
  if (first === undefined || second === undefined || typeof first !== typeof second) return undefined;
  switch (operator) {
    case '=':
      return first === second;
    case '<>':
      return first !== second;
    case '<':
      return first < second;
    case '<=':
      return first <= second;
    case '>':
      return first > second;
    case '>=':
      return first >= second;
  }
}

function comparable(value: unknown): string | number | boolean | undefined {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}

function calculate(operator: Arithmetic, left: unknown, right: unknown): string | number | undefined {
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? undefined : left / right;
    case '%':
      return right === 0 ? undefined : left % right;
  }
}

const toBoolean = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

function logicalAnd(left: unknown, right: unknown): boolean | undefined {
  if (left === false || right === false) return false;
  return toBoolean(left) === true && toBoolean(right) === true ? true : undefined;
}

function logicalOr(left: unknown, right: unknown): boolean | undefined {
  if (left === true || right === true) return true;
  return toBoolean(left) === false && toBoolean(right) === false ? false : undefined;
}

function logicalNot(value: unknown): boolean | undefined {
  const known = toBoolean(value);
  return known === undefined ? undefined : !known;
}
