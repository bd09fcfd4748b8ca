// Plays the setup of the provider on a VMM server, and the VMM console: registration, synchronised
// clouds, and changed networks of machines. Azure's API has no request for any of it.

import * as z from 'zod';

import type { OnPremisesServer } from '../../configuration-records.ts';
import { isSameName, type Vault } from '../../vault.ts';
import { elementOf, openVault, type RegistrationServices } from '../common/registration-key.ts';
import { cloudId, fabricNameOf, factsOf, VMM_KINDS } from './world.ts';

export type SiteActionResult = { readonly problem: string } | Readonly<Record<string, unknown>>;

export const VMM_FABRIC = 'VMM';

/** Reports a cloud to the vault. The cloud then is a container. */
export function synchronizeCloud(vault: Vault, server: OnPremisesServer, cloud: string): void {
  vault.store.putConfiguration(vault.key, 'container', {
    name: cloudId(server.name, cloud),
    fabric: fabricNameOf(vault, server.name),
    own: { friendlyName: cloud },
  });
}

/** Registers the server in the vault. In a cluster the server has the name of the cluster role. */
export function registerInVault(
  vault: Vault,
  server: OnPremisesServer,
  clouds: readonly string[],
  now: number,
): void {
  const fabric = fabricNameOf(vault, server.name);
  vault.store.putConfiguration(vault.key, 'fabric', {
    name: fabric,
    settings: { instanceType: VMM_FABRIC, server: server.name },
  });
  const registered = { vault: vault.key, fabric, since: server.registered?.since ?? now };
  vault.onPremises.putServer({ ...server, registered });
  for (const cloud of clouds) synchronizeCloud(vault, server, cloud);
}

export const registerNode = (vault: Vault, node: OnPremisesServer, now: number): void =>
  vault.onPremises.putServer({
    ...node,
    registered: { vault: vault.key, fabric: fabricNameOf(vault, node.cluster ?? ''), since: now },
  });

const registrationInput = z.strictObject({
  server: z.string(),
  key: z.string(),
  /** The clouds whose metadata the vault gets. Default: all clouds. */
  clouds: z.array(z.string()).optional(),
});

/** Returns the VMM server of a name: the server itself, or the role of a cluster's node. */
function findRole(
  name: string,
  { onPremises }: RegistrationServices,
): OnPremisesServer | { problem: string } {
  const server = onPremises.server(name);
  if (server?.kind === VMM_KINDS.server) {
    const node = factsOf(server).nodes.find(({ isActive }) => isActive);
    return node
      ? { problem: `The server '${server.name}' is a cluster. Install the provider on '${node.name}' first.` }
      : server;
  }
  const role = server?.kind === VMM_KINDS.node ? onPremises.server(server.cluster ?? '') : undefined;
  if (!server || !role) return { problem: `There is no VMM server '${name}'.` };
  const active = factsOf(role).nodes.find(({ isActive }) => isActive)?.name ?? '';
  return role.registered || isSameName(active, server.name)
    ? role
    : { problem: `Install the provider on the active node '${active}' first.` };
}

export function registerVmmServer(
  body: unknown,
  services: RegistrationServices,
  now: number,
): SiteActionResult {
  const read = registrationInput.safeParse(body);
  if (!read.success) return { problem: z.prettifyError(read.error) };
  const { server: name, key, clouds } = read.data;
  const role = findRole(name, services);
  if ('problem' in role) return role;
  const dark = [name, role.name].find((server) => services.onPremises.isDark(server));
  if (dark !== undefined) return { problem: `The server '${dark}' does not answer.` };
  const opened = openVault(key, services, now);
  if ('problem' in opened) return opened;
  const { vault } = opened;
  if (elementOf(key, 'SiteId') !== '') return { problem: 'The registration key is for a Hyper-V site.' };
  if (role.registered && role.registered.vault !== vault.key)
    return { problem: `The server '${role.name}' is registered in another vault already.` };
  const known = factsOf(role).clouds.map((cloud) => cloud.name);
  const unknown = clouds?.find((cloud) => !known.includes(cloud));
  if (unknown !== undefined) return { problem: `The server '${role.name}' has no cloud '${unknown}'.` };
  if (!role.registered) registerInVault(vault, role, clouds ?? known, now);
  const node = services.onPremises.server(name);
  if (node?.kind === VMM_KINDS.node) registerNode(vault, node, now);
  return { vault: vault.name, fabric: fabricNameOf(vault, role.name), provider: node?.id ?? role.id };
}

const synchronizationInput = z.strictObject({ server: z.string(), cloud: z.string() });

function synchronize(body: unknown, { onPremises, vaults }: RegistrationServices): SiteActionResult {
  const read = synchronizationInput.safeParse(body);
  if (!read.success) return { problem: z.prettifyError(read.error) };
  const server = onPremises.server(read.data.server);
  if (server?.kind !== VMM_KINDS.server || !server.registered)
    return { problem: `There is no registered VMM server '${read.data.server}'.` };
  const cloud = factsOf(server).clouds.find(({ name }) => isSameName(name, read.data.cloud));
  if (!cloud) return { problem: `The server '${server.name}' has no cloud '${read.data.cloud}'.` };
  synchronizeCloud(vaults.require(server.registered.vault), server, cloud.name);
  return { cloud: cloud.name };
}

const connectionInput = z.strictObject({
  /** The id of the machine. A replica has the name of its source. */
  machine: z.string(),
  nic: z.string(),
  /** Null: no network. */
  network: z.string().nullable(),
});

/** Somebody connects an interface of a machine to another network, or to none. */
function connect(body: unknown, { onPremises }: RegistrationServices): SiteActionResult {
  const read = connectionInput.safeParse(body);
  if (!read.success) return { problem: z.prettifyError(read.error) };
  const { machine: id, nic, network } = read.data;
  const machine = onPremises.machine(id);
  const server = onPremises.server(machine?.site ?? '');
  if (!machine || server?.kind !== VMM_KINDS.server)
    return { problem: `There is no machine '${id}' of a VMM server.` };
  const found = factsOf(server).vmNetworks.find(({ name }) => name === network);
  if (network !== null && !found) return { problem: `There is no VM network '${network}'.` };
  if (!machine.nics.some(({ name }) => name === nic))
    return { problem: `The machine '${machine.name}' has no interface '${nic}'.` };
  onPremises.putMachine({
    ...machine,
    nics: machine.nics.map((own) =>
      own.name === nic ? { ...own, network: found?.name ?? '', subnet: found?.subnets[0] ?? '' } : own,
    ),
  });
  return { machine: machine.id };
}

/** The actions of persons in a VMM console, by their names in the admin routes. */
export const vmmConsoleActions = { synchronize, connect };
