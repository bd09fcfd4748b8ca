// The few ways in which Lifeboat touches Cosmos DB: create once, change by If-Match, batch within
// one partition, query.
import type { Container, FeedOptions, OperationInput, SqlQuerySpec } from '@azure/cosmos';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { azureCredential } from '../core/credential.ts';
import { config } from '../core/config.ts';
import { rejected, transient } from '../core/errors.ts';
import { allOf, withoutNeedlessPlans } from './queryPlans.ts';
import { migrate } from './schema.ts';
import { readToken, writeToken, wrongToken } from './tokens.ts';

export type ContainerName = 'jobs' | 'jobIndex' | 'registry' | 'plans' | 'settings' | 'alerts';

/** A document as the store gave it back: what is written next must still meet this ETag. */
export type Stored<T> = T & { readonly _etag: string };

const MOST_IN_A_BATCH = 100;
/**
 * Bytes of documents. Cosmos DB takes 2 MiB in one request and in one document; what wraps
 * documents has room beside them.
 */
const MOST_BYTES = 2_000_000;
/** Bytes: a list is cut into batches of so much, so that the batch has room for what is written with them. */
const USUAL_BYTES = 1_500_000;
/**
 * The account has one region to write to, so there is no other endpoint to find; and with it off,
 * the SDK repeats no write whose answer it did not get.
 */
const CONNECTION = { enableEndpointDiscovery: false };

let opened: Promise<(name: ContainerName) => Container> | undefined;

async function open(): Promise<(name: ContainerName) => Container> {
  const { CosmosClient } = await import('@azure/cosmos');
  const client = new CosmosClient(
    withoutNeedlessPlans({
      endpoint: config().LIFEBOAT_COSMOS_ENDPOINT,
      aadCredentials: await azureCredential(),
      connectionPolicy: CONNECTION,
    }),
  );
  const database = client.database(config().LIFEBOAT_COSMOS_DATABASE);
  const known = new Map(agreement.containers.map(({ id }) => [id, database.container(id)]));
  return (name) => {
    const container = known.get(name);
    if (!container) throw new Error(`Container ${name} is not agreed in infra/agreement.json.`);
    return container;
  };
}

