// Lists the options for a source, the best first, so that nobody must find them by failing
// requests. Pure.
import { subscriptionOf } from '../../../../core/armId.ts';
import { checkCacheAccount } from '../../../../azure/cacheAccount.ts';
import { isOfSameModel } from '../vm/classic.ts';
import type { DeploymentModel, AzureFacts } from '../../../../azure/facts.ts';
import { possibleResourceGroups } from '../prerequisites/resourceGroups.ts';
import { isInRegion, isInSubscription, createLookup } from '../../../enabling/lookup.ts';
import { possibleNetworks } from '../network/chooseNetwork.ts';
import { suitableRegions } from './locations.ts';
import { sameId } from '../../../../siterecovery/item.ts';

import type { Choices, TargetChoices } from '../../../enabling/support.ts';
import { type Location } from '../../../enabling/support.ts';

const RESOURCE_MANAGER = { model: 'resourceManager' } as const;

/** The options for a source and, if given, a target. */
export function choicesFor(
  facts: AzureFacts,
  source: Location & { readonly model?: DeploymentModel },
  target: Location | null,
): Choices {
  const lookup = createLookup(facts);
  const ownSubscriptions = lookup.subscriptions.filter(
    ({ tenant, enabled }) => enabled && sameId(tenant, facts.tenant),
  );
  return {
    subscriptions: [
      ...ownSubscriptions.filter(({ id }) => sameId(id, source.subscription)),
      ...ownSubscriptions.filter(({ id }) => !sameId(id, source.subscription)),
    ],
    regions: suitableRegions(lookup, source.region),
    // The account that Lifeboat created as the cache comes first.
    cacheStorageAccounts: [...lookup.storageAccounts.values()]
      .filter(
        (account) =>
          isInRegion(account, source.region) &&
          isInSubscription(account, source.subscription) &&
          !checkCacheAccount(account, account.id, source.region) &&
          isOfSameModel(RESOURCE_MANAGER)(account),
      )
      .sort((first, second) => Number(second.madeAsCache) - Number(first.madeAsCache)),
    target: target && targetChoices(lookup, source, target),
  };
}

function targetChoices(
  lookup: ReturnType<typeof createLookup>,
  source: Location & { readonly model?: DeploymentModel },
  target: Location,
): TargetChoices {
  const vm = { model: source.model ?? 'resourceManager' };
  const isInTarget = (resource: { readonly id: string; readonly region: string }): boolean =>
    isInRegion(resource, target.region) && sameId(subscriptionOf(resource.id), target.subscription);
  return {
    resourceGroups: possibleResourceGroups({
      lookup,
      source,
      target,
      zoneToZone: source.region === target.region,
    }),
    networks: possibleNetworks({ lookup, target }, vm),
    diskStorageAccounts: [...lookup.storageAccounts.values()].filter(
      (account) => isInTarget(account) && isOfSameModel(vm)(account),
    ),
    availabilitySets: [...lookup.availabilitySets.values()].filter(isInTarget),
    zones: lookup.regionByName.get(target.region)?.zones ?? [],
    placementGroups: [...lookup.placementGroups.values()].filter(isInTarget),
    cloudServices: [...lookup.cloudServices.values()].filter(isInTarget),
  };
}
