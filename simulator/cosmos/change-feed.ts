// The change feed in the latest-version mode: the current state of every document, in the order of
// the last changes.

import { createCosmosError } from './errors.ts';
import type { Json, JsonObject } from './sql/values.ts';
import type { DocumentScope, CosmosStore } from './store.ts';

export interface FeedRequest {
  /**
   * The start of the page: `*` for the current end, or the ETag of the page before. Undefined
   * starts at the beginning.
   */
  readonly ifNoneMatch: string | undefined;
  /** A date. The feed omits earlier changes. */
  readonly ifModifiedSince: string | undefined;
  readonly pageSize: number;
}

export interface FeedPage {
  readonly documents: readonly Json[];
  /** The start of the next page. */
  readonly etag: string;
}

export function readChangeFeed(
  store: CosmosStore,
  container: number,
  scope: DocumentScope,
  { ifNoneMatch, ifModifiedSince, pageSize }: FeedRequest,
): FeedPage {
  const newest = store.lastWrite();
  if (ifNoneMatch === '*') return { documents: [], etag: toEtag(newest) };
  const since = ifModifiedSince === undefined ? 0 : parseDateSeconds(ifModifiedSince);
  const documents: Json[] = [];
  for (const { write, body } of store.changes(container, scope, parseEtag(ifNoneMatch))) {
    const document = JSON.parse(body) as JsonObject;
    if ((document['_ts'] as number) < since) continue;
    documents.push({ ...document, _lsn: write });
    if (documents.length >= pageSize) return { documents, etag: toEtag(write) };
  }
  return { documents, etag: toEtag(newest) };
}

function toEtag(write: number): string {
  return `"${write}"`;
}

function parseEtag(etag: string | undefined): number {
  if (etag === undefined) return 0;
  const write = /^"(\d{1,15})"$/.exec(etag)?.[1];
  if (write === undefined)
    throw createCosmosError(400, `The continuation ${etag} of the change feed is invalid.`);
  return Number(write);
}

function parseDateSeconds(date: string): number {
  const time = Date.parse(date);
  if (Number.isNaN(time)) throw createCosmosError(400, `The date '${date}' is invalid.`);
  return time / 1000;
}
