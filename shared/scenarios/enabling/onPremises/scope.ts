// The refusals of a whole request for machines on premises: the vault and the target subscription.
// Pure.
import { nameOf, subscriptionOf } from '../../../core/armId.ts';
import { sameId } from '../../../siterecovery/item.ts';
import type { AzureFacts, SiteFacts, VaultFacts } from '../../../azure/facts.ts';
import type { Scenario } from '../../../core/scenario.ts';
import { createLookup } from '../lookup.ts';
import { refuse, type Notes } from '../notes.ts';
import type { OnPremisesScope } from './target.ts';

/** The fields of a request that name its place. */
export interface RequestedPlace {
  readonly vault: { readonly id: string };
  readonly source: { readonly site: string };
  readonly target: { readonly region: string; readonly subscription?: string | undefined };
}

/** The scope with the site of the request, if the vault has it. */
export interface SiteScopeOf<Request> extends OnPremisesScope {
  readonly request: Request;
  readonly site: SiteFacts | undefined;
}

/** The sites of this scenario in the vault. */
export const sitesOfScenario = (vault: VaultFacts | null, scenario: Scenario): readonly SiteFacts[] =>
  (vault?.sites ?? []).filter((site) => site.scenario === scenario);

/** Finds the vault, the site and the target of a request. */
export function findPlaceOf<Request extends RequestedPlace>(
  facts: AzureFacts,
  request: Request,
  scenario: Scenario,
): SiteScopeOf<Request> {
  const vault = facts.vault && sameId(facts.vault.id, request.vault.id) ? facts.vault : null;
  const target = {
    region: request.target.region,
    subscription: (request.target.subscription ?? subscriptionOf(request.vault.id)).toLowerCase(),
  };
  const site = sitesOfScenario(vault, scenario).find(
    ({ id, name }) => sameId(name, request.source.site) || sameId(nameOf(id), request.source.site),
  );
  return { lookup: createLookup(facts), request, vault, site, target };
}

/** Refuses an unknown vault, and a vault outside of the target region. */
export function checkVault({ request, vault, target }: SiteScopeOf<RequestedPlace>, notes: Notes): void {
  if (!vault)
    refuse(
      notes,
      'VaultUnknown',
      `The vault ${request.vault.id} does not exist, or cannot be seen. Name an existing vault.`,
    );
  else if (vault.region !== target.region)
    refuse(
      notes,
      'VaultElsewhere',
      `The vault ${vault.name} is in ${vault.region}, and its machines replicate to that region. ` +
        `Name ${vault.region} as the target region, or a vault in ${target.region}.`,
    );
}

/** Refuses a target subscription that cannot be used. */
export function checkSubscription({ lookup, target }: OnPremisesScope, notes: Notes): void {
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
