// The `connection` of a binding names an app setting: a connection string, or a namespace to be
// reached with the app's identity.

import type { EventEmitter } from 'node:events';
import type { ServiceBusClient } from '@azure/service-bus';
import { expandSettings } from '../app/app-setting.ts';
import type { Binding } from '../app/core-api.ts';
import { StartError } from '../start-error.ts';

/** How a namespace is reached. */
export type ConnectionSettings =
  | { readonly connectionString: string }
  | { readonly namespace: string; readonly clientId: string | undefined };

export interface ConnectedClient {
  readonly client: ServiceBusClient;
  /** Aborted when the connection is lost; then there is a new line to be had. */
  readonly lost: AbortSignal;
}

/** What a binding connects to; checked when the host starts, connected when first used. */
export type ConnectClient = () => Promise<ConnectedClient>;

/**
 * The SDK's own delay is made for a service far away: half a minute. A broker on this machine is
 * back sooner.
 */
const RETRY_OPTIONS = { retryDelayInMs: 500, maxRetries: 10 };
const DEFAULT_NAME = 'ServiceBus';
/** Azure looks for both. */
const PREFIXES = ['AzureWebJobs', ''];

/** One line for each connection, whatever functions use it. */
export class Connections {
  readonly #lines = new Map<string, Promise<ConnectedClient>>();
  readonly #clients: ServiceBusClient[] = [];

  connectionFor(binding: Binding, owner: string): ConnectClient {
    const name =
      typeof binding.connection === 'string' && binding.connection !== ''
        ? expandSettings(binding.connection, owner, 'its connection')
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
    // One whose connection was lost stays open: what is being sent over it is tried again by the SDK.
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
 * The SDK mends a broken connection by itself; but when it breaks while a link is being opened, it
 * waits for a minute for an answer that
 * cannot come, and all that use the connection wait with it. It tells nobody, so this looks inside.
 */
function whenDisconnected(client: ServiceBusClient, lost: () => void): void {
  const { connection } = (
    client as unknown as { _connectionContext: { connection: Pick<EventEmitter, 'once'> } }
  )._connectionContext;
  connection.once('disconnected', lost);
}

export function readConnectionSettings(name: string, owner: string): ConnectionSettings {
  for (const prefix of PREFIXES) {
    const connectionString = process.env[prefix + name];
    if (connectionString) return { connectionString };
    const namespace = process.env[`${prefix}${name}__fullyQualifiedNamespace`];
    if (namespace) return { namespace, clientId: process.env[`${prefix}${name}__clientId`] };
  }
  // It happens that the string itself stands where its name should, and there is a key in it.
  if (/SharedAccess|Endpoint=/i.test(name))
    throw new StartError(
      `Function "${owner}": its connection must be the name of a setting, not the connection string itself.`,
    );
  throw new StartError(
    `Function "${owner}": its connection names the setting "${name}", which is not there ` +
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
