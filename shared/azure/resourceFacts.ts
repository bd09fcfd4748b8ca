// From the SDKs' shapes to facts: what lies in a subscription besides machines. What Azure leaves
// out ends here as null or empty.
import type { AvailabilitySet, ProximityPlacementGroup, ResourceSku, Usage } from '@azure/arm-compute';
import type {
  EffectiveNetworkSecurityRule,
  NetworkSecurityGroup,
  SecurityRule as ArmRule,
  Subnet,
  VirtualNetwork,
} from '@azure/arm-network';
import type { Provider, ResourceGroup } from '@azure/arm-resources';
import type { Location, Subscription } from '@azure/arm-resources-subscriptions';
import type { StorageAccount } from '@azure/arm-storage';
import type {
  AvailabilitySetFacts,
  NetworkFacts,
  PlacementGroupFacts,
  QuotaFacts,
  RegionFacts,
  ResourceGroupFacts,
  SecurityGroupFacts,
  SecurityRule,
  SetLimit,
  SizeFacts,
  StorageAccountFacts,
  SubnetFacts,
  SubscriptionFacts,
} from './facts.ts';
import { regionName, subscriptionOf } from '../core/armId.ts';
import { MADE_AS, MadeAs } from './tags.ts';

export const toSubscription = (raw: Subscription): SubscriptionFacts => ({
  id: raw.subscriptionId ?? '',
  name: raw.displayName ?? '',
  tenant: raw.tenantId ?? '',
  enabled: raw.state === 'Enabled',
});

/** Regions in which the provider offers this type, by short name. */
export const offeredIn = (provider: Provider, type: string): ReadonlySet<string> =>
  new Set(
    (provider.resourceTypes ?? [])
      .filter((one) => one.resourceType?.toLowerCase() === type.toLowerCase())
      .flatMap((one) => (one.locations ?? []).map(regionName)),
  );

export const toRegion = (raw: Location, vaultsIn: ReadonlySet<string>): RegionFacts => ({
  name: regionName(raw.name),
  displayName: raw.displayName ?? raw.name ?? '',
  geography: raw.metadata?.geography ?? null,
  pairedWith: raw.metadata?.pairedRegion?.[0]?.name ?? null,
  zones: (raw.availabilityZoneMappings ?? []).flatMap((mapping) => mapping.logicalZone ?? []).sort(),
  offersSiteRecovery: vaultsIn.has(regionName(raw.name)),
});

export const toResourceGroup = (raw: ResourceGroup): ResourceGroupFacts => ({
  id: raw.id ?? '',
  name: raw.name ?? '',
  subscription: subscriptionOf(raw.id ?? ''),
  region: regionName(raw.location),
});

const several = (
  one: string | null | undefined,
  many: readonly string[] | null | undefined,
): readonly string[] => (many && many.length > 0 ? many : [one ?? '*']);

const toSubnet = (raw: Subnet): SubnetFacts => ({
  name: raw.name ?? '',
  addressPrefixes: several(raw.addressPrefix, raw.addressPrefixes),
  securityGroupId: raw.networkSecurityGroup?.id ?? null,
});

export const toNetwork = (raw: VirtualNetwork): NetworkFacts => ({
  id: raw.id ?? '',
  name: raw.name ?? '',
  subscription: subscriptionOf(raw.id ?? ''),
  region: regionName(raw.location),
  addressPrefixes: raw.addressSpace?.addressPrefixes ?? [],
  subnets: (raw.subnets ?? []).map(toSubnet),
});

const toRule = (raw: ArmRule): SecurityRule => ({
  name: raw.name ?? '',
  priority: raw.priority ?? 0,
  direction: raw.direction === 'Inbound' ? 'Inbound' : 'Outbound',
  access: raw.access === 'Allow' ? 'Allow' : 'Deny',
  protocol: raw.protocol ?? '*',
  sources: several(raw.sourceAddressPrefix, raw.sourceAddressPrefixes),
  destinations: several(raw.destinationAddressPrefix, raw.destinationAddressPrefixes),
  destinationPorts: several(raw.destinationPortRange, raw.destinationPortRanges),
});

export const toSecurityGroup = (raw: NetworkSecurityGroup): SecurityGroupFacts => ({
  id: raw.id ?? '',
  name: raw.name ?? '',
  region: regionName(raw.location),
  rules: [...(raw.securityRules ?? []), ...(raw.defaultSecurityRules ?? [])].map(toRule),
});

