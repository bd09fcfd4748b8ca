// The few ways in which Lifeboat touches Cosmos DB: create once, change by If-Match, batch within
// one partition, query.
import type { Container, FeedOptions, OperationInput, SqlQuerySpec } from '@azure/cosmos';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { azureCredential } from '../core/credential.ts';
import { config } from '../core/config.ts';
import { rejected, transient } from '../core/errors.ts';
import { fetchAllPages, withoutUnneededPlans } from './queryPlans.ts';
import { migrate } from './schema.ts';
import {
  readContinuationToken,
  createContinuationToken,
  invalidContinuationToken,
} from './continuationTokens.ts';

export type ContainerName = 'jobs' | 'jobIndex' | 'registry' | 'plans' | 'settings' | 'alerts';

/** A document as the store gave it back: what is written next must still meet this ETag. */
export type WithEtag<T> = T & { readonly _etag: string };

const MAX_BATCH_WRITES = 100;
/**
 * Bytes of documents. Cosmos DB takes 2 MiB in one request and in one document; what wraps
 * documents has room beside them.
 */
const MAX_BYTES = 2_000_000;
/** Bytes: a list is cut into batches of so much, so that the batch has room for what is written with them. */
const USUAL_BATCH_BYTES = 1_500_000;
/**
 * The account has one region to write to, so there is no other endpoint to find; and with it off,
 * the SDK repeats no write whose answer it did not get.
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
    if (!container) throw new Error(`Container ${name} is not agreed in infra/agreement.json.`);
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
 * Callers ask for things by whatever name they like; what nothing can be called is not there, and
 * the store need not be asked.
 */
const isValidKey = (id: string, partition: string): boolean =>
  id !== '' &&
  id.isWellFormed() &&
  partition.isWellFormed() &&
  !/[/\\#]/.test(id) &&
  Buffer.byteLength(id) <= MAX_KEY_BYTES.id &&
  Buffer.byteLength(partition) <= MAX_KEY_BYTES.partition;

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

export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Sent, it would be refused each time: whoever wants it stored hears so at once. */
function assertFits(name: ContainerName, documents: readonly object[]): void {
  const bytes = documents.reduce((sum, document) => sum + bytesOf(document), 0);
  if (bytes > MAX_BYTES)
    throw rejected(
      422,
      'TooLargeToStore',
      `This takes ${bytes} bytes in the store (${name}), and one write takes at most ` +
        `${MAX_BYTES}. Nothing was changed. Send less at once.`,
    );
}

/** False when a document of this id is already there. */
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

export type BatchWrite =
  | { readonly put: object & { readonly id: string } }
  | { readonly create: object & { readonly id: string } }
  | { readonly replace: object & { readonly id: string }; readonly etag: string }
  /** Without an ETag: whatever stands there, such as what the same batch has created. */
  | { readonly remove: string; readonly etag?: string };

function operationOf(write: BatchWrite): OperationInput {
  // The SDK's type for bodies wants an index signature that our documents, being interfaces, do not have.
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
  // The wire knows ifMatch for a delete; the SDK's type forgot it.
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
 * All or nothing. The new ETags, or undefined when a condition was not met (somebody else was there
 * first) and nothing was changed.
 */
export async function writeBatch(
  name: ContainerName,
  partition: string,
  writes: readonly BatchWrite[],
): Promise<readonly string[] | undefined> {
  if (writes.length > MAX_BATCH_WRITES)
    throw new Error(`A batch of ${writes.length} writes: Cosmos DB takes ${MAX_BATCH_WRITES}.`);
  assertFits(name, writes.flatMap(documentOf));
  const answer = await (await openContainer(name)).items.batch(writes.map(operationOf), partition);
  const results = answer.result ?? [];
  if (results.length > 0 && results.every((result) => result.statusCode < 300))
    return results.map((result) => result.eTag ?? '');
  if (results.some((result) => CONDITION_FAILED.has(result.statusCode))) return undefined;
  const codes = results.map((result) => result.statusCode).join(', ') || String(answer.code);
  throw transient(
    'StoreUnavailable',
    `Cosmos DB did not take a batch in ${name} (${codes}). Nothing was changed; it will be tried again.`,
  );
}

export interface DocumentQuery {
  readonly where: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly orderBy?: string;
  /** Without it the question goes to every partition. */
  readonly partition?: { readonly key: string; readonly value: string };
  readonly limit?: number;
  /** All of each document unless given. */
  readonly fields?: readonly string[];
}

/** In one partition, which goes from page to page in a fixed order. */
export type PagedQuery = Omit<DocumentQuery, 'most'> & Required<Pick<DocumentQuery, 'partition'>>;

/**
 * The partition stands in the option and in the query: whichever a server honours, no other
 * partition is read.
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
  // Over partitions the gateway neither sorts nor limits: there the SDK does, by a plan.
  const needsPlan = !partition && (orderBy !== undefined || limit !== undefined);
  return {
    spec,
    options: {
      ...(partition && { partitionKey: partition.value }),
      ...(needsPlan && { forceQueryPlan: true }),
    },
  };
}

export async function queryDocuments<T extends object>(
  name: ContainerName,
  request: DocumentQuery,
): Promise<WithEtag<T>[]> {
  const { spec, options } = toSqlQuery(request);
  return (await fetchAllPages<object>(await openContainer(name), spec, options)).map((document) =>
    migrated<T>(document),
  );
}

/** Parts of documents: a thousand of them are read at each look. */
export async function queryFields<T extends object>(
  name: ContainerName,
  request: DocumentQuery & Required<Pick<DocumentQuery, 'fields'>>,
): Promise<T[]> {
  const { spec, options } = toSqlQuery(request);
  return fetchAllPages<T>(await openContainer(name), spec, options);
}

export interface Page<T> {
  readonly items: readonly WithEtag<T>[];
  /** Asks for the next page of the same question; null after the last. */
  readonly next: string | null;
}

/**
 * A part of the answers to a question in one partition. What is no token that we gave for this
 * question is refused.
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

/** Cuts a list into batches that Cosmos DB takes: by number, and by bytes. */
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
