// The routes of documents: single documents, batches, queries and the change feed.

import type { SimulatorResponse, Exchange } from '../../wire/exchange.ts';
import { bulkBatch, transactionalBatch, type BatchResponse } from '../batch.ts';
import { readChangeFeed } from '../change-feed.ts';
import type { Container } from '../container.ts';
import { createCosmosError, SubStatus, unsupportedError } from '../errors.ts';
import type { ItemOperation, ItemOperationKind, ItemOutcome } from '../items.ts';
import {
  effectiveKey,
  END_OF_RANGES,
  keyFromHeader,
  keyPrefixFromHeader,
  findRange,
  type KeyRange,
} from '../partition-key.ts';
import { QueryMetrics } from '../query-metrics.ts';
import { requireRange, planQuery, queryDocuments, queryScope } from '../queries.ts';
import { isObject } from '../sql/values.ts';
import { isTrue, methodNotAllowed, queryTarget, type CosmosAccount, type CosmosRequest } from './request.ts';

const MAX_REQUEST_BYTES = 2 * 1024 * 1024;
const CHARGES: Readonly<Record<ItemOperationKind, number>> = {
  Read: 1,
  Create: 6.29,
  Upsert: 10.29,
  Replace: 10.29,
  Delete: 6.29,
  Patch: 10.29,
};
const KIND_BY_METHOD: Readonly<Record<string, ItemOperationKind>> = {
  GET: 'Read',
  PUT: 'Replace',
  PATCH: 'Patch',
  DELETE: 'Delete',
};

export function handleDocuments(
  account: CosmosAccount,
  { exchange, address }: CosmosRequest,
): SimulatorResponse {
  const container = account.catalog.ownerContainer(address.database ?? '', address.container ?? '');
  refuseTriggers(exchange);
  account.items.deleteExpired(container);
  const answer =
    address.id === undefined
      ? handleCollection(account, container, exchange)
      : handleDocument(account, container, exchange, address.id);
  return { ...answer, headers: { ...containerHeaders(account, container, exchange), ...answer.headers } };
}

function handleDocument(
  account: CosmosAccount,
  container: Container,
  exchange: Exchange,
  id: string,
): SimulatorResponse {
  const kind = KIND_BY_METHOD[exchange.method];
  if (kind === undefined) throw methodNotAllowed(exchange.method);
  return handleItem(account, container, exchange, kind, id);
}

function handleCollection(
  account: CosmosAccount,
  container: Container,
  exchange: Exchange,
): SimulatorResponse {
  const { method, headers } = exchange;
  if (method === 'GET' && headers['a-im'] !== undefined)
    return handleChangeFeed(account, container, exchange);
  if (method === 'GET') return handleQuery(account, container, exchange, { query: 'SELECT * FROM c' });
  if (method !== 'POST') throw methodNotAllowed(method);
  if (isTrue(headers['x-ms-cosmos-is-query-plan-request']))
    return { status: 200, body: planQuery(exchange.json(), account.now()) };
  if (isTrue(headers['x-ms-documentdb-isquery']))
    return handleQuery(account, container, exchange, exchange.json());
  if (isTrue(headers['x-ms-cosmos-is-batch-request'])) return handleBatch(account, container, exchange);
  return handleItem(
    account,
    container,
    exchange,
    isTrue(headers['x-ms-documentdb-is-upsert']) ? 'Upsert' : 'Create',
    undefined,
  );
}

function handleItem(
  { store, items }: CosmosAccount,
  container: Container,
  exchange: Exchange,
  kind: ItemOperationKind,
  id: string | undefined,
): SimulatorResponse {
  const { headers } = exchange;
  const operation: ItemOperation = {
    kind,
    id,
    key: keyFromHeader(headers['x-ms-documentdb-partitionkey'], container.keyPaths.length),
    body: exchange.json(),
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
  };
  const outcome =
    kind === 'Read'
      ? items.perform(container, operation)
      : store.transaction(() => items.perform(container, operation));
  return itemResponse(outcome, CHARGES[kind], kind !== 'Read' && headers['prefer'] === 'return=minimal');
}

function itemResponse(
  { status, document, etag }: ItemOutcome,
  charge: number,
  minimal: boolean,
): SimulatorResponse {
  const headers = { 'x-ms-request-charge': String(charge), ...(etag === undefined ? {} : { etag }) };
  return document === undefined || minimal ? { status, headers } : { status, headers, body: document };
}

function handleBatch(account: CosmosAccount, container: Container, exchange: Exchange): SimulatorResponse {
  if (exchange.body.length > MAX_REQUEST_BYTES) throw createCosmosError(413, 'Request size is too large');
  const { status, results } = performBatch(account, container, exchange);
  const charge = results.reduce((sum, { requestCharge }) => sum + requestCharge, 0).toFixed(2);
  const minimal = exchange.headers['prefer'] === 'return=minimal';
  return {
    status,
    headers: { 'x-ms-request-charge': charge },
    body: minimal ? results.map((result) => ({ ...result, resourceBody: undefined })) : results,
  };
}

