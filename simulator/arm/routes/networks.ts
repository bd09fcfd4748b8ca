// The routes of virtual networks, subnets, network interfaces and public addresses.

import * as z from 'zod';

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, invalidRequest, ok } from '../responses.ts';
import { networkResource, subnetBody, type SubnetOptions } from '../build/networks.ts';
import { acceptOperation, acceptCreation } from '../operation-polling.ts';
import {
  withResource,
  kindRoutes,
  type ResourceKind,
  type CreationResult,
  type ResourceDefinition,
} from '../resource-kinds.ts';
import { isWithin, rangesOverlap, parseRange } from '../ip-ranges.ts';
import {
  get,
  RESOURCE_GROUP,
  put,
  remove,
  type ArmRequest,
  type ArmRoute,
  type PathParameters,
} from '../request.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import { publicAddressInUse, createPublicAddress, createNic } from './create-nics.ts';
import type { Resource, Properties } from '../resource.ts';

const subnetShape = z.looseObject({
  name: z.string().optional(),
  properties: z
    .looseObject({
      addressPrefix: z.string().optional(),
      addressPrefixes: z.array(z.string()).optional(),
      networkSecurityGroup: z.looseObject({ id: z.string() }).nullish(),
    })
    .optional(),
});
const networkShape = z.looseObject({
  addressSpace: z.looseObject({ addressPrefixes: z.array(z.string()).min(1) }),
  subnets: z.array(subnetShape).nullish(),
});

interface Subnet extends Properties {
  readonly name: string;
  readonly id: string;
  readonly properties: Properties;
}

export const subnetsOf = (network: Resource): readonly Subnet[] =>
  network.properties['subnets'] as readonly Subnet[];
const prefixesOf = (network: Resource): readonly string[] =>
  (network.properties['addressSpace'] as { addressPrefixes: string[] }).addressPrefixes;
const prefixOf = (subnet: Subnet): string => String(subnet.properties['addressPrefix']);

function subnetOptions(name: string, { properties }: z.infer<typeof subnetShape>): SubnetOptions {
  const group = properties?.networkSecurityGroup?.id;
  return {
    name,
    prefix: properties?.addressPrefix ?? properties?.addressPrefixes?.[0] ?? '',
    ...(group !== undefined && { securityGroupId: group }),
  };
}

/** Returns the first error in a network's ranges, if any. */
function rangeError(
  network: string,
  prefixes: readonly string[],
  subnets: readonly SubnetOptions[],
): SimulatorResponse | undefined {
  const bad = [...prefixes, ...subnets.map(({ prefix }) => prefix)].find(
    (prefix) => parseRange(prefix) === undefined,
  );
  if (bad !== undefined)
    return armError(
      400,
      'InvalidAddressPrefixFormat',
      `Address prefix ${bad} of resource ${network} is not formatted correctly. It should ` +
        'follow CIDR notation, for example 10.0.0.0/24.',
    );
  const outside = subnets.find(({ prefix }) => !isWithin(prefix, prefixes));
  if (outside)
    return armError(
      400,
      'NetcfgInvalidSubnet',
      `Subnet '${outside.name}' is not valid because its IP address range is outside the IP ` +
        `address range of virtual network '${network}'.`,
    );
  const overlapping = subnets.find((subnet, index) =>
    subnets.some((other, at) => at < index && rangesOverlap(subnet.prefix, other.prefix)),
  );
  return (
    overlapping &&
    armError(
      400,
      'NetcfgSubnetRangesOverlap',
      `Subnet '${overlapping.name}' is not valid because its IP address range overlaps with that of ` +
        `an existing subnet in virtual network '${network}'.`,
    )
  );
}

function createNetwork({ id, name, location, tags, properties }: ResourceDefinition): CreationResult {
  const read = networkShape.safeParse(properties);
  if (!read.success) return { refused: invalidRequest(z.prettifyError(read.error)) };
  const prefixes = read.data.addressSpace.addressPrefixes;
  const subnets = (read.data.subnets ?? []).map((subnet) => subnetOptions(subnet.name ?? '', subnet));
  const bad = rangeError(name, prefixes, subnets);
  return bad ? { refused: bad } : { ...networkResource(id, location, prefixes, subnets), tags };
}

/** Returns the network interfaces with an address below this id. */
function interfacesIn({ world }: ArmRequest, id: string): Resource[] {
  const below = id.toLowerCase();
  return world.list({ type: RESOURCE_TYPES.networkInterface }).filter(({ properties }) => {
    const configurations = properties['ipConfigurations'] as readonly {
      properties: { subnet?: { id: string } };
    }[];
    return configurations.some(
      ({ properties: { subnet } }) =>
        subnet !== undefined &&
        (subnet.id.toLowerCase() === below || subnet.id.toLowerCase().startsWith(`${below}/`)),
    );
  });
}

