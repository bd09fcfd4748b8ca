// The `connection` of a binding names an app setting: a connection string, or a namespace to be reached with the app's identity.

import type { ServiceBusClient } from '@azure/service-bus';
import { withSettings } from '../app/app-setting.ts';
import type { Binding } from '../app/core-api.ts';
import { StartError } from '../start-error.ts';

/** How a namespace is reached. */
export type Way = { readonly connectionString: string } | { readonly namespace: string; readonly clientId: string | undefined };

/** What a binding connects to; checked when the host starts, connected when first used. */
export interface Connection {
  client(): Promise<ServiceBusClient>;
}

/** The SDK's own waits half a minute before it tries again; a broker on this machine is back sooner. */
const RETRIES = { retryDelayInMs: 500, maxRetries: 10 };
const DEFAULT_NAME = 'ServiceBus';
/** Azure looks for both. */
const PREFIXES = ['AzureWebJobs', ''];

/** One client for each connection, whatever functions use it. */
export class Connections {
  readonly #open = new Map<string, Promise<ServiceBusClient>>();

  of(binding: Binding, owner: string): Connection {
    const name = typeof binding.connection === 'string' && binding.connection !== '' ? withSettings(binding.connection, owner, 'its connection') : DEFAULT_NAME;
    const way = wayOf(name, owner);
    return {
      client: async () => {
        const client = this.#open.get(name) ?? connect(way);
        this.#open.set(name, client);
        return await client;
      },
    };
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map(async (client) => (await client).close()));
  }
}

export function wayOf(name: string, owner: string): Way {
  for (const prefix of PREFIXES) {
    const connectionString = process.env[prefix + name];
    if (connectionString) return { connectionString };
    const namespace = process.env[`${prefix}${name}__fullyQualifiedNamespace`];
    if (namespace) return { namespace, clientId: process.env[`${prefix}${name}__clientId`] };
  }
  // It happens that the string itself stands where its name should, and there is a key in it.
  if (/SharedAccess|Endpoint=/i.test(name)) throw new StartError(`Function "${owner}": its connection must be the name of a setting, not the connection string itself.`);
  throw new StartError(`Function "${owner}": its connection names the setting "${name}", which is not there (and neither is "${name}__fullyQualifiedNamespace").`);
}

async function connect(way: Way): Promise<ServiceBusClient> {
  const { ServiceBusClient } = await import('@azure/service-bus');
  if ('connectionString' in way) return new ServiceBusClient(way.connectionString, { retryOptions: RETRIES });
  const { DefaultAzureCredential } = await import('@azure/identity');
  const credential = new DefaultAzureCredential(way.clientId === undefined ? {} : { managedIdentityClientId: way.clientId });
  return new ServiceBusClient(way.namespace, credential, { retryOptions: RETRIES });
}
