// The target of a reprotect. The driver of the scenario decides which resources a reprotect needs
// and where it leads.
import { subscriptionOf } from '../core/armId.ts';
import { siteRecoveryClient } from '../azure/clients.ts';
import { readStorageAccount } from '../azure/storageAccounts.ts';
import { findRecoveredBlobs } from '../azure/blobs.ts';
import { readPlacementGroup, readResourceGroup, readVmPlacement } from '../azure/vmPlacement.ts';
import type { Command } from '../commands/command.ts';
import type { Fault } from '../core/errors.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import type { ReprotectPlace, ReprotectReads } from '../scenarios/driver.ts';
import { requireCapabilities } from '../scenarios/drivers.ts';
import type { ReplicatedItem } from '../siterecovery/item.ts';
import type { ReprotectTarget, ServerReprotectTarget } from '../siterecovery/siteRecovery.ts';
import { blobsMissingFault, cacheMissing, wrongCacheFault, wrongPlaceFault } from './stepFaults.ts';

/** The cache storage account that the command names, if any. */
export const requestedCacheId = (command: Command): string | undefined =>
  'cacheStorageAccountId' in command ? command.cacheStorageAccountId : undefined;

/** Null when neither the command nor the registry names a cache storage account, or none is needed. */
export const cacheFor = (vm: ReplicatedVmDocument, command: Command): string | null =>
  requireCapabilities(vm.scenario).reprotect?.knownCacheFor(vm, requestedCacheId(command)) ?? null;

/** The place of the replicas that the command names. */
export const requestedPlaceOf = (command: Command): ReprotectPlace => ({
  resourceGroup: 'resourceGroup' in command ? command.resourceGroup : undefined,
  placementGroupId: 'placementGroupId' in command ? command.placementGroupId : undefined,
  wayBack: 'wayBack' in command ? command.wayBack : undefined,
});

/** The reads of Azure before a reprotect. */
export const reprotectReads: ReprotectReads = {
  siteRecoveryClientOf: (armId) => siteRecoveryClient(subscriptionOf(armId)),
  readStorageAccount,
  readVmPlacement,
  readResourceGroup,
  readPlacementGroup,
  findRecoveredBlobs,
};

/** The target of a reprotect; null when the item alone names it. */
export async function reprotectTarget(
  vm: ReplicatedVmDocument,
  item: ReplicatedItem,
  cacheStorageAccountId: string | null,
  place: ReprotectPlace,
): Promise<ReprotectTarget | ServerReprotectTarget | Fault | null> {
  const { reprotect } = requireCapabilities(vm.scenario);
  if (!reprotect) return null;
  const target = await reprotect.findReprotectTarget(reprotectReads, vm, item, cacheStorageAccountId, place);
  if ('cacheMissing' in target) return cacheMissing(vm);
  if ('wrongCache' in target) return wrongCacheFault(vm, target.wrongCache);
  if ('wrongPlace' in target) return wrongPlaceFault(vm, target.wrongPlace);
  return 'blobsMissing' in target ? blobsMissingFault(vm, item) : target;
}
