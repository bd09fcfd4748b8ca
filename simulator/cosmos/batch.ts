// Runs batches of up to 100 operations in one request. A transactional batch makes all its changes
// or none.

import type { Container } from './container.ts';
import { CosmosError, createCosmosError } from './errors.ts';
import type { ItemOperation, ItemOperationKind, Items, ItemOutcome } from './items.ts';
import { keyFromHeader, type PartitionKey } from './partition-key.ts';
import { isObject, type Json } from './sql/values.ts';
import type { CosmosStore } from './store.ts';

const MAX_OPERATIONS = 100;
const OPERATION_KINDS: readonly ItemOperationKind[] = [
  'Create',
  'Upsert',
  'Read',
  'Replace',
  'Delete',
  'Patch',
];

/** The result of one operation in the response. */
export interface BatchResult {
  readonly statusCode: number;
  readonly requestCharge: number;
  readonly eTag?: string;
  readonly resourceBody?: Json;
  readonly message?: string;
}

export interface BatchResponse {
  readonly status: number;
  readonly results: readonly BatchResult[];
}

class BatchRolledBack extends Error {
  readonly results: readonly BatchResult[];
  constructor(results: readonly BatchResult[]) {
    super('The batch was rolled back.');
    this.results = results;
  }
}

/** Runs a transactional batch. The header names the partition of all operations. */
export function transactionalBatch(
  store: CosmosStore,
  items: Items,
  container: Container,
  body: unknown,
  key: PartitionKey,
): BatchResponse {
  const operations = readOperations(container, body, () => key);
  if (operations.some((operation) => operation.key.text !== key.text))
    throw createCosmosError(
      400,
      'One or more operations within the batch request have a different partition key value than the request.',
    );
  try {
    return { status: 200, results: store.transaction(() => performAll(items, container, operations)) };
  } catch (error) {
    if (!(error instanceof BatchRolledBack)) throw error;
    return { status: 207, results: error.results };
  }
}

/** Runs a bulk request. Each operation is independent and has its own partition. */
export function bulkBatch(
  store: CosmosStore,
  items: Items,
  container: Container,
  body: unknown,
): BatchResponse {
  const operations = readOperations(container, body, () => {
    throw createCosmosError(400, 'PartitionKey value must be supplied for this operation.');
  });
  const results = operations.map((operation) => {
    try {
      return toBatchResult(store.transaction(() => items.perform(container, operation)));
    } catch (error) {
      return failedResult(error);
    }
  });
  return { status: results.every(isSuccess) ? 200 : 207, results };
}

function performAll(items: Items, container: Container, operations: readonly ItemOperation[]): BatchResult[] {
  return operations.map((operation, index) => {
    try {
      return toBatchResult(items.perform(container, operation));
    } catch (error) {
      const failed = failedResult(error);
      throw new BatchRolledBack(
        operations.map((_, other) => (other === index ? failed : { statusCode: 424, requestCharge: 0 })),
      );
    }
  });
}

function readOperations(
  { keyPaths }: Container,
  body: unknown,
  defaultKey: () => PartitionKey,
): ItemOperation[] {
  if (!Array.isArray(body) || body.length === 0)
    throw createCosmosError(400, 'A batch must hold at least one operation.');
  if (body.length > MAX_OPERATIONS)
    throw createCosmosError(
      400,
      `Batch request has more operations than what is supported: ${body.length} of ${MAX_OPERATIONS}.`,
    );
  return (body as unknown[]).map((entry) => {
    const { operationType, id, resourceBody, ifMatch, ifNoneMatch, partitionKey } = isObject(entry)
      ? entry
      : {};
    const kind = OPERATION_KINDS.find((known) => known === operationType);
    if (kind === undefined)
      throw createCosmosError(400, `The batch operation ${JSON.stringify(operationType)} is unknown.`);
    const key =
      typeof partitionKey === 'string' ? keyFromHeader(partitionKey, keyPaths.length) : defaultKey();
    return {
      kind,
      key,
      id: optionalText(id),
      body: resourceBody,
      ifMatch: optionalText(ifMatch),
      ifNoneMatch: optionalText(ifNoneMatch),
    };
  });
}

function optionalText(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function toBatchResult({ status, document, etag }: ItemOutcome): BatchResult {
  return {
    statusCode: status,
    requestCharge: status === 200 && document === undefined ? 1 : 6.29,
    ...(etag === undefined ? {} : { eTag: etag }),
    ...(document === undefined ? {} : { resourceBody: JSON.parse(document) as Json }),
  };
}

function failedResult(error: unknown): BatchResult {
  if (!(error instanceof CosmosError)) throw error;
  return { statusCode: error.status, requestCharge: 1.24, message: error.message };
}

function isSuccess({ statusCode }: BatchResult): boolean {
  return statusCode < 400;
}
