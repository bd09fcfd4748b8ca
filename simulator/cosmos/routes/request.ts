// The request and the account that every route gets.

import type { Exchange } from '../../wire/exchange.ts';
import type { ResourcePath } from '../resource-path.ts';
import type { Catalog } from '../catalog.ts';
import { createCosmosError } from '../errors.ts';
import type { Items } from '../items.ts';
import type { ParsedDocuments } from '../parsed-documents.ts';
import type { QueryTarget } from '../queries.ts';
import type { AccountSettings } from '../settings.ts';
import { isObject, type JsonObject } from '../sql/values.ts';
import type { CosmosStore } from '../store.ts';

export interface CosmosAccount {
  readonly store: CosmosStore;
  readonly catalog: Catalog;
  readonly items: Items;
  readonly parsed: ParsedDocuments;
  readonly settings: AccountSettings;
  /** Returns the simulated time in milliseconds. */
  readonly now: () => number;
  readonly baseUrl: () => string;
}

export interface CosmosRequest {
  readonly exchange: Exchange;
  readonly address: ResourcePath;
}

/** The page size of a request without a header, and of a request with -1 (the server chooses). */
const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1000;

export function requireBodyObject(exchange: Exchange): JsonObject {
  const body = exchange.json();
  if (!isObject(body))
    throw createCosmosError(
      400,
      'The request payload is invalid. Ensure to provide a valid request payload.',
    );
  return body;
}

export function isTrue(header: string | undefined): boolean {
  return header?.toLowerCase() === 'true';
}

export function queryTarget({ headers }: Exchange): QueryTarget {
  const { 'x-ms-start-epk': min, 'x-ms-end-epk': max } = headers;
  return {
    partitionKey: headers['x-ms-documentdb-partitionkey'],
    rangeId: headers['x-ms-documentdb-partitionkeyrangeid'],
    slice: min === undefined || max === undefined ? undefined : { min, max },
    crossPartition: isTrue(headers['x-ms-documentdb-query-enablecrosspartition']),
    pageSize: parsePageSize(headers['x-ms-max-item-count']),
    continuation: headers['x-ms-continuation'],
  };
}

function parsePageSize(header: string | undefined): number {
  if (header === undefined) return DEFAULT_PAGE_SIZE;
  const size = Number(header);
  if (size === -1) return MAX_PAGE_SIZE;
  if (!Number.isSafeInteger(size) || size < 1)
    throw createCosmosError(400, `The page size '${header}' is invalid.`);
  return size;
}

export function methodNotAllowed(method: string) {
  return createCosmosError(405, `The method ${method} is not allowed here.`);
}
