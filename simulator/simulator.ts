// Starts the simulator: the Azure servers as one process, the host with the app as another, so that
// killing Lifeboat does not kill "Azure".

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ClockMode } from './clock/simulated-clock.ts';
import type { Environment } from './environments/schema.ts';
import type { EngineName } from './host/durable-engine.ts';
import { installStorage } from './host/real-durable/install-storage.ts';
import { buildExtension } from './host/real-durable/build-extension.ts';
import { StartError } from './host/start-error.ts';
import { createAdminClient, type AdminClient } from './launch/admin-client.ts';
import { createAppSettings } from './launch/app-settings.ts';
import type { ChildOptions } from './launch/child.ts';
import { RestartableProcess } from './launch/restartable-process.ts';
import { SERVER_NAMES, type ServerAddresses } from './azure/server-addresses.ts';
import { connectionString, loadServiceBusKeys } from './servicebus/keys.ts';

export type { SiteRecoveryItem, SiteRecoveryWrite, UnknownCall } from './launch/admin-client.ts';

export interface SimulatorOptions {
  /**
   * Where the state is kept, to go on from there the next time. Without it, it is gone when the
   * simulator stops.
   */
  readonly data?: string;
  /** `real` unless given. */
  readonly clock?: ClockMode;
  /**
   * What runs durable functions; `simulated` unless given. `real` needs the .NET SDK, and a clock
   * that flows.
   */
  readonly engine?: EngineName;
  /** Processes without which a jumping clock does not move; the host alone unless given. */
  readonly participants?: readonly string[];
  /** The name of an environment, a file, or the environment itself; `contoso` unless given. */
  readonly environment?: string | Environment;
  /** The Azure servers listen on ports from here on, the host on the next one; anywhere unless given. */
  readonly portBase?: number;
  /** Where to write every exchange of the ARM server. */
  readonly trace?: string;
  /** A file of fault rules (simulator/wire/fault-file.ts) that hold from the start. */
  readonly faults?: string;
  /** How many partition key ranges a Cosmos container has; 1 unless given. */
  readonly cosmosRanges?: number;
  /**
   * The file that names the database with its containers, the queues and topics, and the actions of
   * the app's role.
   */
  readonly agreement: string;
  /** The folder of the app's package.json. */
  readonly app: string;
  /** Settings of the app beyond those that the simulator gives it. */
  readonly env?: Readonly<Record<string, string>>;
}

export class SimulatorHost extends RestartableProcess {
  /** Stays the same when the host is started again. */
  get url(): string {
    return (this.ready as { url: string }).url;
  }
}

export interface Simulator extends AdminClient {
  readonly data: string;
  readonly addresses: ServerAddresses;
  readonly host: SimulatorHost;
  readonly azureServers: RestartableProcess;
  stop(): Promise<void>;
}

const SIMULATOR_FOLDER = import.meta.dirname;
/** A .NET process starts before the host is ready. */
const REAL_ENGINE_START_TIMEOUT_MS = 120_000;

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const keepsData = options.data !== undefined;
  const data = keepsData ? resolve(options.data) : mkdtempSync(join(tmpdir(), 'lifeboat-simulator-'));
  mkdirSync(data, { recursive: true });
  const azureServers = new RestartableProcess('Azure in the simulator', () =>
    azureServersProcess(options, data),
  );
  const addresses = (): ServerAddresses => azureServers.ready as ServerAddresses;
  const storage = new RestartableProcess('Azure Storage in the simulator', () =>
    storageProcess(data, keepsData),
  );
  const host: SimulatorHost = new SimulatorHost('The host', () =>
    hostProcess(options, data, addresses(), host, storage.ready as StorageReady | undefined),
  );
  const stop = async (): Promise<void> => {
    await host.stop();
    await storage.stop();
    await azureServers.stop();
    if (!keepsData) rmSync(data, { recursive: true, force: true });
  };
  try {
    if (options.engine === 'real') await prepareRealEngine(options, storage);
    await azureServers.start();
    await host.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...createAdminClient(addresses),
    data,
    host,
    azureServers,
    stop,
    get addresses() {
      return addresses();
    },
  };
}

