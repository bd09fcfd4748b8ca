import type { Facts } from '../message.ts';
import type { Expression, Arithmetic, Comparison } from './sql-expression.ts';

/** Undefined is SQL's unknown: a property that is not there, or values that cannot be compared. */
export function evaluate(expression: Expression, facts: Facts): unknown {
  switch (expression.kind) {
    case 'literal':
      return expression.value ?? undefined;
    case 'system':
      return facts.system[expression.name] ?? undefined;
    case 'user':
      return propertyOf(facts, expression.name);
    case 'compare':
      return compared(
        expression.operator,
        evaluate(expression.left, facts),
        evaluate(expression.right, facts),
      );
    case 'arithmetic':
      return calculated(
        expression.operator,
        evaluate(expression.left, facts),
        evaluate(expression.right, facts),
      );
    case 'and':
      return both(evaluate(expression.left, facts), evaluate(expression.right, facts));
    case 'or':
      return either(evaluate(expression.left, facts), evaluate(expression.right, facts));
    case 'not':
      return negated(evaluate(expression.of, facts));
    case 'isNull':
    case 'exists':
      return (evaluate(expression.of, facts) !== undefined) === (expression.kind === 'exists');
    case 'in':
      return expression.values
        .map((value) => compared('=', evaluate(expression.of, facts), evaluate(value, facts)))
        .reduce(either, false);
    case 'like': {
      const text = evaluate(expression.of, facts);
      return typeof text === 'string' ? expression.pattern.test(text) : undefined;
    }
  }
}

/** Names of properties are the same in upper and lower case. */
function propertyOf({ application }: Facts, name: string): unknown {
  const exact = application.get(name);
  if (exact !== undefined) return exact ?? undefined;
  const lower = name.toLowerCase();
  for (const [other, value] of application) if (other.toLowerCase() === lower) return value ?? undefined;
  return undefined;
}

function compared(operator: Comparison, left: unknown, right: unknown): boolean | undefined {
  const [one, other] = [comparable(left), comparable(right)];
  if (one === undefined || other === undefined || typeof one !== typeof other) return undefined;
  switch (operator) {
    case '=':
      return one === other;
    case '<>':
      return one !== other;
    case '<':
      return one < other;
    case '<=':
      return one <= other;
    case '>':
      return one > other;
    case '>=':
      return one >= other;
  }
}

function comparable(value: unknown): string | number | boolean | undefined {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}

function calculated(operator: Arithmetic, left: unknown, right: unknown): string | number | undefined {
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

const truth = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

function both(left: unknown, right: unknown): boolean | undefined {
  if (left === false || right === false) return false;
  return truth(left) === true && truth(right) === true ? true : undefined;
}

function either(left: unknown, right: unknown): boolean | undefined {
  if (left === true || right === true) return true;
  return truth(left) === false && truth(right) === false ? false : undefined;
}

function negated(value: unknown): boolean | undefined {
  const known = truth(value);
  return known === undefined ? undefined : !known;
}
