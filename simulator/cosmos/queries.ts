// Queries over the documents of a container: in one partition, in one range, or by the gateway over
// all ranges.

import type { Container } from './container.ts';
import { CosmosError, refusal, SubStatus } from './errors.ts';
import { END_OF_RANGES, prefixOfHeader, rangeOf, sliceOf, type KeyRange } from './partition-key.ts';
import type { ParsedDocuments } from './parsed.ts';
import { sieveOf, typesOf } from './sql/fragments.ts';
import { parseQuery } from './sql/parser.ts';
import { needsMerging, planOf, type QueryPlan } from './sql/plan.ts';
import { parametersOf, PreparedQuery, type Page, type Position, type Source } from './sql/run.ts';
import type { Query } from './sql/syntax.ts';
import { isObject, type Json, type JsonObject } from './sql/values.ts';
import type { Scan, Scope, Store } from './store.ts';

/** What a query request says in its headers. */
export interface QueryTarget {
  readonly partitionKey: string | undefined;
  readonly rangeId: string | undefined;
  /** A part of the range, asked for after ranges were merged or split. */
  readonly slice: { readonly min: string; readonly max: string } | undefined;
  readonly crossPartition: boolean;
  readonly pageSize: number;
  readonly continuation: string | undefined;
}

export interface QueryAnswer {
  readonly rows: readonly Json[];
  readonly continuation: string | undefined;
}

interface Token {
  readonly position: Position;
  /**
   * The slice that the position is in; only when the gateway walks over all of them. It counts,
   * whatever has become of the ranges since.
   */
  readonly slice?: Slice;
}

interface Slice {
  readonly min: string;
  readonly max: string;
}

/** What a query runs over. */
export interface Ground {
  readonly store: Store;
  readonly parsed: ParsedDocuments;
  readonly container: Container;
  readonly ranges: readonly KeyRange[];
  /** In milliseconds. */
  readonly now: number;
}

export function planQuery(body: unknown, now: number): QueryPlan {
  return planOf(prepare(body, now));
}

/** Runs over resources that are no documents: databases, containers. */
export function queryList(
  body: unknown,
  resources: readonly JsonObject[],
  target: QueryTarget,
  now: number,
): QueryAnswer {
  const numbered = resources.map((document, index) => ({ number: index + 1, document }));
  const source: Source = (after) => numbered.filter(({ number }) => number > after);
  const { rows, next } = prepare(body, now).page(
    source,
    target.pageSize,
    readToken(target.continuation)?.position,
  );
  return { rows, continuation: next === undefined ? undefined : writeToken({ position: next }) };
}

export function queryDocuments(ground: Ground, body: unknown, target: QueryTarget): QueryAnswer {
  const prepared = prepare(body, ground.now);
  needCompositeIndex(prepared.query, ground.container);
  const token = readToken(target.continuation);
  const scope = scopeOf(target, ground.container, ground.ranges);
  if (scope !== undefined) {
    const { rows, next } = pageOf(ground, prepared, scope, target, token);
    return { rows, continuation: next === undefined ? undefined : writeToken({ position: next }) };
  }
  if (!target.crossPartition) {
    throw refusal(
      400,
      'Cross partition query is required but disabled. Please set ' +
        'x-ms-documentdb-query-enablecrosspartition to true, specify ' +
        'x-ms-documentdb-partitionkey, or revise your query to avoid this exception.',
    );
  }
  if (needsMerging(prepared.query)) throw notServable(planOf(prepared));
  return walk(ground, prepared, target, token);
}

/**
 * One page comes from one range; the continuation leads on to what is behind it, also when this one
 * gave nothing.
 */
