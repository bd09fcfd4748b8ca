// Facts by id and by name. Lists come in whatever order Azure tells them; here they are put in one
// order, so that the same facts give the same preview.
import { sameId } from '../../siterecovery/item.ts';
import type {
  Facts,
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

type ById<T> = ReadonlyMap<string, T>;

export interface Lookup {
  readonly facts: Facts;
  readonly subscriptions: readonly SubscriptionFacts[];
  readonly regions: readonly RegionFacts[];
  readonly regionNamed: ById<RegionFacts>;
  readonly groups: ById<ResourceGroupFacts>;
  readonly vms: ById<SourceVm>;
  readonly networks: ById<NetworkFacts>;
  readonly securityGroups: ById<SecurityGroupFacts>;
  readonly accounts: ById<StorageAccountFacts>;
  readonly sets: ById<AvailabilitySetFacts>;
  readonly placementGroups: ById<PlacementGroupFacts>;
  readonly cloudServices: ById<CloudServiceFacts>;
  readonly takenNames: ReadonlySet<string>;
  /** Of a region, by name. */
  readonly sizesIn: (region: string) => readonly SizeFacts[];
  readonly size: (region: string, name: string) => SizeFacts | undefined;
  readonly quotas: ById<QuotaFacts>;
  readonly itemOf: ById<ItemFacts>;
}

export const key = (id: string): string => id.toLowerCase();
const ordered = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
export const sorted = <T>(list: readonly T[], by: (one: T) => string): T[] => {
  const keyed = list.map((one) => [key(by(one)), one] as const);
  return keyed.sort(([a], [b]) => ordered(a, b)).map(([, one]) => one);
};
const mapped = <T>(list: readonly T[], by: (one: T) => string): ById<T> =>
  new Map(sorted(list, by).map((one) => [key(by(one)), one]));
const byId = <T extends { readonly id: string }>(list: readonly T[]): ById<T> => mapped(list, ({ id }) => id);

export function lookup(facts: Facts): Lookup {
  const bySize = mapped(facts.sizes, ({ region, name }) => `${region}/${name}`);
  const inRegion = Map.groupBy(bySize.values(), ({ region }) => region);
  const regionNamed = mapped(facts.regions, ({ name }) => name);
  return {
    facts,
    subscriptions: sorted(facts.subscriptions, ({ id }) => id),
    regions: [...regionNamed.values()],
    regionNamed,
    groups: byId(facts.resourceGroups),
    vms: byId(facts.vms),
    networks: byId(facts.networks),
    securityGroups: byId(facts.securityGroups),
    accounts: byId(facts.storageAccounts),
    sets: byId(facts.availabilitySets),
    placementGroups: byId(facts.placementGroups),
    cloudServices: byId(facts.cloudServices),
    takenNames: new Set(facts.takenAccountNames.map(key)),
    sizesIn: (region) => inRegion.get(region) ?? [],
    size: (region, name) => bySize.get(key(`${region}/${name}`)),
    quotas: mapped(facts.quotas, ({ name }) => name),
    itemOf: mapped(
      sorted(facts.vault?.items ?? [], ({ id }) => id).reverse(),
      ({ sourceVmId }) => sourceVmId,
    ),
  };
}

export const isIn = (one: { readonly region: string }, region: string): boolean => one.region === region;
export const isOf = (one: { readonly subscription: string }, subscription: string): boolean =>
  sameId(one.subscription, subscription);
