// The only access to Cosmos DB. The operations: create once, change with If-Match, batch within one
// partition, query. All module stores use this file.
import type { Container, FeedOptions, OperationInput, SqlQuerySpec } from '@azure/cosmos';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { azureCredential } from '../core/credential.ts';
import { config } from '../core/config.ts';
import { messageOf, rejected, transient } from '../core/errors.ts';
import { fetchAllPages, withoutUnneededPlans } from './queryPlans.ts';
import { migrate } from './schema.ts';
import {
  readContinuationToken,
  createContinuationToken,
  invalidContinuationToken,
} from './continuationTokens.ts';

/** The containers of the database. */
export type ContainerName = 'jobs' | 'jobIndex' | 'registry' | 'plans' | 'settings' | 'alerts';

/** A document with the ETag of its read. The next write must present this ETag. */
export type WithEtag<T> = T & { readonly _etag: string };

const MAX_BATCH_WRITES = 100;
/**
 * Bytes of documents in one request. Cosmos DB accepts 2 MiB in one request and in one document;
 * the rest is room for the envelope.
 */
const MAX_BYTES = 2_000_000;
/** Bytes of a list in one batch. The batch keeps room for the documents that go with the list. */
const USUAL_BATCH_BYTES = 1_500_000;
/**
 * The account has one write region, so the SDK need not discover endpoints. Without discovery the
 * SDK repeats no write with a lost answer.
 */
const CONNECTION_POLICY = { enableEndpointDiscovery: false };

let openedContainers: Promise<(name: ContainerName) => Container> | undefined;

async function openContainers(): Promise<(name: ContainerName) => Container> {
  const { CosmosClient } = await import('@azure/cosmos');
  const client = new CosmosClient(
    withoutUnneededPlans({
      endpoint: config().LIFEBOAT_COSMOS_ENDPOINT,
      aadCredentials: await azureCredential(),
      connectionPolicy: CONNECTION_POLICY,
    }),
  );
  const database = client.database(config().LIFEBOAT_COSMOS_DATABASE);
  const containers = new Map(agreement.containers.map(({ id }) => [id, database.container(id)]));
  return (name) => {
    const container = containers.get(name);
    if (!container) throw new Error(`infra/agreement.json does not list the container ${name}.`);
    return container;
  };
}

async function openContainer(name: ContainerName): Promise<Container> {
  openedContainers ??= openContainers().catch((error: unknown) => {
    openedContainers = undefined;
    throw error;
  });
  return (await openedContainers)(name);
}

const errorCodeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

/** Bytes. */
const MAX_KEY_BYTES = { id: 1023, partition: 2048 } as const;
/**
 * Callers can send any name as an id. No document can have such an invalid id, so the store needs
 * no request.
 */
