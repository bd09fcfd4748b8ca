// The addresses of the Azure servers: printed when the servers are ready, and kept, so that the
// servers listen there again after a restart.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const WEB_PLACES = ['arm', 'cosmos', 'identity', 'managedIdentity', 'clock', 'admin'] as const;
export const PLACES = [...WEB_PLACES, 'serviceBus'] as const;
export type WebPlace = (typeof WEB_PLACES)[number];
export type Place = (typeof PLACES)[number];

export interface Addresses extends Readonly<Record<Place, string>> {
  /**
   * The file with the certificate of the authority that all https servers of the simulator are
   * trusted through.
   */
  readonly caFile: string;
  readonly tenant: string;
  /** The audience of tokens for Lifeboat's REST API. */
  readonly audience: string;
  /** The ARM ids of the environment's vaults. */
  readonly vaults: readonly string[];
}

const fileIn = (folder: string): string => join(folder, 'addresses.json');

export function keepAddresses(folder: string, addresses: Addresses): void {
  writeFileSync(`${fileIn(folder)}.new`, `${JSON.stringify(addresses, undefined, 2)}\n`);
  renameSync(`${fileIn(folder)}.new`, fileIn(folder));
}

/**
 * From a base, one after the other. Otherwise where they were the last time, since the app may have
 * kept links that ARM gave
 * it; and at the first start wherever there is room.
 */
export function portsFor(folder: string, base: number | undefined): Record<Place, number> {
  const kept = existsSync(fileIn(folder))
    ? (JSON.parse(readFileSync(fileIn(folder), 'utf8')) as Partial<Addresses>)
    : undefined;
  const port = (place: Place, index: number): number => {
    if (base !== undefined) return base + index;
    const address = kept?.[place];
    return address === undefined ? 0 : Number(new URL(address).port);
  };
  return Object.fromEntries(PLACES.map((place, index) => [place, port(place, index)])) as Record<
    Place,
    number
  >;
}
