// Starts all Azure servers that Lifeboat calls. Each server has its own address. They share one
// clock and one list of faults.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClockService } from '../clock/clock-server.ts';
import type { LocalClock } from '../clock/jump-control.ts';
import { createLocalClock } from '../clock/local-clock.ts';
import type { ClockMode } from '../clock/simulated-clock.ts';
import { createCosmos, type CosmosServer } from '../cosmos/server.ts';
import { StartError } from '../host/start-error.ts';
import { APP_NAME, APP_AUDIENCE, findPrincipal, TENANT_ID } from '../identity/directory.ts';
import { createArmGuard, createCosmosGuard, createServiceBusGuard } from '../identity/guards.ts';
import { createManagedIdentity, MANAGED_IDENTITY_PATH } from '../identity/managed-identity.ts';
import { loadIdentitySecrets, type IdentitySecrets } from '../identity/secrets.ts';
import { createIssuer } from '../identity/server.ts';
import { createTokens, type Tokens } from '../identity/tokens.ts';
import { readEntities, type Entities } from '../servicebus/entities.ts';
import { loadServiceBusKeys } from '../servicebus/keys.ts';
import { createServiceBus, type ServiceBus } from '../servicebus/server.ts';
import type { Handler } from '../wire/exchange.ts';
import { readFaultFile } from '../wire/fault-file.ts';
import { createFaults, type FaultRegistry } from '../wire/faults.ts';
import { startServer, type RunningServer, type ServerOptions } from '../wire/server.ts';
import { loadTls, type Tls } from '../wire/tls.ts';
import { createTrace, type Trace } from '../wire/trace.ts';
import {
  saveAddresses,
  choosePorts,
  HTTP_SERVER_NAMES,
  type ServerAddresses,
  type ServerName,
  type HttpServerName,
} from './server-addresses.ts';
import { createAdmin } from './admin.ts';
import { lockFolder, type FolderLock } from './folder-lock.ts';
import { readAppActions } from './app-role.ts';
import { createAzure, loadAzureState, type SimulatedAzure } from './azure.ts';
import { readContainers } from './containers.ts';

/** The options of the command line. */
export interface AzureServersOptions {
  /** The data folder. */
  readonly data: string;
  readonly clock: ClockMode;
  /** The processes that a jumping clock waits for. */
  readonly participants: readonly string[];
  /** The name of an environment, or a YAML file. */
  readonly environment: string;
  readonly cosmosRanges: number;
  /** The request units per second of each Cosmos DB container. The default is no limit. */
  readonly cosmosThroughput?: number;
  /**
   * The file with the database and its containers, the queues and topics, and the actions of the
   * app's role.
   */
  readonly containers: string;
  readonly portBase?: number;
  /** The file for the exchanges of the ARM server. */
  readonly trace?: string;
  /** A file of fault rules that apply from the start. */
  readonly faults?: string;
}

/** The running servers. */
export interface AzureServers {
  readonly addresses: ServerAddresses;
  /** The clock, for code in the same process. */
  readonly clock: LocalClock;
  close(): Promise<void>;
}

/** The objects that all servers share. */
interface SharedServices {
  readonly options: AzureServersOptions;
  readonly clock: LocalClock;
  readonly faults: FaultRegistry;
  readonly tls: Tls;
  readonly tokens: Tokens;
  readonly trace: Trace | undefined;
  readonly urls: Map<ServerName, string>;
}

type HttpServerSetup = Pick<ServerOptions, 'service' | 'handler'> & Partial<ServerOptions>;