const isValidKey = (id: string, partition: string): boolean =>
  id !== '' &&
  id.isWellFormed() &&
  partition.isWellFormed() &&
  !/[/\\#]/.test(id) &&
  Buffer.byteLength(id) <= MAX_KEY_BYTES.id &&
  Buffer.byteLength(partition) <= MAX_KEY_BYTES.partition;

/** Returns the migrated document, or undefined when it does not exist. */
export async function readDocument<T extends object>(
  name: ContainerName,
  id: string,
  partition: string,
): Promise<WithEtag<T> | undefined> {
  if (!isValidKey(id, partition)) return undefined;
  const { resource, statusCode } = await (await openContainer(name)).item(id, partition).read<WithEtag<T>>();
  return statusCode === 404 || !resource ? undefined : migrated<T>(resource);
}

const migrated = <T extends object>(document: object): WithEtag<T> => migrate(document) as WithEtag<T>;

/** Returns the size of a value's JSON in bytes. */
export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Cosmos DB would refuse such a request every time, so the caller gets the error at once. */
function assertFits(name: ContainerName, documents: readonly object[]): void {
  const bytes = documents.reduce((sum, document) => sum + bytesOf(document), 0);
  if (bytes > MAX_BYTES)
    throw rejected(
      422,
      'TooLargeToStore',
      `This content needs ${bytes} bytes in the store (${name}), and one write can have at most ` +
        `${MAX_BYTES}. Nothing was changed. Send less at once.`,
    );
}

/** Creates a document. Returns false when a document with this id already exists. */
export async function createDocument(name: ContainerName, document: object): Promise<boolean> {
  assertFits(name, [document]);
  try {
    await (await openContainer(name)).items.create(document);
    return true;
  } catch (error) {
    if (errorCodeOf(error) === 409) return false;
    throw error;
  }
}

/** One write of a batch. */
export type BatchWrite =
  | { readonly put: object & { readonly id: string } }
  | { readonly create: object & { readonly id: string } }
  | { readonly replace: object & { readonly id: string }; readonly etag: string }
  /** Without an ETag: removes any version, such as a document that the same batch created. */
  | { readonly remove: string; readonly etag?: string };

function operationOf(write: BatchWrite): OperationInput {
  // The SDK's type for bodies needs an index signature, but interfaces have none.
  const body = (document: object) => document as never;
  if ('put' in write) return { operationType: 'Upsert', resourceBody: body(write.put) };
  if ('create' in write) return { operationType: 'Create', resourceBody: body(write.create) };
  if ('replace' in write)
    return {
      operationType: 'Replace',
      id: write.replace.id,
      resourceBody: body(write.replace),
      ifMatch: write.etag,
    };
  // The API supports `ifMatch` for a delete, but the SDK's type omits it.
  const remove: OperationInput & { ifMatch?: string } = {
    operationType: 'Delete',
    id: write.remove,
    ...(write.etag === undefined ? {} : { ifMatch: write.etag }),
  };
  return remove;
}

function documentOf(write: BatchWrite): readonly object[] {
  if ('remove' in write) return [];
  return ['put' in write ? write.put : 'create' in write ? write.create : write.replace];
}

const CONDITION_FAILED: ReadonlySet<unknown> = new Set([404, 409, 412]);

/**
 * Writes all documents or none. Returns the new ETags. Undefined: a condition failed because
 * another writer was first, and the batch changed nothing.
 */
export async function writeBatch(
  name: ContainerName,
  partition: string,
  writes: readonly BatchWrite[],
): Promise<readonly string[] | undefined> {
  if (writes.length > MAX_BATCH_WRITES)
    throw new Error(`A batch of ${writes.length} writes: Cosmos DB accepts ${MAX_BATCH_WRITES}.`);
  assertFits(name, writes.flatMap(documentOf));
  const answer = await (await openContainer(name)).items.batch(writes.map(operationOf), partition);
  const results = answer.result ?? [];
  if (results.length > 0 && results.every((result) => result.statusCode < 300))
    return results.map((result) => result.eTag ?? '');
  if (results.some((result) => CONDITION_FAILED.has(result.statusCode))) return undefined;
  const codes = results.map((result) => result.statusCode).join(', ') || String(answer.code);
  throw transient(
    'StoreUnavailable',
    `Cosmos DB refused a batch in ${name} (${codes}). Nothing was changed; Lifeboat tries again.`,
  );
}

/** A query of one container. */
export interface DocumentQuery {
  readonly where: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly orderBy?: string;
  /** Without a partition the query covers every partition. */
  readonly partition?: { readonly key: string; readonly value: string };
  readonly limit?: number;
  /** Without fields the query returns whole documents. */
  readonly fields?: readonly string[];
}

/** A query with pages. It needs one partition, because only a partition has a fixed order. */
export type PagedQuery = Omit<DocumentQuery, 'limit'> & Required<Pick<DocumentQuery, 'partition'>>;

/**
 * The partition is in the option and in the query text. A server that honours either one reads no
 * other partition.
 */
function toSqlQuery({ where, parameters = {}, orderBy, partition, limit, fields }: DocumentQuery): {
  spec: SqlQuerySpec;
  options: FeedOptions;
} {
  const inPartition = partition ? `c.${partition.key} = @partition AND ` : '';
  const selected = fields ? fields.map((field) => `c.${field}`).join(', ') : '*';
  const spec = {
    query:
      `SELECT ${limit ? `TOP ${limit} ` : ''}${selected} FROM c WHERE ` +
      `${inPartition}(${where})${orderBy ? ` ORDER BY ${orderBy}` : ''}`,
    parameters: [
      ...Object.entries(parameters).map(([key, value]) => ({ name: `@${key}`, value: value as never })),
      ...(partition ? [{ name: '@partition', value: partition.value }] : []),
    ],
  };
  // The gateway neither sorts nor limits across partitions. The SDK does both with a query plan.
  const needsPlan = !partition && (orderBy !== undefined || limit !== undefined);
  return {
    spec,
    options: {
      ...(partition && { partitionKey: partition.value }),
      ...(needsPlan && { forceQueryPlan: true }),
    },
  };
}

/** Returns all migrated documents that match the query. */
export async function queryDocuments<T extends object>(
  name: ContainerName,
  request: DocumentQuery,
): Promise<WithEtag<T>[]> {
  const { spec, options } = toSqlQuery(request);
  return (await fetchAllPages<object>(await openContainer(name), spec, options)).map((document) =>
    migrated<T>(document),
  );
}

/** A document that Lifeboat cannot read: damaged, or from a newer build. */
export interface UnreadableDocument {
  readonly document: object;
  readonly reason: string;
}

/** As `queryDocuments`, but a document that cannot be read does not hide the others. */
export async function queryReadableDocuments<T extends object>(
  name: ContainerName,
  request: DocumentQuery,
): Promise<{
  readonly documents: readonly WithEtag<T>[];
  readonly unreadable: readonly UnreadableDocument[];
}> {
  const { spec, options } = toSqlQuery(request);
  const unreadable: UnreadableDocument[] = [];
  const found = await fetchAllPages<object>(await openContainer(name), spec, options);
  const documents = found.flatMap((document) => {
    try {
      return [migrated<T>(document)];
    } catch (error) {
      unreadable.push({ document, reason: messageOf(error) });
      return [];
    }
  });
  return { documents, unreadable };
}

/** Returns selected fields of documents. Each poll reads a thousand of them. */
export async function queryFields<T extends object>(
  name: ContainerName,
  request: DocumentQuery & Required<Pick<DocumentQuery, 'fields'>>,
): Promise<T[]> {
  const { spec, options } = toSqlQuery(request);
  return fetchAllPages<T>(await openContainer(name), spec, options);
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly WithEtag<T>[];
  /** The token for the next page of the same query; null after the last page. */
  readonly next: string | null;
}

/**
 * Returns one page of a query in one partition. Rejects a token that Lifeboat did not issue for
 * this query.
 */
export async function queryPage<T extends object>(
  name: ContainerName,
  request: PagedQuery,
  size: number,
  token?: string,
): Promise<Page<T>> {
  const { spec, options } = toSqlQuery(request);
  const continuation =
    token === undefined ? {} : { continuationToken: readContinuationToken([name, spec], token) };
  try {
    const { resources, continuationToken } = await (
      await openContainer(name)
    ).items
      .query<object>(spec, { ...options, ...continuation, maxItemCount: size })
      .fetchNext();
    return {
      items: resources.map((document) => migrated<T>(document)),
      next: continuationToken ? createContinuationToken([name, spec], continuationToken) : null,
    };
  } catch (error) {
    if (token !== undefined && errorCodeOf(error) === 400) throw invalidContinuationToken();
    throw error;
  }
}

/** Splits a list into batches within the limits of Cosmos DB, by count and by bytes. */
export function splitIntoBatches<T>(
  list: readonly T[],
  maxCount = MAX_BATCH_WRITES,
  maxBytes = USUAL_BATCH_BYTES,
): T[][] {
  const batches: T[][] = [];
  let bytes = 0;
  for (const element of list) {
    const elementBytes = bytesOf(element);
    const last = batches.at(-1);
    const fits = last !== undefined && last.length < maxCount && bytes + elementBytes <= maxBytes;
    if (fits) last.push(element);
    else batches.push([element]);
    bytes = fits ? bytes + elementBytes : elementBytes;
  }
  return batches;
}
