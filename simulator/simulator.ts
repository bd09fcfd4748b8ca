// Starts the simulator: the Azure servers in one process and the host with the app in another. So a
// test can kill Lifeboat without killing "Azure".

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

export { HOST_KEY_HEADERS, HOST_KEY_QUERY } from './host/http/host-key.ts';
export type { SiteRecoveryItem, SiteRecoveryWrite, UnknownCall } from './launch/admin-client.ts';

/** The options of the simulator. */
export interface SimulatorOptions {
  /**
   * The data folder. The next start continues with its state. Without a folder, the state is lost
   * when the simulator stops.
   */
  readonly data?: string;
  /** The default is `real`. */
  readonly clock?: ClockMode;
  /**
   * The engine of durable functions. The default is `simulated`. `real` needs the .NET SDK, and a
   * real or scaled clock.
   */
  readonly engine?: EngineName;
  /** The processes that a jumping clock waits for. The default is only the host. */
  readonly participants?: readonly string[];
  /** The name of an environment, a file, or the environment itself. The default is `contoso`. */
  readonly environment?: string | Environment;
  /** The first port of the Azure servers; the host gets the next one. The default is any free ports. */
  readonly portBase?: number;
  /** The file for all exchanges of the ARM server. */
  readonly trace?: string;
  /** A file of fault rules (simulator/wire/fault-file.ts) that apply from the start. */
  readonly faults?: string;
  /** The number of partition key ranges of a Cosmos container. The default is 1. */
  readonly cosmosRanges?: number;
  /**
   * The file with the database and its containers, the queues and topics, and the actions of the
   * app's role.
   */
  readonly agreement: string;
  /** The folder of the app's package.json. */
  readonly app: string;
  /** More settings of the app. They override the settings of the simulator. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The process of the Functions host with the app. */
export class SimulatorHost extends RestartableProcess {
  /** The URL of the host. A restart keeps the URL. */
  get url(): string {
    return (this.ready as { url: string }).url;
  }

  /** The URL for the app's durable client. It changes with each start. */
  get rpcUrl(): string {
    return (this.ready as { rpcUrl: string }).rpcUrl;
  }
}

/** A running simulator. */
export interface Simulator extends AdminClient {
  readonly data: string;
  readonly addresses: ServerAddresses;
  readonly host: SimulatorHost;
  readonly azureServers: RestartableProcess;
  stop(): Promise<void>;
}

const SIMULATOR_FOLDER = import.meta.dirname;
/** The real engine starts a .NET process before the host is ready. */
const REAL_ENGINE_START_TIMEOUT_MS = 120_000;

/** Starts all processes. Stops them again when one does not start. */
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
    if (options.engine === 'real') assertClockFlows(options);
    await azureServers.start();
    if (options.engine === 'real') await prepareRealEngine(storage);
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

/** The ready value of Azurite. */
interface StorageReady {
  readonly connection: string;
}

function assertClockFlows({ clock }: SimulatorOptions): void {
  if (clock === 'jumping')
    throw new StartError('The real Durable engine needs a clock that flows: real or scaled:N, not jumping.');
}

/** The extension stores its queues and tables in Azure Storage, so the storage must outlive the host. */
async function prepareRealEngine(storage: RestartableProcess): Promise<void> {
  await Promise.all([buildExtension(), installStorage()]);
  await storage.start();
}

function storageProcess(data: string, keepsData: boolean): ChildOptions {
  return {
    script: join(SIMULATOR_FOLDER, 'host', 'real-durable', 'storage-main.ts'),
    args: keepsData ? ['--location', join(data, 'storage')] : [],
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
  // JSON is also valid YAML.
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

/** Returns the connection string of the simulated Service Bus namespace. */
export function serviceBusConnection(data: string, { serviceBus }: ServerAddresses): string {
  return connectionString(
    Number(new URL(serviceBus).port),
    loadServiceBusKeys(join(data, 'servicebus-keys.json')),
  );
}
