// Matches Site Recovery items with registry VMs, and writes item facts to the registry. A reprotect
// changes the ARM id of an item; the lifecycle id stays. Attempts, jobs and the vault refresh call
// this module.
import { nameOf, vaultOf } from '../core/armId.ts';
import { mergeKnownMachines } from '../siterecovery/knownMachines.ts';
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

/** The item under the known ARM id, or under its new ARM id after a move. */
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
 * A moved item has no lifecycle id until its next protection, but it keeps its name. The remains of
 * a failed enabling never had a lifecycle id, and never move.
 */
export function isItemOf(item: ReplicatedItem, vm: ReplicatedVmDocument): boolean {
  if (vm.lifecycleId === null) return isFailedEnabling(item) && sameId(item.armId, vm.armId);
  return item.lifecycleId === null
    ? sameId(item.name, nameOf(vm.armId))
    : sameId(item.lifecycleId, vm.lifecycleId);
}

/** True for the remains of a failed enabling. */
export const isFailedEnabling = (item: ReplicatedItem): boolean =>
  item.lifecycleId === null && item.protectionState === ENABLING_FAILED;

/** The side that replication reads from. Its cache storage account is visible only now. */
const primarySiteOf = (item: ReplicatedItem): SiteInfo => ({
  ...item.primary,
  cacheStorageAccountId: item.disks[0]?.cacheStorageAccountId || null,
});

/** The two sites of a VM. Keeps the earlier facts of the recovery side. */
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

/** The other direction of replication. */
export const oppositeDirection = (direction: Direction): Direction =>
  direction === Direction.original ? Direction.reversed : Direction.original;

type LockOwner = { readonly jobId: string; readonly epoch: number };
interface StepTarget {
  readonly id: string;
  readonly targetId: string;
  readonly vaultId: string;
}

/**
 * A job that lost the VM still completes its begun work. The present owner of the lock, or the next
 * vault refresh, saves the position of the VM.
 */
const isLockedBy = (
  lock: WithEtag<LockDocument> | undefined,
  { jobId }: LockOwner,
): lock is WithEtag<LockDocument> => lock?.jobId === jobId;

/**
 * Saves the item state of a VM while the job holds its lock. False when a newer orchestration of
 * the job holds the lock, or after a lost race. Saves nothing for a VM that has left the registry:
 * the next vault refresh adds it.
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

/**
 * Removes a VM without replication from the registry. Lifeboat does not use its item name again.
 */
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
 * Adds a newly replicated VM to the registry and gives its Lifeboat id. Undefined while the item
 * may belong to another life of the same VM.
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

/** A new registry document for an item. */
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

/** The registry fields that come from the item. */
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

/** The test time continues during a clean-up, because the clean-up may fail. */
const testingSinceOf = (state: VmState, now: Date, before: string | null): string | null =>
  state === VmState.testing ? (before ?? now.toISOString()) : state === VmState.busy ? before : null;

/** Gives the replicated VMs among the items; the remains of a failed enabling do not count. */
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

/** Finds the registry VMs of these machines; ids in lower case. */
export async function findReplicasOfMachines(
  machineIds: readonly string[],
): Promise<readonly ReplicatedVmFacts[]> {
  const vms = await findByMachine(machineIds);
  return vms.flatMap(({ id, name, armId, lifecycleId, machines }) =>
    machines && lifecycleId !== null ? [{ name, vmId: id, itemId: armId, machines }] : [],
  );
}
