// Resources as Azure answers for them, made from the few things that differ from one to the next.

import { guidOf } from './guid.ts';
import { parseArmId, resourceId } from './ids.ts';
import { TYPES } from './types.ts';
import type { Properties, Resource } from './world.ts';

const etag = (id: string): string => `W/"${guidOf(id, 'etag')}"`;
const nameOf = (id: string): string => parseArmId(id)?.name ?? id;

export const SUCCEEDED = { provisioningState: 'Succeeded' } as const;

export interface DiskParts {
  readonly id: string;
  readonly location: string;
  readonly zones?: readonly string[];
  readonly sizeInGb: number;
  /** Premium_LRS and its like. */
  readonly accountType: string;
  /** Only for a disk with an operating system. */
  readonly osType?: string;
  readonly generation?: string;
  /** The machine that it is attached to. */
  readonly machineId?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export function diskResource({ id, location, zones, sizeInGb, accountType, osType, generation = 'V2', machineId, tags }: DiskParts): Resource {
  return {
    id,
    name: nameOf(id),
    type: TYPES.disk,
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
      uniqueId: guidOf(id, 'disk'),
      diskState: machineId === undefined ? 'Unattached' : 'Attached',
      networkAccessPolicy: 'AllowAll',
      publicNetworkAccess: 'Enabled',
      ...SUCCEEDED,
    },
  };
}

