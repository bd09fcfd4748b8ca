// Networks and what hangs off them.

import { guidOf } from '../guid.ts';
import { TYPES } from '../types.ts';
import type { Resource, Properties } from '../resource.ts';
import { etagOf, nameOf, SUCCEEDED, type Tags } from './common.ts';

export interface NicParts {
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
}: NicParts): Resource {
  return {
    id,
    name: nameOf(id),
    type: TYPES.networkInterface,
    location,
    ...(tags && { tags }),
    etag: etagOf(id),
    kind: 'Regular',
    properties: {
      ...SUCCEEDED,
      resourceGuid: guidOf(id, 'nic'),
      ipConfigurations: [
        {
          name: 'ipconfig1',
          id: `${id}/ipConfigurations/ipconfig1`,
          etag: etagOf(id),
          type: `${TYPES.networkInterface}/ipConfigurations`,
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

export interface SubnetParts {
  readonly name: string;
  readonly prefix: string;
  readonly securityGroupId?: string;
}

export function networkResource(
  id: string,
  location: string,
  prefixes: readonly string[],
  subnets: readonly SubnetParts[],
): Resource {
  return {
    id,
    name: nameOf(id),
    type: TYPES.virtualNetwork,
    location,
    etag: etagOf(id),
    properties: {
      ...SUCCEEDED,
      resourceGuid: guidOf(id, 'network'),
      addressSpace: { addressPrefixes: prefixes },
      subnets: subnets.map((subnet) => subnetBody(id, subnet)),
      virtualNetworkPeerings: [],
      enableDdosProtection: false,
    },
  };
}

export const subnetBody = (
  networkId: string,
  { name, prefix, securityGroupId }: SubnetParts,
): Properties => ({
  name,
  id: `${networkId}/subnets/${name}`,
  etag: etagOf(`${networkId}/${name}`),
  type: `${TYPES.virtualNetwork}/subnets`,
  properties: {
    ...SUCCEEDED,
    addressPrefix: prefix,
    ...(securityGroupId !== undefined && { networkSecurityGroup: { id: securityGroupId } }),
    delegations: [],
    privateEndpointNetworkPolicies: 'Disabled',
    privateLinkServiceNetworkPolicies: 'Enabled',
  },
});

export interface RuleParts {
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

export function ruleBody(groupId: string, rule: RuleParts, collection = 'securityRules'): Properties {
  const id = `${groupId}/${collection}/${rule.name}`;
  return {
    name: rule.name,
    id,
    etag: etagOf(id),
    type: `${TYPES.networkSecurityGroup}/${collection}`,
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

const anything = { protocol: '*', fromPorts: '*', toPorts: '*' } as const;

/** What stands at the end of every security group. */
const DEFAULT_RULES: readonly RuleParts[] = [
  {
    name: 'AllowVnetInBound',
    priority: 65000,
    direction: 'Inbound',
    access: 'Allow',
    from: 'VirtualNetwork',
    to: 'VirtualNetwork',
    ...anything,
  },
  {
    name: 'AllowAzureLoadBalancerInBound',
    priority: 65001,
    direction: 'Inbound',
    access: 'Allow',
    from: 'AzureLoadBalancer',
    to: '*',
    ...anything,
  },
  {
    name: 'DenyAllInBound',
    priority: 65500,
    direction: 'Inbound',
    access: 'Deny',
    from: '*',
    to: '*',
    ...anything,
  },
  {
    name: 'AllowVnetOutBound',
    priority: 65000,
    direction: 'Outbound',
    access: 'Allow',
    from: 'VirtualNetwork',
    to: 'VirtualNetwork',
    ...anything,
  },
  {
    name: 'AllowInternetOutBound',
    priority: 65001,
    direction: 'Outbound',
    access: 'Allow',
    from: '*',
    to: 'Internet',
    ...anything,
  },
  {
    name: 'DenyAllOutBound',
    priority: 65500,
    direction: 'Outbound',
    access: 'Deny',
    from: '*',
    to: '*',
    ...anything,
  },
];

export interface SecurityGroupParts {
  readonly id: string;
  readonly location: string;
  /** Bodies as `ruleBody` makes them. */
  readonly rules: readonly Properties[];
  readonly tags?: Tags;
}

export function securityGroupResource({ id, location, rules, tags }: SecurityGroupParts): Resource {
  return {
    id,
    name: nameOf(id),
    type: TYPES.networkSecurityGroup,
    location,
    ...(tags && { tags }),
    etag: etagOf(id),
    properties: {
      ...SUCCEEDED,
      resourceGuid: guidOf(id, 'group'),
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
  type: TYPES.publicAddress,
  location,
  etag: etagOf(id),
  sku: { name: sku, tier: 'Regional' },
  properties: {
    ...SUCCEEDED,
    resourceGuid: guidOf(id, 'address'),
    ipAddress: address,
    publicIPAddressVersion: 'IPv4',
    publicIPAllocationMethod: 'Static',
    idleTimeoutInMinutes: 4,
    ipTags: [],
  },
});