/** Starts the servers and stores their addresses. */
export async function startAzureServers(options: AzureServersOptions): Promise<AzureServers> {
  mkdirSync(options.data, { recursive: true });
  const lock = lockFolder(options.data);
  try {
    return await startServers(options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startServers(options: AzureServersOptions, lock: FolderLock): Promise<AzureServers> {
  // The folder has keys and a large state. Under any name it stays out of a repository.
  writeFileSync(join(options.data, '.gitignore'), '*\n');
  const tls = await loadTls(join(options.data, 'tls'));
  const entities = readServiceBusEntities(options.containers);
  const urls: SharedServices['urls'] = new Map();
  const secrets = loadIdentitySecrets(join(options.data, 'identity.json'));
  const clock = createLocalClock(options.clock, { file: join(options.data, 'clock.json') });
  // The clock must know its participants before any code sets an alarm. Otherwise it would jump to
  // the alarm.
  const clockService = createClockService(clock, options);
  const azureState = loadAzureState(options.data, options.environment, clock);
  const shared: SharedServices = {
    options,
    urls,
    clock,
    faults: loadFaults(options, clock, azureState.startedAt),
    tls,
    tokens: createTokens(secrets, () => urls.get('identity') ?? ''),
    trace: options.trace === undefined ? undefined : createTrace(options.trace),
  };
  const authenticate = createArmGuard(
    shared.tokens,
    () => urls.get('identity') ?? '',
    readAppActions(options.containers),
  );
  const azure = createAzure({
    ...shared,
    ...azureState,
    data: options.data,
    baseUrl: () => urls.get('arm') ?? '',
    authenticate,
  });
  const cosmos = createCosmosServer(shared);
  const setups = httpServerSetups(shared, { azure, cosmos, secrets, clockService });
  const ports = choosePorts(options.data, options.portBase);
  const servers = await startHttpServers(shared, setups, ports);
  const serviceBus = await startServiceBus(shared, ports.serviceBus, entities);
  const addresses = collectAddresses(shared, azure.vaults);
  saveAddresses(options.data, addresses);
  return {
    addresses,
    clock,
    async close() {
      await Promise.all([...servers, serviceBus].map((server) => server.close()));
      azure.close();
      cosmos.close();
      shared.trace?.close();
      shared.clock.close();
      lock.release();
    },
  };
}

/** Returns the HTTP servers with their own handlers. */
function httpServerSetups(
  shared: SharedServices,
  {
    azure,
    cosmos,
    secrets,
    clockService,
  }: {
    readonly azure: SimulatedAzure;
    readonly cosmos: CosmosServer;
    readonly secrets: IdentitySecrets;
    readonly clockService: Handler;
  },
): Record<HttpServerName, HttpServerSetup> {
  const identityUrl = (): string => shared.urls.get('identity') ?? '';
  return {
    arm: {
      ...azureServerOptions(shared, true),
      service: 'arm',
      handler: azure.handle,
      onResponse: (exchange, answer) => shared.trace?.record(exchange, answer),
    },
    cosmos: { ...azureServerOptions(shared, true), service: 'cosmos', handler: cosmos.handle },
    identity: {
      ...azureServerOptions(shared, true),
      service: 'identity',
      handler: createIssuer(secrets, shared.tokens, identityUrl),
    },
    managedIdentity: {
      ...azureServerOptions(shared, false),
      service: 'identity',
      handler: createManagedIdentity(secrets, shared.tokens, appPrincipal()),
    },
    clock: { service: 'clock', handler: clockService },
    admin: {
      service: 'admin',
      handler: createAdmin({
        ...shared,
        siteRecovery: azure.siteRecoveryAdmin,
        arm: azure.armAdmin,
        cosmos: cosmos.admin,
      }),
    },
  };
}

function appPrincipal() {
  const principal = findPrincipal(APP_NAME);
  if (principal === undefined) throw new Error('The directory has no principal for Lifeboat.');
  return principal;
}

/**
 * The options of the servers that play Azure: faults apply to them, and their work stops the clock.
 * The clock service and the admin server never fail.
 */
const azureServerOptions = (
  { clock, faults, tls }: SharedServices,
  secure: boolean,
): Partial<ServerOptions> => ({
  faults,
  markBusy: () => clock.markBusy(),
  ...(secure && { tls }),
});

function loadFaults(
  { faults: file }: AzureServersOptions,
  clock: LocalClock,
  startedAt: number,
): FaultRegistry {
  const faults = createFaults(
    () => clock.now(),
    () => startedAt,
  );
  for (const rule of file === undefined ? [] : readFaultFile(file)) faults.add(rule);
  return faults;
}

function createCosmosServer({ options, clock, tokens, urls }: SharedServices) {
  const endpoint = (): string => urls.get('cosmos') ?? '';
  return createCosmos({
    dataFile: join(options.data, 'cosmos.sqlite'),
    clock,
    ranges: options.cosmosRanges,
    ...(options.cosmosThroughput !== undefined && { throughput: options.cosmosThroughput }),
    containers: readContainers(options.containers),
    baseUrl: endpoint,
    authenticate: createCosmosGuard(tokens, endpoint),
  });
}

async function startServiceBus(
  { options, faults, urls, tls, tokens }: SharedServices,
  port: number,
  entities: Entities,
): Promise<ServiceBus> {
  const keys = loadServiceBusKeys(join(options.data, 'servicebus-keys.json'));
  const bus = await startOnPort('serviceBus', port, () =>
    createServiceBus({
      dataFile: join(options.data, 'servicebus.sqlite'),
      port,
      entities,
      keys,
      tls,
      entra: createServiceBusGuard(tokens),
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

async function startHttpServers(
  { urls }: SharedServices,
  setups: Record<HttpServerName, HttpServerSetup>,
  ports: Record<ServerName, number>,
): Promise<RunningServer[]> {
  const servers: RunningServer[] = [];
  for (const serverName of HTTP_SERVER_NAMES) {
    const server = await startOnPort(serverName, ports[serverName], () =>
      startServer({ faults: createFaults(), ...setups[serverName], port: ports[serverName] }),
    );
    urls.set(serverName, server.url);
    servers.push(server);
  }
  return servers;
}

async function startOnPort<T>(serverName: ServerName, port: number, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new StartError(
      `Port ${port} of 127.0.0.1, meant for ${serverName}, is in use: stop the simulator that runs ` +
        'there, or give --port-base another number.',
      { cause: error },
    );
  }
}

function collectAddresses({ tls, urls }: SharedServices, vaults: readonly string[]): ServerAddresses {
  const at = Object.fromEntries(urls) as Record<ServerName, string>;
  return {
    ...at,
    managedIdentity: `${at.managedIdentity}${MANAGED_IDENTITY_PATH}`,
    caFile: tls.caFile,
    tenant: TENANT_ID,
    audience: APP_AUDIENCE,
    vaults,
  };
}
