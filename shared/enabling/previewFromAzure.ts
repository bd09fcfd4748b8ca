// What comes of a request to enable replication, as Azure stands now.

import type { IncomingVm, AzureFacts } from '../azure/facts.ts';
import { nameOf } from '../core/armId.ts';
import { vaultKeyOf, sourceIdOf } from '../core/ids.ts';
import { findReplicasOfMachines } from '../replications/items.ts';
import { findBySource } from '../replications/registry.ts';
import { readSources } from '../replications/sources.ts';
import { sameId } from '../siterecovery/item.ts';
import type { EnablingPreview } from './rules/preview.ts';
import { previewEnabling } from './rules/previewEnabling.ts';
import type { PrepareRequest } from './rules/request/request.ts';
import { readRequestFacts } from './readRequestFacts.ts';

/** What comes of this wish as Azure stands now, and beside what other jobs are about to do. */

/** The VMs that other jobs are enabling in the same place. */
export type FindVmsBeingEnabled = (
  facts: AzureFacts,
  request: PrepareRequest,
) => Promise<readonly IncomingVm[]>;

export async function previewFromAzure(
  request: PrepareRequest,
  findVmsBeingEnabled: FindVmsBeingEnabled,
): Promise<{ readonly preview: EnablingPreview; readonly facts: AzureFacts }> {
  const ids = request.vms.map((vm) => vm.id.toLowerCase());
  const [azureFacts, replicated, registeredVms] = await Promise.all([
    readRequestFacts(request, {}),
    findBySource(ids),
    findReplicasOfMachines(ids),
  ]);
  const elsewhere = replicated
    .filter(({ vaultArmId }) => !azureFacts.vault || !sameId(vaultArmId, azureFacts.vault.id))
    .map((vm) => [vm.sourceVmId.toLowerCase(), nameOf(vm.vaultArmId)]);
  const facts: AzureFacts = {
    ...azureFacts,
    registeredVms,
    otherVaultNames: Object.fromEntries(elsewhere) as Record<string, string>,
    incomingVms: await findVmsBeingEnabled(azureFacts, request),
  };
  if (!facts.vault) return { facts, preview: previewEnabling(facts, request) };
  const vaultId = vaultKeyOf(facts.vault.id);
  const sources = await readSources(
    vaultId,
    request.vms.map((vm) => sourceIdOf(vaultId, vm.id)),
  );
  const enableCounts = Object.fromEntries(
    sources.map((source) => [
      source.sourceVmId.toLowerCase(),
      source.spent ? source.generation + 1 : source.generation,
    ]),
  );
  const factsWithCounts: AzureFacts = { ...facts, enableCounts };
  return { facts: factsWithCounts, preview: previewEnabling(factsWithCounts, request) };
}
