// A VM that is being enabled: until it is protected it has no id of Lifeboat's own, and is asked
// for by that of the step that enables it.
import { clock } from '../core/clock.ts';
import { sameId } from '../siterecovery/item.ts';
import { reading } from '../azure/faults.ts';
import { vaultKeyOf } from '../core/ids.ts';
import { siteRecoveryOf } from '../scenarios/adapter.ts';
import { newVm } from './items.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { findSource } from './sources.ts';
import { knownVaults } from './registerVms.ts';

export async function comingVm(id: string): Promise<ReplicatedVmDocument | undefined> {
  const source = await findSource(id);
  const vaultArmId = source && (await knownVaults()).find((one) => vaultKeyOf(one) === source.vaultId);
  if (!vaultArmId) return undefined;
  const items = await reading(`the items of ${vaultArmId}`, async () =>
    (await siteRecoveryOf(vaultArmId)).items(),
  );
  const item = items.find(({ name }) => sameId(name, source.itemName));
  if (!item) return undefined;
  const vm = newVm(source.vaultId, vaultArmId, item, item.lifecycleId, await clock().now());
  return item.lifecycleId === null ? { ...vm, id } : vm;
}