function subnetInUse(request: ArmRequest, id: string, name: string): SimulatorResponse | undefined {
  const [user] = interfacesIn(request, id);
  return (
    user &&
    armError(
      400,
      'InUseSubnetCannotBeDeleted',
      `Subnet ${name} is in use by ${user.id}/ipConfigurations/ipconfig1 and cannot be deleted.`,
    )
  );
}

const networkKind: ResourceKind = {
  type: RESOURCE_TYPES.virtualNetwork,
  create: (_request, definition) => createNetwork(definition),
  creationStyle: 'created',
  seconds: 4,
  canPatchTags: true,
  checkRemoval: (request, network) => subnetInUse(request, network.id, network.name),
};

const NETWORK = `${RESOURCE_GROUP}/providers/${RESOURCE_TYPES.virtualNetwork}/{name}`;
const SUBNET = `${NETWORK}/subnets/{subnet}`;
const hasName =
  (name = '') =>
  (subnet: Subnet): boolean =>
    subnet.name.toLowerCase() === name.toLowerCase();

const withSubnets = (network: Resource, subnets: readonly Subnet[]): Resource => ({
  ...network,
  properties: { ...network.properties, subnets },
});

function createSubnet(request: ArmRequest, names: PathParameters): SimulatorResponse | undefined {
  return withResource(request, RESOURCE_TYPES.virtualNetwork, names, (network) => {
    const read = subnetShape.safeParse(request.exchange.json());
    if (!read.success) return invalidRequest(z.prettifyError(read.error));
    const others = subnetsOf(network);
    const before = others.find(hasName(names['subnet']));
    const parts = subnetOptions(before?.name ?? names['subnet'] ?? '', read.data);
    const rest = others
      .filter((subnet) => subnet !== before)
      .map((subnet) => ({ name: subnet.name, prefix: prefixOf(subnet) }));
    const bad = rangeError(network.name, prefixesOf(network), [...rest, parts]);
    if (bad) return bad;
    const body = subnetBody(network.id, parts) as Subnet;
    request.world.put(
      withSubnets(
        network,
        before ? others.map((other) => (other === before ? body : other)) : [...others, body],
      ),
    );
    const followed = {
      resource: network.id,
      location: network.location ?? '',
      operation: { seconds: 4, effects: [], leadsTo: { body } },
    };
    return acceptCreation(request, followed, before === undefined, body);
  });
}

function removeSubnet(request: ArmRequest, names: PathParameters): SimulatorResponse | undefined {
  return withResource(request, RESOURCE_TYPES.virtualNetwork, names, (network) => {
    const subnet = subnetsOf(network).find(hasName(names['subnet']));
    if (!subnet) return { status: 204 };
    const refused = subnetInUse(request, subnet.id, subnet.name);
    if (refused) return refused;
    request.world.put(
      withSubnets(
        network,
        subnetsOf(network).filter((other) => other !== subnet),
      ),
    );
    return acceptOperation(request, {
      resource: network.id,
      location: network.location ?? '',
      operation: { seconds: 4, effects: [], leadsTo: 'nothing' },
    });
  });
}

const subnetRoutes: readonly ArmRoute[] = [
  get(`${NETWORK}/subnets`, (request, names) =>
    withResource(request, RESOURCE_TYPES.virtualNetwork, names, (network) =>
      ok({ value: subnetsOf(network) }),
    ),
  ),
  get(SUBNET, (request, names) =>
    withResource(request, RESOURCE_TYPES.virtualNetwork, names, (network) => {
      const subnet = subnetsOf(network).find(hasName(names['subnet']));
      return subnet
        ? ok(subnet)
        : armError(404, 'NotFound', `Resource ${network.id}/subnets/${names['subnet'] ?? ''} not found.`);
    }),
  ),
  put(SUBNET, createSubnet),
  remove(SUBNET, removeSubnet),
];

const nicInUse = (_request: ArmRequest, { name, properties }: Resource): SimulatorResponse | undefined =>
  properties['virtualMachine'] === undefined
    ? undefined
    : armError(
        400,
        'NicInUse',
        `Network Interface ${name} is used by existing resource ` +
          `${(properties['virtualMachine'] as { id: string }).id}. In order to delete the network ` +
          'interface, it must be dissociated from the resource.',
      );

export const networkRoutes: readonly ArmRoute[] = [
  ...kindRoutes(networkKind),
  ...subnetRoutes,
  ...kindRoutes({
    type: RESOURCE_TYPES.networkInterface,
    create: createNic,
    creationStyle: 'created',
    seconds: 3,
    canPatchTags: true,
    checkRemoval: nicInUse,
  }),
  ...kindRoutes({
    type: RESOURCE_TYPES.publicAddress,
    create: createPublicAddress,
    creationStyle: 'created',
    seconds: 3,
    canPatchTags: true,
    checkRemoval: publicAddressInUse,
  }),
];