export interface NicParts {
  readonly id: string;
  readonly location: string;
  readonly subnetId: string;
  readonly privateAddress: string;
  readonly allocation?: 'Dynamic' | 'Static';
  readonly securityGroupId?: string;
  readonly publicAddressId?: string;
  readonly machineId?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export function nicResource({ id, location, subnetId, privateAddress, allocation = 'Dynamic', securityGroupId, publicAddressId, machineId, tags }: NicParts): Resource {
  return {
    id,
    name: nameOf(id),
    type: TYPES.networkInterface,
    location,
    ...(tags && { tags }),
    etag: etag(id),
    kind: 'Regular',
    properties: {
      ...SUCCEEDED,
      resourceGuid: guidOf(id, 'nic'),
      ipConfigurations: [{
        name: 'ipconfig1',
        id: `${id}/ipConfigurations/ipconfig1`,
        etag: etag(id),
        type: `${TYPES.networkInterface}/ipConfigurations`,
        properties: {
          ...SUCCEEDED,
          privateIPAddress: privateAddress,
          privateIPAllocationMethod: allocation,
          privateIPAddressVersion: 'IPv4',
          ...(publicAddressId !== undefined && { publicIPAddress: { id: publicAddressId } }),
          subnet: { id: subnetId },
          primary: true,
        },
      }],
      dnsSettings: { dnsServers: [], appliedDnsServers: [] },
      enableAcceleratedNetworking: false,
      enableIPForwarding: false,
      ...(securityGroupId !== undefined && { networkSecurityGroup: { id: securityGroupId } }),
      ...(machineId !== undefined && { primary: true, virtualMachine: { id: machineId } }),
      nicType: 'Standard',
    },
  };
}

export interface MachineDisk {
  readonly name: string;
  readonly sizeInGb: number;
  /** Where it lies: a managed disk, or a blob in a storage account. */
  readonly at: { readonly id: string; readonly accountType: string } | { readonly blobUri: string };
}

export type Power = 'running' | 'stopped' | 'deallocated';

export interface MachineParts {
  readonly id: string;
  readonly location: string;
  readonly zones?: readonly string[];
  readonly size: string;
  readonly osType: 'Windows' | 'Linux';
  /** The first holds the operating system. */
  readonly disks: readonly MachineDisk[];
  /** The first is the primary one. */
  readonly nicIds: readonly string[];
  readonly availabilitySetId?: string;
  readonly proximityPlacementGroupId?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly power?: Power;
}

const diskPlace = (disk: MachineDisk): Properties =>
  'blobUri' in disk.at ? { vhd: { uri: disk.at.blobUri } } : { managedDisk: { id: disk.at.id, storageAccountType: disk.at.accountType } };

function storageProfile(osType: string, [system, ...data]: readonly MachineDisk[]): Properties {
  return {
    ...(system && {
      osDisk: { osType, name: system.name, createOption: 'FromImage', caching: 'ReadWrite', ...diskPlace(system), deleteOption: 'Detach', diskSizeGB: system.sizeInGb },
    }),
    dataDisks: data.map((disk, lun) => ({
      lun, name: disk.name, createOption: 'Attach', caching: 'None', writeAcceleratorEnabled: false, ...diskPlace(disk), deleteOption: 'Detach', diskSizeGB: disk.sizeInGb, toBeDetached: false,
    })),
  };
}

export function machineResource(parts: MachineParts): Resource {
  const { id, location, zones, size, osType, disks, nicIds, availabilitySetId, proximityPlacementGroupId, tags, power = 'running' } = parts;
  return {
    id,
    name: nameOf(id),
    type: TYPES.virtualMachine,
    location,
    ...(zones?.length && { zones }),
    ...(tags && { tags }),
    properties: {
      ...(proximityPlacementGroupId !== undefined && { proximityPlacementGroup: { id: proximityPlacementGroupId } }),
      ...(availabilitySetId !== undefined && { availabilitySet: { id: availabilitySetId } }),
      hardwareProfile: { vmSize: size },
      ...SUCCEEDED,
      vmId: guidOf(id, 'machine'),
      storageProfile: storageProfile(osType, disks),
      osProfile: { computerName: nameOf(id).slice(0, 15), adminUsername: 'contoso', allowExtensionOperations: true },
      networkProfile: { networkInterfaces: nicIds.map((nic, index) => ({ id: nic, properties: { primary: index === 0 } })) },
      diagnosticsProfile: { bootDiagnostics: { enabled: true } },
    },
    hidden: { power },
  };
}

export interface SubnetParts {
  readonly name: string;
  readonly prefix: string;
  readonly securityGroupId?: string;
}

export function networkResource(id: string, location: string, prefixes: readonly string[], subnets: readonly SubnetParts[]): Resource {
  return {
    id,
    name: nameOf(id),
    type: TYPES.virtualNetwork,
    location,
    etag: etag(id),
    properties: {
      ...SUCCEEDED,
      resourceGuid: guidOf(id, 'network'),
      addressSpace: { addressPrefixes: prefixes },
      subnets: subnets.map((subnet) => subnetBody(id, subnet)),
      virtualNetworkPeerings: [],
      enableDdosProtection: false,
    },
  };
}

export const subnetBody = (networkId: string, { name, prefix, securityGroupId }: SubnetParts): Properties => ({
  name,
  id: `${networkId}/subnets/${name}`,
  etag: etag(`${networkId}/${name}`),
  type: `${TYPES.virtualNetwork}/subnets`,
  properties: {
    ...SUCCEEDED,
    addressPrefix: prefix,
    ...(securityGroupId !== undefined && { networkSecurityGroup: { id: securityGroupId } }),
    delegations: [],
    privateEndpointNetworkPolicies: 'Disabled',
    privateLinkServiceNetworkPolicies: 'Enabled',
  },
});

export function storageAccountResource(id: string, location: string, sku = 'Standard_LRS', kind = 'StorageV2'): Resource {
  const name = nameOf(id);
  return {
    id,
    name,
    type: TYPES.storageAccount,
    location,
    tags: {},
    sku: { name: sku, tier: sku.startsWith('Premium') ? 'Premium' : 'Standard' },
    kind,
    properties: {
      ...SUCCEEDED,
      accessTier: 'Hot',
      minimumTlsVersion: 'TLS1_2',
      allowBlobPublicAccess: false,
      supportsHttpsTrafficOnly: true,
      networkAcls: { bypass: 'AzureServices', virtualNetworkRules: [], ipRules: [], defaultAction: 'Allow' },
      primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` },
      primaryLocation: location,
      statusOfPrimary: 'available',
    },
  };
}

export const groupResource = (id: string, name: string, location: string, tags?: Readonly<Record<string, string>>): Resource =>
  ({ id, name, type: TYPES.resourceGroup, location, ...(tags && { tags }), properties: SUCCEEDED });

export const plainResource = (group: string, type: string, name: string, location: string, properties: Properties, more: Partial<Resource> = {}): Resource =>
  ({ id: resourceId(group, type, name), name, type, location, ...more, properties });
