// Turns an expression into a function from a document to a value. Undefined is neither true nor false, and it spreads.

import { refusal } from '../errors.ts';
import { FUNCTIONS } from './functions.ts';
import type { BinaryOperator, Expression } from './syntax.ts';
import { compare, equal, isObject, type Json, type JsonObject, type Value } from './values.ts';

export type Parameters = ReadonlyMap<string, Json>;
export type Evaluate = (document: JsonObject, count: number) => Value;

type Binary = (left: Value, right: Value) => Value;

const BINARY: Readonly<Record<Exclude<BinaryOperator, 'AND' | 'OR' | '??'>, Binary>> = {
  '=': equality,
  '!=': (left, right) => negate(equality(left, right)),
  '<': comparing((difference) => difference < 0),
  '<=': comparing((difference) => difference <= 0),
  '>': comparing((difference) => difference > 0),
  '>=': comparing((difference) => difference >= 0),
  '+': calculating((left, right) => left + right),
  '-': calculating((left, right) => left - right),
  '*': calculating((left, right) => left * right),
  '/': calculating((left, right) => left / right),
  '%': calculating((left, right) => left % right),
  '||': (left, right) => (typeof left === 'string' && typeof right === 'string' ? left + right : undefined),
};

export function compile(expression: Expression, parameters: Parameters): Evaluate {
  const inner = (part: Expression): Evaluate => compile(part, parameters);
  switch (expression.kind) {
    case 'literal': return constant(expression.value);
    case 'parameter': return constant(parameterValue(expression.name, parameters));
    case 'document': return (document) => document;
    case 'count': return (_, count) => count;
    case 'property': return property(inner(expression.of), inner(expression.key));
    case 'array': return array(expression.items.map(inner));
    case 'object': return object(expression.entries.map(([name, value]) => [name, inner(value)] as const));
    case 'call': return call(expression.name, expression.operands.map(inner));
    case 'not': return over(inner(expression.operand), negate);
    case 'negate': return over(inner(expression.operand), (value) => (typeof value === 'number' ? -value : undefined));
    case 'binary': return binary(expression.operator, inner(expression.left), inner(expression.right));
    case 'in': return membership(inner(expression.operand), expression.options.map(inner));
    case 'between': return interval(inner(expression.operand), inner(expression.low), inner(expression.high));
    case 'conditional': return conditional(inner(expression.condition), inner(expression.yes), inner(expression.no));
  }
}

export function parameterValue(name: string, parameters: Parameters): Json {
  const value = parameters.get(name);
  if (value === undefined) throw refusal(400, `The query uses the parameter ${name}, which the request does not give.`);
  return value;
}

function constant(value: Value): Evaluate {
  return () => value;
}

function over(operand: Evaluate, apply: (value: Value) => Value): Evaluate {
  return (document, count) => apply(operand(document, count));
}

function property(of: Evaluate, key: Evaluate): Evaluate {
  return (document, count) => {
    const whole = of(document, count);
    const name = key(document, count);
    if (typeof name === 'number') return Array.isArray(whole) ? whole[name] : undefined;
    return typeof name === 'string' && isObject(whole) && Object.hasOwn(whole, name) ? whole[name] : undefined;
  };
}

/** What is undefined is left out, of arrays as of objects. */
function array(items: readonly Evaluate[]): Evaluate {
  return (document, count) => items.map((item) => item(document, count)).filter((value) => value !== undefined);
}

function object(entries: readonly (readonly [string, Evaluate])[]): Evaluate {
  return (document, count) => {
    const values = entries.map(([name, evaluate]) => [name, evaluate(document, count)] as const);
    return Object.fromEntries(values.filter((entry): entry is [string, Json] => entry[1] !== undefined));
  };
}

function call(name: string, operands: readonly Evaluate[]): Evaluate {
  const known = FUNCTIONS[name];
  if (known === undefined) throw refusal(400, `'${name}' is not a recognized built-in function name.`);
  return (document, count) => known.apply(...operands.map((operand) => operand(document, count)));
}

function conditional(condition: Evaluate, yes: Evaluate, no: Evaluate): Evaluate {
  return (document, count) => (condition(document, count) === true ? yes : no)(document, count);
}

function binary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === 'AND') return (document, count) => both(left(document, count), () => right(document, count));
  if (operator === 'OR') return (document, count) => either(left(document, count), () => right(document, count));
  if (operator === '??') return (document, count) => fallback(left(document, count), () => right(document, count));
  const apply = BINARY[operator];
  return (document, count) => apply(left(document, count), right(document, count));
}

/** ?? replaces what is undefined; null stays. */
function fallback(left: Value, right: () => Value): Value {
  return left === undefined ? right() : left;
}

function both(left: Value, right: () => Value): Value {
  if (left === false) return false;
  const other = right();
  if (other === false) return false;
  return left === true && other === true ? true : undefined;
}

function either(left: Value, right: () => Value): Value {
  if (left === true) return true;
  const other = right();
  if (other === true) return true;
  return left === false && other === false ? false : undefined;
}

function negate(value: Value): Value {
  return typeof value === 'boolean' ? !value : undefined;
}

/** Values of two types are not equal; only with undefined the answer is undefined. */
function equality(left: Value, right: Value): Value {
  return left === undefined || right === undefined ? undefined : equal(left, right);
}

/** Values of two types are neither less nor greater: the answer is undefined. */
function comparing(test: (difference: number) => boolean): Binary {
  return (left, right) => {
    const difference = compare(left, right);
    return difference === undefined ? undefined : test(difference);
  };
}

function calculating(apply: (left: number, right: number) => number): Binary {
  return (left, right) => {
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    const result = apply(left, right);
    return Number.isFinite(result) ? result : undefined;
  };
}

function membership(operand: Evaluate, options: readonly Evaluate[]): Evaluate {
  return (document, count) => {
    const value = operand(document, count);
    let found: Value = false;
    for (const option of options) {
      found = either(found, () => equality(value, option(document, count)));
      if (found === true) return true;
    }
    return found;
  };
}

function interval(operand: Evaluate, low: Evaluate, high: Evaluate): Evaluate {
  return (document, count) => {
    const value = operand(document, count);
    return both(BINARY['>='](value, low(document, count)), () => BINARY['<='](value, high(document, count)));
  };
}
