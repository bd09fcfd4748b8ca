// Starts the desk: the neighbours as one process, the host with the app as another, so that killing Lifeboat does not kill "Azure".

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ClockMode } from './clock/story-clock.ts';
import type { Estate } from './estates/schema.ts';
import { adminClient, type AdminClient } from './launch/admin-client.ts';
import { appSettings } from './launch/app-settings.ts';
import type { ChildOptions } from './launch/child.ts';
import { Restartable } from './launch/restartable.ts';
import { PLACES, type Addresses } from './neighbours/addresses.ts';
import { connectionString, loadServiceBusKeys } from './servicebus/keys.ts';

export type { SiteRecoveryItem, SiteRecoveryWrite, UnknownCall } from './launch/admin-client.ts';

export interface DeskOptions {
  /** Where the state is kept, to go on from there the next time. Without it, it is gone when the desk stops. */
  readonly data?: string;
  /** `real` unless given. */
  readonly clock?: ClockMode;
  /** Processes without which a jumping clock does not move; the host alone unless given. */
  readonly participants?: readonly string[];
  /** The name of an estate, a file, or the estate itself; `contoso` unless given. */
  readonly estate?: string | Estate;
  /** The neighbours listen on ports from here on, the host on the next one; anywhere unless given. */
  readonly portBase?: number;
  /** Where to write every exchange of the ARM server. */
  readonly trace?: string;
  /** A file of fault rules (desk/wire/fault-file.ts) that hold from the start. */
  readonly faults?: string;
  /** How many partition key ranges a Cosmos container has; 1 unless given. */
  readonly cosmosRanges?: number;
  /** The file that names the database with its containers, the queues and topics, and the actions of the app's role; Lifeboat's agreement unless given. */
  readonly agreement?: string;
  /** The folder of the app's package.json; Lifeboat's unless given. */
  readonly app?: string;
  /** Settings of the app beyond those that the desk gives it. */
  readonly env?: Readonly<Record<string, string>>;
}

export class DeskHost extends Restartable {
  /** Stays the same when the host is started again. */
  get url(): string {
    return (this.ready as { url: string }).url;
  }
}

export interface Desk extends AdminClient {
  readonly data: string;
  readonly addresses: Addresses;
  readonly host: DeskHost;
  readonly neighbours: Restartable;
  stop(): Promise<void>;
}

const ROOT = resolve(import.meta.dirname, '..');
const AGREEMENT = join(ROOT, 'infra', 'agreement.json');

export async function startDesk(options: DeskOptions = {}): Promise<Desk> {
  const kept = options.data !== undefined;
  const data = kept ? resolve(options.data) : mkdtempSync(join(tmpdir(), 'lifeboat-desk-'));
  mkdirSync(data, { recursive: true });
  const neighbours = new Restartable('Azure on the desk', () => neighboursProcess(options, data));
  const addresses = (): Addresses => neighbours.ready as Addresses;
  const host: DeskHost = new DeskHost('The host', () => hostProcess(options, data, addresses(), host));
  const stop = async (): Promise<void> => {
    await host.stop();
    await neighbours.stop();
    if (!kept) rmSync(data, { recursive: true, force: true });
  };
  try {
    await neighbours.start();
    await host.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...adminClient(addresses),
    data,
    host,
    neighbours,
    stop,
    get addresses() {
      return addresses();
    },
  };
}

function neighboursProcess({ clock = 'real', participants, estate = 'contoso', portBase, trace, faults, cosmosRanges = 1, agreement = AGREEMENT }: DeskOptions, data: string): ChildOptions {
  return {
    script: join(ROOT, 'desk', 'neighbours.ts'),
    args: [
      '--data', data, '--clock', clock, '--estate', estateArgument(estate, data), '--cosmos-ranges', String(cosmosRanges), '--containers', agreement,
      ...(participants === undefined ? [] : ['--participants', participants.join(',')]),
      ...(portBase === undefined ? [] : ['--port-base', String(portBase)]),
      ...(trace === undefined ? [] : ['--trace', resolve(trace)]),
      ...(faults === undefined ? [] : ['--faults', resolve(faults)]),
    ],
    env: process.env,
    cwd: process.cwd(),
    log: join(data, 'neighbours.log'),
  };
}

function estateArgument(estate: string | Estate, data: string): string {
  if (typeof estate === 'string') return estate;
  // JSON is YAML too.
  const file = join(data, 'estate.yaml');
  writeFileSync(file, JSON.stringify(estate, undefined, 2));
  return file;
}

function hostProcess({ portBase, app = ROOT, agreement = AGREEMENT, env = {} }: DeskOptions, data: string, addresses: Addresses, host: DeskHost): ChildOptions {
  const firstPort = portBase === undefined ? '0' : String(portBase + PLACES.length);
  const port = host.ready === undefined ? firstPort : new URL(host.url).port;
  return {
    script: join(ROOT, 'desk', 'host', 'main.ts'),
    args: ['--app', app, '--port', port, '--data', data, '--clock', addresses.clock],
    env: appSettings({ addresses, identityHeader: identityHeader(data), database: databaseIn(agreement), extra: env }),
    cwd: app,
    log: join(data, 'host.log'),
  };
}

const identityHeader = (data: string): string => (JSON.parse(readFileSync(join(data, 'identity.json'), 'utf8')) as { identityHeader: string }).identityHeader;
const databaseIn = (agreement: string): string => (JSON.parse(readFileSync(agreement, 'utf8')) as { database: string }).database;

export function serviceBusConnection(data: string, { serviceBus }: Addresses): string {
  return connectionString(Number(new URL(serviceBus).port), loadServiceBusKeys(join(data, 'servicebus-keys.json')));
}
