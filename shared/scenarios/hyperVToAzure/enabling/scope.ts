// The facts that apply to all VMs of a request: the vault, the site and the target. Pure.
import type { AzureFacts } from '../../../azure/facts.ts';
import { vaultKeyOf } from '../../../core/ids.ts';
import { Scenario } from '../../../core/scenario.ts';
import { emptyNotes, formatList, refuse, type Notes } from '../../enabling/notes.ts';
import {
  checkSubscription,
  checkVault,
  findPlaceOf,
  sitesOfScenario,
  type SiteScopeOf,
} from '../../enabling/onPremises/scope.ts';
import type { SitePrepareRequest } from './request.ts';

/** The shared context of all rules for one request. */
export type SiteScope = SiteScopeOf<SitePrepareRequest>;

/** Builds the context of a request, with the refusals of the whole request. */
export function resolveSiteScope(
  facts: AzureFacts,
  request: SitePrepareRequest,
): { readonly scope: SiteScope; readonly notes: Notes } {
  const notes = emptyNotes();
  const scope = findPlaceOf(facts, request, Scenario.hyperVToAzure);
  checkVault(scope, notes);
  checkSite(scope, notes);
  checkSubscription(scope, notes);
  return { scope, notes };
}

function checkSite({ request, vault, site }: SiteScope, notes: Notes): void {
  if (!vault || request.vms.length === 0) return;
  if (!site)
    refuse(
      notes,
      'SiteUnknown',
      `The vault ${vault.name} has no site "${request.source.site}". Its sites are: ` +
        `${formatList(sitesOfScenario(vault, Scenario.hyperVToAzure).map(({ name }) => name))}. ` +
        'Send "prepareVault" to make a site, and register its hosts.',
    );
  else if (site.containerId === null)
    refuse(
      notes,
      'SiteWithoutHosts',
      `No Hyper-V host has registered in the site ${site.name} yet. Make its registration key with POST ` +
        `/api/v1/vaults/${vaultKeyOf(vault.id)}/registration-keys, and follow the steps on each host.`,
    );
}
