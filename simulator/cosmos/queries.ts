// Runs queries over the documents of a container: in one partition, in one range, or in all ranges
// through the gateway.

import type { Container } from './container.ts';
import { CosmosError, createCosmosError, SubStatus } from './errors.ts';
import {
  END_OF_RANGES,
  keyPrefixFromHeader,
  findRange,
  hashRangeOf,
  type KeyRange,
} from './partition-key.ts';
import type { ParsedDocuments } from './parsed-documents.ts';
import { textFilterOf, documentTypesOf } from './sql/text-filter.ts';
import { parseQuery } from './sql/parser.ts';
import { needsMerging, createQueryPlan, type QueryPlan } from './sql/plan.ts';
import {
  readParameters,
  PreparedQuery,
  type ResultPage,
  type ResultPosition,
  type DocumentSource,
} from './sql/prepared-query.ts';
import type { Query } from './sql/syntax.ts';
import { isObject, type Json, type JsonObject } from './sql/values.ts';
import type { ScanFilter, DocumentScope, CosmosStore } from './store.ts';

/** The headers of a query request. */
export interface QueryTarget {
  readonly partitionKey: string | undefined;
  readonly rangeId: string | undefined;
  /** A part of the range. The SDK asks for a part after a split or a merge. */
  readonly slice: { readonly min: string; readonly max: string } | undefined;
  readonly crossPartition: boolean;
  readonly pageSize: number;
  readonly continuation: string | undefined;
}

export interface QueryResult {
  readonly rows: readonly Json[];
  readonly continuation: string | undefined;
}

interface ContinuationToken {
  readonly position: ResultPosition;
  /**
   * The slice of the position, only when the gateway reads all slices in turn. The slice stays
   * valid when the ranges change.
   */
  readonly slice?: HashRange;
}

interface HashRange {
  readonly min: string;
  readonly max: string;
}

/** The documents and the settings of a query. */
export interface QueryContext {
  readonly store: CosmosStore;
  readonly parsed: ParsedDocuments;
  readonly container: Container;
  readonly ranges: readonly KeyRange[];
  /** The current time in milliseconds. */
  readonly now: number;
  /** Is told of each document that the query reads. */
  readonly onRead?: (document: JsonObject) => void;
}

export function planQuery(body: unknown, now: number): QueryPlan {
  return createQueryPlan(prepareQuery(body, now));
}

/** Runs a query over databases or containers. */
export function queryList(
  body: unknown,
  resources: readonly JsonObject[],
  target: QueryTarget,
  now: number,
): QueryResult {
  const numbered = resources.map((document, index) => ({ number: index + 1, document }));
  const source: DocumentSource = (after) => numbered.filter(({ number }) => number > after);
  const { rows, next } = prepareQuery(body, now).page(
    source,
    target.pageSize,
    readToken(target.continuation)?.position,
  );
  return { rows, continuation: next === undefined ? undefined : writeToken({ position: next }) };
}

export function queryDocuments(context: QueryContext, body: unknown, target: QueryTarget): QueryResult {
  const prepared = prepareQuery(body, context.now);
  requireCompositeIndex(prepared.query, context.container);
  const token = readToken(target.continuation);
  const scope = queryScope(target, context.container, context.ranges);
  if (scope !== undefined) {
    const { rows, next } = readPage(context, prepared, scope, target, token);
    return { rows, continuation: next === undefined ? undefined : writeToken({ position: next }) };
  }
  if (!target.crossPartition) {
    throw createCosmosError(
      400,
      'Cross partition query is required but disabled. Please set ' +
        'x-ms-documentdb-query-enablecrosspartition to true, specify ' +
        'x-ms-documentdb-partitionkey, or revise your query to avoid this exception.',
    );
  }
  if (needsMerging(prepared.query)) throw notServable(createQueryPlan(prepared));
  return queryNextRange(context, prepared, target, token);
}

/**
 * Reads one page from one range. The continuation leads to the next range, even when this range has
 * no results.
 */
