// The subnets of the target network, and the address of a recovered machine there.

import type { AzureWorld } from '../../../arm/world.ts';

export const addressToNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
export const numberToAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
export interface Subnet {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
}

/** Returns the subnets in the network's own order. */
export function subnetsOf(azure: AzureWorld, networkId: string): Subnet[] {
  // Subnets of a classic network are no separate resources.
  const subnets = (azure.get(networkId)?.properties['subnets'] ?? []) as readonly {
    id?: string;
    name: string;
    addressPrefix?: string;
    properties?: { addressPrefix: string };
  }[];
  return subnets.map(({ id, name, addressPrefix, properties }) => ({
    id: id ?? `${networkId}/subnets/${name}`,
    name,
    prefix: properties?.addressPrefix ?? addressPrefix ?? '',
  }));
}

/** Returns the subnet with this name, else the first subnet. */
export function findSubnet(azure: AzureWorld, networkId: string, name: string): Subnet | undefined {
  const subnets = subnetsOf(azure, networkId);
  return subnets.find((subnet) => subnet.name.toLowerCase() === name.toLowerCase()) ?? subnets[0];
}

/**
 * Returns the address in this prefix with the same host part as another address. The address for a
 * test is half the prefix away.
 */
export function matchingAddress(prefix: string, like: string, isTest: boolean): string {
  const [base = '10.0.0.0', bits = '24'] = prefix.split('/');
  const hosts = 2 ** (32 - Number(bits));
  const host = addressToNumber(like) % hosts;
  return numberToAddress(addressToNumber(base) + (isTest ? (host + hosts / 2) % hosts : host));
}
