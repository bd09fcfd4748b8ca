// Finds the target of a reprotect. The replicas go beside the source VM that the failover left
// behind, with the placement of that VM.
import { createHash } from 'node:crypto';
import { checkCacheAccount } from '../../azure/cacheAccount.ts';
import { regionName } from '../../core/armId.ts';
import type { Direction } from '../../core/operations.ts';
import { sameId } from '../../siterecovery/item.ts';
import type { ReprotectSupport } from '../driver.ts';
import { findPlace } from './reprotectPlace.ts';

const oppositeDirection = (direction: Direction): Direction =>
  direction === 'original' ? 'reversed' : 'original';

/**
 * Returns the account in the command, or the registry's account for the region that becomes the
 * source. From zone to zone both sides are in one region, so either account fits.
 */
const knownCacheFor: ReprotectSupport['knownCacheFor'] = ({ sites, direction }, requestedId) => {
  const currentTarget = sites[direction];
  const newSource = sites[oppositeDirection(direction)];
  return (
    requestedId ??
    newSource.cacheStorageAccountId ??
    (sameId(currentTarget.region, newSource.region) ? currentTarget.cacheStorageAccountId : null)
  );
};

/**
 * A reprotect reads from the other region, so it needs a cache there. Without a known cache,
 * Lifeboat creates one beside the VMs that replication will read from.
 */
const cacheToCreate: ReprotectSupport['cacheToCreate'] = (vm, requestedId) => {
  if (knownCacheFor(vm, requestedId)) return undefined;
  const { region, resourceGroupId } = vm.sites[oppositeDirection(vm.direction)];
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

const findReprotectTarget: ReprotectSupport['findReprotectTarget'] = async (
  azureReads,
  vm,
  item,
  cacheStorageAccountId,
  requestedPlace,
) => {
  if (cacheStorageAccountId === null) return { cacheMissing: true };
  const [account, place, blobs] = await Promise.all([
    azureReads.readStorageAccount(cacheStorageAccountId),
    findPlace(
      azureReads,
      {
        direction: vm.direction,
        sites: vm.sites,
        name: item.friendlyName,
        armId: item.armId,
        sourceVmId: item.sourceVmId,
        hasUnmanagedDisks: item.disks.some(({ managed }) => !managed),
      },
      requestedPlace,
    ),
    azureReads.findRecoveredBlobs(
      item.disks.filter((disk) => !disk.managed),
      item.recoveryVmId,
      item.sourceVmId,
    ),
  ]);
  const cacheRefusal = checkCacheAccount(account, cacheStorageAccountId, regionName(item.recovery.region));
  if (cacheRefusal) return { wrongCache: cacheRefusal };
  if ('wrongPlace' in place) return place;
  if (!blobs) return { blobsMissing: true };
  return { cacheStorageAccountId, ...place, blobs };
};

const checkPlace: ReprotectSupport['checkPlace'] = async (azureReads, vm, requestedPlace) => {
  const place = await findPlace(azureReads, vm, requestedPlace);
  return 'wrongPlace' in place ? place.wrongPlace : undefined;
};

export const reprotect: ReprotectSupport = {
  takesPlace: true,
  checksEveryReprotect: false,
  knownCacheFor,
  cacheToCreate,
  findReprotectTarget,
  checkPlace,
};