function queryNextRange(
  context: QueryContext,
  prepared: PreparedQuery,
  target: QueryTarget,
  token: ContinuationToken | undefined,
): QueryResult {
  const { min, max } = token?.slice ?? findRange(context.ranges, '');
  const { rows, next } = readPage(context, prepared, { min, max }, target, token);
  if (next !== undefined) return { rows, continuation: writeToken({ position: next, slice: { min, max } }) };
  if (max === END_OF_RANGES) return { rows, continuation: undefined };
  const slice = { min: max, max: findRange(context.ranges, max).max };
  return {
    rows,
    continuation: writeToken({ position: { after: 0, index: 0, skipped: 0, given: 0 }, slice }),
  };
}

function readPage(
  context: QueryContext,
  prepared: PreparedQuery,
  scope: DocumentScope,
  target: QueryTarget,
  token: ContinuationToken | undefined,
): ResultPage {
  const scan = { text: textFilterOf(prepared), types: documentTypesOf(prepared) };
  return prepared.page(
    (after) => scanDocuments(context, scope, after, scan),
    target.pageSize,
    token?.position,
  );
}

function* scanDocuments(
  { store, parsed, container, onRead }: QueryContext,
  scope: DocumentScope,
  after: number,
  sieve: ScanFilter,
) {
  for (const row of store.scan(container.number, scope, after, sieve)) {
    const document = parsed.parse(row);
    onRead?.(document);
    yield { number: row.number, document };
  }
}

function prepareQuery(body: unknown, now: number): PreparedQuery {
  if (!isObject(body) || typeof body['query'] !== 'string')
    throw createCosmosError(400, 'The request holds no query.');
  return new PreparedQuery(parseQuery(body['query']), readParameters(body['parameters']), now);
}

/**
 * Returns the documents that a request names. Returns undefined when the request names the whole
 * container.
 */
export function queryScope(
  target: QueryTarget,
  { keyPaths }: Container,
  ranges: readonly KeyRange[],
): DocumentScope | undefined {
  if (target.partitionKey !== undefined) {
    const key = keyPrefixFromHeader(target.partitionKey, keyPaths.length);
    return key.parts.length === keyPaths.length ? { partition: key.text } : hashRangeOf(key);
  }
  if (target.rangeId === undefined) return undefined;
  const range = requireRange(ranges, target.rangeId);
  const { min, max } = target.slice ?? range;
  return { min: min > range.min ? min : range.min, max: max < range.max ? max : range.max };
}

export function requireRange(ranges: readonly KeyRange[], id: string): KeyRange {
  const range = ranges.find((known) => known.id === id);
  if (range === undefined)
    throw createCosmosError(
      410,
      `The requested partition key range '${id}' is gone.`,
      SubStatus.partitionKeyRangeGone,
    );
  return range;
}

/**
 * Azure sorts by several properties only with a composite index. The index must have the same
 * order, with all directions equal or all reversed.
 */
function requireCompositeIndex({ orderBy }: Query, { compositeIndexes }: Container): void {
  if (orderBy.length < 2) return;
  const isServed = compositeIndexes.some((index) => {
    const same =
      index.length === orderBy.length &&
      index.every(({ path }, at) => path === `/${orderBy[at]?.path.join('/') ?? ''}`);
    const reversed = index.map(({ order }, at) => (order === 'descending') !== orderBy[at]?.descending);
    return same && (reversed.every(Boolean) || !reversed.some(Boolean));
  });
  if (!isServed)
    throw createCosmosError(
      400,
      'The order by query does not have a corresponding composite index that it can be served from.',
    );
}

/** With this error the SDK asks each range itself. */
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
      extraProperties: { additionalErrorInfo: JSON.stringify(plan) },
    },
  );
}

function writeToken(token: ContinuationToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string | undefined): ContinuationToken | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (isObject(token) && isObject(token['position']) && typeof token['position']['after'] === 'number')
      return token as unknown as ContinuationToken;
  } catch {
    // The error below covers this case too.
  }
  throw createCosmosError(400, 'Invalid Continuation Token');
}
