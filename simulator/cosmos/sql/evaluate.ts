// Turns an expression into a function from a row to a value. Undefined is neither true nor false,
// and it spreads.

import { queryError, refusal } from '../errors.ts';
import { functionNamed } from './builtins/all.ts';
import { likePattern } from './like.ts';
import type { AggregateName, BinaryOperator, Expression, Query } from './syntax.ts';
import { compare, equal, isObject, type Json, type Value } from './values.ts';

export type Parameters = ReadonlyMap<string, Json>;

/**
 * What an expression is evaluated over: a value for each name, and for a group what its aggregates
 * came to.
 */
export interface Row {
  readonly values: readonly Value[];
  readonly totals: readonly Value[];
}

export type Evaluate = (row: Row) => Value;

export interface Aggregate {
  readonly name: AggregateName;
  readonly operand: Evaluate;
}

/** What an expression is read in. */
export interface Surroundings {
  readonly parameters: Parameters;
  /** When the query runs, in milliseconds. */
  readonly now: number;
  /** Where in a row the value of each name stands. */
  readonly names: ReadonlyMap<string, number>;
  /** Takes the aggregates that are met; undefined where none may stand. */
  readonly aggregates: Aggregate[] | undefined;
  /** What a subquery results in for a row. */
  readonly subquery: (query: Query, around: Surroundings) => (row: Row) => Json[];
}

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

export function compile(expression: Expression, around: Surroundings): Evaluate {
  const inner = (part: Expression): Evaluate => compile(part, around);
  switch (expression.kind) {
    case 'literal':
      return constant(expression.value);
    case 'parameter':
      return constant(parameterValue(expression.name, around.parameters));
    case 'name':
      return named(expression, around);
    case 'aggregate':
      return aggregate(expression, around);
    case 'subquery':
      return subquery(expression, around);
    case 'property':
      return property(inner(expression.of), inner(expression.key));
    case 'array':
      return array(expression.items.map(inner));
    case 'object':
      return object(expression.entries.map(([name, value]) => [name, inner(value)] as const));
    case 'call':
      return call(functionNamed(expression.name, around.now), expression.operands.map(inner));
    case 'not':
      return over(inner(expression.operand), negate);
    case 'negate':
      return over(inner(expression.operand), (value) => (typeof value === 'number' ? -value : undefined));
    case 'binary':
      return binary(expression.operator, inner(expression.left), inner(expression.right));
    case 'in':
      return membership(inner(expression.operand), expression.options.map(inner));
    case 'like':
      return likeness(inner(expression.operand), inner(expression.pattern), expression.escape);
    case 'between':
      return interval(inner(expression.operand), inner(expression.low), inner(expression.high));
    case 'conditional':
      return conditional(inner(expression.condition), inner(expression.yes), inner(expression.no));
  }
}

export function parameterValue(name: string, parameters: Parameters): Json {
  const value = parameters.get(name);
  if (value === undefined)
    throw refusal(400, `The query uses the parameter ${name}, which the request does not give.`);
  return value;
}

function constant(value: Value): Evaluate {
  return () => value;
}

function named(
  { name, place: { start, end } }: Extract<Expression, { kind: 'name' }>,
  { names }: Surroundings,
): Evaluate {
  const slot = names.get(name);
  if (slot === undefined)
    throw queryError('SC2001', `Identifier '${name}' could not be resolved.`, start, end);
  return ({ values }) => values[slot];
}

function aggregate(
  { name, operand, place: { start, end } }: Extract<Expression, { kind: 'aggregate' }>,
  around: Surroundings,
): Evaluate {
  const { aggregates } = around;
  if (aggregates === undefined)
    throw queryError('SC2015', `An aggregate may not appear here: ${name}.`, start, end);
  const slot = aggregates.push({ name, operand: compile(operand, { ...around, aggregates: undefined }) }) - 1;
  return ({ totals }) => totals[slot];
}

/** A subquery as a value must come to one; the first counts. */
function subquery({ use, query }: Extract<Expression, { kind: 'subquery' }>, around: Surroundings): Evaluate {
  const results = around.subquery(query, around);
  if (use === 'exists') return (row) => results(row).length > 0;
  return use === 'array' ? results : (row) => results(row)[0];
}

function over(operand: Evaluate, apply: (value: Value) => Value): Evaluate {
  return (row) => apply(operand(row));
}

function property(of: Evaluate, key: Evaluate): Evaluate {
  return (row) => {
    const whole = of(row);
    const name = key(row);
    if (typeof name === 'number') return Array.isArray(whole) ? whole[name] : undefined;
    return typeof name === 'string' && isObject(whole) && Object.hasOwn(whole, name)
      ? whole[name]
      : undefined;
  };
}

/** What is undefined is left out, of arrays as of objects. */
function array(items: readonly Evaluate[]): Evaluate {
  return (row) => items.map((item) => item(row)).filter((value) => value !== undefined);
}

function object(entries: readonly (readonly [string, Evaluate])[]): Evaluate {
  return (row) => {
    const values = entries.map(([name, evaluate]) => [name, evaluate(row)] as const);
    return Object.fromEntries(values.filter((entry): entry is [string, Json] => entry[1] !== undefined));
  };
}

function call(apply: (...operands: Value[]) => Value, operands: readonly Evaluate[]): Evaluate {
  return (row) => apply(...operands.map((operand) => operand(row)));
}

function conditional(condition: Evaluate, yes: Evaluate, no: Evaluate): Evaluate {
  return (row) => (condition(row) === true ? yes : no)(row);
}

function binary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === 'AND') return (row) => both(left(row), () => right(row));
  if (operator === 'OR') return (row) => either(left(row), () => right(row));
  if (operator === '??') return (row) => fallback(left(row), () => right(row));
  const apply = BINARY[operator];
  return (row) => apply(left(row), right(row));
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
  return (row) => {
    const value = operand(row);
    let found: Value = false;
    for (const option of options) {
      found = either(found, () => equality(value, option(row)));
      if (found === true) return true;
    }
    return found;
  };
}

/** A pattern that is the same for every row is read once. */
function likeness(operand: Evaluate, pattern: Evaluate, escape: string | undefined): Evaluate {
  const read = new Map<string, RegExp>();
  return (row) => {
    const text = operand(row);
    const sought = pattern(row);
    if (typeof text !== 'string' || typeof sought !== 'string') return undefined;
    const known = read.get(sought) ?? likePattern(sought, escape);
    read.set(sought, known);
    return known.test(text);
  };
}

function interval(operand: Evaluate, low: Evaluate, high: Evaluate): Evaluate {
  return (row) => {
    const value = operand(row);
    return both(BINARY['>='](value, low(row)), () => BINARY['<='](value, high(row)));
  };
}
