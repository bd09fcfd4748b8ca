// The addresses of the Azure servers: printed when the servers are ready, and kept, so that the
// servers listen there again after a restart.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const HTTP_SERVER_NAMES = ['arm', 'cosmos', 'identity', 'managedIdentity', 'clock', 'admin'] as const;
export const SERVER_NAMES = [...HTTP_SERVER_NAMES, 'serviceBus'] as const;
export type HttpServerName = (typeof HTTP_SERVER_NAMES)[number];
export type ServerName = (typeof SERVER_NAMES)[number];

export interface ServerAddresses extends Readonly<Record<ServerName, string>> {
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

const addressFile = (folder: string): string => join(folder, 'addresses.json');

export function saveAddresses(folder: string, addresses: ServerAddresses): void {
  writeFileSync(`${addressFile(folder)}.new`, `${JSON.stringify(addresses, undefined, 2)}\n`);
  renameSync(`${addressFile(folder)}.new`, addressFile(folder));
}

/**
 * From a base, one after the other. Otherwise where they were the last time, since the app may have
 * kept links that ARM gave
 * it; and at the first start wherever there is room.
 */
export function choosePorts(folder: string, base: number | undefined): Record<ServerName, number> {
  const saved = existsSync(addressFile(folder))
    ? (JSON.parse(readFileSync(addressFile(folder), 'utf8')) as Partial<ServerAddresses>)
    : undefined;
  const port = (place: ServerName, index: number): number => {
    if (base !== undefined) return base + index;
    const address = saved?.[place];
    return address === undefined ? 0 : Number(new URL(address).port);
  };
  return Object.fromEntries(SERVER_NAMES.map((place, index) => [place, port(place, index)])) as Record<
    ServerName,
    number
  >;
}
