// Previews a request to enable replication, with fresh facts from Azure and the registry. The
// preview route, the readiness report and job planning call this module. It changes nothing.

import type { IncomingVm, AzureFacts } from '../azure/facts.ts';
import { nameOf } from '../core/armId.ts';
import { vaultKeyOf, sourceIdOf } from '../core/ids.ts';
import { findReplicasOfMachines } from '../replications/items.ts';
import { findBySource } from '../replications/registry.ts';
import { readSources } from '../replications/sources.ts';
import { sameId } from '../siterecovery/item.ts';
import type { EnablingPreview } from '../scenarios/enabling/preview.ts';
import { previewRequest } from './rules/previewRequest.ts';
import { readConfirmationFacts } from './confirmations.ts';
import { readRequestFacts } from './readRequestFacts.ts';
import { enablingFor } from '../scenarios/drivers.ts';
import type { CommonRequest } from '../scenarios/enabling/support.ts';

/** Finds the VMs that other jobs enable in the same location. */
export type FindVmsBeingEnabled = (
  facts: AzureFacts,
  request: CommonRequest,
) => Promise<readonly IncomingVm[]>;

/**
 * Reads the facts and previews the request. Includes the VMs that other jobs enable at the same
 * time.
 */
export async function previewFromAzure(
  given: CommonRequest,
  findVmsBeingEnabled: FindVmsBeingEnabled,
): Promise<{ readonly preview: EnablingPreview; readonly facts: AzureFacts }> {
  const enabling = enablingFor(given.goal);
  const factsFirst = enabling.withMachineIds ? await readRequestFacts(given, {}) : undefined;
  const request = factsFirst ? (enabling.withMachineIds?.(factsFirst, given) ?? given) : given;
  const ids = request.vms.map((id) => id.toLowerCase());
  const [azureFacts, replicated, registeredVms] = await Promise.all([
    factsFirst ?? readRequestFacts(request, {}),
    findBySource(ids),
    findReplicasOfMachines(ids),
  ]);
  const siteIds = (azureFacts.vault?.sites ?? []).map(({ id }) => id.toLowerCase());
  const confirmations = await readConfirmationFacts([...ids, ...siteIds]);
  const elsewhere = replicated
    .filter(({ vaultArmId }) => !azureFacts.vault || !sameId(vaultArmId, azureFacts.vault.id))
    .map((vm) => [vm.sourceVmId.toLowerCase(), nameOf(vm.vaultArmId)]);
  const facts: AzureFacts = {
    ...azureFacts,
    registeredVms,
    confirmations,
    otherVaultNames: Object.fromEntries(elsewhere) as Record<string, string>,
    incomingVms: await findVmsBeingEnabled(azureFacts, request),
  };
  if (!facts.vault) return { facts, preview: previewRequest(facts, request) };
  const vaultId = vaultKeyOf(facts.vault.id);
  const sources = await readSources(
    vaultId,
    request.vms.map((id) => sourceIdOf(vaultId, id)),
  );
  const enableCounts = Object.fromEntries(
    sources.map((source) => [
      source.sourceVmId.toLowerCase(),
      source.spent ? source.generation + 1 : source.generation,
    ]),
  );
  const factsWithCounts: AzureFacts = { ...facts, enableCounts };
  return { facts: factsWithCounts, preview: previewRequest(factsWithCounts, request) };
}
