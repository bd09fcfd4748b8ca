// The routes of Azure's offers by region: sizes with their restrictions, quotas and their usage.

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, ok } from '../responses.ts';
import { coreUsages, maxFaultDomains } from '../capacity.ts';
import { subscriptionId } from '../ids.ts';
import {
  get,
  RESOURCE_GROUP,
  SUBSCRIPTION,
  type ArmRequest,
  type ArmRoute,
  type PathParameters,
} from '../request.ts';
import { SIZES, type VmSize } from '../sizes.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Region } from '../world.ts';

const capability = (name: string, value: string | number | boolean) => ({
  name,
  value: typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value),
});

function machineSku(region: Region, size: VmSize): unknown {
  const restricted = region.restrictedSizes.includes(size.name);
  return {
    resourceType: 'virtualMachines',
    name: size.name,
    tier: 'Standard',
    size: size.name.replace(/^Standard_/, ''),
    family: size.family,
    locations: [region.name],
    locationInfo: [{ location: region.name, zones: restricted ? [] : region.zones, zoneDetails: [] }],
    capabilities: [
      capability('MaxResourceVolumeMB', 16_384 * size.vCpus),
      capability('vCPUs', size.vCpus),
      capability('MemoryGB', size.memoryInGb),
      capability('MaxDataDiskCount', size.dataDisks),
      capability('MaxNetworkInterfaces', size.nics),
      capability('PremiumIO', size.premiumStorage),
      capability('HyperVGenerations', size.generations),
      capability('CpuArchitectureType', 'x64'),
      capability('AcceleratedNetworkingEnabled', size.vCpus > 1),
    ],
    restrictions: restricted
      ? [
          {
            type: 'Location',
            values: [region.name],
            restrictionInfo: { locations: [region.name] },
            reasonCode: 'NotAvailableForSubscription',
          },
        ]
      : [],
  };
}

const diskSku = (region: Region, name: string) => ({
  resourceType: 'disks',
  name,
  tier: name.startsWith('Premium') ? 'Premium' : 'Standard',
  locations: [region.name],
  locationInfo: [{ location: region.name, zones: region.zones }],
  capabilities: [],
  restrictions: [],
});
const DISK_SKUS = ['Standard_LRS', 'StandardSSD_LRS', 'Premium_LRS'];

const availabilitySetSku = (region: Region, name: string, faultDomains: number) => ({
  resourceType: 'availabilitySets',
  name,
  locations: [region.name],
  locationInfo: [{ location: region.name, zones: [] }],
  capabilities: [capability('MaximumPlatformFaultDomainCount', faultDomains)],
  restrictions: [],
});

const skusIn = (region: Region): unknown[] => [
  availabilitySetSku(region, 'Classic', maxFaultDomains(region, false)),
  availabilitySetSku(region, 'Aligned', maxFaultDomains(region, true)),
  ...DISK_SKUS.map((name) => diskSku(region, name)),
  ...SIZES.filter(({ name }) => !region.missingSizes.includes(name)).map((size) => machineSku(region, size)),
];

/** Azure supports only the filter `location eq 'eastasia'` here. */
function listSkus({ world, query }: ArmRequest): SimulatorResponse | undefined {
  const filter = query.get('$filter');
  if (filter === null) return ok({ value: world.regions().flatMap(skusIn) });
  const wantedRegion = /^location eq '([^']+)'$/i.exec(filter)?.[1];
  if (wantedRegion === undefined)
    return armError(
      400,
      'InvalidFilterInQueryString',
      `The filter '${filter}' is not valid: location eq '...' is.`,
    );
  const region = world.region(wantedRegion);
  return ok({ value: region ? skusIn(region) : [] });
}

/** Calls `respond` with the region of the path. */
function withRegion(
  { world }: ArmRequest,
  { location = '' }: PathParameters,
  type: string,
  respond: (region: Region) => SimulatorResponse,
): SimulatorResponse {
  const region = world.region(location);
  if (region) return respond(region);
  const supported = world.regions().map(({ name }) => name);
  return armError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${location}' and API version for type ` +
      `'${type}'. The supported locations are '${supported.join(', ')}'.`,
  );
}

