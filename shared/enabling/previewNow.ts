// What comes of a request to enable replication, as Azure stands now.

import type { ComingVm, Facts } from '../azure/facts.ts';
import { nameOf } from '../core/armId.ts';
import { vaultKeyOf, sourceIdOf } from '../core/ids.ts';
import { replicasRemembered } from '../replications/items.ts';
import { findBySource } from '../replications/registry.ts';
import { sourcesOf } from '../replications/sources.ts';
import { sameId } from '../siterecovery/item.ts';
import type { Preview } from './rules/preview.ts';
import { previewEnabling } from './rules/previewEnabling.ts';
import type { PrepareWish } from './rules/request/request.ts';
import { survey } from './survey.ts';

/** What comes of this wish as Azure stands now, and beside what other jobs are about to do. */

/** The VMs that other jobs are enabling in the same place. */
export type ComingVms = (facts: Facts, wish: PrepareWish) => Promise<readonly ComingVm[]>;

export async function previewOf(
  wish: PrepareWish,
  comingVms: ComingVms,
): Promise<{ readonly preview: Preview; readonly facts: Facts }> {
  const ids = wish.vms.map((vm) => vm.id.toLowerCase());
  const [seen, others, remembered] = await Promise.all([
    survey(wish, {}),
    findBySource(ids),
    replicasRemembered(ids),
  ]);
  const elsewhere = others
    .filter(({ vaultArmId }) => !seen.vault || !sameId(vaultArmId, seen.vault.id))
    .map((vm) => [vm.sourceVmId.toLowerCase(), nameOf(vm.vaultArmId)]);
  const facts = {
    ...seen,
    remembered,
    protectedElsewhere: Object.fromEntries(elsewhere) as Record<string, string>,
    coming: await comingVms(seen, wish),
  };
  if (!facts.vault) return { facts, preview: previewEnabling(facts, wish) };
  const vaultId = vaultKeyOf(facts.vault.id);
  const known = await sourcesOf(
    vaultId,
    wish.vms.map((vm) => sourceIdOf(vaultId, vm.id)),
  );
  const generations = Object.fromEntries(
    known.map((source) => [
      source.sourceVmId.toLowerCase(),
      source.spent ? source.generation + 1 : source.generation,
    ]),
  );
  const counted = { ...facts, generations };
  return { facts: counted, preview: previewEnabling(counted, wish) };
}
