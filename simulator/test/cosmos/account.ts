// The Cosmos DB of the tests: the simulator's, or a real account when the environment names one.
// Only this module knows which.

import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CosmosClient,
  type Container,
  type ContainerRequest,
  type Database,
  type FeedOptions,
  type SqlQuerySpec,
} from '@azure/cosmos';
import type { CosmosSettings } from '../../cosmos/server.ts';
import type { Exchange } from '../../wire/exchange.ts';
import { KEY, startLocalServer } from './local-server.ts';

const { COSMOS_TEST_CONNECTION_STRING: CONNECTION = '' } = process.env;
const {
  COSMOS_TEST_ENDPOINT = connectionStringField(CONNECTION, 'AccountEndpoint'),
  COSMOS_TEST_KEY = connectionStringField(CONNECTION, 'AccountKey'),
} = process.env;

/**
 * True when the tests use a real account. Nobody can set its ranges or see its requests, so tests
 * that need these run only in the simulator.
 */
export const IS_REAL = COSMOS_TEST_ENDPOINT !== undefined && COSMOS_TEST_KEY !== undefined;

export interface TestAccount {
  readonly client: CosmosClient;
  readonly database: Database;
  readonly endpoint: string;
  readonly key: string;
  /** All requests to the simulator so far. Empty for a real account. */
  readonly requests: readonly Exchange[];
  /** Lets time pass: at once in the simulator, in wall time in Azure. */
  advance(seconds: number): Promise<void>;
  /** Changes ranges or throughput of the simulator. A real account does not support this. */
  changeSettings(settings: Partial<CosmosSettings>): Promise<void>;
  /** Creates a container with a new name. */
  createContainer(definition?: Partial<ContainerRequest>): Promise<Container>;
  close(): Promise<void>;
}

export async function openAccount(ranges = 1): Promise<TestAccount> {
  const server = IS_REAL ? realServer() : await localServer(ranges);
  const client = new CosmosClient({ endpoint: server.endpoint, key: server.key });
  const { database } = await client.databases.create({ id: `conformance-${crypto.randomUUID()}` });
  return {
    client,
    database,
    endpoint: server.endpoint,
    key: server.key,
    requests: server.requests,
    advance: (seconds) => server.advance(seconds),
    changeSettings: (settings) => server.changeSettings(settings),
    createContainer: async (definition = {}) => {
      const request = {
        id: crypto.randomUUID(),
        partitionKey: { paths: ['/group'], version: 2 },
        ...definition,
      };
      return (await database.containers.create(request)).container;
    },
    close: async () => {
      await database.delete();
      client.dispose();
      await server.close();
    },
  };
}

/** Returns one field of a connection string. */
function connectionStringField(connection: string, name: string): string | undefined {
  return new RegExp(`(?:^|;)${name}=([^;]+)`).exec(connection)?.[1];
}

function realServer() {
  return {
    advance: (seconds: number) => sleep(seconds * 1000),
    changeSettings: () => Promise.reject(new Error('Nobody can change that.')),
    endpoint: COSMOS_TEST_ENDPOINT ?? '',
    key: COSMOS_TEST_KEY ?? '',
    requests: [],
    close: () => Promise.resolve(),
  };
}

async function localServer(ranges: number) {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-cosmos-'));
  const server = await startLocalServer({ dataFile: join(folder, 'cosmos.db'), ranges });
  return {
    ...server,
    key: KEY,
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Returns the SDK's error of a call. */
export async function failureOf(
  call: Promise<unknown>,
): Promise<{ code: number; substatus?: number; message: string; body?: { code: string; message: string } }> {
  try {
    await call;
  } catch (error) {
    return error as never;
  }
  throw new Error('The call succeeded.');
}

/**
 * Returns all rows, page by page. Each page is a separate query that continues from the token of
 * the previous page.
 */
export async function* queryPages<T>(
  container: Container,
  query: string | SqlQuerySpec,
  options: FeedOptions,
): AsyncGenerator<T[]> {
  const page = await container.items.query<T>(query, options).fetchNext();
  yield page.resources;
  if (page.continuationToken)
    yield* queryPages<T>(container, query, { ...options, continuationToken: page.continuationToken });
}

export interface PlainRequest {
  readonly method: string;
  /** The resource type at the end of the path, such as `docs`. */
  readonly type: string;
  /** The resource, or the parent of the list. */
  readonly link: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly key?: string;
}

/** Sends a request without the SDK, for requests that the SDK itself would not send. */
export async function sendPlainRequest(
  account: TestAccount,
  { method, type, link, path, headers, body, key = account.key }: PlainRequest,
): Promise<{ status: number; body: unknown }> {
  const date = new Date().toUTCString();
  const signature = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`${method}\n${type}\n${link}\n${date}\n\n`.toLowerCase().replace(link.toLowerCase(), link))
    .digest('base64');
  const response = await fetch(`${account.endpoint}${path}`, {
    method,
    headers: {
      'x-ms-date': date,
      'x-ms-version': '2020-07-15',
      authorization: encodeURIComponent(`type=master&ver=1.0&sig=${signature}`),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}
