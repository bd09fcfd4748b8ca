// Builds networks, network interfaces, security groups and public addresses.

import { stableGuid } from '../guid.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource, Properties } from '../resource.ts';
import { etagOf, nameOf, SUCCEEDED, type Tags } from './common.ts';

export interface NicOptions {
  readonly id: string;
  readonly location: string;
  readonly subnetId: string;
  readonly privateAddress: string;
  readonly allocation?: 'Dynamic' | 'Static';
  readonly securityGroupId?: string;
  readonly publicAddressId?: string;
  readonly machineId?: string;
  readonly tags?: Tags;
}

/** Builds a network interface. */
export function nicResource({
  id,
  location,
  subnetId,
  privateAddress,
  allocation = 'Dynamic',
  securityGroupId,
  publicAddressId,
  machineId,
  tags,
}: NicOptions): Resource {
  return {
    id,
    name: nameOf(id),
    type: RESOURCE_TYPES.networkInterface,
    location,
    ...(tags && { tags }),
    etag: etagOf(id),
    kind: 'Regular',
    properties: {
      ...SUCCEEDED,
      resourceGuid: stableGuid(id, 'nic'),
      ipConfigurations: [
        {
          name: 'ipconfig1',
          id: `${id}/ipConfigurations/ipconfig1`,
          etag: etagOf(id),
          type: `${RESOURCE_TYPES.networkInterface}/ipConfigurations`,
          properties: {
            ...SUCCEEDED,
            privateIPAddress: privateAddress,
            privateIPAllocationMethod: allocation,
            privateIPAddressVersion: 'IPv4',
            ...(publicAddressId !== undefined && { publicIPAddress: { id: publicAddressId } }),
            subnet: { id: subnetId },
            primary: true,
          },
        },
      ],
      dnsSettings: { dnsServers: [], appliedDnsServers: [] },
      enableAcceleratedNetworking: false,
      enableIPForwarding: false,
      ...(securityGroupId !== undefined && { networkSecurityGroup: { id: securityGroupId } }),
      ...(machineId !== undefined && { primary: true, virtualMachine: { id: machineId } }),
      nicType: 'Standard',
    },
  };
}

export interface SubnetOptions {
  readonly name: string;
  readonly prefix: string;
  readonly securityGroupId?: string;
}

export function networkResource(
  id: string,
  location: string,
  prefixes: readonly string[],
  subnets: readonly SubnetOptions[],
): Resource {
  return {
    id,
    name: nameOf(id),
    type: RESOURCE_TYPES.virtualNetwork,
    location,
    etag: etagOf(id),
    properties: {
      ...SUCCEEDED,
      resourceGuid: stableGuid(id, 'network'),
      addressSpace: { addressPrefixes: prefixes },
      subnets: subnets.map((subnet) => subnetBody(id, subnet)),
      virtualNetworkPeerings: [],
      enableDdosProtection: false,
    },
  };
}

export const subnetBody = (
  networkId: string,
  { name, prefix, securityGroupId }: SubnetOptions,
): Properties => ({
  name,
  id: `${networkId}/subnets/${name}`,
  etag: etagOf(`${networkId}/${name}`),
  type: `${RESOURCE_TYPES.virtualNetwork}/subnets`,
  properties: {
    ...SUCCEEDED,
    addressPrefix: prefix,
    ...(securityGroupId !== undefined && { networkSecurityGroup: { id: securityGroupId } }),
    delegations: [],
    privateEndpointNetworkPolicies: 'Disabled',
    privateLinkServiceNetworkPolicies: 'Enabled',
  },
});

export interface RuleOptions {
  readonly name: string;
  readonly priority: number;
  readonly direction: 'Inbound' | 'Outbound';
  readonly access: 'Allow' | 'Deny';
  readonly protocol: string;
  readonly from: string;
  readonly to: string;
  readonly fromPorts: string;
  readonly toPorts: string;
}

export function ruleBody(groupId: string, rule: RuleOptions, collection = 'securityRules'): Properties {
  const id = `${groupId}/${collection}/${rule.name}`;
  return {
    name: rule.name,
    id,
    etag: etagOf(id),
    type: `${RESOURCE_TYPES.networkSecurityGroup}/${collection}`,
    properties: {
      ...SUCCEEDED,
      protocol: rule.protocol,
      sourcePortRange: rule.fromPorts,
      destinationPortRange: rule.toPorts,
      sourceAddressPrefix: rule.from,
      destinationAddressPrefix: rule.to,
      access: rule.access,
      priority: rule.priority,
      direction: rule.direction,
      sourcePortRanges: [],
      destinationPortRanges: [],
      sourceAddressPrefixes: [],
      destinationAddressPrefixes: [],
    },
  };
}

const ANY_TRAFFIC = { protocol: '*', fromPorts: '*', toPorts: '*' } as const;

/** The default rules at the end of every security group. */
const DEFAULT_RULES: readonly RuleOptions[] = [
  {
    name: 'AllowVnetInBound',
    priority: 65000,
    direction: 'Inbound',
    access: 'Allow',
    from: 'VirtualNetwork',
    to: 'VirtualNetwork',
    ...ANY_TRAFFIC,
  },
  {
    name: 'AllowAzureLoadBalancerInBound',
    priority: 65001,
    direction: 'Inbound',
    access: 'Allow',
    from: 'AzureLoadBalancer',
    to: '*',
    ...ANY_TRAFFIC,
  },
  {
    name: 'DenyAllInBound',
    priority: 65500,
    direction: 'Inbound',
    access: 'Deny',
    from: '*',
    to: '*',
    ...ANY_TRAFFIC,
  },
  {
    name: 'AllowVnetOutBound',
    priority: 65000,
    direction: 'Outbound',
    access: 'Allow',
    from: 'VirtualNetwork',
    to: 'VirtualNetwork',
    ...ANY_TRAFFIC,
  },
  {
    name: 'AllowInternetOutBound',
    priority: 65001,
    direction: 'Outbound',
    access: 'Allow',
    from: '*',
    to: 'Internet',
    ...ANY_TRAFFIC,
  },
  {
    name: 'DenyAllOutBound',
    priority: 65500,
    direction: 'Outbound',
    access: 'Deny',
    from: '*',
    to: '*',
    ...ANY_TRAFFIC,
  },
];

export interface SecurityGroupOptions {
  readonly id: string;
  readonly location: string;
  /** Rule bodies from `ruleBody`. */
  readonly rules: readonly Properties[];
  readonly tags?: Tags;
}

export function securityGroupResource({ id, location, rules, tags }: SecurityGroupOptions): Resource {
  return {
    id,
    name: nameOf(id),
    type: RESOURCE_TYPES.networkSecurityGroup,
    location,
    ...(tags && { tags }),
    etag: etagOf(id),
    properties: {
      ...SUCCEEDED,
      resourceGuid: stableGuid(id, 'group'),
      securityRules: rules,
      defaultSecurityRules: DEFAULT_RULES.map((rule) => ruleBody(id, rule, 'defaultSecurityRules')),
    },
  };
}

export const publicAddressResource = (
  id: string,
  location: string,
  address: string,
  sku = 'Standard',
): Resource => ({
  id,
  name: nameOf(id),
  type: RESOURCE_TYPES.publicAddress,
  location,
  etag: etagOf(id),
  sku: { name: sku, tier: 'Regional' },
  properties: {
    ...SUCCEEDED,
    resourceGuid: stableGuid(id, 'address'),
    ipAddress: address,
    publicIPAddressVersion: 'IPv4',
    publicIPAllocationMethod: 'Static',
    idleTimeoutInMinutes: 4,
    ipTags: [],
  },
});
