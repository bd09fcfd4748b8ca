// Batches: up to 100 operations in one request. A transactional one happens wholly or not at all.

import type { Container } from './container.ts';
import { CosmosError, refusal } from './errors.ts';
import type { ItemOperation, ItemOperationKind, Items, ItemOutcome } from './items.ts';
import { keyOfHeader, type PartitionKey } from './partition-key.ts';
import { isObject, type Json } from './sql/values.ts';
import type { Store } from './store.ts';

const MOST_OPERATIONS = 100;
const KINDS: readonly ItemOperationKind[] = ['Create', 'Upsert', 'Read', 'Replace', 'Delete', 'Patch'];

/** One operation's part of the answer. */
export interface BatchResult {
  readonly statusCode: number;
  readonly requestCharge: number;
  readonly eTag?: string;
  readonly resourceBody?: Json;
  readonly message?: string;
}

export interface BatchAnswer {
  readonly status: number;
  readonly results: readonly BatchResult[];
}

class Undone extends Error {
  readonly results: readonly BatchResult[];
  constructor(results: readonly BatchResult[]) {
    super('The batch was rolled back.');
    this.results = results;
  }
}

/** All operations are in the one partition that the header names. */
export function transactionalBatch(
  store: Store,
  items: Items,
  container: Container,
  body: unknown,
  key: PartitionKey,
): BatchAnswer {
  const operations = readOperations(container, body, () => key);
  if (operations.some((operation) => operation.key.text !== key.text))
    throw refusal(400, 'All operations of a batch must have its partition key.');
  try {
    return { status: 200, results: store.transaction(() => performAll(items, container, operations)) };
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
    return { status: 207, results: error.results };
  }
}

/** Bulk: each operation for itself, in its own partition. */
export function bulk(store: Store, items: Items, container: Container, body: unknown): BatchAnswer {
  const operations = readOperations(container, body, () => {
    throw refusal(400, 'PartitionKey value must be supplied for this operation.');
  });
  const results = operations.map((operation) => {
    try {
      return resultOf(store.transaction(() => items.perform(container, operation)));
    } catch (error) {
      return failureOf(error);
    }
  });
  return { status: results.every(succeeded) ? 200 : 207, results };
}

function performAll(items: Items, container: Container, operations: readonly ItemOperation[]): BatchResult[] {
  return operations.map((operation, index) => {
    try {
      return resultOf(items.perform(container, operation));
    } catch (error) {
      const failed = failureOf(error);
      throw new Undone(
        operations.map((_, other) => (other === index ? failed : { statusCode: 424, requestCharge: 0 })),
      );
    }
  });
}

function readOperations(
  { keyPaths }: Container,
  body: unknown,
  usualKey: () => PartitionKey,
): ItemOperation[] {
  if (!Array.isArray(body) || body.length === 0)
    throw refusal(400, 'A batch must hold at least one operation.');
  if (body.length > MOST_OPERATIONS)
    throw refusal(
      400,
      `Batch request has more operations than what is supported: ${body.length} of ${MOST_OPERATIONS}.`,
    );
  return (body as unknown[]).map((entry) => {
    const { operationType, id, resourceBody, ifMatch, ifNoneMatch, partitionKey } = isObject(entry)
      ? entry
      : {};
    const kind = KINDS.find((known) => known === operationType);
    if (kind === undefined)
      throw refusal(400, `The batch operation ${JSON.stringify(operationType)} is unknown.`);
    const key = typeof partitionKey === 'string' ? keyOfHeader(partitionKey, keyPaths.length) : usualKey();
    return {
      kind,
      key,
      id: text(id),
      body: resourceBody,
      ifMatch: text(ifMatch),
      ifNoneMatch: text(ifNoneMatch),
    };
  });
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function resultOf({ status, document, etag }: ItemOutcome): BatchResult {
  return {
    statusCode: status,
    requestCharge: status === 200 && document === undefined ? 1 : 6.29,
    ...(etag === undefined ? {} : { eTag: etag }),
    ...(document === undefined ? {} : { resourceBody: JSON.parse(document) as Json }),
  };
}

function failureOf(error: unknown): BatchResult {
  if (!(error instanceof CosmosError)) throw error;
  return { statusCode: error.status, requestCharge: 1.24, message: error.message };
}

function succeeded({ statusCode }: BatchResult): boolean {
  return statusCode < 400;
}
