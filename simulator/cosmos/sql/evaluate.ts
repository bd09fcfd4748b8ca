// Compiles an expression into a function from a row to a value. Undefined is neither true nor
// false, and an operation on undefined gives undefined.

import { queryError, createCosmosError } from '../errors.ts';
import { findFunction } from './builtins/lookup.ts';
import { likePattern } from './like.ts';
import type { AggregateName, BinaryOperator, Expression, Query } from './syntax.ts';
import { compare, isEqual, isObject, type Json, type Value } from './values.ts';

export type Parameters = ReadonlyMap<string, Json>;

/**
 * The input of an expression: the value of each name, and for a group the results of its
 * aggregates.
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

/** The context of a compilation. */
export interface CompileContext {
  readonly parameters: Parameters;
  /** The time of the query in milliseconds. */
  readonly now: number;
  /** The index in a row for each name. */
  readonly names: ReadonlyMap<string, number>;
  /** Collects the aggregates of the expression. Undefined where the query may not use aggregates. */
  readonly aggregates: Aggregate[] | undefined;
  /** Compiles a subquery into a function from a row to its results. */
  readonly subquery: (query: Query, around: CompileContext) => (row: Row) => Json[];
}

type BinaryFunction = (left: Value, right: Value) => Value;

const BINARY_FUNCTIONS: Readonly<Record<Exclude<BinaryOperator, 'AND' | 'OR' | '??'>, BinaryFunction>> = {
  '=': equality,
  '!=': (left, right) => negate(equality(left, right)),
  '<': comparison((difference) => difference < 0),
  '<=': comparison((difference) => difference <= 0),
  '>': comparison((difference) => difference > 0),
  '>=': comparison((difference) => difference >= 0),
  '+': arithmetic((left, right) => left + right),
  '-': arithmetic((left, right) => left - right),
  '*': arithmetic((left, right) => left * right),
  '/': arithmetic((left, right) => left / right),
  '%': arithmetic((left, right) => left % right),
  '||': (left, right) => (typeof left === 'string' && typeof right === 'string' ? left + right : undefined),
};

export function compile(expression: Expression, context: CompileContext): Evaluate {
  const inner = (part: Expression): Evaluate => compile(part, context);
  switch (expression.kind) {
    case 'literal':
      return constant(expression.value);
    case 'parameter':
      return constant(parameterValue(expression.name, context.parameters));
    case 'name':
      return nameReference(expression, context);
    case 'aggregate':
      return aggregate(expression, context);
    case 'subquery':
      return subquery(expression, context);
    case 'property':
      return property(inner(expression.of), inner(expression.key));
    case 'array':
      return array(expression.items.map(inner));
    case 'object':
      return object(expression.entries.map(([name, value]) => [name, inner(value)] as const));
    case 'call':
      return call(findFunction(expression.name, context.now), expression.operands.map(inner));
    case 'not':
      return applyTo(inner(expression.operand), negate);
    case 'negate':
      return applyTo(inner(expression.operand), (value) => (typeof value === 'number' ? -value : undefined));
    case 'binary':
      return binary(expression.operator, inner(expression.left), inner(expression.right));
    case 'in':
      return inTest(inner(expression.operand), expression.options.map(inner));
    case 'like':
      return likeTest(inner(expression.operand), inner(expression.pattern), expression.escape);
    case 'between':
      return betweenTest(inner(expression.operand), inner(expression.low), inner(expression.high));
    case 'conditional':
      return conditional(inner(expression.condition), inner(expression.yes), inner(expression.no));
  }
}

export function parameterValue(name: string, parameters: Parameters): Json {
  const value = parameters.get(name);
  if (value === undefined)
    throw createCosmosError(400, `The query uses the parameter ${name}, which the request does not give.`);
  return value;
}

function constant(value: Value): Evaluate {
  return () => value;
}

