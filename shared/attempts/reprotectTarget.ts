// The target of a reprotect: the driver of the VM's scenario says what it needs and where it goes.
import { storageAccount } from '../azure/accounts.ts';
import { recoveredBlobs } from '../azure/blobs.ts';
import { sourceVmPlacement } from '../azure/placement.ts';
import type { Command } from '../commands/command.ts';
import type { Fault } from '../core/errors.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { performing } from '../scenarios/drivers.ts';
import type { Item } from '../siterecovery/item.ts';
import type { ReprotectTarget } from '../siterecovery/port.ts';
import { blobsGone, noCache, wrongCacheOf } from './faults.ts';

export const cacheNamed = (command: Command): string | undefined =>
  'cacheStorageAccountId' in command ? command.cacheStorageAccountId : undefined;

/** Null when neither the command nor the registry names a cache storage account. */
export const cacheFor = (vm: ReplicatedVmDocument, command: Command): string | null =>
  performing(vm.scenario).reprotect.cacheFor(vm, cacheNamed(command));

const reads = { storageAccount, placementOf: sourceVmPlacement, recoveredBlobs };

export async function reprotectTarget(
  vm: ReplicatedVmDocument,
  item: Item,
  cacheStorageAccountId: string | null,
): Promise<ReprotectTarget | Fault> {
  if (!cacheStorageAccountId) return noCache(vm);
  const { reprotect } = performing(vm.scenario);
  const target = await reprotect.targetFor(reads, vm, item, cacheStorageAccountId);
  if ('wrongCache' in target) return wrongCacheOf(vm, target.wrongCache);
  return 'blobsMissing' in target ? blobsGone(vm, item) : target;
}