async function container(name: ContainerName): Promise<Container> {
  opened ??= open().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return (await opened)(name);
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

/** Bytes. */
const LONGEST = { id: 1023, partition: 2048 } as const;
/**
 * Callers ask for things by whatever name they like; what nothing can be called is not there, and
 * the store need not be asked.
 */
const canBe = (id: string, partition: string): boolean =>
  id !== '' &&
  id.isWellFormed() &&
  partition.isWellFormed() &&
  !/[/\\#]/.test(id) &&
  Buffer.byteLength(id) <= LONGEST.id &&
  Buffer.byteLength(partition) <= LONGEST.partition;

export async function read<T extends object>(
  name: ContainerName,
  id: string,
  partition: string,
): Promise<Stored<T> | undefined> {
  if (!canBe(id, partition)) return undefined;
  const { resource, statusCode } = await (await container(name)).item(id, partition).read<Stored<T>>();
  return statusCode === 404 || !resource ? undefined : known<T>(resource);
}

const known = <T extends object>(document: object): Stored<T> => migrate(document) as Stored<T>;

export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Sent, it would be refused each time: whoever wants it stored hears so at once. */
function mustFit(name: ContainerName, documents: readonly object[]): void {
  const bytes = documents.reduce((sum, document) => sum + bytesOf(document), 0);
  if (bytes > MOST_BYTES)
    throw rejected(
      422,
      'TooLargeToStore',
      `This takes ${bytes} bytes in the store (${name}), and one write takes at most ` +
        `${MOST_BYTES}. Nothing was changed. Send less at once.`,
    );
}

/** False when a document of this id is already there. */
export async function create(name: ContainerName, document: object): Promise<boolean> {
  mustFit(name, [document]);
  try {
    await (await container(name)).items.create(document);
    return true;
  } catch (error) {
    if (codeOf(error) === 409) return false;
    throw error;
  }
}

export type Write =
  | { readonly put: object & { readonly id: string } }
  | { readonly create: object & { readonly id: string } }
  | { readonly replace: object & { readonly id: string }; readonly etag: string }
  /** Without an ETag: whatever stands there, such as what the same batch has created. */
  | { readonly remove: string; readonly etag?: string };

function operationOf(write: Write): OperationInput {
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

function documentOf(write: Write): readonly object[] {
  if ('remove' in write) return [];
  return ['put' in write ? write.put : 'create' in write ? write.create : write.replace];
}

const REFUSED: ReadonlySet<unknown> = new Set([404, 409, 412]);

/**
 * All or nothing. The new ETags, or undefined when a condition was not met (somebody else was there
 * first) and nothing was changed.
 */
export async function batch(
  name: ContainerName,
  partition: string,
  writes: readonly Write[],
): Promise<readonly string[] | undefined> {
  if (writes.length > MOST_IN_A_BATCH)
    throw new Error(`A batch of ${writes.length} writes: Cosmos DB takes ${MOST_IN_A_BATCH}.`);
  mustFit(name, writes.flatMap(documentOf));
  const answer = await (await container(name)).items.batch(writes.map(operationOf), partition);
  const results = answer.result ?? [];
  if (results.length > 0 && results.every((result) => result.statusCode < 300))
    return results.map((result) => result.eTag ?? '');
  if (results.some((result) => REFUSED.has(result.statusCode))) return undefined;
  const codes = results.map((result) => result.statusCode).join(', ') || String(answer.code);
  throw transient(
    'StoreUnavailable',
    `Cosmos DB did not take a batch in ${name} (${codes}). Nothing was changed; it will be tried again.`,
  );
}

export interface Question {
  readonly where: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly order?: string;
  /** Without it the question goes to every partition. */
  readonly partition?: { readonly key: string; readonly value: string };
  readonly most?: number;
  /** All of each document unless given. */
  readonly fields?: readonly string[];
}

/** In one partition, which goes from page to page in a fixed order. */
export type PagedQuestion = Omit<Question, 'most'> & Required<Pick<Question, 'partition'>>;

/**
 * The partition stands in the option and in the query: whichever a server honours, no other
 * partition is read.
 */
function asked({ where, parameters = {}, order, partition, most, fields }: Question): {
  spec: SqlQuerySpec;
  options: FeedOptions;
} {
  const inPartition = partition ? `c.${partition.key} = @partition AND ` : '';
  const selected = fields ? fields.map((field) => `c.${field}`).join(', ') : '*';
  const spec = {
    query:
      `SELECT ${most ? `TOP ${most} ` : ''}${selected} FROM c WHERE ` +
      `${inPartition}(${where})${order ? ` ORDER BY ${order}` : ''}`,
    parameters: [
      ...Object.entries(parameters).map(([key, value]) => ({ name: `@${key}`, value: value as never })),
      ...(partition ? [{ name: '@partition', value: partition.value }] : []),
    ],
  };
  // Over partitions the gateway neither sorts nor limits: there the SDK does, by a plan.
  const needsPlan = !partition && (order !== undefined || most !== undefined);
  return {
    spec,
    options: {
      ...(partition && { partitionKey: partition.value }),
      ...(needsPlan && { forceQueryPlan: true }),
    },
  };
}

export async function query<T extends object>(name: ContainerName, question: Question): Promise<Stored<T>[]> {
  const { spec, options } = asked(question);
  return (await allOf<object>(await container(name), spec, options)).map((document) => known<T>(document));
}

/** Parts of documents: a thousand of them are read at each look. */
export async function pick<T extends object>(
  name: ContainerName,
  question: Question & Required<Pick<Question, 'fields'>>,
): Promise<T[]> {
  const { spec, options } = asked(question);
  return allOf<T>(await container(name), spec, options);
}

export interface Page<T> {
  readonly items: readonly Stored<T>[];
  /** Asks for the next page of the same question; null after the last. */
  readonly next: string | null;
}

/**
 * A part of the answers to a question in one partition. What is no token that we gave for this
 * question is refused.
 */
export async function page<T extends object>(
  name: ContainerName,
  question: PagedQuestion,
  size: number,
  token?: string,
): Promise<Page<T>> {
  const { spec, options } = asked(question);
  const from = token === undefined ? {} : { continuationToken: readToken([name, spec], token) };
  try {
    const { resources, continuationToken } = await (
      await container(name)
    ).items
      .query<object>(spec, { ...options, ...from, maxItemCount: size })
      .fetchNext();
    return {
      items: resources.map((document) => known<T>(document)),
      next: continuationToken ? writeToken([name, spec], continuationToken) : null,
    };
  } catch (error) {
    if (token !== undefined && codeOf(error) === 400) throw wrongToken();
    throw error;
  }
}

/** Cuts a list into batches that Cosmos DB takes: by number, and by bytes. */
export function chunks<T>(list: readonly T[], size = MOST_IN_A_BATCH, most = USUAL_BYTES): T[][] {
  const all: T[][] = [];
  let bytes = 0;
  for (const one of list) {
    const own = bytesOf(one);
    const last = all.at(-1);
    const fits = last !== undefined && last.length < size && bytes + own <= most;
    if (fits) last.push(one);
    else all.push([one]);
    bytes = fits ? bytes + own : own;
  }
  return all;
}
