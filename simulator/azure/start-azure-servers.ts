// Starts the Azure servers: the parts of Azure that Lifeboat calls, each on an address of its own,
// with one clock and one list of faults.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClockService } from '../clock/clock-server.ts';
import type { LocalClock } from '../clock/jump-control.ts';
import { localClock } from '../clock/local-clock.ts';
import type { ClockMode } from '../clock/story-clock.ts';
import { createCosmos, type Cosmos } from '../cosmos/server.ts';
import { StartError } from '../host/start-error.ts';
import { APP, AUDIENCE, principalNamed, TENANT } from '../identity/directory.ts';
import { armGuard, cosmosGuard, serviceBusGuard } from '../identity/guards.ts';
import { createManagedIdentity, MANAGED_IDENTITY_PATH } from '../identity/managed-identity.ts';
import { loadIdentitySecrets, type IdentitySecrets } from '../identity/secrets.ts';
import { createIssuer } from '../identity/server.ts';
import { createTokens, type Tokens } from '../identity/tokens.ts';
import { readEntities, type Entities } from '../servicebus/entities.ts';
import { loadServiceBusKeys } from '../servicebus/keys.ts';
import { createServiceBus, type ServiceBus } from '../servicebus/server.ts';
import type { Handler } from '../wire/exchange.ts';
import { readFaultFile } from '../wire/fault-file.ts';
import { createFaults, type FaultBook } from '../wire/faults.ts';
import { startServer, type RunningServer, type ServerOptions } from '../wire/server.ts';
import { loadTls, type Tls } from '../wire/tls.ts';
import { createTrace, type Trace } from '../wire/trace.ts';
import {
  keepAddresses,
  portsFor,
  WEB_PLACES,
  type Addresses,
  type Place,
  type WebPlace,
} from './addresses.ts';
import { createAdmin } from './admin.ts';
import { readAppActions } from './app-role.ts';
import { azureOn, groundOf, type Azure } from './azure.ts';
import { readContainers } from './containers.ts';

export interface AzureServersOptions {
  /** Where everything is kept. */
  readonly data: string;
  readonly clock: ClockMode;
  /** Processes without which a jumping clock does not move. */
  readonly participants: readonly string[];
  /** The name of an environment, or a file. */
  readonly environment: string;
  readonly cosmosRanges: number;
  /** Request units a second for each container of Cosmos DB; without it, as many as asked for. */
  readonly cosmosThroughput?: number;
  /**
   * The file that names the database and its containers, the queues and topics, and the actions of
   * the app's role.
   */
  readonly containers: string;
  readonly portBase?: number;
  /** Where to write the exchanges of the ARM server. */
  readonly trace?: string;
  /** A file of fault rules that hold from the start. */
  readonly faults?: string;
}

export interface AzureServers {
  readonly addresses: Addresses;
  /** For who lives in the same process. */
  readonly clock: LocalClock;
  close(): Promise<void>;
}

/** What all of them share. */
interface Ground {
  readonly options: AzureServersOptions;
  readonly clock: LocalClock;
  readonly faults: FaultBook;
  readonly tls: Tls;
  readonly tokens: Tokens;
  readonly trace: Trace | undefined;
  readonly urls: Map<Place, string>;
}

type Setup = Pick<ServerOptions, 'service' | 'handler'> & Partial<ServerOptions>;

export async function startAzureServers(options: AzureServersOptions): Promise<AzureServers> {
  mkdirSync(options.data, { recursive: true });
  const tls = await loadTls(join(options.data, 'tls'));
  const entities = readServiceBusEntities(options.containers);
  const urls: Ground['urls'] = new Map();
  const secrets = loadIdentitySecrets(join(options.data, 'identity.json'));
  const clock = localClock(options.clock, { file: join(options.data, 'clock.json') });
  // Before anything that can set an alarm: until the clock knows whom to wait for, it would jump to it.
  const clockService = createClockService(clock, options);
  const azureGround = groundOf(options.data, options.environment, clock);
  const ground: Ground = {
    options,
    urls,
    clock,
    faults: faultsOf(options, clock, azureGround.began),
    tls,
    tokens: createTokens(secrets, () => urls.get('identity') ?? ''),
    trace: options.trace === undefined ? undefined : createTrace(options.trace),
  };
  const authenticate = armGuard(
    ground.tokens,
    () => urls.get('identity') ?? '',
    readAppActions(options.containers),
  );
  const azure = azureOn({
    ...ground,
    ...azureGround,
    data: options.data,
    baseUrl: () => urls.get('arm') ?? '',
    authenticate,
  });
  const cosmos = cosmosOn(ground);
  const setups = setupsOf(ground, { azure, cosmos, secrets, clockService });
  const ports = portsFor(options.data, options.portBase);
  const servers = await startAll(ground, setups, ports);
  const serviceBus = await serviceBusOn(ground, ports.serviceBus, entities);
  const addresses = addressesOf(ground, azure.vaults);
  keepAddresses(options.data, addresses);
  return {
    addresses,
    clock,
    async close() {
      await Promise.all([...servers, serviceBus].map((server) => server.close()));
      azure.close();
      cosmos.close();
      ground.trace?.close();
      ground.clock.close();
    },
  };
}

