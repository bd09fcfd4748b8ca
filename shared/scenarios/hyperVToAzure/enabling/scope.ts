// The facts that apply to all VMs of a request: the vault, the site and the target. Pure.
import { nameOf, subscriptionOf } from '../../../core/armId.ts';
import { vaultKeyOf } from '../../../core/ids.ts';
import { sameId } from '../../../siterecovery/item.ts';
import type { AzureFacts, SiteFacts, VaultFacts } from '../../../azure/facts.ts';
import { createLookup, type Lookup } from '../../enabling/lookup.ts';
import { emptyNotes, formatList, refuse, type Notes } from '../../enabling/notes.ts';
import type { Location } from '../../enabling/support.ts';
import type { SitePrepareRequest } from './request.ts';

/** The shared context of all rules for one request. */
export interface SiteScope {
  readonly lookup: Lookup;
  readonly request: SitePrepareRequest;
  readonly vault: VaultFacts | null;
  readonly site: SiteFacts | undefined;
  readonly target: Location;
}

/** Builds the context of a request, with the refusals of the whole request. */
export function resolveSiteScope(
  facts: AzureFacts,
  request: SitePrepareRequest,
): { readonly scope: SiteScope; readonly notes: Notes } {
  const notes = emptyNotes();
  const vault = facts.vault && sameId(facts.vault.id, request.vault.id) ? facts.vault : null;
  const target = {
    region: request.target.region,
    subscription: (request.target.subscription ?? subscriptionOf(request.vault.id)).toLowerCase(),
  };
  const site = vault?.sites.find(
    ({ id, name }) => sameId(name, request.source.site) || sameId(nameOf(id), request.source.site),
  );
  const scope = { lookup: createLookup(facts), request, vault, site, target };
  if (!vault)
    refuse(
      notes,
      'VaultUnknown',
      `The vault ${request.vault.id} does not exist, or cannot be seen. Name an existing vault.`,
    );
  else checkVault(scope, vault, notes);
  checkSubscription(scope, notes);
  return { scope, notes };
}

function checkVault({ request, target, site }: SiteScope, vault: VaultFacts, notes: Notes): void {
  if (vault.region !== target.region)
    refuse(
      notes,
      'VaultElsewhere',
      `The vault ${vault.name} is in ${vault.region}, and its machines replicate to that region. ` +
        `Name ${vault.region} as the target region, or a vault in ${target.region}.`,
    );
  if (!site && request.vms.length > 0)
    refuse(
      notes,
      'SiteUnknown',
      `The vault ${vault.name} has no site "${request.source.site}". Its sites are: ` +
        `${formatList(vault.sites.map(({ name }) => name))}. Send "prepareVault" to make a site, and register ` +
        'its hosts.',
    );
  else if (site?.containerId === null && request.vms.length > 0)
    refuse(
      notes,
      'SiteWithoutHosts',
      `No Hyper-V host has registered in the site ${site.name} yet. Make its registration key with POST ` +
        `/api/v1/vaults/${vaultKeyOf(vault.id)}/registration-keys, and follow the steps on each host.`,
    );
}

function checkSubscription({ lookup, target }: SiteScope, notes: Notes): void {
  const found = lookup.subscriptions.find(({ id }) => sameId(id, target.subscription));
  if (!found)
    refuse(
      notes,
      'SubscriptionUnknown',
      `The target subscription ${target.subscription} does not exist, or cannot be seen.`,
    );
  else if (!found.enabled)
    refuse(notes, 'SubscriptionDisabled', `The target subscription ${found.name} is disabled.`);
  else if (!sameId(found.tenant, lookup.facts.tenant))
    refuse(notes, 'OtherTenant', `The target subscription ${found.name} belongs to another tenant.`);
}
