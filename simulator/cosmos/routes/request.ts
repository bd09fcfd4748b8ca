// What every route of the server is given.

import type { Exchange } from '../../wire/exchange.ts';
import type { Address } from '../address.ts';
import type { Catalog } from '../catalog.ts';
import { refusal } from '../errors.ts';
import type { Items } from '../items.ts';
import type { ParsedDocuments } from '../parsed.ts';
import type { QueryTarget } from '../queries.ts';
import type { Settings } from '../settings.ts';
import { isObject, type JsonObject } from '../sql/values.ts';
import type { Store } from '../store.ts';

export interface Account {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly items: Items;
  readonly parsed: ParsedDocuments;
  readonly settings: Settings;
  /** Story time, in milliseconds. */
  readonly now: () => number;
  readonly baseUrl: () => string;
}

export interface Request {
  readonly exchange: Exchange;
  readonly address: Address;
}

/** A page without a size, and one whose size is left to the server. */
const USUAL_PAGE = 100;
const LARGE_PAGE = 1000;

export function bodyObject(exchange: Exchange): JsonObject {
  const body = exchange.json();
  if (!isObject(body))
    throw refusal(400, 'The request payload is invalid. Ensure to provide a valid request payload.');
  return body;
}

export function isTrue(header: string | undefined): boolean {
  return header?.toLowerCase() === 'true';
}

export function targetOf({ headers }: Exchange): QueryTarget {
  const { 'x-ms-start-epk': min, 'x-ms-end-epk': max } = headers;
  return {
    partitionKey: headers['x-ms-documentdb-partitionkey'],
    rangeId: headers['x-ms-documentdb-partitionkeyrangeid'],
    slice: min === undefined || max === undefined ? undefined : { min, max },
    crossPartition: isTrue(headers['x-ms-documentdb-query-enablecrosspartition']),
    pageSize: pageSizeOf(headers['x-ms-max-item-count']),
    continuation: headers['x-ms-continuation'],
  };
}

function pageSizeOf(header: string | undefined): number {
  if (header === undefined) return USUAL_PAGE;
  const size = Number(header);
  if (size === -1) return LARGE_PAGE;
  if (!Number.isSafeInteger(size) || size < 1) throw refusal(400, `The page size '${header}' is invalid.`);
  return size;
}

export function methodNotAllowed(method: string) {
  return refusal(405, `The method ${method} is not allowed here.`);
}
