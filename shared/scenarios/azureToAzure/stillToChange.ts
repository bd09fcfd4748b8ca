// What a request to enable replication has no place for, and an update says once the VM is protected.
import { sameId, type Change, type Item } from '../../siterecovery/item.ts';
import type { VmSettings } from '../../siterecovery/vmSettings.ts';

/** Of one interface the enabling itself says the subnet. */
export function stillToChange({ size, nics }: VmSettings, item: Item): Change {
  const subnetOf = (id: string): string => item.settings.nics.find((nic) => sameId(nic.id, id))?.subnet ?? '';
  const misplaced = nics.length > 1 ? nics.filter(({ id, subnet }) => !sameId(subnetOf(id), subnet)) : [];
  return {
    ...(size !== null && item.settings.size !== size && { size }),
    ...(misplaced.length > 0 && { nics: misplaced.map(({ id, subnet }) => ({ nicId: id, subnet })) }),
  };
}
