// The effective security rules of a network interface. They come from its own security group and
// its subnet's, in the order of their priority.

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError } from '../responses.ts';
import { powerOf } from '../fault-conditions.ts';
import { acceptOperation } from '../operation-polling.ts';
import { withResource } from '../resource-kinds.ts';
import { RESOURCE_GROUP, post, type ArmRequest, type ArmRoute } from '../request.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { AzureWorld } from '../world.ts';
import type { Resource } from '../resource.ts';
import { subnetsOf } from './networks.ts';
import { defaultRulesOf, rulesOf, type Rule } from './security-groups.ts';

interface ResourceLink {
  readonly id: string;
}

const portRange = (range: string): string => {
  if (range === '*') return '0-65535';
  return range.includes('-') ? range : `${range}-${range}`;
};

/** A rule has one value or several. This body always contains the list. */
const valuesOf = (single: string | undefined, several: readonly string[]): readonly string[] =>
  several.length > 0 ? several : [single ?? '*'];

const normalizePrefix = (prefix: string): string => (prefix === '*' ? '0.0.0.0/0' : prefix);

const PROTOCOLS: Readonly<Record<string, string>> = { '*': 'All' };

/** Adds the network's own addresses to service tags that mean them. */
function expandedPrefixes(
  prefixes: readonly string[],
  networkPrefixes: readonly string[],
): { readonly expanded?: readonly string[] } {
  return prefixes.includes('VirtualNetwork') ? { expanded: networkPrefixes } : {};
}

function effectiveRule(
  collection: string,
  { name, properties }: Rule,
  networkPrefixes: readonly string[],
): unknown {
  const from = valuesOf(properties.sourceAddressPrefix, properties.sourceAddressPrefixes).map(
    normalizePrefix,
  );
  const to = valuesOf(properties.destinationAddressPrefix, properties.destinationAddressPrefixes).map(
    normalizePrefix,
  );
  const fromPorts = valuesOf(properties.sourcePortRange, properties.sourcePortRanges).map(portRange);
  const toPorts = valuesOf(properties.destinationPortRange, properties.destinationPortRanges).map(portRange);
  const source = expandedPrefixes(from, networkPrefixes).expanded;
  const destination = expandedPrefixes(to, networkPrefixes).expanded;
  return {
    name: `${collection}/${name}`,
    protocol: PROTOCOLS[properties.protocol] ?? properties.protocol,
    ...(fromPorts.length === 1 && { sourcePortRange: fromPorts[0] }),
    ...(toPorts.length === 1 && { destinationPortRange: toPorts[0] }),
    sourcePortRanges: fromPorts,
    destinationPortRanges: toPorts,
    ...(from.length === 1 && { sourceAddressPrefix: from[0] }),
    ...(to.length === 1 && { destinationAddressPrefix: to[0] }),
    sourceAddressPrefixes: from,
    destinationAddressPrefixes: to,
    ...(source && { expandedSourceAddressPrefix: source }),
    ...(destination && { expandedDestinationAddressPrefix: destination }),
    access: properties.access,
    priority: properties.priority,
    direction: properties.direction,
  };
}

const byPriority = (a: Rule, b: Rule): number => a.properties.priority - b.properties.priority;

const effectiveGroup = (
  group: Resource,
  association: unknown,
  networkPrefixes: readonly string[],
): unknown => ({
  networkSecurityGroup: { id: group.id },
  association,
  effectiveSecurityRules: [
    ...[...rulesOf(group)]
      .sort(byPriority)
      .map((rule) => effectiveRule('securityRules', rule, networkPrefixes)),
    ...[...defaultRulesOf(group)]
      .sort(byPriority)
      .map((rule) => effectiveRule('defaultSecurityRules', rule, networkPrefixes)),
  ],
});

/** Reads one resource by its id. */
export type ResourceReader = Pick<AzureWorld, 'get'>;

interface SubnetContext {
  readonly subnet: ResourceLink;
  readonly subnetGroup: Resource | undefined;
  readonly prefixes: readonly string[];
}

/** Returns the interface's subnet with its security group, and the ranges of the network. */
function subnetContext(world: ResourceReader, nic: Resource): SubnetContext | undefined {
  const [first] = nic.properties['ipConfigurations'] as readonly { properties: { subnet?: ResourceLink } }[];
  const subnetId = first?.properties.subnet?.id;
  const network = subnetId === undefined ? undefined : world.get(subnetId.replace(/\/subnets\/[^/]+$/i, ''));
  const subnet = network && subnetsOf(network).find(({ id }) => id.toLowerCase() === subnetId?.toLowerCase());
  if (!network || !subnet) return undefined;
  const group = subnet.properties['networkSecurityGroup'] as ResourceLink | undefined;
  return {
    subnet: { id: subnet.id },
    subnetGroup: group && world.get(group.id),
    prefixes: (network.properties['addressSpace'] as { addressPrefixes: string[] }).addressPrefixes,
  };
}

function effectiveGroups(world: AzureWorld, nic: Resource): readonly unknown[] {
  const context = subnetContext(world, nic);
  const own = nic.properties['networkSecurityGroup'] as ResourceLink | undefined;
  const ownGroup = own && world.get(own.id);
  const prefixes = context?.prefixes ?? [];
  return [
    ...(context?.subnetGroup
      ? [effectiveGroup(context.subnetGroup, { subnet: context.subnet }, prefixes)]
      : []),
    ...(ownGroup ? [effectiveGroup(ownGroup, { networkInterface: { id: nic.id } }, prefixes)] : []),
  ];
}

/** The security groups that apply to the interface: its subnet's and its own. */
export function securityGroupsOf(world: ResourceReader, nic: Resource): readonly Resource[] {
  const own = nic.properties['networkSecurityGroup'] as ResourceLink | undefined;
  return [subnetContext(world, nic)?.subnetGroup, own && world.get(own.id)].filter(
    (group) => group !== undefined,
  );
}

/** Azure gets the rules from the host of the machine, so the machine must run. */
function effectiveRules(request: ArmRequest, nic: Resource): SimulatorResponse {
  const { world, faults } = request;
  const link = nic.properties['virtualMachine'] as ResourceLink | undefined;
  const machine = link && world.get(link.id);
  if (!machine || powerOf(faults, machine) !== 'running') {
    return armError(
      400,
      'NetworkInterfaceNotAttachedToRunningVirtualMachine',
      `Network interface ${nic.id} is not attached to a running virtual machine. Effective ` +
        'network security groups can be listed only while the virtual machine is running.',
    );
  }
  const body = { value: effectiveGroups(world, nic), nextLink: null };
  // The request changes nothing, so the operation takes no simulated time.
  return acceptOperation(request, {
    resource: nic.id,
    location: nic.location ?? '',
    operation: { seconds: 0, effects: [], leadsTo: { body } },
  });
}

export const effectiveRuleRoutes: readonly ArmRoute[] = [
  post(
    `${RESOURCE_GROUP}/providers/${RESOURCE_TYPES.networkInterface}/{name}/effectiveNetworkSecurityGroups`,
    (request, names) =>
      withResource(request, RESOURCE_TYPES.networkInterface, names, (nic) => effectiveRules(request, nic)),
  ),
];
