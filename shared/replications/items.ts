// Which item is which VM, and what the registry remembers of it. An ARM id dies with a reprotect;
// the lifecycle id does not.
import { nameOf, vaultOf } from '../core/armId.ts';
import { mergeKnownMachines } from './rules/machines.ts';
import { type ReplicatedVmFacts } from '../azure/replicatedVmFacts.ts';
import { ENABLING_FAILED, sameId, type ReplicatedItem } from '../siterecovery/item.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import { VmState } from '../scenarios/lifecycle.ts';
import { Direction } from '../core/operations.ts';
import { failedItemIdOf, vaultKeyOf, vmIdOf } from '../core/ids.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { LockDocument, ReplicatedVmDocument, SiteInfo } from './documents.ts';
import {
  addVm,
  addLockedVm,
  findByMachine,
  readLock,
  readVm,
  removeLockedVm,
  saveLockedVm,
  seenStateOf,
} from './registry.ts';
import { retireItemName } from './sources.ts';
import { type SiteRecovery } from '../siterecovery/siteRecovery.ts';

/** The item under the ARM id we know or, when somebody has moved it, wherever it lives now. */
export async function findItem(
  siteRecovery: SiteRecovery,
  vm: ReplicatedVmDocument,
): Promise<ReplicatedItem | undefined> {
  const known = await siteRecovery.readItem(vm.armId);
  if (known) return known;
  const items = await siteRecovery.listItems();
  return items.find((item) => isItemOf(item, vm));
}

/**
 * A freshly moved item has no lifecycle id until it is protected again, but it keeps its name. What
 * a failed enabling has left never had one, and never moves.
 */
export function isItemOf(item: ReplicatedItem, vm: ReplicatedVmDocument): boolean {
  if (vm.lifecycleId === null) return isFailedEnabling(item) && sameId(item.armId, vm.armId);
  return item.lifecycleId === null
    ? sameId(item.name, nameOf(vm.armId))
    : sameId(item.lifecycleId, vm.lifecycleId);
}

/** Left behind by a failed enabling. */
export const isFailedEnabling = (item: ReplicatedItem): boolean =>
  item.lifecycleId === null && item.protectionState === ENABLING_FAILED;

/** The side replication reads from, and with it what can be known of that side only now. */
const primarySiteOf = (item: ReplicatedItem): SiteInfo => ({
  ...item.primary,
  cacheStorageAccountId: item.disks[0]?.cacheStorageAccountId || null,
});

export function sitesOf(
  item: ReplicatedItem,
  before?: ReplicatedVmDocument['sites'],
): ReplicatedVmDocument['sites'] {
  const from = item.direction;
  const to = oppositeDirection(from);
  const known = before?.[to];
  return {
    ...before,
    [from]: primarySiteOf(item),
    [to]: known ?? { ...item.recovery, cacheStorageAccountId: null },
  } as ReplicatedVmDocument['sites'];
}

export const oppositeDirection = (direction: Direction): Direction =>
  direction === Direction.original ? Direction.reversed : Direction.original;

type LockOwner = { readonly jobId: string; readonly epoch: number };
interface StepTarget {
  readonly id: string;
  readonly targetId: string;
  readonly vaultId: string;
}

/**
 * A job that lost the VM in mid-run still ends what it has begun.
 * The job that has the VM now, or the next read of the vault, writes down where the VM is.
 */
const isLockedBy = (
  lock: WithEtag<LockDocument> | undefined,
  { jobId }: LockOwner,
): lock is WithEtag<LockDocument> => lock?.jobId === jobId;

/**
 * Writes what is seen of a VM into the registry, while the job holds it. False when a newer walk of
 * the job holds it, or in a lost race.
 * Nothing is written of a VM that has left the registry: the next read of its vault adds it.
 */
export async function saveItemState(
  lockOwner: LockOwner,
  step: StepTarget,
  item: ReplicatedItem,
  now: Date,
): Promise<boolean> {
  const [vm, lock] = await Promise.all([
    readVm(step.vaultId, step.targetId),
    readLock(step.vaultId, step.targetId),
  ]);
  if (!isLockedBy(lock, lockOwner)) return true;
  if (lock.epoch !== lockOwner.epoch) return false;
  if (!vm) return true;
  const isMoved = !sameId(vm.armId, item.armId);
  return saveLockedVm(lock, vm, { ...vmFieldsOf(item, now, vm), ...(isMoved ? { movedBy: step.id } : {}) });
}

