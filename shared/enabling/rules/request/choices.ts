// What may be chosen for a source, the best first: so that nobody need find out by failing.
import { subscriptionOf } from '../../../core/armId.ts';
import { wrongCache } from '../../../azure/cacheAccount.ts';
import { ofModel } from '../vm/classic.ts';
import type {
  AvailabilitySetFacts,
  CloudServiceFacts,
  DeploymentModel,
  Facts,
  NetworkFacts,
  PlacementGroupFacts,
  RegionFacts,
  ResourceGroupFacts,
  StorageAccountFacts,
  SubscriptionFacts,
} from '../../../azure/facts.ts';
import { possibleGroups } from '../prerequisites/resourceGroups.ts';
import { isIn, isOf, lookup } from '../lookup.ts';
import { possibleNetworks } from '../network/network.ts';
import { suitableRegions, type Place } from './places.ts';
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
  facts: Facts,
  source: Place & { readonly model?: DeploymentModel },
  target: Place | null,
): Choices {
  const look = lookup(facts);
  const own = look.subscriptions.filter(({ tenant, enabled }) => enabled && sameId(tenant, facts.tenant));
  return {
    subscriptions: [
      ...own.filter(({ id }) => sameId(id, source.subscription)),
      ...own.filter(({ id }) => !sameId(id, source.subscription)),
    ],
    regions: suitableRegions(look, source.region),
    // The one made for it first.
    cacheStorageAccounts: [...look.accounts.values()]
      .filter(
        (one) =>
          isIn(one, source.region) &&
          isOf(one, source.subscription) &&
          !wrongCache(one, one.id, source.region) &&
          ofModel(RESOURCE_MANAGER)(one),
      )
      .sort((a, b) => Number(b.madeAsCache) - Number(a.madeAsCache)),
    target: target && targetChoices(look, source, target),
  };
}

function targetChoices(
  look: ReturnType<typeof lookup>,
  source: Place & { readonly model?: DeploymentModel },
  target: Place,
): TargetChoices {
  const vm = { model: source.model ?? 'resourceManager' };
  const there = (one: { readonly id: string; readonly region: string }): boolean =>
    isIn(one, target.region) && sameId(subscriptionOf(one.id), target.subscription);
  return {
    resourceGroups: possibleGroups({ look, source, target, zoneToZone: source.region === target.region }),
    networks: possibleNetworks({ look, target }, vm),
    diskStorageAccounts: [...look.accounts.values()].filter((one) => there(one) && ofModel(vm)(one)),
    availabilitySets: [...look.sets.values()].filter(there),
    zones: look.regionNamed.get(target.region)?.zones ?? [],
    placementGroups: [...look.placementGroups.values()].filter(there),
    cloudServices: [...look.cloudServices.values()].filter(there),
  };
}
