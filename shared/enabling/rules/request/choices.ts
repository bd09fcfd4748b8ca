// Lists the options for a source, the best first, so that nobody must find them by failing
// requests. Pure.
import { subscriptionOf } from '../../../core/armId.ts';
import { checkCacheAccount } from '../../../azure/cacheAccount.ts';
import { isOfSameModel } from '../vm/classic.ts';
import type {
  AvailabilitySetFacts,
  CloudServiceFacts,
  DeploymentModel,
  AzureFacts,
  NetworkFacts,
  PlacementGroupFacts,
  RegionFacts,
  ResourceGroupFacts,
  StorageAccountFacts,
  SubscriptionFacts,
} from '../../../azure/facts.ts';
import { possibleResourceGroups } from '../prerequisites/resourceGroups.ts';
import { isInRegion, isInSubscription, createLookup } from '../lookup.ts';
import { possibleNetworks } from '../network/chooseNetwork.ts';
import { suitableRegions, type Location } from './locations.ts';
import { sameId } from '../../../siterecovery/item.ts';

/** The options for a source. */
export interface Choices {
  /** The subscriptions of the tenant; the source subscription comes first. */
  readonly subscriptions: readonly SubscriptionFacts[];
  /** Includes the source region only when replication from zone to zone is possible there. */
  readonly regions: readonly RegionFacts[];
  readonly cacheStorageAccounts: readonly StorageAccountFacts[];
  /** Null while the query has no target region. */
  readonly target: TargetChoices | null;
}

/** The options for a target region. */
export interface TargetChoices {
  /** Groups in the target region come first; groups in the source region are not allowed. */
  readonly resourceGroups: readonly ResourceGroupFacts[];
  readonly networks: readonly NetworkFacts[];
  readonly diskStorageAccounts: readonly StorageAccountFacts[];
  readonly availabilitySets: readonly AvailabilitySetFacts[];
  readonly zones: readonly string[];
  readonly placementGroups: readonly PlacementGroupFacts[];
  /** For classic VMs. Networks and storage accounts are then classic too. */
  readonly cloudServices: readonly CloudServiceFacts[];
}

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
