// Finds addresses for network interfaces in a subnet. Azure never assigns an address twice.

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

/** Returns the IP configurations of a network interface. */
export const ipConfigurationsOf = ({ properties }: Resource): readonly IpConfiguration[] =>
  properties['ipConfigurations'] as readonly IpConfiguration[];

const isSameId = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();

/**
 * Returns the addresses of the other interfaces in a subnet. An interface keeps its address while
 * its machine is off.
 */
export function usedAddresses(world: AzureWorld, subnetId: string, exceptNicId: string): Set<string> {
  const others = world
    .list({ type: RESOURCE_TYPES.networkInterface })
    .filter(({ id }) => !isSameId(id, exceptNicId));
  const inSubnet = others
    .flatMap(ipConfigurationsOf)
    .filter(({ properties }) => isSameId(properties.subnet?.id, subnetId));
  return new Set(inSubnet.flatMap(({ properties }) => properties.privateIPAddress ?? []));
}

/** Azure reserves the first four addresses of a subnet and the last one. */
const RESERVED_ADDRESSES = 4;
const formatAddress = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

/** Whether an interface in a subnet with this prefix may use the address. */
export function isUsableAddress(prefix: string, address: string): boolean {
  const [range, target] = [parseRange(prefix), parseRange(address)];
  return (
    range !== undefined &&
    target !== undefined &&
    target.first >= range.first + RESERVED_ADDRESSES &&
    target.first < range.last
  );
}

/** Returns the first free address of a prefix, or undefined when none is free. */
export function freeAddress(prefix: string, used: ReadonlySet<string>): string | undefined {
  const range = parseRange(prefix);
  for (let address = (range?.first ?? 0) + RESERVED_ADDRESSES; range && address < range.last; address += 1)
    if (!used.has(formatAddress(address))) return formatAddress(address);
  return undefined;
}
