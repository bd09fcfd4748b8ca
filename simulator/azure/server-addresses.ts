// The addresses of the Azure servers. The ready line prints them, and a file keeps them. So the
// servers use the same ports after a restart.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The servers with HTTP, in the order of their ports. */
export const HTTP_SERVER_NAMES = ['arm', 'cosmos', 'identity', 'managedIdentity', 'clock', 'admin'] as const;
/** All servers, in the order of their ports. */
export const SERVER_NAMES = [...HTTP_SERVER_NAMES, 'serviceBus'] as const;
export type HttpServerName = (typeof HTTP_SERVER_NAMES)[number];
export type ServerName = (typeof SERVER_NAMES)[number];

/** The URL of each server, and the values that a client needs. */
export interface ServerAddresses extends Readonly<Record<ServerName, string>> {
  /** The file with the certificate of the simulator's authority. Clients must trust it. */
  readonly caFile: string;
  readonly tenant: string;
  /** The audience of tokens for Lifeboat's REST API. */
  readonly audience: string;
  /** The ARM ids of the environment's vaults. */
  readonly vaults: readonly string[];
}

const addressFile = (folder: string): string => join(folder, 'addresses.json');

/** Writes the addresses to the data folder. */
export function saveAddresses(folder: string, addresses: ServerAddresses): void {
  writeFileSync(`${addressFile(folder)}.new`, `${JSON.stringify(addresses, undefined, 2)}\n`);
  renameSync(`${addressFile(folder)}.new`, addressFile(folder));
}

/**
 * Chooses the ports. With a base the servers use consecutive ports. Otherwise they use the ports of
 * the last run, since the app may keep links from ARM. At the first start they use any free ports
 * (0).
 */
export function choosePorts(folder: string, base: number | undefined): Record<ServerName, number> {
  const saved = existsSync(addressFile(folder))
    ? (JSON.parse(readFileSync(addressFile(folder), 'utf8')) as Partial<ServerAddresses>)
    : undefined;
  const port = (serverName: ServerName, index: number): number => {
    if (base !== undefined) return base + index;
    const address = saved?.[serverName];
    return address === undefined ? 0 : Number(new URL(address).port);
  };
  return Object.fromEntries(
    SERVER_NAMES.map((serverName, index) => [serverName, port(serverName, index)]),
  ) as Record<ServerName, number>;
}