function walk(
  ground: Ground,
  prepared: PreparedQuery,
  target: QueryTarget,
  token: Token | undefined,
): QueryAnswer {
  const { min, max } = token?.slice ?? rangeOf(ground.ranges, '');
  const { rows, next } = pageOf(ground, prepared, { min, max }, target, token);
  if (next !== undefined) return { rows, continuation: writeToken({ position: next, slice: { min, max } }) };
  if (max === END_OF_RANGES) return { rows, continuation: undefined };
  const slice = { min: max, max: rangeOf(ground.ranges, max).max };
  return {
    rows,
    continuation: writeToken({ position: { after: 0, index: 0, skipped: 0, given: 0 }, slice }),
  };
}

function pageOf(
  ground: Ground,
  prepared: PreparedQuery,
  scope: Scope,
  target: QueryTarget,
  token: Token | undefined,
): Page {
  const sieve = { text: sieveOf(prepared), types: typesOf(prepared) };
  return prepared.page((after) => documents(ground, scope, after, sieve), target.pageSize, token?.position);
}

function* documents({ store, parsed, container }: Ground, scope: Scope, after: number, sieve: Scan) {
  for (const row of store.scan(container.number, scope, after, sieve))
    yield { number: row.number, document: parsed.of(row) };
}

function prepare(body: unknown, now: number): PreparedQuery {
  if (!isObject(body) || typeof body['query'] !== 'string') throw refusal(400, 'The request holds no query.');
  return new PreparedQuery(parseQuery(body['query']), parametersOf(body['parameters']), now);
}

/** Undefined when the request names no part of the container. */
export function scopeOf(
  target: QueryTarget,
  { keyPaths }: Container,
  ranges: readonly KeyRange[],
): Scope | undefined {
  if (target.partitionKey !== undefined) {
    const key = prefixOfHeader(target.partitionKey, keyPaths.length);
    return key.parts.length === keyPaths.length ? { partition: key.text } : sliceOf(key);
  }
  if (target.rangeId === undefined) return undefined;
  const range = needRange(ranges, target.rangeId);
  const { min, max } = target.slice ?? range;
  return { min: min > range.min ? min : range.min, max: max < range.max ? max : range.max };
}

export function needRange(ranges: readonly KeyRange[], id: string): KeyRange {
  const range = ranges.find((known) => known.id === id);
  if (range === undefined)
    throw refusal(410, `The requested partition key range '${id}' is gone.`, SubStatus.partitionKeyRangeGone);
  return range;
}

/**
 * Azure sorts by several properties only with an index made for that: in this order, all directions
 * as given or all reversed.
 */
function needCompositeIndex({ orderBy }: Query, { compositeIndexes }: Container): void {
  if (orderBy.length < 2) return;
  const served = compositeIndexes.some((index) => {
    const same =
      index.length === orderBy.length &&
      index.every(({ path }, at) => path === `/${orderBy[at]?.path.join('/') ?? ''}`);
    const turned = index.map(({ order }, at) => (order === 'descending') !== orderBy[at]?.descending);
    return same && (turned.every(Boolean) || !turned.some(Boolean));
  });
  if (!served)
    throw refusal(
      400,
      'The order by query does not have a corresponding composite index that it can be served from.',
    );
}

/** The SDK takes this as the sign to ask each range by itself. */
function notServable(plan: QueryPlan): CosmosError {
  return new CosmosError(
    400,
    'The provided cross partition query can not be directly served by the gateway. This is a ' +
      'first chance (internal) exception that all newer clients will know how to handle ' +
      'gracefully. ' +
      'This exception is traced, but unless you see it bubble up as an exception (which only ' +
      'happens on older SDK clients), then you can safely ignore this message.',
    {
      substatus: SubStatus.crossPartitionQueryNotServable,
      more: { additionalErrorInfo: JSON.stringify(plan) },
    },
  );
}

function writeToken(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string | undefined): Token | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (isObject(token) && isObject(token['position']) && typeof token['position']['after'] === 'number')
      return token as unknown as Token;
  } catch {
    /* told below */
  }
  throw refusal(400, 'Invalid Continuation Token');
}