/** What Azurite said when it was ready. */
interface StorageReady {
  readonly connection: string;
}

/** The extension keeps its queues and tables in Azure Storage, which outlives the host. */
async function prepareRealEngine({ clock }: SimulatorOptions, storage: RestartableProcess): Promise<void> {
  if (clock === 'jumping')
    throw new StartError('The real Durable engine needs a clock that flows: real or scaled:N, not jumping.');
  await Promise.all([buildExtension(), installStorage()]);
  await storage.start();
}

function storageProcess(data: string, kept: boolean): ChildOptions {
  return {
    script: join(SIMULATOR_FOLDER, 'host', 'real-durable', 'storage-main.ts'),
    args: kept ? ['--location', join(data, 'storage')] : [],
    env: process.env,
    cwd: data,
    log: join(data, 'storage.log'),
  };
}

function azureServersProcess(
  {
    clock = 'real',
    participants,
    environment = 'contoso',
    portBase,
    trace,
    faults,
    cosmosRanges = 1,
    agreement,
  }: SimulatorOptions,
  data: string,
): ChildOptions {
  return {
    script: join(SIMULATOR_FOLDER, 'azure-servers.ts'),
    args: [
      '--data',
      data,
      '--clock',
      clock,
      '--environment',
      environmentArgument(environment, data),
      '--cosmos-ranges',
      String(cosmosRanges),
      '--containers',
      agreement,
      ...(participants === undefined ? [] : ['--participants', participants.join(',')]),
      ...(portBase === undefined ? [] : ['--port-base', String(portBase)]),
      ...(trace === undefined ? [] : ['--trace', resolve(trace)]),
      ...(faults === undefined ? [] : ['--faults', resolve(faults)]),
    ],
    env: process.env,
    cwd: process.cwd(),
    log: join(data, 'azure-servers.log'),
  };
}

function environmentArgument(environment: string | Environment, data: string): string {
  if (typeof environment === 'string') return environment;
  // JSON is YAML too.
  const file = join(data, 'environment.yaml');
  writeFileSync(file, JSON.stringify(environment, undefined, 2));
  return file;
}

function hostProcess(
  { portBase, app, agreement, engine = 'simulated', env = {} }: SimulatorOptions,
  data: string,
  addresses: ServerAddresses,
  host: SimulatorHost,
  storage: StorageReady | undefined,
): ChildOptions {
  const firstPort = portBase === undefined ? '0' : String(portBase + SERVER_NAMES.length);
  const port = host.ready === undefined ? firstPort : new URL(host.url).port;
  return {
    script: join(SIMULATOR_FOLDER, 'host', 'main.ts'),
    args: ['--app', app, '--port', port, '--data', data, '--clock', addresses.clock, '--engine', engine],
    env: createAppSettings({
      addresses,
      identityHeader: identityHeader(data),
      database: readDatabase(agreement),
      extra: { ...(storage && { AzureWebJobsStorage: storage.connection }), ...env },
    }),
    cwd: app,
    log: join(data, 'host.log'),
    ...(storage && { startTimeoutMs: REAL_ENGINE_START_TIMEOUT_MS }),
  };
}

const identityHeader = (data: string): string =>
  (JSON.parse(readFileSync(join(data, 'identity.json'), 'utf8')) as { identityHeader: string })
    .identityHeader;
const readDatabase = (agreement: string): string =>
  (JSON.parse(readFileSync(agreement, 'utf8')) as { database: string }).database;

export function serviceBusConnection(data: string, { serviceBus }: ServerAddresses): string {
  return connectionString(
    Number(new URL(serviceBus).port),
    loadServiceBusKeys(join(data, 'servicebus-keys.json')),
  );
}
