// Which item is which VM, and what the registry remembers of it. An ARM id dies with a reprotect;
// the lifecycle id does not.
import { nameOf, vaultOf } from '../core/armId.ts';
import { remembering } from './rules/machines.ts';
import { type Replica } from '../azure/replica.ts';
import { ENABLING_FAILED, sameId, type Item } from '../siterecovery/item.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import { VmState } from '../scenarios/lifecycle.ts';
import { Direction } from '../core/words.ts';
import { leftOverIdOf, vaultKeyOf, vmIdOf } from '../core/ids.ts';
import type { Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { LockDocument, ReplicatedVmDocument, SiteMemory } from './documents.ts';
import {
  addVm,
  addVmHeldBy,
  findByMachine,
  readLock,
  readVm,
  removeVmHeldBy,
  saveVmHeldBy,
  seenNow,
} from './registry.ts';
import { spendName } from './sources.ts';
import { type SiteRecovery } from '../siterecovery/port.ts';

/** The item under the ARM id we know or, when somebody has moved it, wherever it lives now. */
export async function locate(
  siteRecovery: SiteRecovery,
  vm: ReplicatedVmDocument,
): Promise<Item | undefined> {
  const known = await siteRecovery.item(vm.armId);
  if (known) return known;
  const items = await siteRecovery.items();
  return items.find((item) => isItemOf(item, vm));
}

/**
 * A freshly moved item has no lifecycle id until it is protected again, but it keeps its name. What
 * a failed enabling has left never had one, and never moves.
 */
export function isItemOf(item: Item, vm: ReplicatedVmDocument): boolean {
  if (vm.lifecycleId === null) return isLeftOver(item) && sameId(item.armId, vm.armId);
  return item.lifecycleId === null
    ? sameId(item.name, nameOf(vm.armId))
    : sameId(item.lifecycleId, vm.lifecycleId);
}

/** Left behind by a failed enabling. */
export const isLeftOver = (item: Item): boolean =>
  item.lifecycleId === null && item.protectionState === ENABLING_FAILED;

/** The side replication reads from, and with it what can be known of that side only now. */
const readingFrom = (item: Item): SiteMemory => ({
  ...item.primary,
  cacheStorageAccountId: item.disks[0]?.cacheStorageAccountId || null,
});

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

export const opposite = (direction: Direction): Direction =>
  direction === Direction.original ? Direction.reversed : Direction.original;

type Holder = { readonly jobId: string; readonly epoch: number };
interface Of {
  readonly id: string;
  readonly targetId: string;
  readonly vaultId: string;
}

/**
 * A job that lost the VM in mid-run still ends what it has begun.
 * The job that has the VM now, or the next read of the vault, writes down where the VM is.
 */
const isHeld = (lock: Stored<LockDocument> | undefined, { jobId }: Holder): lock is Stored<LockDocument> =>
  lock?.jobId === jobId;

/**
 * Writes what is seen of a VM into the registry, while the job holds it. False when a newer walk of
 * the job holds it, or in a lost race.
 * Nothing is written of a VM that has left the registry: the next read of its vault adds it.
 */
export async function rememberItem(holder: Holder, step: Of, item: Item, now: Date): Promise<boolean> {
  const [vm, lock] = await Promise.all([
    readVm(step.vaultId, step.targetId),
    readLock(step.vaultId, step.targetId),
  ]);
  if (!isHeld(lock, holder)) return true;
  if (lock.epoch !== holder.epoch) return false;
  if (!vm) return true;
  const moved = !sameId(vm.armId, item.armId);
  return saveVmHeldBy(lock, vm, { ...seenOf(item, now, vm), ...(moved ? { movedBy: step.id } : {}) });
}

/** The VM is not replicated any more: it leaves the registry, and its item's name is not used again. */
export async function forgetItem(holder: Holder, step: Of): Promise<boolean> {
  const [vm, lock] = await Promise.all([
    readVm(step.vaultId, step.targetId),
    readLock(step.vaultId, step.targetId),
  ]);
  if (!vm || !isHeld(lock, holder)) return true;
  if (lock.epoch !== holder.epoch) return false;
  await spendName(vm.vaultId, nameOf(vm.armId));
  return removeVmHeldBy(lock, vm);
}

/**
 * A newly replicated VM comes into the registry, and gets Lifeboat's id. Undefined while it cannot
 * be told from another life of the same VM.
 */
export async function rememberNewItem(
  holder: Holder,
  step: Of,
  item: Item,
  now: Date,
): Promise<string | undefined> {
  const lock = await readLock(step.vaultId, step.targetId);
  if (!item.lifecycleId || (isHeld(lock, holder) && lock.epoch !== holder.epoch)) return undefined;
  const vm = newVm(step.vaultId, vaultOf(item.armId), item, item.lifecycleId, now);
  if (await (isHeld(lock, holder) ? addVmHeldBy(lock, vm) : addVm(vm))) return vm.id;
  return (await readVm(vm.vaultId, vm.id)) ? vm.id : undefined;
}

export const newVm = (
  vaultId: string,
  vaultArmId: string,
  item: Item,
  lifecycleId: string | null,
  now: Date,
): ReplicatedVmDocument => ({
  id: lifecycleId === null ? leftOverIdOf(item.armId) : vmIdOf(vaultId, lifecycleId),
  type: 'replicatedVm',
  schema: SCHEMA,
  vaultId,
  vaultArmId,
  scenario: item.scenario,
  name: item.friendlyName,
  lifecycleId,
  movedBy: null,
  missingSince: null,
  ...seenOf(item, now),
});

/** What the registry knows of a VM from looking at its item. */
export const seenOf = (item: Item, now: Date, before?: ReplicatedVmDocument) => ({
  armId: item.armId,
  sourceVmId: item.sourceVmId,
  direction: item.direction,
  sites: sitesSeen(item, before?.sites),
  seen: seenNow(item, now),
  settings: item.settings,
  machines: remembering(item.machines, before?.machines),
  testingSince: testingSince(
    vmStateOf({ scenario: item.scenario, seen: seenNow(item, now) }),
    now,
    before?.testingSince ?? null,
  ),
});

/** A clean-up that runs, and may fail, does not begin the time anew. */
const testingSince = (state: VmState, now: Date, before: string | null): string | null =>
  state === VmState.testing ? (before ?? now.toISOString()) : state === VmState.busy ? before : null;

/** What a failed enabling has left is no replicated VM. */
export const replicasAmong = (vaultArmId: string, items: readonly Item[]): readonly Replica[] =>
  items
    .filter((item) => !isLeftOver(item))
    .map((item) => ({
      name: item.friendlyName,
      vmId: item.lifecycleId === null ? null : vmIdOf(vaultKeyOf(vaultArmId), item.lifecycleId),
      itemId: item.armId,
      machines: item.machines,
    }));

/** As the registry has them, of these machines; ids in lower case. */
export async function replicasRemembered(machineIds: readonly string[]): Promise<readonly Replica[]> {
  const vms = await findByMachine(machineIds);
  return vms.flatMap(({ id, name, armId, lifecycleId, machines }) =>
    machines && lifecycleId !== null ? [{ name, vmId: id, itemId: armId, machines }] : [],
  );
}
