// Finds a VM during its enabling. Such a VM has no Lifeboat id yet, so callers use the id of its
// enabling step. The replication routes call this module.
import { clock } from '../core/clock.ts';
import { sameId } from '../siterecovery/item.ts';
import { withReadFaults } from '../azure/readFaults.ts';
import { vaultKeyOf } from '../core/ids.ts';
import { siteRecoveryClientFor } from '../scenarios/adapter.ts';
import { newReplicatedVm } from './items.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { findSource } from './sources.ts';
import { listVaultArmIds } from './refreshVaults.ts';

/** Finds the VM behind the id of an enabling step; undefined when Site Recovery shows no item. */
export async function findEnablingVm(id: string): Promise<ReplicatedVmDocument | undefined> {
  const source = await findSource(id);
  const vaultArmId =
    source && (await listVaultArmIds()).find((armId) => vaultKeyOf(armId) === source.vaultId);
  if (!vaultArmId) return undefined;
  const items = await withReadFaults(`the items of ${vaultArmId}`, async () =>
    (await siteRecoveryClientFor(vaultArmId)).listItems(),
  );
  const item = items.find(({ name }) => sameId(name, source.itemName));
  if (!item) return undefined;
  const vm = newReplicatedVm(source.vaultId, vaultArmId, item, item.lifecycleId, await clock().now());
  return item.lifecycleId === null ? { ...vm, id } : vm;
}
