// The target of a reprotect: the VM that stayed behind on the other side, as it stood there.

import { regionName } from '../core/armId.ts';
import { sourceVmPlacement } from '../azure/placement.ts';
import { recoveredBlobs } from '../azure/blobs.ts';
import { storageAccount } from '../azure/accounts.ts';
import type { Command } from '../commands/command.ts';
import { wrongCache } from '../enabling/rules/caches.ts';
import { sameId, type Item } from '../siterecovery/item.ts';
import type { Fault } from '../core/errors.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { noCache, wrongCacheOf, blobsGone } from './faults.ts';
import { opposite } from '../replications/items.ts';
import type { ReprotectTarget } from '../siterecovery/port.ts';

/**
 * The one that the command names, else the one remembered of the region that becomes the source;
 * from zone to zone that is the same one. Null when none is known.
 */

export function cacheFor(vm: ReplicatedVmDocument, command: Command): string | null {
  const [from, to] = [vm.sites[vm.direction], vm.sites[opposite(vm.direction)]];
  const named = 'cacheStorageAccountId' in command ? command.cacheStorageAccountId : undefined;
  return (
    named ?? to.cacheStorageAccountId ?? (sameId(from.region, to.region) ? from.cacheStorageAccountId : null)
  );
}
/** Where a reprotect sends its replicas: beside the VM that was left behind, as that one stood. */

export async function reprotectTarget(
  vm: ReplicatedVmDocument,
  item: Item,
  cacheStorageAccountId: string | null,
): Promise<ReprotectTarget | Fault> {
  if (!cacheStorageAccountId) return noCache(vm);
  const [account, placement, blobs] = await Promise.all([
    storageAccount(cacheStorageAccountId),
    sourceVmPlacement(item.sourceVmId),
    recoveredBlobs(
      item.disks.filter((disk) => !disk.managed),
      item.recoveryVmId,
      item.sourceVmId,
    ),
  ]);
  const wrong = wrongCache(account, cacheStorageAccountId, regionName(item.recovery.region));
  if (wrong) return wrongCacheOf(vm, wrong);
  return blobs
    ? { resourceGroupId: vm.sites[vm.direction].resourceGroupId, cacheStorageAccountId, ...placement, blobs }
    : blobsGone(vm, item);
}
