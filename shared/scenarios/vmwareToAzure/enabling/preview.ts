// Builds the preview of a request for VMs of a vCenter. Pure.
import type { AzureFacts } from '../../../azure/facts.ts';
import type { Refusal } from '../../../core/refusal.ts';
import { Scenario } from '../../../core/scenario.ts';
import { previewOf } from '../../enabling/onPremises/preview.ts';
import type { EnablingPreview } from '../../enabling/preview.ts';
import { checksOfMachine, checksOfSite } from './checks.ts';
import { draftVmwareVm } from './draft.ts';
import { planVaultParts } from './parts.ts';
import type { VmwarePrepareRequest } from './request.ts';
import { resolveVmwareScope } from './scope.ts';

/** Previews a request with these facts. `requestRefusals` are known before. */
export function previewVmwareEnabling(
  facts: AzureFacts,
  request: VmwarePrepareRequest,
  requestRefusals: readonly Refusal[],
): EnablingPreview {
  const { scope, notes } = resolveVmwareScope(facts, request);
  const parts = planVaultParts(scope, notes);
  const { policy, mapping, wayHome, vCenter } = parts;
  const partsOfVms = [policy, ...(mapping ? [mapping] : [])];
  return previewOf({
    scenario: Scenario.vmwareToAzure,
    scope,
    vaultId: request.vault.id,
    containerId: scope.site?.containerId ?? null,
    vaultParts: [...vCenter, ...partsOfVms, ...wayHome],
    partsOfVms,
    drafts: request.vms.map((id) => draftVmwareVm(scope, parts, id)),
    refusals: [...requestRefusals, ...notes.refusals],
    checks: checksOfSite(scope, parts),
    checksOfMachine: (machine) => checksOfMachine(scope, machine),
    allowFailedChecks: request.allowFailedChecks,
  });
}
