// The target of a reprotect. The driver of the scenario decides which resources a reprotect needs
// and where it leads.
import { readStorageAccount } from '../azure/storageAccounts.ts';
import { findRecoveredBlobs } from '../azure/blobs.ts';
import { readVmPlacement } from '../azure/vmPlacement.ts';
import type { Command } from '../commands/command.ts';
import type { Fault } from '../core/errors.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { requireCapabilities } from '../scenarios/drivers.ts';
import type { ReplicatedItem } from '../siterecovery/item.ts';
import type { ReprotectTarget } from '../siterecovery/siteRecovery.ts';
import { blobsMissingFault, cacheMissing, wrongCacheFault } from './stepFaults.ts';

/** The cache storage account that the command names, if any. */
export const requestedCacheId = (command: Command): string | undefined =>
  'cacheStorageAccountId' in command ? command.cacheStorageAccountId : undefined;

/** Null when neither the command nor the registry names a cache storage account, or none is needed. */
export const cacheFor = (vm: ReplicatedVmDocument, command: Command): string | null =>
  requireCapabilities(vm.scenario).reprotect?.knownCacheFor(vm, requestedCacheId(command)) ?? null;

const azureReads = {
  readStorageAccount,
  readVmPlacement,
  findRecoveredBlobs,
};

/** The target of a reprotect; null when the item alone names it. */
export async function reprotectTarget(
  vm: ReplicatedVmDocument,
  item: ReplicatedItem,
  cacheStorageAccountId: string | null,
): Promise<ReprotectTarget | Fault | null> {
  const { reprotect } = requireCapabilities(vm.scenario);
  if (!reprotect) return null;
  if (!cacheStorageAccountId) return cacheMissing(vm);
  const target = await reprotect.findReprotectTarget(azureReads, vm, item, cacheStorageAccountId);
  if ('wrongCache' in target) return wrongCacheFault(vm, target.wrongCache);
  return 'blobsMissing' in target ? blobsMissingFault(vm, item) : target;
}
