// Reads all known vaults and updates the registry: adds new VMs, refreshes known VMs and removes
// lost VMs. The timer and the vault routes call this module. It must not change a VM with a lock.
import { nameOf } from '../core/armId.ts';
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { sameId, type ReplicatedItem } from '../siterecovery/item.ts';
import { messageOf } from '../core/errors.ts';
import { vaultKeyOf } from '../core/ids.ts';
import { siteRecoveryClientFor } from '../scenarios/adapter.ts';
import { isItemOf, isFailedEnabling, newReplicatedVm, vmFieldsOf } from './items.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { forgetVaultVms, readAddedVaults, readRemovedVaults } from './addedVaults.ts';
import { saveEnablingVms } from './enablingVms.ts';
import { retireItemName } from './sources.ts';
import { addVm, removeVm, saveVm, readVmsAndLocks } from './registry.ts';

/** The vaults of the settings and the vaults that commands added. */
export async function listVaultArmIds(): Promise<readonly string[]> {
  const added = (await readAddedVaults()).map((vault) => vault.armId);
  return [...new Map([...config().LIFEBOAT_VAULTS, ...added].map((id) => [vaultKeyOf(id), id])).values()];
}

/** Refreshes every known vault, and forgets what is left of unregistered vaults. */
export async function refreshVaults(): Promise<void> {
  await forgetRemovedVaults();
  await forEachVault(refreshVault);
}

async function forgetRemovedVaults(): Promise<void> {
  const known = new Set((await listVaultArmIds()).map(vaultKeyOf));
  const now = await clock().now();
  for (const { vaultId } of await readRemovedVaults())
    if (!known.has(vaultId)) await forgetVaultVms(vaultId, now);
}

/** Runs the work for every known vault. Throws after the last vault when any vault failed. */
export async function forEachVault(work: (vaultArmId: string) => Promise<unknown>): Promise<void> {
  const results = await Promise.allSettled((await listVaultArmIds()).map(work));
  // One unreadable vault does not hide the others, but the error names it.
  const failed = results.flatMap((result) =>
    result.status === 'rejected' ? [messageOf(result.reason)] : [],
  );
  if (failed.length > 0)
    throw new Error(`${failed.length} of ${results.length} vaults could not be read: ${failed.join('; ')}`);
}

/** Refreshes the registry for one vault. */
export async function refreshVault(vaultArmId: string): Promise<void> {
  const vaultId = vaultKeyOf(vaultArmId);
  // Reads the registry before Azure. When a job moves a VM meanwhile, the ETag changes, and the
  // outdated facts do not overwrite it.
  const { vms, enablingVms, lockedIds } = await readVmsAndLocks(vaultId);
  const known = new Map(vms.map((vm) => [itemKeyOf(vm), vm]));
  const items = await (await siteRecoveryClientFor(vaultArmId)).listItems();
  const now = await clock().now();
  for (const item of items) {
    if (isBeforeProtection(item)) continue;
    const vm = known.get(itemKeyOf(item));
    if (!vm) await addVm(newReplicatedVm(vaultId, vaultArmId, item, item.lifecycleId, now));
    // While a job locks a VM, only this job records its position.
    else if (!lockedIds.has(vm.id)) await refreshVm(vm, item, now);
  }
  await saveEnablingVms({ vaultId, vaultArmId }, items.filter(isBeforeProtection), vms, enablingVms, now);
  const shownKeys = new Set(items.flatMap((item) => [itemKeyOf(item), item.name.toLowerCase()]));
  for (const vm of known.values()) {
    if (lockedIds.has(vm.id)) continue;
    if (!isShown(vm, shownKeys)) await handleMissingVm(vm, now);
    else if (vm.lifecycleId === null && !items.some((item) => isItemOf(item, vm))) await removeVm(vm, now);
  }
}

/**
 * Before its protection, an item may belong to another life of the same VM. An item with failed
 * enabling never gets a lifecycle id.
 */
const isBeforeProtection = (item: ReplicatedItem): boolean =>
  item.lifecycleId === null && !isFailedEnabling(item);

const itemKeyOf = ({ lifecycleId, armId }: Pick<ReplicatedItem, 'lifecycleId' | 'armId'>): string =>
  (lifecycleId ?? armId).toLowerCase();

/**
 * A recently moved item has no lifecycle id yet, but it keeps its name. A new enabling under the
 * name of a failed attempt also keeps the name.
 */
const isShown = (vm: ReplicatedVmDocument, shownKeys: ReadonlySet<string>): boolean =>
  shownKeys.has(itemKeyOf(vm)) || shownKeys.has(nameOf(vm.armId).toLowerCase());

async function refreshVm(vm: WithEtag<ReplicatedVmDocument>, item: ReplicatedItem, now: Date): Promise<void> {
  const isMoved = !sameId(vm.armId, item.armId);
  const next = { ...vmFieldsOf(item, now, vm), missingSince: null, ...(isMoved ? { movedBy: null } : {}) };
  if (!isChanged(vm, next)) return;
  await saveVm(vm, next);
}

/**
 * Saves unchanged VMs only at this interval. Otherwise a thousand VMs would cause a thousand writes
 * a minute.
 */
const CONFIRM_EVERY_MS = 10 * 60_000;

function isChanged(
  vm: ReplicatedVmDocument,
  next: Partial<ReplicatedVmDocument> & Pick<ReplicatedVmDocument, 'seen'>,
): boolean {
  if (Date.parse(next.seen.at) - Date.parse(vm.seen.at) >= CONFIRM_EVERY_MS) return true;
  return JSON.stringify({ ...vm, ...next, seen: { ...next.seen, at: vm.seen.at } }) !== JSON.stringify(vm);
}

/** After this time without an item, the VM is no longer replicated: somebody else disabled it. */
const GONE_AFTER_MS = 10 * 60_000;

async function handleMissingVm(vm: WithEtag<ReplicatedVmDocument>, now: Date): Promise<void> {
  if (vm.missingSince === null) await saveVm(vm, { missingSince: now.toISOString() });
  else if (now.getTime() - Date.parse(vm.missingSince) >= GONE_AFTER_MS && (await removeVm(vm, now)))
    await retireItemName(vm.vaultId, nameOf(vm.armId));
}
