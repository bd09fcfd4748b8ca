// Reads the vaults that Lifeboat was told of: what is protected there appears in the registry, and
// what is seen of it stays fresh.
import { nameOf } from '../core/armId.ts';
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { sameId, type ReplicatedItem } from '../siterecovery/item.ts';
import { messageOf } from '../core/errors.ts';
import { vaultKeyOf } from '../core/ids.ts';
import { createSiteRecovery } from '../scenarios/adapter.ts';
import { isItemOf, isFailedEnabling, newReplicatedVm, vmFieldsOf } from './items.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { readAddedVaults, retireItemName } from './sources.ts';
import { addVm, removeVm, saveVm, readVmsAndLocks } from './registry.ts';

/** Those of the settings, and those that commands told of. */
export async function listVaultArmIds(): Promise<readonly string[]> {
  const added = (await readAddedVaults()).map((vault) => vault.armId);
  return [...new Map([...config().LIFEBOAT_VAULTS, ...added].map((id) => [vaultKeyOf(id), id])).values()];
}

export const refreshVaults = (): Promise<void> => forEachVault(refreshVault);

export async function forEachVault(work: (vaultArmId: string) => Promise<unknown>): Promise<void> {
  const results = await Promise.allSettled((await listVaultArmIds()).map(work));
  // One vault that cannot be read does not hide the others; that it could not is told.
  const failed = results.flatMap((result) =>
    result.status === 'rejected' ? [messageOf(result.reason)] : [],
  );
  if (failed.length > 0)
    throw new Error(`${failed.length} of ${results.length} vaults could not be read: ${failed.join('; ')}`);
}

export async function refreshVault(vaultArmId: string): Promise<void> {
  const vaultId = vaultKeyOf(vaultArmId);
  // What we know is read before what Azure shows: a job that moves a VM meanwhile changes its ETag,
  // and the older sight is not written.
  const { vms, lockedIds } = await readVmsAndLocks(vaultId);
  const known = new Map(vms.map((vm) => [itemKeyOf(vm), vm]));
  const items = await (await createSiteRecovery(vaultArmId)).listItems();
  const now = await clock().now();
  for (const item of items) {
    // Until it is protected an item cannot be told from another life of the same VM; one whose
    // enabling has failed will never be.
    if (item.lifecycleId === null && !isFailedEnabling(item)) continue;
    const vm = known.get(itemKeyOf(item));
    if (!vm) await addVm(newReplicatedVm(vaultId, vaultArmId, item, item.lifecycleId, now));
    // While a job holds a VM, the job alone says where it is.
    else if (!lockedIds.has(vm.id)) await refreshVm(vm, item, now);
  }
  const shownKeys = new Set(items.flatMap((item) => [itemKeyOf(item), item.name.toLowerCase()]));
  for (const vm of known.values()) {
    if (lockedIds.has(vm.id)) continue;
    if (!isShown(vm, shownKeys)) await handleMissingVm(vm, now);
    else if (vm.lifecycleId === null && !items.some((item) => isItemOf(item, vm))) await removeVm(vm, now);
  }
}

const itemKeyOf = ({ lifecycleId, armId }: Pick<ReplicatedItem, 'lifecycleId' | 'armId'>): string =>
  (lifecycleId ?? armId).toLowerCase();

/**
 * One that was moved a moment ago has no lifecycle id yet, but it keeps its name: as does one that
 * is enabled again under the name that a failed attempt had.
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
 * That nothing has changed is written down once in a while only: a thousand VMs would be a thousand
 * writes a minute.
 */
const CONFIRM_EVERY_MS = 10 * 60_000;

function isChanged(
  vm: ReplicatedVmDocument,
  next: Partial<ReplicatedVmDocument> & Pick<ReplicatedVmDocument, 'seen'>,
): boolean {
  if (Date.parse(next.seen.at) - Date.parse(vm.seen.at) >= CONFIRM_EVERY_MS) return true;
  return JSON.stringify({ ...vm, ...next, seen: { ...next.seen, at: vm.seen.at } }) !== JSON.stringify(vm);
}

/** Not shown for so long, a VM is no longer replicated: it was disabled by somebody else. */
const GONE_AFTER_MS = 10 * 60_000;

async function handleMissingVm(vm: WithEtag<ReplicatedVmDocument>, now: Date): Promise<void> {
  if (vm.missingSince === null) await saveVm(vm, { missingSince: now.toISOString() });
  else if (now.getTime() - Date.parse(vm.missingSince) >= GONE_AFTER_MS && (await removeVm(vm, now)))
    await retireItemName(vm.vaultId, nameOf(vm.armId));
}
