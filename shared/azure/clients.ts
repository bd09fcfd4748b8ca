// Clients of Azure's SDKs for reading, each loaded when it is first used. They repeat what was throttled a few times by themselves;
// nothing that changes Azure may go through them.
import type { ComputeManagementClient } from '@azure/arm-compute';
import type { NetworkManagementClient } from '@azure/arm-network';
import type { RecoveryServicesClient } from '@azure/arm-recoveryservices';
import type { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import type { ResourceManagementClient } from '@azure/arm-resources';
import type { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import type { StorageManagementClient } from '@azure/arm-storage';
import { config } from '../config.ts';
import { azureCredential } from './credential.ts';

const options = () => ({ endpoint: config().LIFEBOAT_ARM_ENDPOINT, credentialScopes: 'https://management.azure.com/.default', retryOptions: { maxRetries: 3, maxRetryDelayInMs: 20_000 } });

/** One client for each subscription, made once. */
export function kept<T>(make: (subscription: string) => Promise<T>): (subscription: string) => Promise<T> {
  const clients = new Map<string, Promise<T>>();
  return (subscription) => {
    const key = subscription.toLowerCase();
    const client = clients.get(key) ?? make(subscription);
    clients.set(key, client);
    return client;
  };
}

export const compute = kept<ComputeManagementClient>(async (subscription) =>
  new (await import('@azure/arm-compute')).ComputeManagementClient(await azureCredential(), subscription, options()));

export const network = kept<NetworkManagementClient>(async (subscription) =>
  new (await import('@azure/arm-network')).NetworkManagementClient(await azureCredential(), subscription, options()));

export const storage = kept<StorageManagementClient>(async (subscription) =>
  new (await import('@azure/arm-storage')).StorageManagementClient(await azureCredential(), subscription, options()));

export const resources = kept<ResourceManagementClient>(async (subscription) =>
  new (await import('@azure/arm-resources')).ResourceManagementClient(await azureCredential(), subscription, options()));

export const vaults = kept<RecoveryServicesClient>(async (subscription) =>
  new (await import('@azure/arm-recoveryservices')).RecoveryServicesClient(await azureCredential(), subscription, options()));

export const siteRecovery = kept<SiteRecoveryManagementClient>(async (subscription) =>
  new (await import('@azure/arm-recoveryservices-siterecovery')).SiteRecoveryManagementClient(await azureCredential(), subscription, options()));

const ofTenant = kept<SubscriptionClient>(async () =>
  new (await import('@azure/arm-resources-subscriptions')).SubscriptionClient(await azureCredential(), options()));
export const subscriptions = (): Promise<SubscriptionClient> => ofTenant('');

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

/** Some at a time, results in the order of the list: reads that must be made one by one leave room in the budget for others. */
export async function someAtATime<T, R>(list: readonly T[], work: (one: T) => Promise<R>, most = 8): Promise<R[]> {
  const results = new Array<R>(list.length);
  const left = list.entries();
  const worker = async () => {
    for (const [at, one] of left) results[at] = await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(most, list.length) }, worker));
  return results;
}