function performBatch(
  { store, items, settings }: CosmosAccount,
  container: Container,
  exchange: Exchange,
): BatchResponse {
  const { headers } = exchange;
  const body = exchange.json();
  if (isTrue(headers['x-ms-cosmos-batch-atomic'])) {
    return transactionalBatch(
      store,
      items,
      container,
      body,
      keyFromHeader(headers['x-ms-documentdb-partitionkey'], container.keyPaths.length),
    );
  }
  const rangeId = headers['x-ms-documentdb-partitionkeyrangeid'];
  if (rangeId === undefined)
    throw createCosmosError(400, 'A bulk request must name its partition key range.');
  requireKeysInRange(container, body, requireRange(settings.ranges, rangeId));
  return bulkBatch(store, items, container, body);
}

/**
 * Checks the range of each key in a bulk request. The sender computes the range itself, and an
 * error there must not pass.
 */
function requireKeysInRange({ keyPaths }: Container, body: unknown, range: KeyRange): void {
  if (!Array.isArray(body)) return;
  for (const operation of body as unknown[]) {
    if (!isObject(operation) || typeof operation['partitionKey'] !== 'string') continue;
    const hash = effectiveKey(keyFromHeader(operation['partitionKey'], keyPaths.length));
    if (hash < range.min || hash >= range.max) {
      throw createCosmosError(
        410,
        `The partition key ${operation['partitionKey']} is not in the range '${range.id}'.`,
        SubStatus.partitionKeyRangeGone,
      );
    }
  }
}

function handleQuery(
  { store, parsed, settings, now }: CosmosAccount,
  container: Container,
  exchange: Exchange,
  body: unknown,
): SimulatorResponse {
  const metrics = isTrue(exchange.headers['x-ms-documentdb-populatequerymetrics'])
    ? new QueryMetrics()
    : undefined;
  const { rows, continuation } = queryDocuments(
    {
      store,
      parsed,
      container,
      ranges: settings.ranges,
      now: now(),
      ...(metrics && { onRead: (document) => metrics.addRead(document) }),
    },
    body,
    queryTarget(exchange),
  );
  return {
    status: 200,
    headers: {
      'x-ms-item-count': String(rows.length),
      'x-ms-request-charge': (2.5 + rows.length * 0.05).toFixed(2),
      ...(continuation === undefined ? {} : { 'x-ms-continuation': continuation }),
      ...(metrics && { 'x-ms-documentdb-query-metrics': metrics.headerFor(rows) }),
    },
    body: { _rid: container.rid, Documents: rows, _count: rows.length },
  };
}

function handleChangeFeed(
  { store, settings }: CosmosAccount,
  container: Container,
  exchange: Exchange,
): SimulatorResponse {
  const {
    'a-im': mode = '',
    'if-none-match': ifNoneMatch,
    'if-modified-since': ifModifiedSince,
  } = exchange.headers;
  if (mode.toLowerCase() !== 'incremental feed') throw unsupportedError(`The change feed mode '${mode}'`);
  const target = queryTarget(exchange);
  const scope = queryScope(target, container, settings.ranges) ?? { min: '', max: END_OF_RANGES };
  const { documents, etag } = readChangeFeed(store, container.number, scope, {
    ifNoneMatch,
    ifModifiedSince,
    pageSize: target.pageSize,
  });
  const headers = {
    etag,
    'x-ms-item-count': String(documents.length),
    'x-ms-request-charge': (2 + documents.length * 0.05).toFixed(2),
  };
  return documents.length === 0
    ? { status: 304, headers }
    : { status: 200, headers, body: { _rid: container.rid, Documents: documents, _count: documents.length } };
}

/** Refuses triggers, because the simulator runs no scripts. */
function refuseTriggers({ headers }: Exchange): void {
  for (const name of ['x-ms-documentdb-pre-trigger-include', 'x-ms-documentdb-post-trigger-include']) {
    if (headers[name] !== undefined) throw unsupportedError('A trigger');
  }
}

function containerHeaders(
  { store, settings: { ranges } }: CosmosAccount,
  { rid, link, keyPaths }: Container,
  { headers }: Exchange,
): Record<string, string> {
  const key = headers['x-ms-documentdb-partitionkey'];
  const range =
    headers['x-ms-documentdb-partitionkeyrangeid'] ??
    findRange(ranges, key === undefined ? '' : effectiveKey(keyPrefixFromHeader(key, keyPaths.length))).id;
  return {
    'x-ms-session-token': `${range}:-1#${store.lastWrite()}`,
    'x-ms-documentdb-partitionkeyrangeid': range,
    'x-ms-content-path': rid,
    'x-ms-alt-content-path': encodeURI(link),
  };
}
