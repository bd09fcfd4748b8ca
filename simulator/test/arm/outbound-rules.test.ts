// Which service tags a machine reaches through the security rules of its interface.

import { allowsOutbound } from '../../arm/outbound-rules.ts';
import type { Resource } from '../../arm/resource.ts';

interface Written {
  readonly to: string;
  readonly access: 'Allow' | 'Deny';
  readonly ports?: string;
  readonly protocol?: string;
  readonly direction?: string;
}

const toRule = (
  { to, access, ports = '443', protocol = 'Tcp', direction = 'Outbound' }: Written,
  at: number,
) => ({
  name: `rule-${at}`,
  properties: {
    priority: 100 + at,
    direction,
    access,
    protocol,
    sourceAddressPrefix: '*',
    sourceAddressPrefixes: [],
    destinationAddressPrefix: to,
    destinationAddressPrefixes: [],
    sourcePortRange: '*',
    sourcePortRanges: [],
    destinationPortRange: ports,
    destinationPortRanges: [],
  },
});
const DEFAULT_RULES = [
  { to: 'VirtualNetwork', access: 'Allow', ports: '*', protocol: '*' },
  { to: 'Internet', access: 'Allow', ports: '*', protocol: '*' },
  { to: '*', access: 'Deny', ports: '*', protocol: '*' },
] as const;

/** Asks about an interface whose security group has these rules, in the order of their priority. */
function reaches(tag: string, rules: readonly Written[]): boolean {
  const group = {
    id: '/groups/g',
    properties: {
      securityRules: rules.map(toRule),
      defaultSecurityRules: DEFAULT_RULES.map((rule, at) => toRule(rule, 65_000 + at)),
    },
  };
  const nic = {
    id: '/nics/n',
    location: 'eastasia',
    properties: { ipConfigurations: [], networkSecurityGroup: { id: group.id } },
  };
  const world = { get: (id: string) => (id === group.id ? (group as unknown as Resource) : undefined) };
  return allowsOutbound(world, nic as unknown as Resource, tag);
}

const NO_INTERNET: Written = { to: 'Internet', access: 'Deny', ports: '*', protocol: '*' };

it.each<[boolean, string, readonly Written[]]>([
  [true, 'no rule of its own', []],
  [false, 'the internet denied', [NO_INTERNET]],
  [true, 'the tag allowed before', [{ to: 'AzureSiteRecovery', access: 'Allow' }, NO_INTERNET]],
  [
    true,
    'the tag of the region allowed before',
    [{ to: 'AzureSiteRecovery.EastAsia', access: 'Allow' }, NO_INTERNET],
  ],
  [false, 'the tag of another region', [{ to: 'AzureSiteRecovery.japaneast', access: 'Allow' }, NO_INTERNET]],
  [false, 'the tag allowed too late', [NO_INTERNET, { to: 'AzureSiteRecovery', access: 'Allow' }]],
  [false, 'another tag', [{ to: 'Storage', access: 'Allow' }, NO_INTERNET]],
  [false, 'another port', [{ to: 'AzureSiteRecovery', access: 'Allow', ports: '80' }, NO_INTERNET]],
  [true, 'a range of ports', [{ to: 'AzureSiteRecovery', access: 'Allow', ports: '400-500' }, NO_INTERNET]],
  [false, 'another protocol', [{ to: 'AzureSiteRecovery', access: 'Allow', protocol: 'Udp' }, NO_INTERNET]],
  [
    false,
    'another direction',
    [{ to: 'AzureSiteRecovery', access: 'Allow', direction: 'Inbound' }, NO_INTERNET],
  ],
  [true, 'a rule that denies another tag', [{ to: 'Storage', access: 'Deny' }]],
])('says %s for a group with %s', (expected, _what, rules) => {
  expect(reaches('AzureSiteRecovery', rules)).toBe(expected);
});
