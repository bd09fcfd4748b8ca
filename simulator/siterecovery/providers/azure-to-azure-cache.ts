// The cache storage account: changes of a disk pass through it, in the region that replication reads from.

import { storageAccountResource } from '../../arm/build/common.ts';
import { groupOf, resourceId } from '../../arm/ids.ts';
import { TYPES } from '../../arm/types.ts';
import type { AzureWorld } from '../../arm/world.ts';
import type { Resource } from '../../arm/resource.ts';
import { providerRefuses } from '../errors.ts';
import { guidOf } from '../ids.ts';
import type { JobError } from '../records.ts';
import { lastOf } from '../vault.ts';
import type { DiskInput } from './azure-to-azure-details.ts';

/** Block blobs are the one kind of premium account that a cache may have, for machines that write much. */
const isCache = ({ sku, kind }: Resource): boolean =>
  kind === 'BlockBlobStorage' || !String(sku?.['name']).startsWith('Premium');

const refuse = (causes: string, action: string): JobError => providerRefuses('A2A', causes, action);

export function wrongCache(
  azure: AzureWorld,
  disks: readonly DiskInput[] | undefined,
  region: string,
): JobError | undefined {
  const instead = `Name a standard storage account in '${region}'.`;
  for (const { stagingAccountId } of disks ?? []) {
    const account = azure.get(stagingAccountId);
    if (account?.type !== TYPES.storageAccount)
      return refuse(`The cache storage account '${stagingAccountId}' does not exist.`, instead);
    if (account.location !== region)
      return refuse(
        `The cache storage account '${lastOf(stagingAccountId)}' is in ` +
          `'${account.location ?? ''}', and the machine is replicated from '${region}'.`,
        instead,
      );
    if (!isCache(account))
      return refuse(`The cache storage account '${lastOf(stagingAccountId)}' is a premium one.`, instead);
  }
  return undefined;
}

/**
 * Where none is named: the one that serves already, else one that is there, else a new one beside
 * the machine.
 */
export function ownCache(azure: AzureWorld, machineId: string, region: string, before: string): string {
  const fits = (account: Resource | undefined): boolean =>
    account?.type === TYPES.storageAccount && account.location === region && isCache(account);
  if (fits(azure.get(before))) return before;
  const [subscription = ''] = /^\/subscriptions\/[^/]+/i.exec(machineId) ?? [];
  const there = azure.list({ type: TYPES.storageAccount, under: subscription }).find(fits);
  if (there) return there.id;
  const id = resourceId(
    groupOf(machineId),
    TYPES.storageAccount,
    `${guidOf(machineId, 'cache').replaceAll('-', '').slice(0, 15)}asrcache`,
  );
  azure.put(storageAccountResource({ id, location: region }));
  return id;
}
