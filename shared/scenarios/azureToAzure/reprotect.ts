// Where a reprotect sends its replicas: beside the VM that was left behind, as that one stood.
import { createHash } from 'node:crypto';
import { wrongCache } from '../../azure/cacheAccount.ts';
import { regionName } from '../../core/armId.ts';
import type { Direction } from '../../core/words.ts';
import { sameId } from '../../siterecovery/item.ts';
import type { Reprotect } from '../driver.ts';

const opposite = (direction: Direction): Direction => (direction === 'original' ? 'reversed' : 'original');

/**
 * The account that the command names, else the one remembered of the region that becomes the
 * source; from zone to zone that is the same region.
 */
const cacheFor: Reprotect['cacheFor'] = ({ sites, direction }, named) => {
  const from = sites[direction];
  const to = sites[opposite(direction)];
  return (
    named ?? to.cacheStorageAccountId ?? (sameId(from.region, to.region) ? from.cacheStorageAccountId : null)
  );
};

/**
 * To read from the other region a reprotect needs a cache there; where none is known, one is made
 * beside the VMs that replication will read from.
 */
const cacheToMake: Reprotect['cacheToMake'] = (vm, named) => {
  if (cacheFor(vm, named)) return undefined;
  const { region, resourceGroupId } = vm.sites[opposite(vm.direction)];
  const name = `cache${createHash('sha256').update(resourceGroupId.toLowerCase()).digest('hex').slice(0, 15)}asr`;
  return {
    id: `${resourceGroupId}/providers/Microsoft.Storage/storageAccounts/${name}`,
    name,
    action: 'create',
    needs: [],
    reason: `No cache storage account in ${region} is known.`,
    spec: { kind: 'storageAccount', region, sku: 'Standard_LRS', accountKind: 'StorageV2', use: 'cache' },
  };
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

export const reprotect: Reprotect = { cacheFor, cacheToMake, targetFor };
