// Finds facts by id and by name. Azure returns lists in any order; the lookup sorts them, so that
// the same facts give the same preview.
import { sameId } from '../../siterecovery/item.ts';
import type {
  AzureFacts,
  ItemFacts,
  NetworkFacts,
  QuotaFacts,
  RegionFacts,
  ResourceGroupFacts,
  SecurityGroupFacts,
  SizeFacts,
  SourceVm,
  StorageAccountFacts,
  SubscriptionFacts,
  AvailabilitySetFacts,
  CloudServiceFacts,
  PlacementGroupFacts,
} from '../../azure/facts.ts';

type FactsByKey<T> = ReadonlyMap<string, T>;

/** The facts with their indexes. */
export interface Lookup {
  readonly facts: AzureFacts;
  readonly subscriptions: readonly SubscriptionFacts[];
  readonly regions: readonly RegionFacts[];
  readonly regionByName: FactsByKey<RegionFacts>;
  readonly resourceGroups: FactsByKey<ResourceGroupFacts>;
  readonly vms: FactsByKey<SourceVm>;
  readonly networks: FactsByKey<NetworkFacts>;
  readonly securityGroups: FactsByKey<SecurityGroupFacts>;
  readonly storageAccounts: FactsByKey<StorageAccountFacts>;
  readonly availabilitySets: FactsByKey<AvailabilitySetFacts>;
  readonly placementGroups: FactsByKey<PlacementGroupFacts>;
  readonly cloudServices: FactsByKey<CloudServiceFacts>;
  readonly takenAccountNames: ReadonlySet<string>;
  /** The sizes of a region, sorted by name. */
  readonly sizesIn: (region: string) => readonly SizeFacts[];
  readonly findSize: (region: string, name: string) => SizeFacts | undefined;
  readonly quotas: FactsByKey<QuotaFacts>;
  readonly itemBySourceVm: FactsByKey<ItemFacts>;
}

/** The key of an id or a name in every index: its lower case. */
export const keyOf = (id: string): string => id.toLowerCase();
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Sorts by a text, ignoring case. */
export const sortBy = <T>(list: readonly T[], textOf: (item: T) => string): T[] => {
  const keyed = list.map((item) => [keyOf(textOf(item)), item] as const);
  return keyed.sort(([a], [b]) => compareText(a, b)).map(([, item]) => item);
};
const mapBy = <T>(list: readonly T[], textOf: (item: T) => string): FactsByKey<T> =>
  new Map(sortBy(list, textOf).map((item) => [keyOf(textOf(item)), item]));
const mapById = <T extends { readonly id: string }>(list: readonly T[]): FactsByKey<T> =>
  mapBy(list, ({ id }) => id);

/** Builds the indexes over the facts. */
export function createLookup(facts: AzureFacts): Lookup {
  const sizeByName = mapBy(facts.sizes, ({ region, name }) => `${region}/${name}`);
  const sizesByRegion = Map.groupBy(sizeByName.values(), ({ region }) => region);
  const regionByName = mapBy(facts.regions, ({ name }) => name);
  return {
    facts,
    subscriptions: sortBy(facts.subscriptions, ({ id }) => id),
    regions: [...regionByName.values()],
    regionByName,
    resourceGroups: mapById(facts.resourceGroups),
    vms: mapById(facts.vms),
    networks: mapById(facts.networks),
    securityGroups: mapById(facts.securityGroups),
    storageAccounts: mapById(facts.storageAccounts),
    availabilitySets: mapById(facts.availabilitySets),
    placementGroups: mapById(facts.placementGroups),
    cloudServices: mapById(facts.cloudServices),
    takenAccountNames: new Set(facts.usedAccountNames.map(keyOf)),
    sizesIn: (region) => sizesByRegion.get(region) ?? [],
    findSize: (region, name) => sizeByName.get(keyOf(`${region}/${name}`)),
    quotas: mapBy(facts.quotas, ({ name }) => name),
    itemBySourceVm: mapBy(
      sortBy(facts.vault?.items ?? [], ({ id }) => id).reverse(),
      ({ sourceVmId }) => sourceVmId,
    ),
  };
}

/** Tells whether a resource is in a region. */
export const isInRegion = (resource: { readonly region: string }, region: string): boolean =>
  resource.region === region;
/** Tells whether a resource is in a subscription. */
export const isInSubscription = (
  resource: { readonly subscription: string },
  subscription: string,
): boolean => sameId(resource.subscription, subscription);
