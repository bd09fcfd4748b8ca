// Queries over the documents of a container: in one partition, in one range, or by the gateway over all ranges.

import type { Container } from './container.ts';
import { CosmosError, refusal, SubStatus } from './errors.ts';
import { keyOfHeader, rangeOf, type KeyRange } from './partition-key.ts';
import { fragmentsOf } from './sql/fragments.ts';
import { parseQuery } from './sql/parser.ts';
import { needsMerging, planOf, type QueryPlan } from './sql/plan.ts';
import { parametersOf, PreparedQuery, type Page, type Position, type Source } from './sql/run.ts';
import type { Query } from './sql/syntax.ts';
import { isObject, type Json, type JsonObject } from './sql/values.ts';
import type { Scope, Store } from './store.ts';

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
  /** Where the range begins that the position is in; only when the gateway walks over all of them. */
  readonly min?: string;
}

export function planQuery(body: unknown): QueryPlan {
  return planOf(prepare(body));
}

/** Runs over resources that are no documents: databases, containers. */
export function queryList(body: unknown, resources: readonly JsonObject[], target: QueryTarget): QueryAnswer {
  const source: Source = (after) => resources.map((document, index) => ({ number: index + 1, document })).slice(after);
  const { rows, next } = prepare(body).page(source, target.pageSize, readToken(target.continuation)?.position);
  return { rows, continuation: next === undefined ? undefined : writeToken({ position: next }) };
}

export function queryDocuments(store: Store, container: Container, ranges: readonly KeyRange[], body: unknown, target: QueryTarget): QueryAnswer {
  const prepared = prepare(body);
  needCompositeIndex(prepared.query, container);
  const token = readToken(target.continuation);
  const scope = scopeOf(target, ranges);
  if (scope !== undefined) {
    const { rows, next } = pageOf(store, container, prepared, scope, target, token);
    return { rows, continuation: next === undefined ? undefined : writeToken({ position: next }) };
  }
  if (!target.crossPartition) {
    throw refusal(400, 'Cross partition query is required but disabled. Please set x-ms-documentdb-query-enablecrosspartition to true, specify x-ms-documentdb-partitionkey, or revise your query to avoid this exception.');
  }
  if (needsMerging(prepared.query)) throw notServable(planOf(prepared));
  return walk(store, container, ranges, prepared, target, token);
}

/** One page comes from one range; the continuation leads on to the next range, also when this one gave nothing. */
function walk(store: Store, container: Container, ranges: readonly KeyRange[], prepared: PreparedQuery, target: QueryTarget, token: Token | undefined): QueryAnswer {
  const range = rangeOf(ranges, token?.min ?? '');
  // The token's own beginning counts: the ranges may be others than when it was given.
  const min = token?.min ?? range.min;
  const { rows, next } = pageOf(store, container, prepared, { min, max: range.max }, target, token);
  if (next !== undefined) return { rows, continuation: writeToken({ position: next, min }) };
  const following = ranges.find((other) => other.min === range.max);
  if (following === undefined) return { rows, continuation: undefined };
  return { rows, continuation: writeToken({ position: { after: 0, skipped: 0, given: 0 }, min: following.min }) };
}

function pageOf(store: Store, container: Container, prepared: PreparedQuery, scope: Scope, target: QueryTarget, token: Token | undefined): Page {
  return prepared.page(sourceOf(store, container, prepared, scope), target.pageSize, token?.position);
}

function* documents(store: Store, container: Container, scope: Scope, after: number, fragments: readonly string[]) {
  for (const { number, body } of store.scan(container.number, scope, after, fragments)) {
    yield { number, document: JSON.parse(body) as JsonObject };
  }
}

function sourceOf(store: Store, container: Container, prepared: PreparedQuery, scope: Scope): Source {
  const fragments = fragmentsOf(prepared);
  return (after) => documents(store, container, scope, after, fragments);
}

function prepare(body: unknown): PreparedQuery {
  if (!isObject(body) || typeof body['query'] !== 'string') throw refusal(400, 'The request holds no query.');
  return new PreparedQuery(parseQuery(body['query']), parametersOf(body['parameters']));
}

function scopeOf(target: QueryTarget, ranges: readonly KeyRange[]): Scope | undefined {
  if (target.partitionKey !== undefined) return { partition: keyOfHeader(target.partitionKey).text };
  if (target.rangeId === undefined) return undefined;
  const range = needRange(ranges, target.rangeId);
  const { min, max } = target.slice ?? range;
  return { min: min > range.min ? min : range.min, max: max < range.max ? max : range.max };
}

export function needRange(ranges: readonly KeyRange[], id: string): KeyRange {
  const range = ranges.find((known) => known.id === id);
  if (range === undefined) throw refusal(410, `The requested partition key range '${id}' is gone.`, SubStatus.partitionKeyRangeGone);
  return range;
}

/** Azure sorts by several properties only with an index made for that: in this order, all directions as given or all reversed. */
function needCompositeIndex({ orderBy }: Query, { compositeIndexes }: Container): void {
  if (orderBy.length < 2) return;
  const served = compositeIndexes.some((index) => {
    const same = index.length === orderBy.length && index.every(({ path }, at) => path === `/${orderBy[at]?.path.join('/') ?? ''}`);
    const turned = index.map(({ order }, at) => (order === 'descending') !== orderBy[at]?.descending);
    return same && (turned.every(Boolean) || !turned.some(Boolean));
  });
  if (!served) throw refusal(400, 'The order by query does not have a corresponding composite index that it can be served from.');
}

/** The SDK takes this as the sign to ask each range by itself. */
function notServable(plan: QueryPlan): CosmosError {
  return new CosmosError(
    400,
    'The provided cross partition query can not be directly served by the gateway. This is a first chance (internal) exception that all newer clients will know how to handle gracefully. '
    + 'This exception is traced, but unless you see it bubble up as an exception (which only happens on older SDK clients), then you can safely ignore this message.',
    { substatus: SubStatus.crossPartitionQueryNotServable, more: { additionalErrorInfo: JSON.stringify(plan) } },
  );
}

function writeToken(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string | undefined): Token | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (isObject(token) && isObject(token['position']) && typeof token['position']['after'] === 'number') return token as unknown as Token;
  } catch { /* told below */ }
  throw refusal(400, 'Invalid Continuation Token');
}
