// Runs a query over stored documents, one page at a time.

import { createCosmosError } from '../errors.ts';
import { compile, parameterValue, type Evaluate, type Parameters, type Row } from './evaluate.ts';
import {
  standaloneContext,
  compileQuery,
  documentRow,
  definedToArray,
  type CompiledSelect,
} from './select.ts';
import type { Expression, Query } from './syntax.ts';
import { canonicalJson, isObject, compareForSort, type Json, type JsonObject, type Value } from './values.ts';

/** A document with its number in the order of creation. */
export interface NumberedDocument {
  readonly number: number;
  readonly document: JsonObject;
}

/** Returns the documents after the number `after`, in the order of creation. */
export type DocumentSource = (after: number) => Iterable<NumberedDocument>;

/** The position of the next page. */
export interface ResultPosition {
  /** The document (or the group, counted from 1) of the last result on the page before. */
  readonly after: number;
  /** The index of this result among the results of its document. JOIN can give several results. */
  readonly index: number;
  /**
   * The sort values of this result, only with ORDER BY. Each value is in an array; an empty array
   * means undefined.
   */
  readonly keys?: readonly Json[][];
  /** The numbers of skipped results (OFFSET) and of returned results so far. */
  readonly skipped: number;
  readonly given: number;
}

export interface ResultPage {
  readonly rows: Json[];
  readonly next: ResultPosition | undefined;
}

/** A result with its place in the order of all results. */
interface Result {
  readonly number: number;
  readonly index: number;
  readonly keys: readonly Value[];
  readonly value: Json;
}

/** The service's limit for one page. */
const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;

export class PreparedQuery {
  readonly query: Query;
  readonly parameters: Parameters;
  readonly top: number | undefined;
  readonly offset: number | undefined;
  readonly limit: number | undefined;
  private readonly select: CompiledSelect;
  private readonly sortValues: readonly Evaluate[];
  /** 1 (ascending) or -1 (descending) for each sort value. */
  private readonly directions: readonly number[];

  /** `now` is the result of the current-time functions, in milliseconds. */
  constructor(query: Query, parameters: Parameters, now: number) {
    this.query = query;
    this.parameters = parameters;
    this.top = readAmount('TOP', query.top, parameters);
    this.offset = readAmount('OFFSET', query.offset, parameters);
    this.limit = readAmount('LIMIT', query.limit, parameters);
    this.select = compileQuery(query, parameters, now);
    this.sortValues = query.orderBy.map((item) => compile(item.expression, this.select.context));
    this.directions = query.orderBy.map((item) => (item.descending ? -1 : 1));
  }

  page(source: DocumentSource, maxRows: number, position: ResultPosition | undefined): ResultPage {
    const start: ResultPosition = position ?? { after: 0, index: 0, skipped: 0, given: 0 };
    return this.collect(this.remaining(source, position), maxRows, start);
  }

  /** Returns the results after the position, in order. */
  private remaining(source: DocumentSource, position: ResultPosition | undefined): Iterable<Result> {
    const {
      query: { distinct },
      select: { grouped },
      sortValues,
    } = this;
    const last =
      position === undefined
        ? undefined
        : { number: position.after, index: position.index, keys: (position.keys ?? []).map(([key]) => key) };
    const behind = (results: Iterable<Result>): Iterable<Result> =>
      last === undefined
        ? results
        : filterResults(results, (result) => this.compareResults(last, result) < 0);
    if (grouped) return behind(this.grouped(source(0)));
    // DISTINCT needs the earlier results to recognize new ones.
    if (distinct) return behind(distinctResults(this.sorted(this.results(source(0)))));
    if (sortValues.length > 0) return this.sorted(behind(this.results(source(0))));
    // The document of the last result may have more results.
    return behind(this.results(source(position === undefined ? 0 : position.after - 1)));
  }

  private *grouped(documents: Iterable<NumberedDocument>): Generator<Result> {
    const { select } = this;
    const rows = function* (): Generator<Row> {
      for (const { document } of documents) yield* select.rows(documentRow(document));
    };
    let number = 0;
    for (const group of select.groups(rows())) {
      number += 1;
      const value = select.project(group);
      if (value !== undefined) yield { number, index: 0, keys: [], value };
    }
  }

  private sorted(results: Iterable<Result>): Iterable<Result> {
    return this.sortValues.length === 0
      ? results
      : [...results].sort((left, right) => this.compareResults(left, right));
  }

  private *results(documents: Iterable<NumberedDocument>): Generator<Result> {
    for (const { number, document } of documents) {
      let index = 0;
      for (const row of this.select.rows(documentRow(document))) {
        const value = this.select.project(row);
        if (value !== undefined) yield { number, index, keys: this.sortValues.map((key) => key(row)), value };
        index += 1;
      }
    }
  }

  /**
   * Compares two results. For equal sort values the order of creation decides. Any descending sort
   * direction reverses that order, as the SDK expects.
   */
  private compareResults(left: Omit<Result, 'value'>, right: Omit<Result, 'value'>): number {
    for (let index = 0; index < this.directions.length; index += 1) {
      const difference = compareForSort(left.keys[index], right.keys[index]);
      if (difference !== 0) return difference * (this.directions[index] ?? 1);
    }
    const created = left.number - right.number;
    return created === 0 ? left.index - right.index : this.directions.includes(-1) ? -created : created;
  }

  private collect(results: Iterable<Result>, maxRows: number, start: ResultPosition): ResultPage {
    const rows: Json[] = [];
    const allowed = this.top ?? this.limit ?? Infinity;
    let { skipped, given } = start;
    let characters = 0;
    let last: ResultPosition = start;
    for (const { number, index, keys, value } of results) {
      if (given >= allowed) return { rows, next: undefined };
      if (rows.length >= maxRows || characters >= MAX_PAGE_CHARACTERS) return { rows, next: last };
      if (skipped < (this.offset ?? 0)) skipped += 1;
      else {
        given += 1;
        rows.push(value);
        characters += JSON.stringify(value).length;
      }
      last = {
        after: number,
        index,
        skipped,
        given,
        ...(keys.length === 0 ? {} : { keys: keys.map(definedToArray) }),
      };
    }
    return { rows, next: undefined };
  }
}

function* filterResults(results: Iterable<Result>, test: (result: Result) => boolean): Generator<Result> {
  for (const result of results) if (test(result)) yield result;
}

function* distinctResults(results: Iterable<Result>): Generator<Result> {
  const seen = new Set<string>();
  for (const result of results) {
    const text = canonicalJson(result.value);
    if (seen.has(text)) continue;
    seen.add(text);
    yield result;
  }
}

function readAmount(
  clause: string,
  expression: Expression | undefined,
  parameters: Parameters,
): number | undefined {
  if (expression === undefined) return undefined;
  const value =
    expression.kind === 'parameter'
      ? parameterValue(expression.name, parameters)
      : compile(expression, standaloneContext(undefined, parameters, 0))(documentRow(undefined));
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw createCosmosError(400, `${clause} must be a whole number that is not negative.`);
  return value;
}

export function readParameters(list: unknown): Parameters {
  if (list === undefined) return new Map();
  if (!Array.isArray(list)) throw createCosmosError(400, 'The parameters of a query must be an array.');
  return new Map(
    (list as unknown[]).map((item) => {
      if (!isObject(item) || typeof item['name'] !== 'string')
        throw createCosmosError(400, 'A query parameter must have a name.');
      return [item['name'], item['value'] ?? null];
    }),
  );
}
