// Starts the simulator: the Azure servers as one process, the host with the app as another, so that
// killing Lifeboat does not kill "Azure".

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ClockMode } from './clock/story-clock.ts';
import type { Environment } from './environments/schema.ts';
import type { EngineName } from './host/durable-engine.ts';
import { installStorage } from './host/real-durable/install-storage.ts';
import { buildExtension } from './host/real-durable/build-extension.ts';
import { StartError } from './host/start-error.ts';
import { adminClient, type AdminClient } from './launch/admin-client.ts';
import { appSettings } from './launch/app-settings.ts';
import type { ChildOptions } from './launch/child.ts';
import { Restartable } from './launch/restartable.ts';
import { PLACES, type Addresses } from './azure/addresses.ts';
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

export class SimulatorHost extends Restartable {
  /** Stays the same when the host is started again. */
  get url(): string {
    return (this.ready as { url: string }).url;
  }
}

export interface Simulator extends AdminClient {
  readonly data: string;
  readonly addresses: Addresses;
  readonly host: SimulatorHost;
  readonly azureServers: Restartable;
  stop(): Promise<void>;
}

const HERE = import.meta.dirname;
/** A .NET process starts before the host is ready. */
const REAL_ENGINE_PATIENCE = 120_000;

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const kept = options.data !== undefined;
  const data = kept ? resolve(options.data) : mkdtempSync(join(tmpdir(), 'lifeboat-simulator-'));
  mkdirSync(data, { recursive: true });
  const azureServers = new Restartable('Azure in the simulator', () => azureServersProcess(options, data));
  const addresses = (): Addresses => azureServers.ready as Addresses;
  const storage = new Restartable('Azure Storage in the simulator', () => storageProcess(data, kept));
  const host: SimulatorHost = new SimulatorHost('The host', () =>
    hostProcess(options, data, addresses(), host, storage.ready as Storage | undefined),
  );
  const stop = async (): Promise<void> => {
    await host.stop();
    await storage.stop();
    await azureServers.stop();
    if (!kept) rmSync(data, { recursive: true, force: true });
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
    ...adminClient(addresses),
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
interface Storage {
  readonly connection: string;
}

/** The extension keeps its queues and tables in Azure Storage, which outlives the host. */
async function prepareRealEngine({ clock }: SimulatorOptions, storage: Restartable): Promise<void> {
  if (clock === 'jumping')
    throw new StartError('The real Durable engine needs a clock that flows: real or scaled:N, not jumping.');
  await Promise.all([buildExtension(), installStorage()]);
  await storage.start();
}

function storageProcess(data: string, kept: boolean): ChildOptions {
  return {
    script: join(HERE, 'host', 'real-durable', 'storage-main.ts'),
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
    script: join(HERE, 'azure-servers.ts'),
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
  addresses: Addresses,
  host: SimulatorHost,
  storage: Storage | undefined,
): ChildOptions {
  const firstPort = portBase === undefined ? '0' : String(portBase + PLACES.length);
  const port = host.ready === undefined ? firstPort : new URL(host.url).port;
  return {
    script: join(HERE, 'host', 'main.ts'),
    args: ['--app', app, '--port', port, '--data', data, '--clock', addresses.clock, '--engine', engine],
    env: appSettings({
      addresses,
      identityHeader: identityHeader(data),
      database: databaseIn(agreement),
      extra: { ...(storage && { AzureWebJobsStorage: storage.connection }), ...env },
    }),
    cwd: app,
    log: join(data, 'host.log'),
    ...(storage && { startPatience: REAL_ENGINE_PATIENCE }),
  };
}

const identityHeader = (data: string): string =>
  (JSON.parse(readFileSync(join(data, 'identity.json'), 'utf8')) as { identityHeader: string })
    .identityHeader;
const databaseIn = (agreement: string): string =>
  (JSON.parse(readFileSync(agreement, 'utf8')) as { database: string }).database;

export function serviceBusConnection(data: string, { serviceBus }: Addresses): string {
  return connectionString(
    Number(new URL(serviceBus).port),
    loadServiceBusKeys(join(data, 'servicebus-keys.json')),
  );
}
