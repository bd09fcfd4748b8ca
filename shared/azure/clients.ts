// Clients of Azure's SDKs, each loaded when it is first used and made once for each subscription.
// Those for reading repeat what was throttled a few times by themselves; what changes Azure goes
// through those for writing, which repeat nothing.
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
import { punctual } from './punctual.ts';

const optionsFor = (maxRetries: number) => ({
  endpoint: config().LIFEBOAT_ARM_ENDPOINT,
  credentialScopes: ARM_SCOPE,
  retryOptions: { maxRetries, maxRetryDelayInMs: 20_000 },
  ...(maxRetries === 0 ? { additionalPolicies: [{ policy: punctual, position: 'perRetry' as const }] } : {}),
});
type Options = ReturnType<typeof optionsFor>;
type Make<T> = (credential: TokenCredential, subscription: string, options: Options) => Promise<T>;

function kept<T>(make: Make<T>, maxRetries: number): (subscription: string) => Promise<T> {
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

const makeCompute: Make<ComputeManagementClient> = async (...how) =>
  new (await import('@azure/arm-compute')).ComputeManagementClient(...how);
const makeResources: Make<ResourceManagementClient> = async (...how) =>
  new (await import('@azure/arm-resources')).ResourceManagementClient(...how);
const makeSiteRecovery: Make<SiteRecoveryManagementClient> = async (...how) =>
  new (await import('@azure/arm-recoveryservices-siterecovery')).SiteRecoveryManagementClient(...how);

const READING = 3;
export const compute = kept(makeCompute, READING);
export const resources = kept(makeResources, READING);
export const siteRecovery = kept(makeSiteRecovery, READING);
export const network = kept<NetworkManagementClient>(
  async (...how) => new (await import('@azure/arm-network')).NetworkManagementClient(...how),
  READING,
);
export const storage = kept<StorageManagementClient>(
  async (...how) => new (await import('@azure/arm-storage')).StorageManagementClient(...how),
  READING,
);
export const vaults = kept<RecoveryServicesClient>(
  async (...how) => new (await import('@azure/arm-recoveryservices')).RecoveryServicesClient(...how),
  READING,
);
const ofTenant = kept<SubscriptionClient>(
  async (credential, _none, options) =>
    new (await import('@azure/arm-resources-subscriptions')).SubscriptionClient(credential, options),
  READING,
);
export const subscriptions = (): Promise<SubscriptionClient> => ofTenant('');

/** Who writes looks again by itself, in story time, and honours Retry-After. */
export const writing = {
  compute: kept(makeCompute, 0),
  resources: kept(makeResources, 0),
  siteRecovery: kept(makeSiteRecovery, 0),
} as const;

/** All pages of a list. */
export async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of pages) list.push(one);
  return list;
}

export async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if ((error as { statusCode?: unknown }).statusCode === 404) return undefined;
    throw error;
  }
}

/**
 * Some at a time, results in the order of the list: reads that must be made one by one leave room
 * in the budget for others.
 */
export async function someAtATime<T, R>(
  list: readonly T[],
  work: (one: T) => Promise<R>,
  most = 8,
): Promise<R[]> {
  const results = new Array<R>(list.length);
  const left = list.entries();
  const worker = async () => {
    for (const [at, one] of left) results[at] = await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(most, list.length) }, worker));
  return results;
}
