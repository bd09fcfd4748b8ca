// A simulated Cosmos DB account: the part of the SQL API that `@azure/cosmos` uses, over HTTP.

import type { SimulatedClock } from '../clock/simulated-clock.ts';
import type { SimulatorResponse, Exchange, Handler } from '../wire/exchange.ts';
import { parseResourcePath, type ResourcePath } from './resource-path.ts';
import { entraTokenOf } from './authorization.ts';
import { Catalog } from './catalog.ts';
import type { ContainerDefinition } from './container.ts';
import { CosmosError, createCosmosError, SubStatus, unsupportedError } from './errors.ts';
import { Items } from './items.ts';
import type { Authentication } from './master-key.ts';
import { ParsedDocuments } from './parsed-documents.ts';
import { handleAccount } from './routes/account.ts';
import { handleContainers, handleDatabases, handleOffers, handleKeyRanges } from './routes/catalog.ts';
import { handleDocuments } from './routes/documents.ts';
import type { CosmosAccount, CosmosRequest } from './routes/request.ts';
import { AccountSettings } from './settings.ts';
import { CosmosStore } from './store.ts';
import { Throughput } from './throughput.ts';

export type { ContainerDefinition } from './container.ts';
export type { CosmosSettings } from './settings.ts';
export { entraTokenOf as tokenOf } from './authorization.ts';
export { checkMasterKey, type Authentication } from './master-key.ts';

export interface CosmosOptions {
  readonly dataFile: string;
  readonly clock: SimulatedClock;
  /**
   * The number of partition key ranges of each container. A test can use several to see their
   * effect on queries.
   */
  readonly ranges: number;
  /** The request units per second of each container. The default is no limit. */
  readonly throughput?: number;
  readonly containers: readonly ContainerDefinition[];
  /** The URL of the server. The server knows its URL only when it listens. */
  readonly baseUrl: () => string;
  readonly authenticate: (exchange: Exchange) => Authentication;
}

/** A running account with its admin routes. */
export interface CosmosServer {
  readonly handle: Handler;
  /** Changes the ranges and the throughput of the running account (settings.ts). */
  readonly admin: Handler;
  close(): void;
}

type RouteHandler = (account: CosmosAccount, request: CosmosRequest) => SimulatorResponse;

const ROUTES: Readonly<Record<string, RouteHandler>> = {
  '': handleAccount,
  dbs: handleDatabases,
  colls: handleContainers,
  pkranges: handleKeyRanges,
  docs: handleDocuments,
  offers: handleOffers,
};

/** Creates the account and its containers. */
export function createCosmos(options: CosmosOptions): CosmosServer {
  const store = new CosmosStore(options.dataFile);
  const settings = new AccountSettings({ ranges: options.ranges, throughput: options.throughput ?? null });
  const throughput = new Throughput(() => settings.throughput);
  const now = () => options.clock.now();
  const catalog = new Catalog(store, () => Math.floor(now() / 1000));
  catalog.ensureContainers(options.containers);
  const account: CosmosAccount = {
    store,
    catalog,
    items: new Items(store, now),
    parsed: new ParsedDocuments(),
    settings,
    now,
    baseUrl: options.baseUrl,
  };
  return {
    handle: (exchange) => handleRequest(account, throughput, exchange, options.authenticate),
    admin: (exchange) => settings.handle(exchange),
    close: () => store.close(),
  };
}

function handleRequest(
  account: CosmosAccount,
  throughput: Throughput,
  exchange: Exchange,
  authenticate: CosmosOptions['authenticate'],
): SimulatorResponse {
  const activityId = crypto.randomUUID();
  try {
    const authentication = authenticate(exchange);
    if ('refused' in authentication) return authentication.refused;
    const address = parseResourcePath(exchange.path);
    requireDataPlaneRight(exchange, address);
    const route = ROUTES[address.type];
    if (route === undefined) throw unsupportedError(`The resource type '${address.type}'`);
    const response = chargeThroughput(throughput, address, () => route(account, { exchange, address }));
    return { ...response, headers: { ...commonHeaders(activityId), ...response.headers } };
  } catch (error) {
    const known = error instanceof CosmosError ? error : internalError(exchange, error);
    return {
      status: known.status,
      headers: { ...commonHeaders(activityId), ...known.headers },
      body: known.body(activityId),
    };
  }
}

/** Charges request units for operations on documents. A failed operation costs little. */
function chargeThroughput(
  throughput: Throughput,
  { type, database = '', container = '' }: ResourcePath,
  work: () => SimulatorResponse,
): SimulatorResponse {
  if (type !== 'docs') return work();
  const containerLink = `${database}/${container}`;
  throughput.requireBudget(containerLink);
  let charge = 1;
  try {
    const response = work();
    charge = Number(response.headers?.['x-ms-request-charge'] ?? charge);
    return response;
  } finally {
    throughput.spend(containerLink, charge);
  }
}

/**
 * Answers a defect of the simulator. The log shows the error, and the caller gets a readable
 * response.
 */
function internalError({ method, path }: Exchange, error: unknown): CosmosError {
  console.error(`cosmos: ${method} ${path} failed:`, error);
  return new CosmosError(500, 'An unknown error occurred while processing this request.');
}

/**
 * Refuses changes of databases and containers with a token, as Azure does. The deployment template
 * creates them.
 */
function requireDataPlaneRight(exchange: Exchange, { type }: ResourcePath): void {
  const { method, path, headers } = exchange;
  const reads = method === 'GET' || headers['x-ms-documentdb-isquery'] !== undefined;
  if (entraTokenOf(exchange) !== undefined && (type === 'dbs' || type === 'colls') && !reads) {
    throw createCosmosError(
      403,
      `Request blocked by Auth: Request for ${method} ${path} cannot be authorized by AAD ` +
        'token in data plane. Learn more: https://aka.ms/cosmos-native-rbac.',
      SubStatus.dataPlaneTokenRefused,
    );
  }
}

function commonHeaders(activityId: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'cache-control': 'no-store, no-cache',
    'x-ms-activity-id': activityId,
    'x-ms-gatewayversion': 'version=2.14.0',
    'x-ms-request-charge': '1',
  };
}
