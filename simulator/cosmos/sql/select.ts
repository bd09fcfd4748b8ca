// Compiles FROM, JOIN, WHERE, GROUP BY and the selection of a query into functions. Subqueries use
// the same code.

import { ACCUMULATORS, type Accumulator } from './aggregates.ts';
import {
  compile,
  type Aggregate,
  type Evaluate,
  type Parameters,
  type Row,
  type CompileContext,
} from './evaluate.ts';
import { isGrouped, type Query, type Selection, type Source } from './syntax.ts';
import { canonicalJson, type Json, type Value } from './values.ts';

export interface CompiledSelect {
  /** Returns all rows from an outer row that match WHERE. */
  rows(outer: Row): Iterable<Row>;
  /** Returns one row for each group. Only for a grouped query. */
  groups(rows: Iterable<Row>): Row[];
  readonly grouped: boolean;
  readonly project: Evaluate;
  /** The context for the expressions of ORDER BY. */
  readonly context: CompileContext;
}

/** Returns all rows that result from one row. */
type Expand = (row: Row) => Iterable<Row>;

export function compileQuery(query: Query, parameters: Parameters, now: number): CompiledSelect {
  const root = rootName(query.sources[0]);
  return compileSelect(query, {
    parameters,
    now,
    names: new Map(root === undefined ? [] : [[root, 0]]),
    aggregates: undefined,
    subquery,
  });
}

/** Returns a context for an expression outside a query: the condition of a patch, a count. */
export function standaloneContext(
  document: string | undefined,
  parameters: Parameters,
  now: number,
): CompileContext {
  return {
    parameters,
    now,
    names: new Map(document === undefined ? [] : [[document, 0]]),
    aggregates: undefined,
    subquery,
  };
}

export function documentRow(document: Value): Row {
  return { values: [document], totals: [] };
}

function subquery(query: Query, context: CompileContext): (row: Row) => Json[] {
  const selected = compileSelect(query, { ...context, aggregates: undefined });
  return (row) => {
    const rows = selected.rows(row);
    const results = [...(selected.grouped ? selected.groups(rows) : rows)]
      .map(selected.project)
      .filter((value) => value !== undefined);
    return query.distinct
      ? [...new Map(results.map((value) => [canonicalJson(value), value])).values()]
      : results;
  };
}

function compileSelect(query: Query, context: CompileContext): CompiledSelect {
  const names = new Map(context.names);
  const expansions = query.sources.map((source, index) =>
    compileSource(source, index, { ...context, names }, names),
  );
  const inside: CompileContext = { ...context, names };
  const matches = query.where === undefined ? undefined : compile(query.where.expression, inside);
  const aggregates: Aggregate[] = [];
  const grouped = isGrouped(query);
  const keys = query.groupBy.map(({ expression }) => compile(expression, inside));
  const project = compileSelection(
    query.selection,
    query.sources,
    grouped ? { ...inside, aggregates } : inside,
  );
  return {
    grouped,
    project,
    context: inside,
    *rows(outer) {
      for (const row of expandAll(expansions, outer))
        if (matches === undefined || matches(row) === true) yield row;
    },
    groups: (rows) => groupRows(rows, keys, aggregates),
  };
}

/** Returns the leftmost name of FROM. It always means the document. */
function rootName(source: Source | undefined): string | undefined {
  if (source === undefined || !('expression' in source.over)) return undefined;
  let { expression } = source.over;
  while (expression.kind === 'property') expression = expression.of;
  return expression.kind === 'name' ? expression.name : undefined;
}

function* expandAll([first, ...others]: readonly Expand[], row: Row): Generator<Row> {
  if (first === undefined) yield row;
  else for (const next of first(row)) yield* expandAll(others, next);
}

/** Compiles a source and adds its name for the later parts of the query. */
function compileSource(
  { alias, over, iterates }: Source,
  index: number,
  context: CompileContext,
  names: Map<string, number>,
): Expand {
  const found =
    'query' in over ? context.subquery(over.query, context) : singleValue(compile(over.expression, context));
  // An alias replaces the name of the document.
  if (
    index === 0 &&
    'expression' in over &&
    over.expression.kind === 'name' &&
    over.expression.name !== alias
  )
    names.delete(over.expression.name);
  const slot = Math.max(-1, ...context.names.values()) + 1;
  const position = Math.max(slot, 1);
  if (alias !== undefined) names.set(alias, position);
  return function* (row) {
    for (const value of found(row)) {
      const elements = iterates ? (Array.isArray(value) ? value : []) : [value];
      for (const element of elements) yield { values: withValue(row.values, position, element), totals: [] };
    }
  };
}

function withValue(values: readonly Value[], position: number, value: Json): Value[] {
  const copy = values.slice(0, position);
  copy[position] = value;
  return copy;
}

function singleValue(evaluate: Evaluate): (row: Row) => Json[] {
  return (row) => {
    const value = evaluate(row);
    return value === undefined ? [] : [value];
  };
}

function compileSelection(
  selection: Selection,
  sources: readonly Source[],
  inside: CompileContext,
): Evaluate {
  if (selection.kind === 'value') return compile(selection.item.expression, inside);
  if (selection.kind === 'columns')
    return compile(
      {
        kind: 'object',
        entries: selection.columns.map(({ name, expression }) => [name, expression] as const),
      },
      inside,
    );
  const slot = inside.names.get(sources[0]?.alias ?? '') ?? 0;
  return ({ values }) => values[slot];
}

/** Groups the rows. Without GROUP BY there is always one group, even without rows. */
function groupRows(rows: Iterable<Row>, keys: readonly Evaluate[], aggregates: readonly Aggregate[]): Row[] {
  const groups = new Map<string, { readonly first: Row; readonly accumulators: readonly Accumulator[] }>();
  const begin = (key: string, first: Row) => {
    const group = { first, accumulators: aggregates.map(({ name }) => ACCUMULATORS[name]()) };
    groups.set(key, group);
    return group;
  };
  if (keys.length === 0) begin('', { values: [], totals: [] });
  for (const row of rows) {
    const key = keys.length === 0 ? '' : canonicalJson(keys.map((evaluate) => definedToArray(evaluate(row))));
    const { accumulators } = groups.get(key) ?? begin(key, row);
    for (const [index, { operand }] of aggregates.entries()) {
      const value = operand(row);
      if (value !== undefined) accumulators[index]?.add(value);
    }
  }
  return [...groups.values()].map(({ first, accumulators }) => ({
    values: first.values,
    totals: accumulators.map((accumulator) => accumulator.total()),
  }));
}

/** Returns an array with the value, or an empty array for undefined. */
export function definedToArray(value: Value): Json[] {
  return value === undefined ? [] : [value];
}
