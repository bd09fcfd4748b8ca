// Reads an Azure virtual machine for Site Recovery: its disks, its network interfaces and its power
// state.

import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import type { AzureWorld } from '../../../arm/world.ts';
import { lastSegment } from '../../vault.ts';
import { toClassicSourceMachine } from './classic.ts';
import type { SourceDisk, SourceMachine, SourceNic } from './source.ts';

interface DiskProfile {
  readonly name: string;
  readonly osType?: 'Windows' | 'Linux';
  readonly diskSizeGB?: number;
  readonly managedDisk?: { readonly id: string; readonly storageAccountType?: string };
  readonly vhd?: { readonly uri: string };
}

interface MachineProperties {
  readonly hardwareProfile: { readonly vmSize: string };
  readonly storageProfile: { readonly osDisk: DiskProfile; readonly dataDisks?: readonly DiskProfile[] };
  readonly networkProfile: {
    readonly networkInterfaces: readonly {
      readonly id: string;
      readonly properties?: { readonly primary?: boolean };
    }[];
  };
  readonly availabilitySet?: { readonly id: string };
  readonly proximityPlacementGroup?: { readonly id: string };
}

interface NicProperties {
  readonly ipConfigurations: readonly {
    readonly name: string;
    readonly properties: {
      readonly privateIPAddress?: string;
      readonly primary?: boolean;
      readonly subnet?: { readonly id: string };
    };
  }[];
}

export const networkIdOf = (subnetId: string): string => subnetId.replace(/\/subnets\/[^/]+$/i, '');

function toSourceDisk(azure: AzureWorld, profile: DiskProfile, isSystem: boolean): SourceDisk {
  const { managedDisk, vhd, name } = profile;
  const disk = managedDisk && azure.get(managedDisk.id);
  return {
    id: disk?.id ?? managedDisk?.id ?? vhd?.uri ?? name,
    managed: managedDisk !== undefined,
    name,
    sizeInGb: (disk?.properties['diskSizeGB'] as number | undefined) ?? profile.diskSizeGB ?? 32,
    accountType:
      (disk?.sku?.['name'] as string | undefined) ?? managedDisk?.storageAccountType ?? 'Standard_LRS',
    isSystem,
  };
}

function toSourceNic(azure: AzureWorld, id: string): SourceNic {
  const nic = azure.get(id);
  const { ipConfigurations = [] } = (nic?.properties ?? {}) as Partial<NicProperties>;
  const subnets = ipConfigurations.map(({ properties }) => properties.subnet?.id ?? '');
  return {
    id: nic?.id ?? id,
    networkId: networkIdOf(subnets[0] ?? ''),
    addresses: ipConfigurations.map(({ name, properties }, index) => ({
      name,
      isPrimary: properties.primary ?? index === 0,
      subnetName: lastSegment(subnets[index] ?? ''),
      privateAddress: properties.privateIPAddress ?? '',
    })),
  };
}

export function findSourceMachine(azure: AzureWorld, id: string): SourceMachine | undefined {
  const resource = azure.get(id);
  if (resource?.type === RESOURCE_TYPES.classicVirtualMachine) return toClassicSourceMachine(resource);
  if (resource?.type.toLowerCase() !== 'microsoft.compute/virtualmachines') return undefined;
  const { hardwareProfile, storageProfile, networkProfile, availabilitySet } =
    resource.properties as unknown as MachineProperties;
  const system = toSourceDisk(azure, storageProfile.osDisk, true);
  return {
    resource,
    size: hardwareProfile.vmSize,
    osType: storageProfile.osDisk.osType ?? 'Linux',
    generation: (azure.get(system.id)?.properties['hyperVGeneration'] as string | undefined) ?? 'V1',
    disks: [
      system,
      ...(storageProfile.dataDisks ?? []).map((profile) => toSourceDisk(azure, profile, false)),
    ],
    nics: networkProfile.networkInterfaces
      .toSorted((a, b) => Number(b.properties?.primary ?? false) - Number(a.properties?.primary ?? false))
      .map(({ id: nic }) => toSourceNic(azure, nic)),
    availabilitySetId: availabilitySet?.id,
    cloudServiceId: null,
  };
}
