// What a request to enable replication has no place for, and an update says once the VM is protected.
import { sameId, type ReplicationChange, type ReplicatedItem } from '../../siterecovery/item.ts';
import type { VmSettings } from '../../siterecovery/vmSettings.ts';

/** Of one interface the enabling itself says the subnet. */
export function changesAfterEnabling({ size, nics }: VmSettings, item: ReplicatedItem): ReplicationChange {
  const subnetOf = (id: string): string => item.settings.nics.find((nic) => sameId(nic.id, id))?.subnet ?? '';
  const nicsToMove = nics.length > 1 ? nics.filter(({ id, subnet }) => !sameId(subnetOf(id), subnet)) : [];
  return {
    ...(size !== null && item.settings.size !== size && { size }),
    ...(nicsToMove.length > 0 && { nics: nicsToMove.map(({ id, subnet }) => ({ nicId: id, subnet })) }),
  };
}
