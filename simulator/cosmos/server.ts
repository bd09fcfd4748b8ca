// A Cosmos DB account in the simulator: what `@azure/cosmos` needs of the SQL API, over HTTP.

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

export type { CompositePath, ContainerDefinition, UniqueKey } from './container.ts';
export type { CosmosSettings } from './settings.ts';
export { entraTokenOf as tokenOf } from './authorization.ts';
export { checkMasterKey, type Authentication } from './master-key.ts';

export interface CosmosOptions {
  readonly dataFile: string;
  readonly clock: SimulatedClock;
  /** How many partition key ranges every container has: 1, or more to see what several do to a query. */
  readonly ranges: number;
  /** Request units a second for each container; without it, as many as asked for. */
  readonly throughput?: number;
  readonly containers: readonly ContainerDefinition[];
  /** The address at which the server is reached: known only once it listens. */
  readonly baseUrl: () => string;
  readonly authenticate: (exchange: Exchange) => Authentication;
}

export interface CosmosServer {
  readonly handle: Handler;
  /** Changes ranges and throughput while the account is in use (settings.ts). */
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

/** Only the work on documents is paid for; what fails costs little. */
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

/** A defect of the simulator: its log says where, and the caller gets an error it can read. */
function internalError({ method, path }: Exchange, error: unknown): CosmosError {
  console.error(`cosmos: ${method} ${path} failed:`, error);
  return new CosmosError(500, 'An unknown error occurred while processing this request.');
}

/** In Azure a token reaches the data only: databases and containers are made by the template. */
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
