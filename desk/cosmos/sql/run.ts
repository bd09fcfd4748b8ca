// Runs a query over stored documents, one page at a time.

import { refusal } from '../errors.ts';
import { compile, parameterValue, type Evaluate, type Parameters } from './evaluate.ts';
import type { Expression, Query, Selection } from './syntax.ts';
import { isObject, order, type Json, type JsonObject, type Value } from './values.ts';

/** A document and its place in the order of creation. */
export interface Numbered {
  readonly number: number;
  readonly document: JsonObject;
}

/** Documents in the order of creation, those behind `after`. */
export type Source = (after: number) => Iterable<Numbered>;

/** Where the next page begins. */
export interface Position {
  /** The last document of the page before. */
  readonly after: number;
  /** Its sort values, each in an array that is empty for undefined; only with ORDER BY. */
  readonly keys?: readonly Json[][];
  /** How many documents were skipped for OFFSET and given so far. */
  readonly skipped: number;
  readonly given: number;
}

export interface Page {
  readonly rows: Json[];
  readonly next: Position | undefined;
}

/** The service never sends more than this in one page. */
const PAGE_CHARACTERS = 4 * 1024 * 1024;

export class PreparedQuery {
  readonly query: Query;
  readonly parameters: Parameters;
  readonly top: number | undefined;
  readonly offset: number | undefined;
  readonly limit: number | undefined;
  private readonly matches: Evaluate;
  private readonly project: Evaluate;
  private readonly counted: Evaluate | undefined;
  private readonly sortValues: readonly Evaluate[];

  constructor(query: Query, parameters: Parameters) {
    this.query = query;
    this.parameters = parameters;
    this.top = amount('TOP', query.top, parameters);
    this.offset = amount('OFFSET', query.offset, parameters);
    this.limit = amount('LIMIT', query.limit, parameters);
    this.matches = query.where === undefined ? () => true : compile(query.where.expression, parameters);
    this.project = projection(query.selection, parameters);
    this.counted = query.counts ? countedOperand(query.selection, parameters) : undefined;
    this.sortValues = query.orderBy.map((item) => compile(item.expression, parameters));
  }

  page(source: Source, most: number, position: Position | undefined): Page {
    if (this.counted !== undefined) return { rows: this.count(source), next: undefined };
    const start: Position = position ?? { after: 0, skipped: 0, given: 0 };
    return this.sortValues.length === 0 ? this.collect(this.found(source(start.after)), most, start) : this.sorted(source, most, start);
  }

  private count(source: Source): Json[] {
    let count = 0;
    for (const { document } of source(0)) {
      if (this.matches(document, 0) === true && this.counted?.(document, 0) !== undefined) count += 1;
    }
    return [this.project({}, count) as Json];
  }

  private *found(documents: Iterable<Numbered>): Generator<Found> {
    for (const { number, document } of documents) {
      if (this.matches(document, 0) === true) yield { number, document, keys: undefined };
    }
  }

  private sorted(source: Source, most: number, start: Position): Page {
    const found = [...this.found(source(0))].map((one) => ({ ...one, keys: this.sortValues.map((value) => value(one.document, 0)) }));
    found.sort((left, right) => this.before(left, right));
    const { keys } = start;
    const last = keys === undefined ? undefined : { number: start.after, keys: keys.map(([value]) => value) };
    return this.collect(last === undefined ? found : found.filter((one) => this.before(last, one) < 0), most, start);
  }

  /** Equal sort values: in the order of creation, backwards when any part of the order is descending, as the SDK expects. */
  private before(left: Keyed, right: Keyed): number {
    for (const [index, { descending }] of this.query.orderBy.entries()) {
      const difference = order(left.keys[index], right.keys[index]);
      if (difference !== 0) return descending ? -difference : difference;
    }
    return this.query.orderBy.some((item) => item.descending) ? right.number - left.number : left.number - right.number;
  }

  private collect(found: Iterable<Found>, most: number, start: Position): Page {
    const rows: Json[] = [];
    const allowed = this.top ?? this.limit ?? Infinity;
    let { skipped, given } = start;
    let characters = 0;
    let last: Position = start;
    for (const one of found) {
      if (given >= allowed) return { rows, next: undefined };
      if (rows.length >= most || characters >= PAGE_CHARACTERS) return { rows, next: last };
      const row = this.project(one.document, 0);
      if (row === undefined) continue;
      if (skipped < (this.offset ?? 0)) skipped += 1;
      else {
        given += 1;
        rows.push(row);
        characters += JSON.stringify(row).length;
      }
      last = { after: one.number, skipped, given, ...(one.keys === undefined ? {} : { keys: one.keys.map(wrap) }) };
    }
    return { rows, next: undefined };
  }
}

interface Keyed {
  readonly number: number;
  readonly keys: readonly Value[];
}

interface Found extends Numbered {
  readonly keys: readonly Value[] | undefined;
}

function wrap(value: Value): Json[] {
  return value === undefined ? [] : [value];
}

function amount(clause: string, expression: Expression | undefined, parameters: Parameters): number | undefined {
  if (expression === undefined) return undefined;
  const value = expression.kind === 'parameter' ? parameterValue(expression.name, parameters) : compile(expression, parameters)({}, 0);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw refusal(400, `${clause} must be a whole number that is not negative.`);
  return value;
}

function projection(selection: Selection, parameters: Parameters): Evaluate {
  if (selection.kind === 'all') return (document) => document;
  if (selection.kind === 'value') return compile(selection.item.expression, parameters);
  const entries = selection.columns.map(({ name, expression }) => [name, expression] as const);
  return compile({ kind: 'object', entries }, parameters);
}

/** COUNT(x) counts the documents where x is defined. */
function countedOperand(selection: Selection, parameters: Parameters): Evaluate {
  const roots = selection.kind === 'value' ? [selection.item.expression] : selection.kind === 'columns' ? selection.columns.map((column) => column.expression) : [];
  const counts = roots.flatMap(countsIn);
  const [only] = counts;
  if (only === undefined || counts.length > 1) throw refusal(400, 'A query may hold one COUNT.');
  return compile(only, parameters);
}

function countsIn(expression: Expression): Expression[] {
  if (expression.kind === 'count') return [expression.operand];
  if (expression.kind === 'array') return expression.items.flatMap(countsIn);
  if (expression.kind === 'object') return expression.entries.flatMap(([, value]) => countsIn(value));
  throw refusal(400, 'COUNT may stand alone or beside other counts only: GROUP BY is not supported.');
}

export function parametersOf(list: unknown): Parameters {
  if (list === undefined) return new Map();
  if (!Array.isArray(list)) throw refusal(400, 'The parameters of a query must be an array.');
  return new Map((list as unknown[]).map((item) => {
    if (!isObject(item) || typeof item['name'] !== 'string') throw refusal(400, 'A query parameter must have a name.');
    return [item['name'], item['value'] ?? null];
  }));
}
