// The company's VMware site as Site Recovery sees it: its vCenter, the replication appliances, and
// the older configuration server with its process servers.

import { seededNumber } from '../../ids.ts';
import type { OnPremisesMachine, OnPremisesServer } from '../../configuration-records.ts';
import { isSameName, lastSegment, type Vault } from '../../vault.ts';
import type { VmwareItem } from './details.ts';

export const SERVER_KINDS = {
  host: 'EsxiHost',
  vCenter: 'VCenter',
  appliance: 'ReplicationAppliance',
  configurationServer: 'ConfigurationServer',
  processServer: 'ProcessServer',
} as const;
export type ServerKind = (typeof SERVER_KINDS)[keyof typeof SERVER_KINDS];

/** What an environment file says of a server beyond its name. */
export interface ServerFacts {
  readonly address: string;
  /** The accounts that install the agent, by name. */
  readonly accounts: readonly string[];
  /** The datastores that the server can write to. */
  readonly datastores: readonly string[];
  /** The ARM id of the place in Azure that lists the machines which an appliance found. */
  readonly discoverySiteId: string | null;
}

export const factsOf = ({ facts }: OnPremisesServer): ServerFacts => ({
  address: '10.0.0.4',
  accounts: [],
  datastores: [],
  discoverySiteId: null,
  ...(facts as Partial<ServerFacts> | undefined),
});

const isKind = (server: OnPremisesServer, kind: ServerKind): boolean => server.kind === kind;

/** Returns the servers of these kinds that are registered in the fabric. */
export const registeredServers = (
  vault: Vault,
  fabric: string,
  ...kinds: readonly ServerKind[]
): OnPremisesServer[] =>
  vault.onPremises
    .servers()
    .filter(
      (server) =>
        kinds.some((kind) => isKind(server, kind)) &&
        server.registered?.vault === vault.key &&
        isSameName(server.registered.fabric, fabric),
    );

const RPS_KINDS = [
  SERVER_KINDS.appliance,
  SERVER_KINDS.configurationServer,
  SERVER_KINDS.processServer,
] as const;

/** The appliances of a fabric, or its configuration server and process servers. */
export const replicationServers = (vault: Vault, fabric: string): OnPremisesServer[] =>
  registeredServers(vault, fabric, ...RPS_KINDS);

export const replicationServer = (vault: Vault, fabric: string, id: string): OnPremisesServer | undefined =>
  replicationServers(vault, fabric).find((server) => isSameName(server.id, id));

export const vCenterOf = (vault: Vault, site: string): OnPremisesServer | undefined =>
  vault.onPremises.servers(site).find((server) => isKind(server, SERVER_KINDS.vCenter));

/** The name of a discovered machine, in the style of the discovery: its vCenter and its own id. */
export const discoveredName = (vault: Vault, { site, id }: OnPremisesMachine): string =>
  `${vCenterOf(vault, site)?.name ?? 'vcenter'}_${id}`;

/** Finds the machine of a discovered machine's id, or of a protectable item's id. */
export function findMachine(vault: Vault, discoveryId: string): OnPremisesMachine | undefined {
  const name = lastSegment(discoveryId);
  return vault.onPremises.machine(name) ?? vault.onPremises.machine(name.slice(name.lastIndexOf('_') + 1));
}

/** Returns the id of the account in the notation of the fabric that uses it. */
export const accountIdOf = (server: OnPremisesServer, name: string, index: number): string => {
  const { discoverySiteId } = factsOf(server);
  return discoverySiteId === null ? String(index + 1) : `${discoverySiteId}/runasaccounts/${name}`;
};

export const hasAccount = (server: OnPremisesServer, accountId: string): boolean =>
  factsOf(server).accounts.some((name, index) => isSameName(accountIdOf(server, name, index), accountId));

/** How often a server reports to Azure. */
const HEARTBEAT_MS = 60_000;

/** The time of the server's last report. A dark server stopped reporting. */
export function lastHeartbeat(vault: Vault, server: OnPremisesServer, now: number): number {
  const darkSince = vault.conditions.onPremisesFaultSince('serverDark', server.name);
  const until = vault.onPremises.isDark(server.name) ? (darkSince ?? now) : now;
  const offset = Math.floor(HEARTBEAT_MS * seededNumber(server.id));
  return Math.floor((until - offset) / HEARTBEAT_MS) * HEARTBEAT_MS + offset;
}

const machineOf = (item: VmwareItem, vault: Vault): OnPremisesMachine | undefined =>
  vault.onPremises.machine(item.details.machines.home);

/** Returns the machine on premises of an item. It stays in its vCenter during a failover. */
export const homeMachine = machineOf;

export const homePower = (item: VmwareItem, vault: Vault): 'running' | 'off' | 'absent' => {
  const machine = machineOf(item, vault);
  return machine ? vault.onPremises.powerOf(machine) : 'absent';
};

/**
 * Returns since when nothing arrives from the site: the machine is off, its host or its appliance is
 * dark. Null while data arrive.
 */
export function homeUnreachableSince(item: VmwareItem, vault: Vault): number | null {
  const machine = machineOf(item, vault);
  if (!machine) return item.stateSince;
  const server = replicationServer(vault, item.place.fabric, item.details.serverId);
  const darkServers = [server?.name, machine.server].filter(
    (name) => name !== undefined && vault.onPremises.isDark(name),
  );
  const since = darkServers.map(
    (name) => vault.conditions.onPremisesFaultSince('serverDark', name ?? '') ?? item.stateSince,
  );
  if (vault.onPremises.powerOf(machine) !== 'running')
    since.push(vault.conditions.onPremisesFaultSince('poweredOff', machine.name) ?? machine.powerSince);
  return since.length === 0 ? null : Math.min(...since);
}
