// Finds a VM on its way to protection live in Azure. The replication routes call this module.
import { clock } from '../core/clock.ts';
import { nameOf } from '../core/armId.ts';
import { sameId } from '../siterecovery/item.ts';
import { withReadFaults } from '../azure/readFaults.ts';
import { vaultKeyOf } from '../core/ids.ts';
import { siteRecoveryClientFor } from '../scenarios/adapter.ts';
import { newReplicatedVm } from './items.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { readEnablingVm } from './enablingVms.ts';
import { listVaultArmIds } from './refreshVaults.ts';
import { findSource } from './sources.ts';

/** Finds the VM behind the id of an enabling; undefined when Site Recovery shows no item. */
export async function findEnablingVm(id: string): Promise<ReplicatedVmDocument | undefined> {
  const [source, enabling] = await Promise.all([findSource(id), readEnablingVm(id)]);
  const itemName = source?.itemName ?? (enabling && nameOf(enabling.armId));
  const vaultId = source?.vaultId ?? enabling?.vaultId;
  const vaultArmId = (await listVaultArmIds()).find((armId) => vaultKeyOf(armId) === vaultId);
  if (itemName === undefined || vaultId === undefined || vaultArmId === undefined) return undefined;
  const items = await withReadFaults(`the items of ${vaultArmId}`, async () =>
    (await siteRecoveryClientFor(vaultArmId)).listItems(),
  );
  const item = items.find(({ name }) => sameId(name, itemName));
  if (!item) return undefined;
  const vm = newReplicatedVm(vaultId, vaultArmId, item, item.lifecycleId, await clock().now());
  return item.lifecycleId === null ? { ...vm, id } : vm;
}
