// Resolves the `connection` of a binding. It names an app setting: a connection string, or a
// namespace to reach with the app's identity.

import type { EventEmitter } from 'node:events';
import type { ServiceBusClient } from '@azure/service-bus';
import { expandSettings } from '../app/app-setting.ts';
import type { Binding } from '../app/core-api.ts';
import { StartError } from '../start-error.ts';

/** The way to reach a namespace. */
export type ConnectionSettings =
  | { readonly connectionString: string }
  | { readonly namespace: string; readonly clientId: string | undefined };

export interface ConnectedClient {
  readonly client: ServiceBusClient;
  /** Aborted when the connection is lost. A caller can then get a new connection. */
  readonly lost: AbortSignal;
}

/** Connects a binding. The host checks the settings at its start and connects at the first use. */
export type ConnectClient = () => Promise<ConnectedClient>;

/**
 * The SDK's default delay of half a minute suits a remote service. A broker on this machine returns
 * sooner.
 */
const RETRY_OPTIONS = { retryDelayInMs: 500, maxRetries: 10 };
const DEFAULT_NAME = 'ServiceBus';
/** Azure looks for settings with both prefixes. */
const PREFIXES = ['AzureWebJobs', ''];

/** Keeps one client for each connection. All functions of a connection share it. */
export class Connections {
  readonly #lines = new Map<string, Promise<ConnectedClient>>();
  readonly #clients: ServiceBusClient[] = [];

  connectionFor(binding: Binding, owner: string): ConnectClient {
    const name =
      typeof binding.connection === 'string' && binding.connection !== ''
        ? expandSettings(binding.connection, `Function "${owner}": its connection`)
        : DEFAULT_NAME;
    const way = readConnectionSettings(name, owner);
    return async () => {
      const line = this.#lines.get(name) ?? this.#open(name, way);
      this.#lines.set(name, line);
      return await line;
    };
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#clients.map((client) => client.close()));
  }

  async #open(name: string, way: ConnectionSettings): Promise<ConnectedClient> {
    const client = await createClient(way);
    // A client with a lost connection stays open, because the SDK retries its pending sends.
    this.#clients.push(client);
    const lost = new AbortController();
    whenDisconnected(client, () => {
      this.#lines.delete(name);
      lost.abort();
    });
    return { client, lost: lost.signal };
  }
}

/**
 * Calls `lost` when the connection breaks. The SDK repairs a broken connection by itself. But if
 * the connection breaks while a link opens, the SDK waits a minute for an answer that cannot come.
 * All users of the connection wait with it. The SDK does not report this, so this function reads
 * the SDK's internals.
 */
function whenDisconnected(client: ServiceBusClient, lost: () => void): void {
  const { connection } = (
    client as unknown as { _connectionContext: { connection: Pick<EventEmitter, 'once'> } }
  )._connectionContext;
  connection.once('disconnected', lost);
}

/** Reads and checks the app settings of a connection. Throws a StartError for missing settings. */
export function readConnectionSettings(name: string, owner: string): ConnectionSettings {
  for (const prefix of PREFIXES) {
    const connectionString = process.env[prefix + name];
    if (connectionString) return { connectionString };
    const namespace = process.env[`${prefix}${name}__fullyQualifiedNamespace`];
    if (namespace) return { namespace, clientId: process.env[`${prefix}${name}__clientId`] };
  }
  // Some people put the connection string where its name belongs, and the string contains a key.
  if (/SharedAccess|Endpoint=/i.test(name))
    throw new StartError(
      `Function "${owner}": its connection must be the name of a setting, not the connection string itself.`,
    );
  throw new StartError(
    `Function "${owner}": its connection names the setting "${name}", which is not set ` +
      `(and neither is "${name}__fullyQualifiedNamespace").`,
  );
}

async function createClient(way: ConnectionSettings): Promise<ServiceBusClient> {
  const { ServiceBusClient } = await import('@azure/service-bus');
  if ('connectionString' in way)
    return new ServiceBusClient(way.connectionString, { retryOptions: RETRY_OPTIONS });
  const { DefaultAzureCredential } = await import('@azure/identity');
  const credential = new DefaultAzureCredential(
    way.clientId === undefined ? {} : { managedIdentityClientId: way.clientId },
  );
  return new ServiceBusClient(way.namespace, credential, { retryOptions: RETRY_OPTIONS });
}