/** The servers that speak HTTP, with what only they know. */
function setupsOf(
  ground: Ground,
  {
    azure,
    cosmos,
    secrets,
    clockService,
  }: {
    readonly azure: Azure;
    readonly cosmos: Cosmos;
    readonly secrets: IdentitySecrets;
    readonly clockService: Handler;
  },
): Record<WebPlace, Setup> {
  const identityUrl = (): string => ground.urls.get('identity') ?? '';
  return {
    arm: {
      ...atWork(ground, true),
      service: 'arm',
      handler: azure.handle,
      record: (exchange, answer) => ground.trace?.record(exchange, answer),
    },
    cosmos: { ...atWork(ground, true), service: 'cosmos', handler: cosmos.handle },
    identity: {
      ...atWork(ground, true),
      service: 'identity',
      handler: createIssuer(secrets, ground.tokens, identityUrl),
    },
    managedIdentity: {
      ...atWork(ground, false),
      service: 'identity',
      handler: createManagedIdentity(secrets, ground.tokens, lifeboat()),
    },
    clock: { service: 'clock', handler: clockService },
    admin: {
      service: 'admin',
      handler: createAdmin({
        ...ground,
        siteRecovery: azure.siteRecoveryAdmin,
        arm: azure.armAdmin,
        cosmos: cosmos.admin,
      }),
    },
  };
}

function lifeboat() {
  const principal = principalNamed(APP);
  if (principal === undefined) throw new Error('The directory has no principal for Lifeboat.');
  return principal;
}

/**
 * What belongs to Azure can fail, and its work holds the clock. The clock and the simulator's own
 * door never fail.
 */
const atWork = ({ clock, faults, tls }: Ground, secure: boolean): Partial<ServerOptions> => ({
  faults,
  track: () => clock.busy(),
  ...(secure && { tls }),
});

function faultsOf({ faults: file }: AzureServersOptions, clock: LocalClock, began: number): FaultBook {
  const faults = createFaults(
    () => clock.now(),
    () => began,
  );
  for (const rule of file === undefined ? [] : readFaultFile(file)) faults.add(rule);
  return faults;
}

function cosmosOn({ options, clock, tokens, urls }: Ground) {
  const endpoint = (): string => urls.get('cosmos') ?? '';
  return createCosmos({
    dataFile: join(options.data, 'cosmos.sqlite'),
    clock,
    ranges: options.cosmosRanges,
    ...(options.cosmosThroughput !== undefined && { throughput: options.cosmosThroughput }),
    containers: readContainers(options.containers),
    baseUrl: endpoint,
    authenticate: cosmosGuard(tokens, endpoint),
  });
}

async function serviceBusOn(
  { options, faults, urls, tls, tokens }: Ground,
  port: number,
  entities: Entities,
): Promise<ServiceBus> {
  const keys = loadServiceBusKeys(join(options.data, 'servicebus-keys.json'));
  const bus = await startAt('serviceBus', port, () =>
    createServiceBus({
      dataFile: join(options.data, 'servicebus.sqlite'),
      port,
      entities,
      keys,
      tls,
      entra: serviceBusGuard(tokens),
      faults,
    }),
  );
  urls.set('serviceBus', `sb://127.0.0.1:${bus.port}`);
  return bus;
}

function readServiceBusEntities(file: string): Entities {
  const { serviceBus = {} } = JSON.parse(readFileSync(file, 'utf8')) as { serviceBus?: unknown };
  return readEntities(serviceBus);
}

async function startAll(
  { urls }: Ground,
  setups: Record<WebPlace, Setup>,
  ports: Record<Place, number>,
): Promise<RunningServer[]> {
  const servers: RunningServer[] = [];
  for (const place of WEB_PLACES) {
    const server = await startAt(place, ports[place], () =>
      startServer({ faults: createFaults(), ...setups[place], port: ports[place] }),
    );
    urls.set(place, server.url);
    servers.push(server);
  }
  return servers;
}

async function startAt<T>(place: Place, port: number, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new StartError(
      `Port ${port} of 127.0.0.1, meant for ${place}, is in use: stop the simulator that runs ` +
        'there, or give --port-base another number.',
      { cause: error },
    );
  }
}

function addressesOf({ tls, urls }: Ground, vaults: readonly string[]): Addresses {
  const at = Object.fromEntries(urls) as Record<Place, string>;
  return {
    ...at,
    managedIdentity: `${at.managedIdentity}${MANAGED_IDENTITY_PATH}`,
    caFile: tls.caFile,
    tenant: TENANT,
    audience: AUDIENCE,
    vaults,
  };
}
