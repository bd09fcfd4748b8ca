// Virtual networks with their subnets, network interfaces and public addresses.

import * as z from 'zod';

import type { Answer } from '../../wire/exchange.ts';
import { armError, invalidRequest, ok } from '../answers.ts';
import { networkResource, subnetBody, type SubnetParts } from '../build/networks.ts';
import { acceptedWork, createdWork } from '../follow.ts';
import { atResource, kindRoutes, type Kind, type Made, type Wanted } from '../kinds.ts';
import { lieWithin, overlap, rangeOf } from '../ranges.ts';
import { get, GROUP, put, remove, type ArmRequest, type ArmRoute, type Names } from '../request.ts';
import { TYPES } from '../types.ts';
import { addressInUse, makeAddress, makeNic } from './make-nics.ts';
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

function partsOf(name: string, { properties }: z.infer<typeof subnetShape>): SubnetParts {
  const group = properties?.networkSecurityGroup?.id;
  return {
    name,
    prefix: properties?.addressPrefix ?? properties?.addressPrefixes?.[0] ?? '',
    ...(group !== undefined && { securityGroupId: group }),
  };
}

/** What is wrong with a network's ranges, if anything. */
function badRanges(
  network: string,
  prefixes: readonly string[],
  subnets: readonly SubnetParts[],
): Answer | undefined {
  const bad = [...prefixes, ...subnets.map(({ prefix }) => prefix)].find(
    (prefix) => rangeOf(prefix) === undefined,
  );
  if (bad !== undefined)
    return armError(
      400,
      'InvalidAddressPrefixFormat',
      `Address prefix ${bad} of resource ${network} is not formatted correctly. It should ` +
        'follow CIDR notation, for example 10.0.0.0/24.',
    );
  const outside = subnets.find(({ prefix }) => !lieWithin(prefix, prefixes));
  if (outside)
    return armError(
      400,
      'NetcfgInvalidSubnet',
      `Subnet '${outside.name}' is not valid because its IP address range is outside the IP ` +
        `address range of virtual network '${network}'.`,
    );
  const twice = subnets.find((one, index) =>
    subnets.some((other, at) => at < index && overlap(one.prefix, other.prefix)),
  );
  return (
    twice &&
    armError(
      400,
      'NetcfgSubnetRangesOverlap',
      `Subnet '${twice.name}' is not valid because its IP address range overlaps with that of ` +
        `an existing subnet in virtual network '${network}'.`,
    )
  );
}

function makeNetwork({ id, name, location, tags, properties }: Wanted): Made {
  const read = networkShape.safeParse(properties);
  if (!read.success) return { refused: invalidRequest(z.prettifyError(read.error)) };
  const prefixes = read.data.addressSpace.addressPrefixes;
  const subnets = (read.data.subnets ?? []).map((subnet) => partsOf(subnet.name ?? '', subnet));
  const bad = badRanges(name, prefixes, subnets);
  return bad ? { refused: bad } : { ...networkResource(id, location, prefixes, subnets), tags };
}

/** The network interfaces with an address below this id. */
function usersOf({ world }: ArmRequest, id: string): Resource[] {
  const below = id.toLowerCase();
  return world.list({ type: TYPES.networkInterface }).filter(({ properties }) => {
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

function inUse(request: ArmRequest, id: string, name: string): Answer | undefined {
  const [user] = usersOf(request, id);
  return (
    user &&
    armError(
      400,
      'InUseSubnetCannotBeDeleted',
      `Subnet ${name} is in use by ${user.id}/ipConfigurations/ipconfig1 and cannot be deleted.`,
    )
  );
}

const networkKind: Kind = {
  type: TYPES.virtualNetwork,
  make: (_request, wanted) => makeNetwork(wanted),
  makes: 'created',
  seconds: 4,
  patches: true,
  mayRemove: (request, network) => inUse(request, network.id, network.name),
};

const NETWORK = `${GROUP}/providers/${TYPES.virtualNetwork}/{name}`;
const SUBNET = `${NETWORK}/subnets/{subnet}`;
const called =
  (name = '') =>
  (subnet: Subnet): boolean =>
    subnet.name.toLowerCase() === name.toLowerCase();

const withSubnets = (network: Resource, subnets: readonly Subnet[]): Resource => ({
  ...network,
  properties: { ...network.properties, subnets },
});

function makeSubnet(request: ArmRequest, names: Names): Answer | undefined {
  return atResource(request, TYPES.virtualNetwork, names, (network) => {
    const read = subnetShape.safeParse(request.exchange.json());
    if (!read.success) return invalidRequest(z.prettifyError(read.error));
    const others = subnetsOf(network);
    const before = others.find(called(names['subnet']));
    const parts = partsOf(before?.name ?? names['subnet'] ?? '', read.data);
    const rest = others
      .filter((one) => one !== before)
      .map((one) => ({ name: one.name, prefix: prefixOf(one) }));
    const bad = badRanges(network.name, prefixesOf(network), [...rest, parts]);
    if (bad) return bad;
    const body = subnetBody(network.id, parts) as Subnet;
    request.world.put(
      withSubnets(network, before ? others.map((one) => (one === before ? body : one)) : [...others, body]),
    );
    const followed = {
      resource: network.id,
      location: network.location ?? '',
      operation: { seconds: 4, effects: [], leadsTo: { body } },
    };
    return createdWork(request, followed, before === undefined, body);
  });
}

function removeSubnet(request: ArmRequest, names: Names): Answer | undefined {
  return atResource(request, TYPES.virtualNetwork, names, (network) => {
    const subnet = subnetsOf(network).find(called(names['subnet']));
    if (!subnet) return { status: 204 };
    const refused = inUse(request, subnet.id, subnet.name);
    if (refused) return refused;
    request.world.put(
      withSubnets(
        network,
        subnetsOf(network).filter((one) => one !== subnet),
      ),
    );
    return acceptedWork(request, {
      resource: network.id,
      location: network.location ?? '',
      operation: { seconds: 4, effects: [], leadsTo: 'nothing' },
    });
  });
}

const subnetRoutes: readonly ArmRoute[] = [
  get(`${NETWORK}/subnets`, (request, names) =>
    atResource(request, TYPES.virtualNetwork, names, (network) => ok({ value: subnetsOf(network) })),
  ),
  get(SUBNET, (request, names) =>
    atResource(request, TYPES.virtualNetwork, names, (network) => {
      const subnet = subnetsOf(network).find(called(names['subnet']));
      return subnet
        ? ok(subnet)
        : armError(404, 'NotFound', `Resource ${network.id}/subnets/${names['subnet'] ?? ''} not found.`);
    }),
  ),
  put(SUBNET, makeSubnet),
  remove(SUBNET, removeSubnet),
];

const attached = (_request: ArmRequest, { name, properties }: Resource): Answer | undefined =>
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
    type: TYPES.networkInterface,
    make: makeNic,
    makes: 'created',
    seconds: 3,
    patches: true,
    mayRemove: attached,
  }),
  ...kindRoutes({
    type: TYPES.publicAddress,
    make: makeAddress,
    makes: 'created',
    seconds: 3,
    patches: true,
    mayRemove: addressInUse,
  }),
];
