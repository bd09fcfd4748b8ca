// What may be chosen for a source, the best first: so that nobody need find out by failing.
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

export interface Choices {
  /** Of the tenant, the source's own first. */
  readonly subscriptions: readonly SubscriptionFacts[];
  /** The source region itself is among them only where replication from zone to zone is possible. */
  readonly regions: readonly RegionFacts[];
  readonly cacheStorageAccounts: readonly StorageAccountFacts[];
  /** Null until a target region is named. */
  readonly target: TargetChoices | null;
}

export interface TargetChoices {
  /** Those in the target region first, none in the source region. */
  readonly resourceGroups: readonly ResourceGroupFacts[];
  readonly networks: readonly NetworkFacts[];
  readonly diskStorageAccounts: readonly StorageAccountFacts[];
  readonly availabilitySets: readonly AvailabilitySetFacts[];
  readonly zones: readonly string[];
  readonly placementGroups: readonly PlacementGroupFacts[];
  /** For classic VMs, as then are the networks and storage accounts. */
  readonly cloudServices: readonly CloudServiceFacts[];
}

const RESOURCE_MANAGER = { model: 'resourceManager' } as const;

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
    // The one made for it first.
    cacheStorageAccounts: [...lookup.storageAccounts.values()]
      .filter(
        (account) =>
          isInRegion(account, source.region) &&
          isInSubscription(account, source.subscription) &&
          !checkCacheAccount(account, account.id, source.region) &&
          isOfSameModel(RESOURCE_MANAGER)(account),
      )
      .sort((a, b) => Number(b.madeAsCache) - Number(a.madeAsCache)),
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
      (one) => isInTarget(one) && isOfSameModel(vm)(one),
    ),
    availabilitySets: [...lookup.availabilitySets.values()].filter(isInTarget),
    zones: lookup.regionByName.get(target.region)?.zones ?? [],
    placementGroups: [...lookup.placementGroups.values()].filter(isInTarget),
    cloudServices: [...lookup.cloudServices.values()].filter(isInTarget),
  };
}
