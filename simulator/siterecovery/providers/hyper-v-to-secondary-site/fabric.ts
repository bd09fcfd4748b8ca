// VMM servers as fabrics: their clouds are containers, and their networks and storage can be mapped.

import type {
  ContainerPath,
  FabricRecord,
  OnPremisesMachine,
  OnPremisesServer,
} from '../../configuration-records.ts';
import type { FabricKind, FabricResource, ProtectableItem, ServicesProvider } from '../../fabric-kind.ts';
import { formatTime } from '../../ids.ts';
import type { Vault } from '../../vault.ts';
import { isCloudItem } from './details.ts';
import { connectReplicas, networkMappingError } from './networks.ts';
import { findReplication } from './preflight.ts';
import { VMM_FABRIC } from './registration.ts';
import {
  classificationId,
  factsOf,
  findCloud,
  isReached,
  logicalNetworkId,
  machineFacts,
  networkId,
  serverOf,
  VMM_KINDS,
  type VmmFacts,
} from './world.ts';

const NEVER_ENDS = '9999-12-31T23:59:59.9999999';

/** Returns the server of a fabric, or the nodes of a cluster on which the provider is installed. */
function installedOn({ name, settings }: FabricRecord, vault: Vault): OnPremisesServer[] {
  const server = vault.onPremises.server(String(settings['server']));
  if (!server?.registered || server.registered.vault !== vault.key) return [];
  const nodes = vault.onPremises
    .servers(server.name)
    .filter(({ kind, registered }) => kind === VMM_KINDS.node && registered?.fabric === name);
  return nodes.length > 0 ? nodes : [server];
}

function servicesProvider(
  server: OnPremisesServer,
  role: OnPremisesServer,
  vault: Vault,
  now: number,
): ServicesProvider {
  const facts = factsOf(role);
  const isDark = !isReached(vault, role) || vault.onPremises.isDark(server.name);
  const darkSince = vault.conditions.onPremisesFaultSince('serverDark', server.name);
  const own = facts.nodes.find(({ name }) => name === server.name);
  const version = own?.providerVersion ?? facts.providerVersion;
  return {
    name: server.id,
    server,
    properties: {
      friendlyName: role.name,
      machineName: server.name,
      machineId: server.id,
      draIdentifier: server.id,
      providerVersion: version,
      serverVersion: facts.version,
      providerVersionState: 'Latest',
      providerVersionExpiryDate: NEVER_ENDS,
      providerVersionDetails: { version, expiryDate: NEVER_ENDS, status: 'Supported' },
      lastHeartBeat: formatTime(isDark ? (darkSince ?? now) : now),
      connectionStatus: isDark ? 'NotConnected' : 'Connected',
      allowedScenarios: ['Refresh'],
    },
  };
}

/** Clients name the fabric's first provider as the provider of its machines. */
export function servicesProviderId(vault: Vault, fabric: string): string {
  const record = vault.fabric(fabric);
  const [server] = record ? installedOn(record, vault) : [];
  return server ? `${vault.fabricId(fabric)}/replicationRecoveryServicesProviders/${server.id}` : '';
}

function protectableItem(machine: OnPremisesMachine, place: ContainerPath, vault: Vault): ProtectableItem {
  const item = findReplication(vault, machine.id);
  const host = findCloud(vault, place)?.hosts.find(({ name }) => name === machine.server);
  return {
    name: machine.id,
    properties: {
      friendlyName: machine.name,
      protectionStatus: item ? 'Protected' : 'Unprotected',
      replicationProtectedItemId: item ? vault.itemId(item) : null,
      recoveryServicesProviderId: servicesProviderId(vault, place.fabric),
      protectionReadinessErrors: [],
      supportedReplicationProviders: [
        host?.operatingSystem === '2012' ? 'HyperVReplica2012' : 'HyperVReplica2012R2',
      ],
      customDetails: {
        instanceType: 'VmmVirtualMachine',
        sourceItemId: machine.id,
        generation: machine.generation === 'V2' ? '2' : '1',
        osDetails: {
          osType: machine.osType,
          productType: 'UNKNOWN',
          osEdition: 'UNKNOWN',
          oSVersion: '0.0.0.0',
          oSMajorVersion: '0',
          oSMinorVersion: '0',
        },
        diskDetails: machine.disks.map(({ id, name, sizeInGb }, index) => ({
          maxSizeMB: sizeInGb * 1024,
          vhdType: index === 0 ? 'OperatingSystem' : 'DataDisk',
          vhdId: id,
          vhdName: name,
        })),
        hasPhysicalDisk: 'NotPresent',
        hasFibreChannelAdapter: 'NotPresent',
        hasSharedVhd: 'NotPresent',
        hyperVHostId: machine.server.toLowerCase(),
      },
    },
  };
}

