// The cache storage account: disk changes pass through it, in the source region of the replication.

import { storageAccountResource } from '../../../arm/build/common.ts';
import { resourceGroupIdOf, resourceId } from '../../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import type { AzureWorld } from '../../../arm/world.ts';
import type { Resource } from '../../../arm/resource.ts';
import { providerRefuses } from '../../errors.ts';
import { guidOf } from '../../ids.ts';
import type { JobError } from '../../records.ts';
import { lastSegment } from '../../vault.ts';
import type { DiskInput } from './details.ts';

/** A premium account can be a cache only with block blobs. That suits machines with many writes. */
const canBeCache = ({ sku, kind }: Resource): boolean =>
  kind === 'BlockBlobStorage' || !String(sku?.['name']).startsWith('Premium');

const a2aError = (causes: string, action: string): JobError => providerRefuses('A2A', causes, action);

export function cacheError(
  azure: AzureWorld,
  disks: readonly DiskInput[] | undefined,
  region: string,
): JobError | undefined {
  const instead = `Name a standard storage account in '${region}'.`;
  for (const { stagingAccountId } of disks ?? []) {
    const account = azure.get(stagingAccountId);
    if (account?.type !== RESOURCE_TYPES.storageAccount)
      return a2aError(`The cache storage account '${stagingAccountId}' does not exist.`, instead);
    if (account.location !== region)
      return a2aError(
        `The cache storage account '${lastSegment(stagingAccountId)}' is in ` +
          `'${account.location ?? ''}', and the machine is replicated from '${region}'.`,
        instead,
      );
    if (!canBeCache(account))
      return a2aError(
        `The cache storage account '${lastSegment(stagingAccountId)}' is a premium one.`,
        instead,
      );
  }
  return undefined;
}

/**
 * Returns the default cache: the current cache, else an existing account, else a new account beside
 * the machine.
 */
export function chooseCache(azure: AzureWorld, machineId: string, region: string, before: string): string {
  const fits = (account: Resource | undefined): boolean =>
    account?.type === RESOURCE_TYPES.storageAccount && account.location === region && canBeCache(account);
  if (fits(azure.get(before))) return before;
  const [subscription = ''] = /^\/subscriptions\/[^/]+/i.exec(machineId) ?? [];
  const existing = azure.list({ type: RESOURCE_TYPES.storageAccount, under: subscription }).find(fits);
  if (existing) return existing.id;
  const id = resourceId(
    resourceGroupIdOf(machineId),
    RESOURCE_TYPES.storageAccount,
    `${guidOf(machineId, 'cache').replaceAll('-', '').slice(0, 15)}asrcache`,
  );
  azure.put(storageAccountResource({ id, location: region }));
  return id;
}
