// A Cosmos DB account in the simulator: what `@azure/cosmos` needs of the SQL API, over HTTP.

import type { StoryClock } from '../clock/story-clock.ts';
import type { Answer, Exchange, Handler } from '../wire/exchange.ts';
import { addressOf, type Address } from './address.ts';
import { tokenOf } from './authorization.ts';
import { Catalog } from './catalog.ts';
import type { ContainerDefinition } from './container.ts';
import { CosmosError, refusal, SubStatus, unsupported } from './errors.ts';
import { Items } from './items.ts';
import type { Authentication } from './master-key.ts';
import { ParsedDocuments } from './parsed.ts';
import { accountAnswer } from './routes/account.ts';
import { containerAnswer, databaseAnswer, offerAnswer, rangesAnswer } from './routes/catalog.ts';
import { documentAnswer } from './routes/documents.ts';
import type { Account, Request } from './routes/request.ts';
import { Settings } from './settings.ts';
import { Store } from './store.ts';
import { Throughput } from './throughput.ts';

export type { CompositePath, ContainerDefinition, UniqueKey } from './container.ts';
export type { CosmosSettings } from './settings.ts';
export { tokenOf } from './authorization.ts';
export { checkMasterKey, type Authentication } from './master-key.ts';

export interface CosmosOptions {
  readonly dataFile: string;
  readonly clock: StoryClock;
  /** How many partition key ranges every container has: 1, or more to see what several do to a query. */
  readonly ranges: number;
  /** Request units a second for each container; without it, as many as asked for. */
  readonly throughput?: number;
  readonly containers: readonly ContainerDefinition[];
  /** The address at which the server is reached: known only once it listens. */
  readonly baseUrl: () => string;
  readonly authenticate: (exchange: Exchange) => Authentication;
}

export interface Cosmos {
  readonly handle: Handler;
  /** Changes ranges and throughput while the account is in use (settings.ts). */
  readonly admin: Handler;
  close(): void;
}

type Route = (account: Account, request: Request) => Answer;

const ROUTES: Readonly<Record<string, Route>> = {
  '': accountAnswer,
  dbs: databaseAnswer,
  colls: containerAnswer,
  pkranges: rangesAnswer,
  docs: documentAnswer,
  offers: offerAnswer,
};

export function createCosmos(options: CosmosOptions): Cosmos {
  const store = new Store(options.dataFile);
  const settings = new Settings({ ranges: options.ranges, throughput: options.throughput ?? null });
  const throughput = new Throughput(() => settings.throughput);
  const now = () => options.clock.now();
  const catalog = new Catalog(store, () => Math.floor(now() / 1000));
  catalog.predefine(options.containers);
  const account: Account = {
    store,
    catalog,
    items: new Items(store, now),
    parsed: new ParsedDocuments(),
    settings,
    now,
    baseUrl: options.baseUrl,
  };
  return {
    handle: (exchange) => answer(account, throughput, exchange, options.authenticate),
    admin: (exchange) => settings.answer(exchange),
    close: () => store.close(),
  };
}

function answer(
  account: Account,
  throughput: Throughput,
  exchange: Exchange,
  authenticate: CosmosOptions['authenticate'],
): Answer {
  const activityId = crypto.randomUUID();
  try {
    const authentication = authenticate(exchange);
    if ('refused' in authentication) return authentication.refused;
    const address = addressOf(exchange.path);
    needDataPlaneRight(exchange, address);
    const route = ROUTES[address.type];
    if (route === undefined) throw unsupported(`The resource type '${address.type}'`);
    const given = paid(throughput, address, () => route(account, { exchange, address }));
    return { ...given, headers: { ...commonHeaders(activityId), ...given.headers } };
  } catch (error) {
    const known = error instanceof CosmosError ? error : failed(exchange, error);
    return {
      status: known.status,
      headers: { ...commonHeaders(activityId), ...known.headers },
      body: known.body(activityId),
    };
  }
}

/** Only the work on documents is paid for; what fails costs little. */
function paid(
  throughput: Throughput,
  { type, database = '', container = '' }: Address,
  work: () => Answer,
): Answer {
  if (type !== 'docs') return work();
  const payer = `${database}/${container}`;
  throughput.need(payer);
  let charge = 1;
  try {
    const given = work();
    charge = Number(given.headers?.['x-ms-request-charge'] ?? charge);
    return given;
  } finally {
    throughput.spend(payer, charge);
  }
}

/** A defect of the simulator: its log says where, and the caller gets an error it can read. */
function failed({ method, path }: Exchange, error: unknown): CosmosError {
  console.error(`cosmos: ${method} ${path} failed:`, error);
  return new CosmosError(500, 'An unknown error occurred while processing this request.');
}

/** In Azure a token reaches the data only: databases and containers are made by the template. */
function needDataPlaneRight(exchange: Exchange, { type }: Address): void {
  const { method, path, headers } = exchange;
  const reads = method === 'GET' || headers['x-ms-documentdb-isquery'] !== undefined;
  if (tokenOf(exchange) !== undefined && (type === 'dbs' || type === 'colls') && !reads) {
    throw refusal(
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
