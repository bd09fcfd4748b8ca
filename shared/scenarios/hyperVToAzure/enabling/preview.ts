// Builds the preview of a request for VMs of a Hyper-V site. Pure.
import type { AzureFacts } from '../../../azure/facts.ts';
import type { Refusal } from '../../../core/refusal.ts';
import { Scenario } from '../../../core/scenario.ts';
import { previewOf } from '../../enabling/onPremises/preview.ts';
import type { EnablingPreview } from '../../enabling/preview.ts';
import { checksOfMachine, checksOfSite } from './checks.ts';
import { draftSiteVm } from './draft.ts';
import { planVaultParts } from './parts.ts';
import type { SitePrepareRequest } from './request.ts';
import { resolveSiteScope } from './scope.ts';

/** Previews a request with these facts. `requestRefusals` are known before. */
export function previewSiteEnabling(
  facts: AzureFacts,
  request: SitePrepareRequest,
  requestRefusals: readonly Refusal[],
): EnablingPreview {
  const { scope, notes } = resolveSiteScope(facts, request);
  const parts = planVaultParts(scope, notes);
  const { site, policy, mapping } = parts;
  const partsOfVms = [policy, ...(mapping ? [mapping] : [])];
  return previewOf({
    scenario: Scenario.hyperVToAzure,
    scope,
    vaultId: request.vault.id,
    containerId: scope.site?.containerId ?? null,
    vaultParts: [site, ...partsOfVms],
    partsOfVms,
    drafts: request.vms.map((id) => draftSiteVm(scope, parts, id)),
    refusals: [...requestRefusals, ...notes.refusals],
    checks: checksOfSite(scope, parts),
    checksOfMachine: (machine) => checksOfMachine(scope, machine?.os ?? null),
    allowFailedChecks: request.allowFailedChecks,
  });
}
