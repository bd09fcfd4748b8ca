// Reads the vaults that Lifeboat was told of: what is protected there appears in the registry, and
// what is seen of it stays fresh.
import { nameOf } from '../core/armId.ts';
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { sameId, type Item } from '../siterecovery/item.ts';
import { messageOf } from '../core/errors.ts';
import { vaultKeyOf } from '../core/ids.ts';
import { siteRecoveryOf } from '../scenarios/adapter.ts';
import { isItemOf, isLeftOver, newVm, seenOf } from './items.ts';
import type { Stored } from '../store/cosmos.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { addedVaults, spendName } from './sources.ts';
import { addVm, removeVm, saveVm, vmsAndLocksOf } from './registry.ts';

/** Those of the settings, and those that commands told of. */
export async function knownVaults(): Promise<readonly string[]> {
  const added = (await addedVaults()).map((vault) => vault.armId);
  return [...new Map([...config().LIFEBOAT_VAULTS, ...added].map((id) => [vaultKeyOf(id), id])).values()];
}

export const readVaults = (): Promise<void> => forEachVault(readVault);

export async function forEachVault(work: (vaultArmId: string) => Promise<unknown>): Promise<void> {
  const read = await Promise.allSettled((await knownVaults()).map(work));
  // One vault that cannot be read does not hide the others; that it could not is told.
  const failed = read.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : []));
  if (failed.length > 0)
    throw new Error(`${failed.length} of ${read.length} vaults could not be read: ${failed.join('; ')}`);
}

export async function readVault(vaultArmId: string): Promise<void> {
  const vaultId = vaultKeyOf(vaultArmId);
  // What we know is read before what Azure shows: a job that moves a VM meanwhile changes its ETag,
  // and the older sight is not written.
  const { vms, held } = await vmsAndLocksOf(vaultId);
  const known = new Map(vms.map((vm) => [keyOf(vm), vm]));
  const items = await (await siteRecoveryOf(vaultArmId)).items();
  const now = await clock().now();
  for (const item of items) {
    // Until it is protected an item cannot be told from another life of the same VM; one whose
    // enabling has failed will never be.
    if (item.lifecycleId === null && !isLeftOver(item)) continue;
    const vm = known.get(keyOf(item));
    if (!vm) await addVm(newVm(vaultId, vaultArmId, item, item.lifecycleId, now));
    // While a job holds a VM, the job alone says where it is.
    else if (!held.has(vm.id)) await refresh(vm, item, now);
  }
  const shown = new Set(items.flatMap((item) => [keyOf(item), item.name.toLowerCase()]));
  for (const vm of known.values()) {
    if (held.has(vm.id)) continue;
    if (!isShown(vm, shown)) await miss(vm, now);
    else if (vm.lifecycleId === null && !items.some((item) => isItemOf(item, vm))) await removeVm(vm, now);
  }
}

const keyOf = ({ lifecycleId, armId }: Pick<Item, 'lifecycleId' | 'armId'>): string =>
  (lifecycleId ?? armId).toLowerCase();

/**
 * One that was moved a moment ago has no lifecycle id yet, but it keeps its name: as does one that
 * is enabled again under the name that a failed attempt had.
 */
const isShown = (vm: ReplicatedVmDocument, shown: ReadonlySet<string>): boolean =>
  shown.has(keyOf(vm)) || shown.has(nameOf(vm.armId).toLowerCase());

async function refresh(vm: Stored<ReplicatedVmDocument>, item: Item, now: Date): Promise<void> {
  const moved = !sameId(vm.armId, item.armId);
  const next = { ...seenOf(item, now, vm), missingSince: null, ...(moved ? { movedBy: null } : {}) };
  if (!isNews(vm, next)) return;
  await saveVm(vm, next);
}

/**
 * That nothing has changed is written down once in a while only: a thousand VMs would be a thousand
 * writes a minute.
 */
const CONFIRMED_EVERY = 10 * 60_000;

function isNews(
  vm: ReplicatedVmDocument,
  next: Partial<ReplicatedVmDocument> & Pick<ReplicatedVmDocument, 'seen'>,
): boolean {
  if (Date.parse(next.seen.at) - Date.parse(vm.seen.at) >= CONFIRMED_EVERY) return true;
  return JSON.stringify({ ...vm, ...next, seen: { ...next.seen, at: vm.seen.at } }) !== JSON.stringify(vm);
}

/** Not shown for so long, a VM is no longer replicated: it was disabled by somebody else. */
const GONE_AFTER = 10 * 60_000;

async function miss(vm: Stored<ReplicatedVmDocument>, now: Date): Promise<void> {
  if (vm.missingSince === null) await saveVm(vm, { missingSince: now.toISOString() });
  else if (now.getTime() - Date.parse(vm.missingSince) >= GONE_AFTER && (await removeVm(vm, now)))
    await spendName(vm.vaultId, nameOf(vm.armId));
}
