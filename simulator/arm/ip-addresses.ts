// Addresses of network interfaces in a subnet: Azure never gives one of them twice.

import { parseRange } from './ip-ranges.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import type { AzureWorld } from './world.ts';
import type { Resource } from './resource.ts';

interface IpConfiguration {
  readonly properties: {
    readonly privateIPAddress?: string;
    readonly subnet?: { readonly id: string };
    readonly publicIPAddress?: { readonly id: string };
  };
}

export const ipConfigurationsOf = ({ properties }: Resource): readonly IpConfiguration[] =>
  properties['ipConfigurations'] as readonly IpConfiguration[];

const isSameId = (one: string | undefined, other: string): boolean =>
  one?.toLowerCase() === other.toLowerCase();

/** Those that other interfaces hold, whether their machines run or not. */
export function usedAddresses(world: AzureWorld, subnetId: string, exceptNicId: string): Set<string> {
  const others = world
    .list({ type: RESOURCE_TYPES.networkInterface })
    .filter(({ id }) => !isSameId(id, exceptNicId));
  const inSubnet = others
    .flatMap(ipConfigurationsOf)
    .filter(({ properties }) => isSameId(properties.subnet?.id, subnetId));
  return new Set(inSubnet.flatMap(({ properties }) => properties.privateIPAddress ?? []));
}

/** Azure keeps the first four addresses of a subnet and its last for itself. */
const RESERVED_ADDRESSES = 4;
const formatAddress = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

export function isUsableAddress(prefix: string, address: string): boolean {
  const [range, target] = [parseRange(prefix), parseRange(address)];
  return (
    range !== undefined &&
    target !== undefined &&
    target.first >= range.first + RESERVED_ADDRESSES &&
    target.first < range.last
  );
}

export function freeAddress(prefix: string, used: ReadonlySet<string>): string | undefined {
  const range = parseRange(prefix);
  for (let address = (range?.first ?? 0) + RESERVED_ADDRESSES; range && address < range.last; address += 1)
    if (!used.has(formatAddress(address))) return formatAddress(address);
  return undefined;
}
