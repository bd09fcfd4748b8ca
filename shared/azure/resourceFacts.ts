// Converts SDK resources other than VMs into facts. Values that Azure omits become null or empty
// here, so no later code handles them.
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
  AvailabilitySetLimit,
  SizeFacts,
  StorageAccountFacts,
  SubnetFacts,
  SubscriptionFacts,
} from './facts.ts';
import { regionName, subscriptionOf } from '../core/armId.ts';
import { PURPOSE_TAG, ResourcePurpose } from './tags.ts';

export const toSubscription = (raw: Subscription): SubscriptionFacts => ({
  id: raw.subscriptionId ?? '',
  name: raw.displayName ?? '',
  tenant: raw.tenantId ?? '',
  enabled: raw.state === 'Enabled',
});

/** Returns the short names of the regions that offer this resource type. */
export const regionsOffering = (provider: Provider, type: string): ReadonlySet<string> =>
  new Set(
    (provider.resourceTypes ?? [])
      .filter(({ resourceType }) => resourceType?.toLowerCase() === type.toLowerCase())
      .flatMap(({ locations }) => (locations ?? []).map(regionName)),
  );

export const toRegion = (raw: Location, vaultRegions: ReadonlySet<string>): RegionFacts => ({
  name: regionName(raw.name),
  displayName: raw.displayName ?? raw.name ?? '',
  geography: raw.metadata?.geography ?? null,
  pairedWith: raw.metadata?.pairedRegion?.[0]?.name ?? null,
  zones: (raw.availabilityZoneMappings ?? []).flatMap((mapping) => mapping.logicalZone ?? []).sort(),
  offersSiteRecovery: vaultRegions.has(regionName(raw.name)),
});

export const toResourceGroup = (raw: ResourceGroup): ResourceGroupFacts => ({
  id: raw.id ?? '',
  name: raw.name ?? '',
  subscription: subscriptionOf(raw.id ?? ''),
  region: regionName(raw.location),
});

const valuesOf = (
  single: string | null | undefined,
  list: readonly string[] | null | undefined,
): readonly string[] => (list && list.length > 0 ? list : [single ?? '*']);

const toSubnet = (raw: Subnet): SubnetFacts => ({
  name: raw.name ?? '',
  addressPrefixes: valuesOf(raw.addressPrefix, raw.addressPrefixes),
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
  sources: valuesOf(raw.sourceAddressPrefix, raw.sourceAddressPrefixes),
  destinations: valuesOf(raw.destinationAddressPrefix, raw.destinationAddressPrefixes),
  destinationPorts: valuesOf(raw.destinationPortRange, raw.destinationPortRanges),
});

export const toSecurityGroup = (raw: NetworkSecurityGroup): SecurityGroupFacts => ({
  id: raw.id ?? '',
  name: raw.name ?? '',
  region: regionName(raw.location),
  rules: [...(raw.securityRules ?? []), ...(raw.defaultSecurityRules ?? [])].map(toRule),
});

const ANY_PREFIXES: ReadonlySet<string> = new Set(['0.0.0.0/0', '0.0.0.0/0,::/0', 'Any']);
const normalizePrefix = (prefix: string): string => (ANY_PREFIXES.has(prefix) ? '*' : prefix);
const normalizePorts = (range: string): string => {
  const [from, to] = range.split('-');
  if (range === '0-65535') return '*';
  return from === to ? (from ?? range) : range;
};

/**
 * Converts an effective rule. Azure spells effective rules differently: `securityRules/name`,
 * `All`, `0.0.0.0/0`, `443-443`.
 */
export const toEffectiveRule = (raw: EffectiveNetworkSecurityRule): SecurityRule => ({
  ...toRule({
    ...raw,
    name: raw.name?.split('/').at(-1) ?? '',
    protocol: raw.protocol === 'All' ? '*' : (raw.protocol ?? '*'),
  }),
  sources: valuesOf(raw.sourceAddressPrefix, raw.sourceAddressPrefixes).map(normalizePrefix),
  destinations: valuesOf(raw.destinationAddressPrefix, raw.destinationAddressPrefixes).map(normalizePrefix),
  destinationPorts: valuesOf(raw.destinationPortRange, raw.destinationPortRanges).map(normalizePorts),
});

export const toStorageAccount = (raw: StorageAccount): StorageAccountFacts => ({
  id: raw.id ?? '',
  name: raw.name ?? '',
  subscription: subscriptionOf(raw.id ?? ''),
  region: regionName(raw.location),
  sku: raw.sku?.name ?? '',
  kind: raw.kind ?? '',
  madeAsCache: raw.tags?.[PURPOSE_TAG] === ResourcePurpose.cache,
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

/** Returns the VM size, or undefined for another product such as a disk. */
export function toSize(raw: ResourceSku, region: string): SizeFacts | undefined {
  if (raw.resourceType !== 'virtualMachines') return undefined;
  const capabilities = new Map((raw.capabilities ?? []).map(({ name, value }) => [name, value ?? '']));
  const number = (name: string): number => Number(capabilities.get(name) ?? 0) || 0;
  const restrictions = raw.restrictions ?? [];
  const restrictedZones = new Set(
    restrictions
      .filter(({ type }) => type === 'Zone')
      .flatMap(({ restrictionInfo }) => restrictionInfo?.zones ?? []),
  );
  const locationInfo = (raw.locationInfo ?? []).find(({ location }) => regionName(location) === region);
  return {
    name: raw.name ?? '',
    region,
    family: raw.family ?? '',
    vcpus: number('vCPUs'),
    memoryGb: number('MemoryGB'),
    premiumStorage: capabilities.get('PremiumIO') === 'True',
    nics: number('MaxNetworkInterfaces'),
    dataDisks: number('MaxDataDiskCount'),
    generations: (capabilities.get('HyperVGenerations') ?? 'V1').split(','),
    zones: (locationInfo?.zones ?? []).filter((zone) => !restrictedZones.has(zone)).sort(),
    restricted: restrictions.some(({ type }) => type === 'Location'),
    acceleratedNetworking: capabilities.get('AcceleratedNetworkingEnabled') === 'True',
  };
}

/**
 * Returns the limits of a new availability set. The name is "Aligned" for managed disks, otherwise
 * "Classic".
 */
export function toSetLimit(raw: ResourceSku, region: string): AvailabilitySetLimit | undefined {
  const maxFaultDomains = Number(
    (raw.capabilities ?? []).find(({ name }) => name === 'MaximumPlatformFaultDomainCount')?.value ?? 0,
  );
  if (raw.resourceType !== 'availabilitySets' || !(maxFaultDomains > 0)) return undefined;
  return { region, aligned: raw.name === 'Aligned', faultDomains: maxFaultDomains };
}

export const toQuota = (raw: Usage): QuotaFacts => ({
  name: raw.name.value ?? '',
  displayName: raw.name.localizedValue ?? raw.name.value ?? '',
  used: raw.currentValue,
  limit: raw.limit,
});
