// Decides whether the security rules of a network interface let its machine reach a service tag.

import type { Resource } from './resource.ts';
import { securityGroupsOf, type ResourceReader } from './routes/effective-rules.ts';
import { defaultRulesOf, rulesOf, type Rule } from './routes/security-groups.ts';

const HTTPS_PORT = 443;
/** These destinations contain every service tag. */
const ANYWHERE = ['*', '0.0.0.0/0', 'internet', 'azurecloud'];

const listOf = (single: string | undefined, several: readonly string[]): readonly string[] =>
  several.length > 0 ? several : [single ?? '*'];

/** `Storage.EastAsia` and `AzureCloud.eastasia` name the region of a tag. */
const isInTag = (destination: string, tag: string, region: string): boolean =>
  [...ANYWHERE, tag.toLowerCase()].some((name) =>
    [name, `${name}.${region}`].includes(destination.toLowerCase()),
  );

function includesPort(range: string, port: number): boolean {
  if (range === '*') return true;
  const [first, last = first] = range.split('-').map(Number);
  return first !== undefined && last !== undefined && first <= port && port <= last;
}

const concerns = ({ properties }: Rule, tag: string, region: string): boolean =>
  properties.direction === 'Outbound' &&
  ['*', 'tcp'].includes(properties.protocol.toLowerCase()) &&
  listOf(properties.destinationPortRange, properties.destinationPortRanges).some((range) =>
    includesPort(range, HTTPS_PORT),
  ) &&
  listOf(properties.destinationAddressPrefix, properties.destinationAddressPrefixes).some((destination) =>
    isInTag(destination, tag, region),
  );

function groupAllows(group: Resource, tag: string, region: string): boolean {
  const [first] = [...rulesOf(group), ...defaultRulesOf(group)]
    .filter((rule) => concerns(rule, tag, region))
    .sort((a, b) => a.properties.priority - b.properties.priority);
  return first?.properties.access === 'Allow';
}

/** True when all security groups of the interface and of its subnet allow HTTPS to this tag. */
export const allowsOutbound = (world: ResourceReader, nic: Resource, tag: string): boolean =>
  securityGroupsOf(world, nic).every((group) => groupAllows(group, tag, nic.location ?? ''));