/** The VM is not replicated any more: it leaves the registry, and its item's name is not used again. */
export async function removeEndedItem(lockOwner: LockOwner, step: StepTarget): Promise<boolean> {
  const [vm, lock] = await Promise.all([
    readVm(step.vaultId, step.targetId),
    readLock(step.vaultId, step.targetId),
  ]);
  if (!vm || !isLockedBy(lock, lockOwner)) return true;
  if (lock.epoch !== lockOwner.epoch) return false;
  await retireItemName(vm.vaultId, nameOf(vm.armId));
  return removeLockedVm(lock, vm);
}

/**
 * A newly replicated VM comes into the registry, and gets Lifeboat's id. Undefined while it cannot
 * be told from another life of the same VM.
 */
export async function addNewItem(
  lockOwner: LockOwner,
  step: StepTarget,
  item: ReplicatedItem,
  now: Date,
): Promise<string | undefined> {
  const lock = await readLock(step.vaultId, step.targetId);
  if (!item.lifecycleId || (isLockedBy(lock, lockOwner) && lock.epoch !== lockOwner.epoch)) return undefined;
  const vm = newReplicatedVm(step.vaultId, vaultOf(item.armId), item, item.lifecycleId, now);
  if (await (isLockedBy(lock, lockOwner) ? addLockedVm(lock, vm) : addVm(vm))) return vm.id;
  return (await readVm(vm.vaultId, vm.id)) ? vm.id : undefined;
}

export const newReplicatedVm = (
  vaultId: string,
  vaultArmId: string,
  item: ReplicatedItem,
  lifecycleId: string | null,
  now: Date,
): ReplicatedVmDocument => ({
  id: lifecycleId === null ? failedItemIdOf(item.armId) : vmIdOf(vaultId, lifecycleId),
  type: 'replicatedVm',
  schema: SCHEMA_VERSION,
  vaultId,
  vaultArmId,
  scenario: item.scenario,
  name: item.friendlyName,
  lifecycleId,
  movedBy: null,
  missingSince: null,
  ...vmFieldsOf(item, now),
});

/** What the registry knows of a VM from looking at its item. */
export const vmFieldsOf = (item: ReplicatedItem, now: Date, before?: ReplicatedVmDocument) => ({
  armId: item.armId,
  sourceVmId: item.sourceVmId,
  direction: item.direction,
  sites: sitesOf(item, before?.sites),
  seen: seenStateOf(item, now),
  settings: item.settings,
  machines: mergeKnownMachines(item.machines, before?.machines),
  testingSince: testingSinceOf(
    vmStateOf({ scenario: item.scenario, seen: seenStateOf(item, now) }),
    now,
    before?.testingSince ?? null,
  ),
});

/** A clean-up that runs, and may fail, does not begin the time anew. */
const testingSinceOf = (state: VmState, now: Date, before: string | null): string | null =>
  state === VmState.testing ? (before ?? now.toISOString()) : state === VmState.busy ? before : null;

/** What a failed enabling has left is no replicated VM. */
export const toReplicas = (
  vaultArmId: string,
  items: readonly ReplicatedItem[],
): readonly ReplicatedVmFacts[] =>
  items
    .filter((item) => !isFailedEnabling(item))
    .map((item) => ({
      name: item.friendlyName,
      vmId: item.lifecycleId === null ? null : vmIdOf(vaultKeyOf(vaultArmId), item.lifecycleId),
      itemId: item.armId,
      machines: item.machines,
    }));

/** As the registry has them, of these machines; ids in lower case. */
export async function findReplicasOfMachines(
  machineIds: readonly string[],
): Promise<readonly ReplicatedVmFacts[]> {
  const vms = await findByMachine(machineIds);
  return vms.flatMap(({ id, name, armId, lifecycleId, machines }) =>
    machines && lifecycleId !== null ? [{ name, vmId: id, itemId: armId, machines }] : [],
  );
}
