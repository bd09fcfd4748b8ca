// Reads the vaults that Lifeboat was told of: what is protected there appears in the registry, and what is seen of it stays fresh.
import { clock } from '../clock.ts';
import { config } from '../config.ts';
import { sameId, type Item } from '../domain/item.ts';
import { messageOf } from '../errors.ts';
import { vaultKeyOf, vmIdOf } from '../ids.ts';
import { siteRecoveryOf } from '../siterecovery/adapter.ts';
import { sitesSeen } from '../siterecovery/items.ts';
import type { Stored } from '../store/cosmos.ts';
import { SCHEMA, type ReplicatedVmDocument } from '../store/documents.ts';
import { addVm, findLocks, saveVm, seenNow, vmsOfVault } from '../store/registry.ts';

export async function readVaults(): Promise<void> {
  const read = await Promise.allSettled(config().LIFEBOAT_VAULTS.map(readVault));
  // One vault that cannot be read does not hide the others; that it could not is told.
  const failed = read.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : []));
  if (failed.length > 0) throw new Error(`${failed.length} of ${read.length} vaults could not be read: ${failed.join('; ')}`);
}

async function readVault(vaultArmId: string): Promise<void> {
  const vaultId = vaultKeyOf(vaultArmId);
  // What we know is read before what Azure shows: a job that moves a VM meanwhile changes its ETag, and the older sight is not written.
  const known = new Map((await vmsOfVault(vaultId)).map((vm) => [vm.lifecycleId.toLowerCase(), vm]));
  const held = new Set((await findLocks([...known.values()].map((vm) => vm.id))).map((lock) => lock.vmId));
  const items = await (await siteRecoveryOf(vaultArmId)).items();
  const now = await clock().now();
  for (const item of items) {
    // Until it is protected an item cannot be told from another life of the same VM.
    if (item.lifecycleId === null) continue;
    const vm = known.get(item.lifecycleId.toLowerCase());
    if (!vm) await addVm(newVm(vaultId, vaultArmId, item, item.lifecycleId, now));
    // While a job holds a VM, the job alone says where it is.
    else if (!held.has(vm.id)) await refresh(vm, item, now);
  }
}

const newVm = (vaultId: string, vaultArmId: string, item: Item, lifecycleId: string, now: Date): ReplicatedVmDocument => ({
  id: vmIdOf(vaultId, lifecycleId), type: 'replicatedVm', schema: SCHEMA, vaultId, vaultArmId, scenario: item.scenario, name: item.friendlyName,
  lifecycleId, armId: item.armId, direction: item.direction, sites: sitesSeen(item), seen: seenNow(item, now), movedBy: null,
});

async function refresh(vm: Stored<ReplicatedVmDocument>, item: Item, now: Date): Promise<void> {
  const moved = !sameId(vm.armId, item.armId);
  await saveVm(vm, { armId: item.armId, direction: item.direction, sites: sitesSeen(item, vm.sites), seen: seenNow(item, now), ...(moved ? { movedBy: null } : {}) });
}