/** The machines of a cloud. A replica is no machine of its own, except of an item that went. */
function cloudMachines(place: ContainerPath, vault: Vault): OnPremisesMachine[] {
  const found = findCloud(vault, place);
  const away = new Set([...vault.store.items()].filter(isCloudItem).map(({ details }) => details.awayId));
  return vault.onPremises.machines(found?.server.name).filter((machine) => {
    const { cloud, role } = machineFacts(machine);
    return found && cloud === found.cloud.name && role !== 'test' && !away.has(machine.id);
  });
}

const listNames =
  (id: (server: string, name: string) => string, names: (facts: VmmFacts) => readonly string[]) =>
  ({ name: fabric }: FabricRecord, vault: Vault): FabricResource[] => {
    const server = serverOf(vault, fabric);
    if (!server) return [];
    return names(factsOf(server)).map((name) => ({
      name: id(server.name, name),
      properties: { friendlyName: name },
    }));
  };

export const vmmKind: FabricKind = {
  instanceType: VMM_FABRIC,
  fabricType: VMM_FABRIC,
  readFabric: () => ({ problem: 'A VMM server registers itself, with a registration key of the vault.' }),
  readNetworkMapping(input) {
    const given = (input as { readonly instanceType?: unknown } | null | undefined)?.instanceType;
    return given === undefined || given === 'VmmToVmm'
      ? { primaryNetworkId: '', settings: { instanceType: 'VmmToVmm' } }
      : { problem: "The value of 'properties.fabricSpecificDetails.instanceType' is not valid." };
  },
  fabricName: ({ settings }) => String(settings['server']),
  fabricDetails: () => ({ instanceType: VMM_FABRIC }),
  networkDetails: () => ({ instanceType: 'VmmToVmm' }),
  ownContainer: () => undefined,
  containersAreReported: true,
  networks: ({ name: fabric }, vault) => {
    const server = serverOf(vault, fabric);
    if (!server) return [];
    return factsOf(server).vmNetworks.map(({ name, subnets }) => ({
      name: networkId(server.name, name),
      properties: {
        friendlyName: name,
        networkType: 'Network',
        subnets: subnets.map((subnet) => ({ name: subnet, friendlyName: subnet, addressList: [] })),
      },
    }));
  },
  logicalNetworks: (fabric, vault) =>
    listNames(logicalNetworkId, ({ logicalNetworks }) => logicalNetworks)(fabric, vault).map(
      ({ name, properties }) => ({
        name,
        properties: {
          ...properties,
          networkVirtualizationStatus: 'Disabled',
          logicalNetworkUsage: 'NotUsed',
          logicalNetworkDefinitionsStatus: 'NotIsolated',
        },
      }),
    ),
  storageClassifications: listNames(classificationId, ({ classifications }) => classifications),
  networkMappingError,
  connectReplicas,
  servicesProviders(fabric, vault, now) {
    const role = vault.onPremises.server(String(fabric.settings['server']));
    return role ? installedOn(fabric, vault).map((server) => servicesProvider(server, role, vault, now)) : [];
  },
  healthErrors(fabric, vault, now) {
    const role = vault.onPremises.server(String(fabric.settings['server']));
    if (!role || isReached(vault, role)) return [];
    const since = vault.conditions.onPremisesFaultSince('serverDark', role.name) ?? now;
    return [
      {
        innerHealthErrors: [],
        errorSource: 'FabricServer',
        errorType: 'FabricServer',
        errorLevel: 'Error',
        errorCategory: 'FabricInfrastructure',
        errorCode: '78054',
        summaryMessage: '',
        errorMessage: `The VMM server '${role.name}' has no contact with the vault.`,
        possibleCauses: 'The server does not run, or it has no connection to Azure.',
        recommendedAction: 'Start the server and check its connection.',
        creationTimeUtc: formatTime(since),
        entityId: role.id,
        errorId: '6:78054',
        customerResolvability: 'NotAllowed',
      },
    ];
  },
  serverUser: (_server, fabric, vault) =>
    vault
      .items()
      .filter(isCloudItem)
      .find(({ place, target }) => [place.fabric, target.fabric].includes(fabric))?.name,
  protectableItems: (place, vault) =>
    cloudMachines(place, vault).map((machine) => protectableItem(machine, place, vault)),
};
