// Hyper-V sites: the fabric of Hyper-V hosts without a management server. The hosts register
// themselves, and their machines then become protectable.

import * as z from 'zod';

import type { FabricKind, ProtectableItem, ServicesProvider } from '../../fabric-kind.ts';
import type { ContainerPath, OnPremisesMachine, OnPremisesServer } from '../../configuration-records.ts';
import { formatTime } from '../../ids.ts';
import { isSameName, type Vault } from '../../vault.ts';
import { HYPER_V, isHyperVItem, type HyperVItem } from './details.ts';

export const HYPER_V_SITE = 'HyperVSite';
/** The kind of a site's servers in the environment. */
export const HYPER_V_HOST = 'HyperVHost';
const PROVIDER_VERSION = '5.1.7300.0';
const AGENT_VERSION = '2.0.9254.0';
/** The name of the kind in a request. Clients send no name, the base type's name, or this kind's. */
export const SITE_INPUT_TYPES = [HYPER_V_SITE, 'FabricSpecificCreationInput'];

const siteInput = z.object({ instanceType: z.enum(SITE_INPUT_TYPES) });

/** Returns the hosts that are registered in a site. */
export const registeredHosts = (vault: Vault, fabric: string): OnPremisesServer[] =>
  vault.onPremises
    .servers()
    .filter(
      ({ kind, registered }) =>
        kind === HYPER_V_HOST && registered?.vault === vault.key && isSameName(registered.fabric, fabric),
    );

/** Returns the registered host that runs this machine. */
export const hostOf = (
  vault: Vault,
  fabric: string,
  machine: OnPremisesMachine | undefined,
): OnPremisesServer | undefined =>
  machine && registeredHosts(vault, fabric).find(({ name }) => name === machine.server);

/** Returns the item that replicates this machine, in any vault. */
export function findReplication(vault: Vault, machineId: string, besides?: string): HyperVItem | undefined {
  for (const item of vault.store.items())
    if (isHyperVItem(item) && item.key !== besides && item.details.machineId === machineId) return item;
  return undefined;
}

function servicesProvider(host: OnPremisesServer, vault: Vault, now: number): ServicesProvider {
  const darkSince = vault.conditions.onPremisesFaultSince('serverDark', host.name);
  const isDark = vault.onPremises.isDark(host.name);
  const version = host.versions['provider'] ?? PROVIDER_VERSION;
  const expiryDate = '9999-12-31T23:59:59.9999999';
  return {
    name: host.id,
    server: host,
    properties: {
      friendlyName: host.name,
      machineName: host.name,
      machineId: host.id,
      draIdentifier: host.id,
      providerVersion: version,
      serverVersion: host.versions['server'] ?? '10.0.17763.1',
      providerVersionState: 'Latest',
      providerVersionExpiryDate: expiryDate,
      providerVersionDetails: { version, expiryDate, status: 'Supported' },
      lastHeartBeat: formatTime(isDark ? (darkSince ?? now) : now),
      connectionStatus: isDark ? 'NotConnected' : 'Connected',
      allowedScenarios: ['Refresh'],
    },
  };
}

function protectableItem(
  machine: OnPremisesMachine,
  host: OnPremisesServer,
  place: ContainerPath,
  vault: Vault,
): ProtectableItem {
  const item = findReplication(vault, machine.id);
  return {
    name: machine.id,
    properties: {
      friendlyName: machine.name,
      protectionStatus: item ? 'Protected' : 'Unprotected',
      replicationProtectedItemId: item ? vault.itemId(item) : null,
      recoveryServicesProviderId: servicesProviderId(vault, place.fabric, host),
      protectionReadinessErrors: [],
      supportedReplicationProviders: [HYPER_V],
      customDetails: {
        instanceType: 'HyperVVirtualMachine',
        sourceItemId: machine.id,
        generation: machine.generation === 'V2' ? '2' : '1',
        osDetails: machine.os
          ? { osType: machine.osType, osEdition: machine.os.edition, oSVersion: machine.os.version }
          : null,
        // The service does not know which disk holds the operating system.
        diskDetails: machine.disks.map(({ id, name, sizeInGb }) => ({
          maxSizeMB: sizeInGb * 1024,
          vhdType: 'Data',
          vhdId: id,
          vhdName: name,
        })),
        hasPhysicalDisk: 'NotPresent',
        hasFibreChannelAdapter: 'NotPresent',
        hasSharedVhd: 'Unknown',
        hyperVHostId: host.name.toLowerCase(),
      },
    },
  };
}

export const servicesProviderId = (vault: Vault, fabric: string, { id }: { readonly id: string }): string =>
  `${vault.fabricId(fabric)}/replicationRecoveryServicesProviders/${id}`;

export const hyperVSiteKind: FabricKind = {
  instanceType: HYPER_V_SITE,
  fabricType: HYPER_V_SITE,
  createSeconds: [5, 15],

  readFabric(customDetails) {
    const read = siteInput.safeParse(customDetails);
    return read.success
      ? { settings: { instanceType: HYPER_V_SITE } }
      : { problem: z.prettifyError(read.error) };
  },

  readNetworkMapping: () => ({
    problem: 'A Hyper-V site without a management server has no networks to map.',
  }),
  fabricName: ({ name }) => name,

  fabricDetails: ({ name }, vault) => ({
    instanceType: HYPER_V_SITE,
    hyperVHosts: registeredHosts(vault, name).map((host) => ({
      id: host.id,
      name: host.name,
      marsAgentVersion: host.versions['agent'] ?? AGENT_VERSION,
    })),
  }),

  networkDetails: () => ({ instanceType: HYPER_V_SITE }),
  ownContainer: ({ name }, vault) => ({
    name: `cloud_${vault.fabricGuid(name)}`,
    fabric: name,
    own: { friendlyName: name },
  }),

  servicesProviders: ({ name }, vault, now) =>
    registeredHosts(vault, name).map((host) => servicesProvider(host, vault, now)),

  serverUser: (host, fabric, vault) =>
    vault
      .items()
      .filter(isHyperVItem)
      .find(
        ({ place, details }) =>
          isSameName(place.fabric, fabric) &&
          vault.onPremises.machine(details.machineId)?.server === host.name,
      )?.name,

  removalBlocker: ({ name }, vault) => registeredHosts(vault, name)[0]?.name,

  protectableItems: (place, vault) =>
    vault.onPremises.machines().flatMap((machine) => {
      const host = hostOf(vault, place.fabric, machine);
      return host ? [protectableItem(machine, host, place, vault)] : [];
    }),
};
