// Builds machines, disks, availability sets and placement groups.

import { stableGuid } from '../guid.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource, Properties } from '../resource.ts';
import { nameOf, SUCCEEDED, type Tags } from './common.ts';

export interface DiskOptions {
  readonly id: string;
  readonly location: string;
  readonly zones?: readonly string[];
  readonly sizeInGb: number;
  /** The storage type of the disk, for example Premium_LRS. */
  readonly accountType: string;
  /** The operating system, only for an OS disk. */
  readonly osType?: string;
  readonly generation?: string;
  /** The machine with this disk. */
  readonly machineId?: string;
  readonly tags?: Tags;
}

/** Builds a managed disk. */
export function diskResource({
  id,
  location,
  zones,
  sizeInGb,
  accountType,
  osType,
  generation = 'V2',
  machineId,
  tags,
}: DiskOptions): Resource {
  return {
    id,
    name: nameOf(id),
    type: RESOURCE_TYPES.disk,
    location,
    ...(zones?.length && { zones }),
    ...(tags && { tags }),
    sku: { name: accountType, tier: accountType.startsWith('Premium') ? 'Premium' : 'Standard' },
    ...(machineId !== undefined && { managedBy: machineId }),
    properties: {
      ...(osType !== undefined && { osType, hyperVGeneration: generation }),
      creationData: { createOption: osType === undefined ? 'Empty' : 'FromImage' },
      diskSizeGB: sizeInGb,
      diskSizeBytes: sizeInGb * 2 ** 30,
      encryption: { type: 'EncryptionAtRestWithPlatformKey' },
      uniqueId: stableGuid(id, 'disk'),
      diskState: machineId === undefined ? 'Unattached' : 'Attached',
      networkAccessPolicy: 'AllowAll',
      publicNetworkAccess: 'Enabled',
      ...SUCCEEDED,
    },
  };
}

/** A disk of a machine. */
export interface MachineDisk {
  readonly name: string;
  readonly sizeInGb: number;
  /** The place of the disk: a managed disk, or a blob in a storage account. */
  readonly at: { readonly id: string; readonly accountType: string } | { readonly blobUri: string };
}

export type Power = 'running' | 'stopped' | 'deallocated';

export interface MachineOptions {
  readonly id: string;
  readonly location: string;
  readonly zones?: readonly string[];
  readonly size: string;
  readonly osType: 'Windows' | 'Linux';
  /** The first disk holds the operating system. */
  readonly disks: readonly MachineDisk[];
  /** The first interface is the primary one. */
  readonly nicIds: readonly string[];
  readonly availabilitySetId?: string;
  readonly proximityPlacementGroupId?: string;
  readonly tags?: Tags;
  readonly power?: Power;
  /** Whether Azure's agent in the guest answers. */
  readonly agentReady?: boolean;
  readonly generation?: string;
  /** The system as the agent in the guest names it. */
  readonly os?: { readonly name: string; readonly version: string };
  readonly image?: { readonly publisher: string; readonly offer: string; readonly sku: string };
}

const diskStorage = (disk: MachineDisk): Properties =>
  'blobUri' in disk.at
    ? { vhd: { uri: disk.at.blobUri } }
    : { managedDisk: { id: disk.at.id, storageAccountType: disk.at.accountType } };

function storageProfile(
  { osType, image }: Pick<MachineOptions, 'osType' | 'image'>,
  [system, ...data]: readonly MachineDisk[],
): Properties {
  return {
    ...(image && { imageReference: { ...image, version: 'latest' } }),
    ...(system && {
      osDisk: {
        osType,
        name: system.name,
        createOption: 'FromImage',
        caching: 'ReadWrite',
        ...diskStorage(system),
        deleteOption: 'Detach',
        diskSizeGB: system.sizeInGb,
      },
    }),
    dataDisks: data.map((disk, lun) => ({
      lun,
      name: disk.name,
      createOption: 'Attach',
      caching: 'None',
      writeAcceleratorEnabled: false,
      ...diskStorage(disk),
      deleteOption: 'Detach',
      diskSizeGB: disk.sizeInGb,
      toBeDetached: false,
    })),
  };
}

/** Builds a virtual machine. */
export function machineResource(parts: MachineOptions): Resource {
  const {
    id,
    location,
    zones,
    size,
    disks,
    nicIds,
    availabilitySetId,
    proximityPlacementGroupId,
    tags,
    power = 'running',
    agentReady = true,
    generation = 'V2',
    os,
  } = parts;
  return {
    id,
    name: nameOf(id),
    type: RESOURCE_TYPES.virtualMachine,
    location,
    ...(zones?.length && { zones }),
    ...(tags && { tags }),
    properties: {
      ...(proximityPlacementGroupId !== undefined && {
        proximityPlacementGroup: { id: proximityPlacementGroupId },
      }),
      ...(availabilitySetId !== undefined && { availabilitySet: { id: availabilitySetId } }),
      hardwareProfile: { vmSize: size },
      ...SUCCEEDED,
      vmId: stableGuid(id, 'machine'),
      storageProfile: storageProfile(parts, disks),
      osProfile: {
        computerName: nameOf(id).slice(0, 15),
        adminUsername: 'contoso',
        allowExtensionOperations: true,
      },
      networkProfile: {
        networkInterfaces: nicIds.map((nic, index) => ({ id: nic, properties: { primary: index === 0 } })),
      },
      diagnosticsProfile: { bootDiagnostics: { enabled: true } },
    },
    hidden: { power, agentReady, generation, ...(os && { os }) },
  };
}

export interface AvailabilitySetOptions {
  readonly id: string;
  readonly location: string;
  readonly faultDomains?: number;
  readonly updateDomains?: number;
  /** True for machines with managed disks. */
  readonly aligned?: boolean;
  readonly proximityPlacementGroupId?: string;
  readonly tags?: Tags;
}

/** Builds an availability set. The machines hold the references to their set. */
export const availabilitySetResource = (parts: AvailabilitySetOptions): Resource => ({
  id: parts.id,
  name: nameOf(parts.id),
  type: RESOURCE_TYPES.availabilitySet,
  location: parts.location,
  ...(parts.tags && { tags: parts.tags }),
  sku: { name: parts.aligned === false ? 'Classic' : 'Aligned' },
  properties: {
    platformUpdateDomainCount: parts.updateDomains ?? 5,
    platformFaultDomainCount: parts.faultDomains ?? 2,
    ...(parts.proximityPlacementGroupId !== undefined && {
      proximityPlacementGroup: { id: parts.proximityPlacementGroupId },
    }),
  },
});

export interface PlacementGroupOptions {
  readonly id: string;
  readonly location: string;
  readonly zones?: readonly string[];
  /** The number of machines that fit into the group. The default is no limit. */
  readonly room?: number;
  readonly tags?: Tags;
}

export const placementGroupResource = ({
  id,
  location,
  zones,
  room,
  tags,
}: PlacementGroupOptions): Resource => ({
  id,
  name: nameOf(id),
  type: RESOURCE_TYPES.proximityPlacementGroup,
  location,
  ...(zones?.length && { zones }),
  ...(tags && { tags }),
  properties: { proximityPlacementGroupType: 'Standard' },
  ...(room !== undefined && { hidden: { room } }),
});
