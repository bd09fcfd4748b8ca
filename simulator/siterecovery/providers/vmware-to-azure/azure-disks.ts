// The disks of a VMware item in Azure. Seed disks receive the changes from enable until disable or
// until the way home. A failover creates the target disks from them.

import { diskResource } from '../../../arm/build/machines.ts';
import { resourceId } from '../../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import type { AzureWorld } from '../../../arm/world.ts';
import { guidOf } from '../../ids.ts';
import type { VmwareDisk, VmwareItem } from './details.ts';

const diskId = ({ details }: VmwareItem, name: string): string =>
  resourceId(details.settings.resourceGroupId, RESOURCE_TYPES.disk, name);

/** The service numbers disks after the machine. */
function diskName({ details }: VmwareItem, disk: VmwareDisk): string {
  const number = String(details.disks.findIndex(({ id }) => id === disk.id)).padStart(2, '0');
  return `${details.settings.machineName}-${disk.isSystem ? 'OSdisk' : 'datadisk'}-${number}`;
}

export const seedDiskId = (item: VmwareItem, disk: VmwareDisk): string =>
  diskId(item, `asrseeddisk-${item.details.name}-${guidOf(item.key, disk.id).slice(0, 8)}`);
export const targetDiskId = (item: VmwareItem, disk: VmwareDisk): string =>
  diskId(item, diskName(item, disk));
export const testDiskId = (item: VmwareItem, disk: VmwareDisk): string =>
  diskId(item, `${diskName(item, disk)}-test`);

const hasManagedDisks = ({ details }: VmwareItem): boolean => details.settings.storageAccountId === null;

/** Creates only the missing seed disks, so that a repetition changes nothing. */
export function createSeedDisks(item: VmwareItem, azure: AzureWorld, location: string): void {
  if (!hasManagedDisks(item)) return;
  azure.transaction(() => {
    for (const disk of item.details.disks) {
      const id = seedDiskId(item, disk);
      if (azure.get(id)) continue;
      const seed = diskResource({ id, location, sizeInGb: disk.sizeInGb, accountType: disk.diskType });
      azure.put({
        ...seed,
        properties: { ...seed.properties, diskState: 'ActiveSAS' },
        hidden: { replicaOf: item.key },
      });
    }
  });
}

/** Removes the seed disks of this item only. */
export function removeSeedDisks(item: VmwareItem, azure: AzureWorld): void {
  azure.transaction(() => {
    for (const disk of item.details.disks) {
      const id = seedDiskId(item, disk);
      if (azure.get(id)?.hidden?.['replicaOf'] === item.key) azure.remove(id);
    }
  });
}
