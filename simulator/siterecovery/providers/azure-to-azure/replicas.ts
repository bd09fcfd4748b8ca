// The replica disks in the target receive the changes of the source. They exist from enable until
// disable or reprotect.

import { diskResource } from '../../../arm/build/machines.ts';
import { resourceId } from '../../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import type { AzureWorld } from '../../../arm/world.ts';
import { otherSide, type ProtectedDisk, type AzureToAzureItem } from './details.ts';

export const replicaDiskId = ({ recoveryPlaceId, name }: ProtectedDisk): string =>
  `${resourceId(recoveryPlaceId, RESOURCE_TYPES.disk, name)}-ASRReplica`;

/** Creates only the missing disks, so that a repetition changes nothing. */
export function createReplicas({ key, details }: AzureToAzureItem, azure: AzureWorld): void {
  const { disks, regions, primary, settings } = details;
  azure.transaction(() => {
    for (const disk of disks) {
      const id = replicaDiskId(disk);
      if (!disk.managed || azure.get(id)) continue;
      const zones = settings.zone === null ? [] : [settings.zone];
      const replica = diskResource({
        id,
        location: regions[otherSide(primary)],
        zones,
        sizeInGb: disk.sizeInGb,
        accountType: disk.replicaAccountType,
      });
      azure.put({
        ...replica,
        properties: { ...replica.properties, diskState: 'ActiveSAS' },
        hidden: { replicaOf: key },
      });
    }
  });
}

/** Removes the disks of this item only. */
export function removeReplicas(key: string, disks: readonly ProtectedDisk[], azure: AzureWorld): void {
  azure.transaction(() => {
    for (const disk of disks) {
      const id = replicaDiskId(disk);
      if (azure.get(id)?.hidden?.['replicaOf'] === key) azure.remove(id);
    }
  });
}
