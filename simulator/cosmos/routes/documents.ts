// Documents: one by one, in batches, and by query.

import type { Answer, Exchange } from '../../wire/exchange.ts';
import { bulk, transactionalBatch, type BatchAnswer } from '../batch.ts';
import { changeFeed } from '../change-feed.ts';
import type { Container } from '../container.ts';
import { refusal, SubStatus, unsupported } from '../errors.ts';
import type { ItemOperation, ItemOperationKind, ItemOutcome } from '../items.ts';
import {
  effectiveKey,
  END_OF_RANGES,
  keyOfHeader,
  prefixOfHeader,
  rangeOf,
  type KeyRange,
} from '../partition-key.ts';
import { needRange, planQuery, queryDocuments, scopeOf } from '../queries.ts';
import { isObject } from '../sql/values.ts';
import { isTrue, methodNotAllowed, targetOf, type Account, type Request } from './request.ts';

const LARGEST_REQUEST = 2 * 1024 * 1024;
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

export function documentAnswer(account: Account, { exchange, address }: Request): Answer {
  const container = account.catalog.owner(address.database ?? '', address.container ?? '');
  refuseTriggers(exchange);
  account.items.forgetExpired(container);
  const answer =
    address.id === undefined
      ? listAnswer(account, container, exchange)
      : oneAnswer(account, container, exchange, address.id);
  return { ...answer, headers: { ...containerHeaders(account, container, exchange), ...answer.headers } };
}

function oneAnswer(account: Account, container: Container, exchange: Exchange, id: string): Answer {
  const kind = KIND_BY_METHOD[exchange.method];
  if (kind === undefined) throw methodNotAllowed(exchange.method);
  return itemAnswer(account, container, exchange, kind, id);
}

function listAnswer(account: Account, container: Container, exchange: Exchange): Answer {
  const { method, headers } = exchange;
  if (method === 'GET' && headers['a-im'] !== undefined) return feedAnswer(account, container, exchange);
  if (method === 'GET') return queryAnswer(account, container, exchange, { query: 'SELECT * FROM c' });
  if (method !== 'POST') throw methodNotAllowed(method);
  if (isTrue(headers['x-ms-cosmos-is-query-plan-request']))
    return { status: 200, body: planQuery(exchange.json(), account.now()) };
  if (isTrue(headers['x-ms-documentdb-isquery']))
    return queryAnswer(account, container, exchange, exchange.json());
  if (isTrue(headers['x-ms-cosmos-is-batch-request'])) return batchAnswer(account, container, exchange);
  return itemAnswer(
    account,
    container,
    exchange,
    isTrue(headers['x-ms-documentdb-is-upsert']) ? 'Upsert' : 'Create',
    undefined,
  );
}

function itemAnswer(
  { store, items }: Account,
  container: Container,
  exchange: Exchange,
  kind: ItemOperationKind,
  id: string | undefined,
): Answer {
  const { headers } = exchange;
  const operation: ItemOperation = {
    kind,
    id,
    key: keyOfHeader(headers['x-ms-documentdb-partitionkey'], container.keyPaths.length),
    body: exchange.json(),
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
  };
  const outcome =
    kind === 'Read'
      ? items.perform(container, operation)
      : store.transaction(() => items.perform(container, operation));
  return answerOf(outcome, CHARGES[kind], kind !== 'Read' && headers['prefer'] === 'return=minimal');
}

function answerOf({ status, document, etag }: ItemOutcome, charge: number, minimal: boolean): Answer {
  const headers = { 'x-ms-request-charge': String(charge), ...(etag === undefined ? {} : { etag }) };
  return document === undefined || minimal ? { status, headers } : { status, headers, body: document };
}

function batchAnswer(account: Account, container: Container, exchange: Exchange): Answer {
  if (exchange.body.length > LARGEST_REQUEST) throw refusal(413, 'Request size is too large');
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
  { store, items, settings }: Account,
  container: Container,
  exchange: Exchange,
): BatchAnswer {
  const { headers } = exchange;
  const body = exchange.json();
  if (isTrue(headers['x-ms-cosmos-batch-atomic'])) {
    return transactionalBatch(
      store,
      items,
      container,
      body,
      keyOfHeader(headers['x-ms-documentdb-partitionkey'], container.keyPaths.length),
    );
  }
  const rangeId = headers['x-ms-documentdb-partitionkeyrangeid'];
  if (rangeId === undefined) throw refusal(400, 'A bulk request must name its partition key range.');
  needKeysInRange(container, body, needRange(settings.ranges, rangeId));
  return bulk(store, items, container, body);
}

/** The sender works out the range of each key by itself; one that is wrong there must not pass here. */
function needKeysInRange({ keyPaths }: Container, body: unknown, range: KeyRange): void {
  if (!Array.isArray(body)) return;
  for (const operation of body as unknown[]) {
    if (!isObject(operation) || typeof operation['partitionKey'] !== 'string') continue;
    const hash = effectiveKey(keyOfHeader(operation['partitionKey'], keyPaths.length));
    if (hash < range.min || hash >= range.max) {
      throw refusal(
        410,
        `The partition key ${operation['partitionKey']} is not in the range '${range.id}'.`,
        SubStatus.partitionKeyRangeGone,
      );
    }
  }
}

function queryAnswer(
  { store, parsed, settings, now }: Account,
  container: Container,
  exchange: Exchange,
  body: unknown,
): Answer {
  const { rows, continuation } = queryDocuments(
    { store, parsed, container, ranges: settings.ranges, now: now() },
    body,
    targetOf(exchange),
  );
  return {
    status: 200,
    headers: {
      'x-ms-item-count': String(rows.length),
      'x-ms-request-charge': (2.5 + rows.length * 0.05).toFixed(2),
      ...(continuation === undefined ? {} : { 'x-ms-continuation': continuation }),
    },
    body: { _rid: container.rid, Documents: rows, _count: rows.length },
  };
}

function feedAnswer({ store, settings }: Account, container: Container, exchange: Exchange): Answer {
  const {
    'a-im': mode = '',
    'if-none-match': ifNoneMatch,
    'if-modified-since': ifModifiedSince,
  } = exchange.headers;
  if (mode.toLowerCase() !== 'incremental feed') throw unsupported(`The change feed mode '${mode}'`);
  const target = targetOf(exchange);
  const scope = scopeOf(target, container, settings.ranges) ?? { min: '', max: END_OF_RANGES };
  const { documents, etag } = changeFeed(store, container.number, scope, {
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

/** There is no script here that could run. */
function refuseTriggers({ headers }: Exchange): void {
  for (const name of ['x-ms-documentdb-pre-trigger-include', 'x-ms-documentdb-post-trigger-include']) {
    if (headers[name] !== undefined) throw unsupported('A trigger');
  }
}

function containerHeaders(
  { store, settings: { ranges } }: Account,
  { rid, link, keyPaths }: Container,
  { headers }: Exchange,
): Record<string, string> {
  const key = headers['x-ms-documentdb-partitionkey'];
  const range =
    headers['x-ms-documentdb-partitionkeyrangeid'] ??
    rangeOf(ranges, key === undefined ? '' : effectiveKey(prefixOfHeader(key, keyPaths.length))).id;
  return {
    'x-ms-session-token': `${range}:-1#${store.lastWrite()}`,
    'x-ms-content-path': rid,
    'x-ms-alt-content-path': encodeURI(link),
  };
}