const sizeBody = ({ name, vCpus, memoryInGb, dataDisks }: VmSize) => ({
  name,
  numberOfCores: vCpus,
  osDiskSizeInMB: 1_047_552,
  resourceDiskSizeInMB: 16_384 * vCpus,
  memoryInMB: memoryInGb * 1024,
  maxDataDiskCount: dataDisks,
});
const sizesIn = ({ missingSizes, restrictedSizes }: Region): unknown[] =>
  SIZES.filter(({ name }) => !missingSizes.includes(name) && !restrictedSizes.includes(name)).map(sizeBody);

const familyLabel = (name: string): string => (name === 'cores' ? 'Total Regional vCPUs' : `${name} vCPUs`);
const usage = (name: string, localized: string, used: number, limit: number) => ({
  unit: 'Count',
  currentValue: used,
  limit,
  name: { value: name, localizedValue: localized },
});

function countResources({ world }: ArmRequest, subscription: string, region: Region, type: string): number {
  return world
    .list({ type, under: subscriptionId(subscription) })
    .filter(({ location }) => location === region.name).length;
}

function computeUsages(request: ArmRequest, subscription: string, region: Region): SimulatorResponse {
  const count = (type: string): number => countResources(request, subscription, region, type);
  return ok({
    value: [
      usage('availabilitySets', 'Availability Sets', count(RESOURCE_TYPES.availabilitySet), 2500),
      usage('virtualMachines', 'Virtual Machines', count(RESOURCE_TYPES.virtualMachine), 25_000),
      ...coreUsages(request.world, request.faults, subscription, region).map(({ name, used, limit }) =>
        usage(name, familyLabel(name), used, limit),
      ),
    ],
  });
}

const NETWORK_LIMITS: readonly (readonly [name: string, localized: string, type: string, limit: number])[] = [
  ['VirtualNetworks', 'Virtual Networks', RESOURCE_TYPES.virtualNetwork, 1000],
  ['NetworkInterfaces', 'Network Interfaces', RESOURCE_TYPES.networkInterface, 65_536],
  ['NetworkSecurityGroups', 'Network Security Groups', RESOURCE_TYPES.networkSecurityGroup, 5000],
  ['PublicIPAddresses', 'Public IP Addresses', RESOURCE_TYPES.publicAddress, 1000],
];

const COMPUTE = `${SUBSCRIPTION}/providers/Microsoft.Compute`;

export const offerRoutes: readonly ArmRoute[] = [
  get(`${COMPUTE}/skus`, listSkus),
  get(`${COMPUTE}/locations/{location}/vmSizes`, (request, names) =>
    withRegion(request, names, 'locations/vmSizes', (region) => ok({ value: sizesIn(region) })),
  ),
  get(
    `${RESOURCE_GROUP}/providers/${RESOURCE_TYPES.virtualMachine}/{name}/vmSizes`,
    ({ world }, { subscription = '', group = '', name = '' }) => {
      const region = world.region(
        world.get(
          `${SUBSCRIPTION.replace('{subscription}', subscription)}/resourceGroups/${group}/providers/${RESOURCE_TYPES.virtualMachine}/${name}`,
        )?.location ?? '',
      );
      return region && ok({ value: sizesIn(region) });
    },
  ),
  get(`${COMPUTE}/locations/{location}/usages`, (request, names) =>
    withRegion(request, names, 'locations/usages', (region) =>
      computeUsages(request, names['subscription'] ?? '', region),
    ),
  ),
  get(`${SUBSCRIPTION}/providers/Microsoft.Network/locations/{location}/usages`, (request, names) =>
    withRegion(request, names, 'locations/usages', (region) =>
      ok({
        value: NETWORK_LIMITS.map(([name, localized, type, limit]) =>
          usage(name, localized, countResources(request, names['subscription'] ?? '', region, type), limit),
        ),
      }),
    ),
  ),
];
