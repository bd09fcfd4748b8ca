// Where a reprotect sends its replicas: beside the VM that was left behind, as that one stood.
import { wrongCache } from '../../azure/cacheAccount.ts';
import { regionName } from '../../core/armId.ts';
import { sameId } from '../../siterecovery/item.ts';
import type { Reprotect } from '../driver.ts';

/**
 * The account that the command names, else the one remembered of the region that becomes the
 * source; from zone to zone that is the same region.
 */
const cacheFor: Reprotect['cacheFor'] = ({ sites, direction }, named) => {
  const from = sites[direction];
  const to = sites[direction === 'original' ? 'reversed' : 'original'];
  return (
    named ?? to.cacheStorageAccountId ?? (sameId(from.region, to.region) ? from.cacheStorageAccountId : null)
  );
};

const targetFor: Reprotect['targetFor'] = async (reads, vm, item, cacheStorageAccountId) => {
  const [account, placement, blobs] = await Promise.all([
    reads.storageAccount(cacheStorageAccountId),
    reads.placementOf(item.sourceVmId),
    reads.recoveredBlobs(
      item.disks.filter((disk) => !disk.managed),
      item.recoveryVmId,
      item.sourceVmId,
    ),
  ]);
  const wrong = wrongCache(account, cacheStorageAccountId, regionName(item.recovery.region));
  if (wrong) return { wrongCache: wrong };
  if (!blobs) return { blobsMissing: true };
  const { resourceGroupId } = vm.sites[vm.direction];
  return { resourceGroupId, cacheStorageAccountId, ...placement, blobs };
};

export const reprotect: Reprotect = { cacheFor, targetFor };
