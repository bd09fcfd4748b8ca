// Which item is which VM, and what the registry remembers of it. An ARM id dies with a reprotect; the lifecycle id does not.
import type { Command } from '../domain/command.ts';
import { sameId, type Item } from '../domain/item.ts';
import { Direction } from '../domain/words.ts';
import type { ReplicatedVmDocument, SiteMemory } from '../store/documents.ts';
import { readLock, readVm, saveVmHeldBy, seenNow } from '../store/registry.ts';
import type { SiteRecovery } from './port.ts';

/** The item under the ARM id we know or, when somebody has moved it, wherever it lives now. */
export async function locate(siteRecovery: SiteRecovery, vm: ReplicatedVmDocument): Promise<Item | undefined> {
  const known = await siteRecovery.item(vm.armId);
  if (known) return known;
  const items = await siteRecovery.items();
  // A freshly moved item has no lifecycle id until it is protected again, but it keeps its name.
  return items.find((item) => item.lifecycleId !== null && sameId(item.lifecycleId, vm.lifecycleId))
    ?? items.find((item) => item.lifecycleId === null && sameId(item.name, nameIn(vm.armId)));
}

const nameIn = (armId: string): string => armId.split('/').at(-1) ?? '';

/** The side replication reads from, and with it what can be known of that side only now. */
const readingFrom = (item: Item): SiteMemory => ({ ...item.primary, cacheStorageAccountId: item.disks[0]?.cacheStorageAccountId ?? null });

export function sitesSeen(item: Item, before?: ReplicatedVmDocument['sites']): ReplicatedVmDocument['sites'] {
  const from = item.direction;
  const to = opposite(from);
  const known = before?.[to];
  return {
    ...before,
    [from]: readingFrom(item),
    [to]: known ?? { ...item.recovery, cacheStorageAccountId: null },
  } as ReplicatedVmDocument['sites'];
}

export const opposite = (direction: Direction): Direction => (direction === Direction.original ? Direction.reversed : Direction.original);

/** Where a reprotect sends its replicas, and the cache it needs in the region that becomes the source. Null when that is not known. */
export function reprotectTargets(vm: ReplicatedVmDocument, command: Pick<Command, 'cacheStorageAccountId'>): { resourceGroupId: string; cacheStorageAccountId: string } | null {
  const newSource = vm.sites[opposite(vm.direction)];
  const cacheStorageAccountId = newSource.cacheStorageAccountId ?? command.cacheStorageAccountId;
  return cacheStorageAccountId ? { resourceGroupId: vm.sites[vm.direction].resourceGroupId, cacheStorageAccountId } : null;
}

/** Writes what is seen of a VM into the registry, while the job holds it. False when it does not hold it any more, or lost a race. */
export async function rememberItem(holder: { readonly jobId: string; readonly epoch: number }, step: { readonly id: string; readonly vmId: string; readonly vaultId: string }, item: Item, now: Date): Promise<boolean> {
  const [vm, lock] = await Promise.all([readVm(step.vaultId, step.vmId), readLock(step.vaultId, step.vmId)]);
  if (!vm || lock?.jobId !== holder.jobId || lock.epoch !== holder.epoch) return false;
  const moved = !sameId(vm.armId, item.armId);
  return saveVmHeldBy(lock, vm, {
    armId: item.armId, direction: item.direction, seen: seenNow(item, now), sites: sitesSeen(item, vm.sites), ...(moved ? { movedBy: step.id } : {}),
  });
}
