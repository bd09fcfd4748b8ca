// The settings that a request to enable replication cannot contain. An update sends them after the
// protection of the VM.
import { sameId, type ReplicationChange, type ReplicatedItem } from '../../siterecovery/item.ts';
import type { VmSettings } from '../../siterecovery/vmSettings.ts';

/**
 * Returns the changes for the update. With a single network interface, the enable request already
 * contains the subnet.
 */
export function changesAfterEnabling({ size, nics }: VmSettings, item: ReplicatedItem): ReplicationChange {
  const subnetOf = (id: string): string => item.settings.nics.find((nic) => sameId(nic.id, id))?.subnet ?? '';
  const nicsToMove = nics.length > 1 ? nics.filter(({ id, subnet }) => !sameId(subnetOf(id), subnet)) : [];
  return {
    ...(size !== null && item.settings.size !== size && { size }),
    ...(nicsToMove.length > 0 && { nics: nicsToMove.map(({ id, subnet }) => ({ nicId: id, subnet })) }),
  };
}
