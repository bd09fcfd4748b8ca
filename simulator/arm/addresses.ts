// Addresses of network interfaces in a subnet: Azure never gives one of them twice.

import { rangeOf } from './ranges.ts';
import { TYPES } from './types.ts';
import type { AzureWorld } from './world.ts';
import type { Resource } from './resource.ts';

interface Configured {
  readonly properties: {
    readonly privateIPAddress?: string;
    readonly subnet?: { readonly id: string };
    readonly publicIPAddress?: { readonly id: string };
  };
}

export const configurationsOf = ({ properties }: Resource): readonly Configured[] =>
  properties['ipConfigurations'] as readonly Configured[];

const same = (one: string | undefined, other: string): boolean => one?.toLowerCase() === other.toLowerCase();

/** Those that other interfaces hold, whether their machines run or not. */
export function takenIn(world: AzureWorld, subnetId: string, exceptNicId: string): Set<string> {
  const others = world.list({ type: TYPES.networkInterface }).filter(({ id }) => !same(id, exceptNicId));
  const inSubnet = others
    .flatMap(configurationsOf)
    .filter(({ properties }) => same(properties.subnet?.id, subnetId));
  return new Set(inSubnet.flatMap(({ properties }) => properties.privateIPAddress ?? []));
}

/** Azure keeps the first four addresses of a subnet and its last for itself. */
const RESERVED = 4;
const asText = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

export function isUsable(prefix: string, address: string): boolean {
  const [range, one] = [rangeOf(prefix), rangeOf(address)];
  return (
    range !== undefined && one !== undefined && one.first >= range.first + RESERVED && one.first < range.last
  );
}

export function freeAddress(prefix: string, taken: ReadonlySet<string>): string | undefined {
  const range = rangeOf(prefix);
  for (let address = (range?.first ?? 0) + RESERVED; range && address < range.last; address += 1)
    if (!taken.has(asText(address))) return asText(address);
  return undefined;
}
