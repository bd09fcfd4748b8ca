// Creates the clients of Azure's SDKs, one for each subscription, on first use. Read clients repeat
// a throttled call a few times. Code that changes Azure must use the write clients, which never
// repeat a call.
import type { ComputeManagementClient } from '@azure/arm-compute';
import type { NetworkManagementClient } from '@azure/arm-network';
import type { RecoveryServicesClient } from '@azure/arm-recoveryservices';
import type { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import type { ResourceManagementClient } from '@azure/arm-resources';
import type { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import type { StorageManagementClient } from '@azure/arm-storage';
import type { TokenCredential } from '@azure/identity';
import { config } from '../core/config.ts';
import { ARM_SCOPE, azureCredential } from '../core/credential.ts';
import { deadlinePolicy } from './sendDeadline.ts';

const optionsFor = (maxRetries: number) => ({
  endpoint: config().LIFEBOAT_ARM_ENDPOINT,
  credentialScopes: ARM_SCOPE,
  retryOptions: { maxRetries, maxRetryDelayInMs: 20_000 },
  ...(maxRetries === 0
    ? { additionalPolicies: [{ policy: deadlinePolicy, position: 'perRetry' as const }] }
    : {}),
});
type ClientOptions = ReturnType<typeof optionsFor>;
type ClientFactory<T> = (
  credential: TokenCredential,
  subscription: string,
  options: ClientOptions,
) => Promise<T>;

function cachedClients<T>(make: ClientFactory<T>, maxRetries: number): (subscription: string) => Promise<T> {
  const clients = new Map<string, Promise<T>>();
  return (subscription) => {
    const key = subscription.toLowerCase();
    const client =
      clients.get(key) ??
      azureCredential().then((credential) => make(credential, subscription, optionsFor(maxRetries)));
    clients.set(key, client);
    return client;
  };
}

const makeCompute: ClientFactory<ComputeManagementClient> = async (...args) =>
  new (await import('@azure/arm-compute')).ComputeManagementClient(...args);
const makeResources: ClientFactory<ResourceManagementClient> = async (...args) =>
  new (await import('@azure/arm-resources')).ResourceManagementClient(...args);
const makeSiteRecovery: ClientFactory<SiteRecoveryManagementClient> = async (...args) =>
  new (await import('@azure/arm-recoveryservices-siterecovery')).SiteRecoveryManagementClient(...args);

const READ_RETRIES = 3;
export const computeClient = cachedClients(makeCompute, READ_RETRIES);
export const resourcesClient = cachedClients(makeResources, READ_RETRIES);
/** The read client for Site Recovery. */
export const siteRecoveryClient = cachedClients(makeSiteRecovery, READ_RETRIES);
export const networkClient = cachedClients<NetworkManagementClient>(
  async (...args) => new (await import('@azure/arm-network')).NetworkManagementClient(...args),
  READ_RETRIES,
);
export const storageClient = cachedClients<StorageManagementClient>(
  async (...args) => new (await import('@azure/arm-storage')).StorageManagementClient(...args),
  READ_RETRIES,
);
/** The read client for Recovery Services vaults. */
export const recoveryServicesClient = cachedClients<RecoveryServicesClient>(
  async (...args) => new (await import('@azure/arm-recoveryservices')).RecoveryServicesClient(...args),
  READ_RETRIES,
);
const tenantSubscriptionsClient = cachedClients<SubscriptionClient>(
  async (credential, _none, options) =>
    new (await import('@azure/arm-resources-subscriptions')).SubscriptionClient(credential, options),
  READ_RETRIES,
);
export const subscriptionsClient = (): Promise<SubscriptionClient> => tenantSubscriptionsClient('');

/**
 * The write clients. Each writing step repeats by itself, in simulated time, and respects
 * Retry-After.
 */
export const writeClients = {
  compute: cachedClients(makeCompute, 0),
  resources: cachedClients(makeResources, 0),
  siteRecovery: cachedClients(makeSiteRecovery, 0),
} as const;

/** Reads all pages of a list. */
export async function collectAll<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const entry of pages) list.push(entry);
  return list;
}

/** Returns the result of the call, or undefined after a 404. */
export async function undefinedIfNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if ((error as { statusCode?: unknown }).statusCode === 404) return undefined;
    throw error;
  }
}

/**
 * Maps a list with limited concurrency and keeps its order. The limit leaves room in the read
 * budget for other work.
 */
export async function mapLimited<T, R>(
  list: readonly T[],
  work: (item: T) => Promise<R>,
  maxConcurrent = 8,
): Promise<R[]> {
  const results = new Array<R>(list.length);
  const remaining = list.entries();
  const worker = async () => {
    for (const [index, item] of remaining) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(maxConcurrent, list.length) }, worker));
  return results;
}