function nameReference(
  { name, place: { start, end } }: Extract<Expression, { kind: 'name' }>,
  { names }: CompileContext,
): Evaluate {
  const slot = names.get(name);
  if (slot === undefined)
    throw queryError('SC2001', `Identifier '${name}' could not be resolved.`, start, end);
  return ({ values }) => values[slot];
}

function aggregate(
  { name, operand, place: { start, end } }: Extract<Expression, { kind: 'aggregate' }>,
  context: CompileContext,
): Evaluate {
  const { aggregates } = context;
  if (aggregates === undefined)
    throw queryError('SC2015', `An aggregate may not appear here: ${name}.`, start, end);
  const slot =
    aggregates.push({ name, operand: compile(operand, { ...context, aggregates: undefined }) }) - 1;
  return ({ totals }) => totals[slot];
}

/** Compiles a subquery. As a value, only its first result counts. */
function subquery(
  { use, query }: Extract<Expression, { kind: 'subquery' }>,
  context: CompileContext,
): Evaluate {
  const results = context.subquery(query, context);
  if (use === 'exists') return (row) => results(row).length > 0;
  return use === 'array' ? results : (row) => results(row)[0];
}

function applyTo(operand: Evaluate, apply: (value: Value) => Value): Evaluate {
  return (row) => apply(operand(row));
}

function property(of: Evaluate, key: Evaluate): Evaluate {
  return (row) => {
    const owner = of(row);
    const name = key(row);
    if (typeof name === 'number') return Array.isArray(owner) ? owner[name] : undefined;
    return typeof name === 'string' && isObject(owner) && Object.hasOwn(owner, name)
      ? owner[name]
      : undefined;
  };
}

/** Builds an array without undefined values. Objects also omit undefined values. */
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
  if (operator === 'AND') return (row) => logicalAnd(left(row), () => right(row));
  if (operator === 'OR') return (row) => logicalOr(left(row), () => right(row));
  if (operator === '??') return (row) => fallback(left(row), () => right(row));
  const apply = BINARY_FUNCTIONS[operator];
  return (row) => apply(left(row), right(row));
}

/** `??` replaces undefined, but not null. */
function fallback(left: Value, right: () => Value): Value {
  return left === undefined ? right() : left;
}

function logicalAnd(left: Value, right: () => Value): Value {
  if (left === false) return false;
  const other = right();
  if (other === false) return false;
  return left === true && other === true ? true : undefined;
}

function logicalOr(left: Value, right: () => Value): Value {
  if (left === true) return true;
  const other = right();
  if (other === true) return true;
  return left === false && other === false ? false : undefined;
}

function negate(value: Value): Value {
  return typeof value === 'boolean' ? !value : undefined;
}

/** Values of different types are not equal. A comparison with undefined gives undefined. */
function equality(left: Value, right: Value): Value {
  return left === undefined || right === undefined ? undefined : isEqual(left, right);
}

/** A comparison of different types gives undefined. */
function comparison(test: (difference: number) => boolean): BinaryFunction {
  return (left, right) => {
    const difference = compare(left, right);
    return difference === undefined ? undefined : test(difference);
  };
}

function arithmetic(apply: (left: number, right: number) => number): BinaryFunction {
  return (left, right) => {
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    const result = apply(left, right);
    return Number.isFinite(result) ? result : undefined;
  };
}

function inTest(operand: Evaluate, options: readonly Evaluate[]): Evaluate {
  return (row) => {
    const value = operand(row);
    let found: Value = false;
    for (const option of options) {
      found = logicalOr(found, () => equality(value, option(row)));
      if (found === true) return true;
    }
    return found;
  };
}

/** Tests LIKE. The cache compiles each pattern once. */
function likeTest(operand: Evaluate, pattern: Evaluate, escape: string | undefined): Evaluate {
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

function betweenTest(operand: Evaluate, low: Evaluate, high: Evaluate): Evaluate {
  return (row) => {
    const value = operand(row);
    return logicalAnd(BINARY_FUNCTIONS['>='](value, low(row)), () =>
      BINARY_FUNCTIONS['<='](value, high(row)),
    );
  };
}
