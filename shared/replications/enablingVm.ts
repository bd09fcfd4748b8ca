// A VM that is being enabled: until it is protected it has no id of Lifeboat's own, and is asked
// for by that of the step that enables it.
import { clock } from '../core/clock.ts';
import { sameId } from '../siterecovery/item.ts';
import { withReadFaults } from '../azure/readFaults.ts';
import { vaultKeyOf } from '../core/ids.ts';
import { createSiteRecovery } from '../scenarios/adapter.ts';
import { newReplicatedVm } from './items.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { findSource } from './sources.ts';
import { listVaultArmIds } from './refreshVaults.ts';

export async function findEnablingVm(id: string): Promise<ReplicatedVmDocument | undefined> {
  const source = await findSource(id);
  const vaultArmId =
    source && (await listVaultArmIds()).find((armId) => vaultKeyOf(armId) === source.vaultId);
  if (!vaultArmId) return undefined;
  const items = await withReadFaults(`the items of ${vaultArmId}`, async () =>
    (await createSiteRecovery(vaultArmId)).listItems(),
  );
  const item = items.find(({ name }) => sameId(name, source.itemName));
  if (!item) return undefined;
  const vm = newReplicatedVm(source.vaultId, vaultArmId, item, item.lifecycleId, await clock().now());
  return item.lifecycleId === null ? { ...vm, id } : vm;
}
