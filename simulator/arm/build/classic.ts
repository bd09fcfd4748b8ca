// Builds the classic resources: cloud services, machines, networks and storage accounts. No request
// can create classic resources. Only a failover adds a machine.

import { stableGuid } from '../guid.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource } from '../resource.ts';
import { nameOf, SUCCEEDED } from './common.ts';

export interface ClassicDisk {
  readonly name: string;
  readonly sizeInGb: number;
  /** The classic storage account of the disk's blob. */
  readonly accountId: string;
}

export interface ClassicMachineOptions {
  readonly id: string;
  readonly location: string;
  readonly serviceId: string;
  readonly size: string;
  readonly osType: string;
  /** The first disk holds the operating system. */
  readonly disks: readonly ClassicDisk[];
  readonly network?: { readonly id: string; readonly subnet: string; readonly address: string };
}

const reference = (id: string, type: string) => ({ name: nameOf(id), id, type });

const diskBody = ({ name, sizeInGb, accountId }: ClassicDisk) => ({
  diskName: name,
  caching: 'ReadWrite',
  ioType: 'Standard',
  diskSize: sizeInGb,
  ...(accountId !== '' && {
    vhdUri: `https://${nameOf(accountId)}.blob.core.windows.net/vhds/${name}.vhd`,
    storageAccount: reference(accountId, RESOURCE_TYPES.classicStorageAccount),
  }),
});

/** Builds a running classic machine. */
export function classicMachineResource({
  id,
  location,
  serviceId,
  size,
  osType,
  disks: [system, ...data],
  network,
}: ClassicMachineOptions): Resource {
  return {
    id,
    name: nameOf(id),
    type: RESOURCE_TYPES.classicVirtualMachine,
    location,
    properties: {
      provisioningState: 'Succeeded',
      domainName: reference(serviceId, RESOURCE_TYPES.classicCloudService),
      hardwareProfile: {
        deploymentName: nameOf(serviceId),
        deploymentId: stableGuid(id, 'deployment'),
        platformGuestAgent: true,
        size,
      },
      storageProfile: {
        operatingSystemDisk: {
          ...diskBody(system ?? { name: `${nameOf(id)}-os`, sizeInGb: 127, accountId: '' }),
          operatingSystem: osType,
        },
        dataDisks: data.map((disk, index) => ({ ...diskBody(disk), lun: index })),
      },
      ...(network && {
        networkProfile: {
          virtualNetwork: {
            ...reference(network.id, RESOURCE_TYPES.classicNetwork),
            subnetNames: [network.subnet],
          },
        },
      }),
      instanceView: {
        status: 'ReadyRole',
        powerState: 'Started',
        fullyQualifiedDomainName: `${nameOf(serviceId)}.cloudapp.net`,
        guestAgentStatus: { status: 'Ready' },
        ...(network && { privateIpAddress: network.address }),
      },
    },
  };
}

export const classicServiceResource = (id: string, location: string): Resource => ({
  id,
  name: nameOf(id),
  type: RESOURCE_TYPES.classicCloudService,
  location,
  properties: { ...SUCCEEDED, status: 'Created', label: nameOf(id), hostName: `${nameOf(id)}.cloudapp.net` },
});

export const classicNetworkResource = (
  id: string,
  location: string,
  prefix: string,
  subnets: readonly { readonly name: string; readonly prefix: string }[],
): Resource => ({
  id,
  name: nameOf(id),
  type: RESOURCE_TYPES.classicNetwork,
  location,
  properties: {
    ...SUCCEEDED,
    status: 'Created',
    inUse: true,
    addressSpace: { addressPrefixes: [prefix] },
    subnets: subnets.map((subnet) => ({ name: subnet.name, addressPrefix: subnet.prefix })),
  },
});

export const classicAccountResource = (id: string, location: string, accountType: string): Resource => ({
  id,
  name: nameOf(id),
  type: RESOURCE_TYPES.classicStorageAccount,
  location,
  properties: {
    ...SUCCEEDED,
    status: 'Created',
    endpoints: [`https://${nameOf(id)}.blob.core.windows.net/`],
    accountType,
    geoPrimaryRegion: location,
    statusOfPrimaryRegion: 'Available',
  },
});

const POWER_STATES: Readonly<Record<string, string>> = {
  stopped: 'Stopped',
  deallocated: 'StoppedDeallocated',
};

/** Returns the stored body with the current power state. */
export function classicMachineBody(machine: Resource): Resource {
  const powerState = POWER_STATES[String(machine.hidden?.['power'])];
  if (powerState === undefined) return machine;
  return {
    ...machine,
    properties: {
      ...machine.properties,
      instanceView: { ...(machine.properties['instanceView'] as object), status: powerState, powerState },
    },
  };
}