const ANYWHERE: ReadonlySet<string> = new Set(['0.0.0.0/0', '0.0.0.0/0,::/0', 'Any']);
const anywhere = (prefix: string): string => (ANYWHERE.has(prefix) ? '*' : prefix);
const port = (range: string): string => {
  const [from, to] = range.split('-');
  if (range === '0-65535') return '*';
  return from === to ? (from ?? range) : range;
};

/**
 * A rule as it truly holds is spelled in other words: `securityRules/name`, `All`, `0.0.0.0/0`,
 * `443-443`.
 */
export const toEffectiveRule = (raw: EffectiveNetworkSecurityRule): SecurityRule => ({
  ...toRule({
    ...raw,
    name: raw.name?.split('/').at(-1) ?? '',
    protocol: raw.protocol === 'All' ? '*' : (raw.protocol ?? '*'),
  }),
  sources: several(raw.sourceAddressPrefix, raw.sourceAddressPrefixes).map(anywhere),
  destinations: several(raw.destinationAddressPrefix, raw.destinationAddressPrefixes).map(anywhere),
  destinationPorts: several(raw.destinationPortRange, raw.destinationPortRanges).map(port),
});

export const toStorageAccount = (raw: StorageAccount): StorageAccountFacts => ({
  id: raw.id ?? '',
  name: raw.name ?? '',
  subscription: subscriptionOf(raw.id ?? ''),
  region: regionName(raw.location),
  sku: raw.sku?.name ?? '',
  kind: raw.kind ?? '',
  madeAsCache: raw.tags?.[MADE_AS] === MadeAs.cache,
});

export const toAvailabilitySet = (raw: AvailabilitySet): AvailabilitySetFacts => ({
  id: raw.id ?? '',
  name: raw.name ?? '',
  region: regionName(raw.location),
  faultDomains: raw.platformFaultDomainCount ?? 1,
  updateDomains: raw.platformUpdateDomainCount ?? 1,
  aligned: raw.sku?.name === 'Aligned',
  placementGroupId: raw.proximityPlacementGroup?.id ?? null,
});

export const toPlacementGroup = (raw: ProximityPlacementGroup): PlacementGroupFacts => ({
  id: raw.id ?? '',
  name: raw.name ?? '',
  region: regionName(raw.location),
  zones: raw.zones ?? [],
});

/** Undefined for what is no size of a machine, such as a disk. */
export function toSize(raw: ResourceSku, region: string): SizeFacts | undefined {
  if (raw.resourceType !== 'virtualMachines') return undefined;
  const can = new Map((raw.capabilities ?? []).map(({ name, value }) => [name, value ?? '']));
  const number = (name: string): number => Number(can.get(name) ?? 0) || 0;
  const restrictions = raw.restrictions ?? [];
  const notIn = new Set(
    restrictions
      .filter(({ type }) => type === 'Zone')
      .flatMap(({ restrictionInfo }) => restrictionInfo?.zones ?? []),
  );
  const place = (raw.locationInfo ?? []).find(({ location }) => regionName(location) === region);
  return {
    name: raw.name ?? '',
    region,
    family: raw.family ?? '',
    vcpus: number('vCPUs'),
    memoryGb: number('MemoryGB'),
    premiumStorage: can.get('PremiumIO') === 'True',
    nics: number('MaxNetworkInterfaces'),
    dataDisks: number('MaxDataDiskCount'),
    generations: (can.get('HyperVGenerations') ?? 'V1').split(','),
    zones: (place?.zones ?? []).filter((zone) => !notIn.has(zone)).sort(),
    restricted: restrictions.some(({ type }) => type === 'Location'),
    acceleratedNetworking: can.get('AcceleratedNetworkingEnabled') === 'True',
  };
}

/** Of a new set: for managed disks "Aligned", for others "Classic". */
export function toSetLimit(raw: ResourceSku, region: string): SetLimit | undefined {
  const most = Number(
    (raw.capabilities ?? []).find(({ name }) => name === 'MaximumPlatformFaultDomainCount')?.value ?? 0,
  );
  if (raw.resourceType !== 'availabilitySets' || !(most > 0)) return undefined;
  return { region, aligned: raw.name === 'Aligned', faultDomains: most };
}

export const toQuota = (raw: Usage): QuotaFacts => ({
  name: raw.name.value ?? '',
  displayName: raw.name.localizedValue ?? raw.name.value ?? '',
  used: raw.currentValue,
  limit: raw.limit,
});
