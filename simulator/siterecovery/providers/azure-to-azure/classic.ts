// Machines of the classic deployment model. Site Recovery reads them like other machines and
// recovers them as classic machines, in a cloud service. No recording shows such a machine.

import { classicMachineResource } from '../../../arm/build/classic.ts';
import { resourceId } from '../../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import type { AzureWorld } from '../../../arm/world.ts';
import type { Resource } from '../../../arm/resource.ts';
import { providerRefuses } from '../../errors.ts';
import type { JobError } from '../../records.ts';
import { lastSegment } from '../../vault.ts';
import type { AzureToAzureInput, RecoverySettings, AzureToAzureItem } from './details.ts';
import { matchingAddress, findSubnet } from '../common/subnets.ts';
import type { SourceMachine, SourceDisk } from './source.ts';

interface ClassicDiskProperties {
  readonly diskName: string;
  readonly diskSize?: number;
  readonly vhdUri?: string;
}
interface ClassicMachineProperties {
  readonly domainName: { readonly id: string };
  readonly hardwareProfile: { readonly size: string };
  readonly storageProfile: {
    readonly operatingSystemDisk: ClassicDiskProperties & { readonly operatingSystem: 'Windows' | 'Linux' };
    readonly dataDisks?: readonly ClassicDiskProperties[];
  };
  readonly networkProfile?: {
    readonly virtualNetwork: { readonly id: string; readonly subnetNames: readonly string[] };
  };
  readonly instanceView?: { readonly privateIpAddress?: string };
}

const toSourceDisk = (
  { diskName, diskSize = 127, vhdUri }: ClassicDiskProperties,
  isSystem: boolean,
): SourceDisk => ({
  id: vhdUri ?? diskName,
  managed: false,
  name: diskName,
  sizeInGb: diskSize,
  accountType: 'Standard_LRS',
  isSystem,
});

export function toClassicSourceMachine(resource: Resource): SourceMachine {
  const { domainName, hardwareProfile, storageProfile, networkProfile, instanceView } =
    resource.properties as unknown as ClassicMachineProperties;
  const network = networkProfile?.virtualNetwork;
  const { operatingSystemDisk: system, dataDisks = [] } = storageProfile;
  return {
    resource,
    size: hardwareProfile.size,
    osType: system.operatingSystem,
    generation: 'V1',
    disks: [toSourceDisk(system, true), ...dataDisks.map((disk) => toSourceDisk(disk, false))],
    nics: network
      ? [
          {
            id: `${resource.id}/networkInterfaces/primary`,
            networkId: network.id,
            addresses: [
              {
                name: 'primary',
                isPrimary: true,
                subnetName: network.subnetNames[0] ?? '',
                privateAddress: instanceView?.privateIpAddress ?? '',
              },
            ],
          },
        ]
      : [],
    availabilitySetId: undefined,
    cloudServiceId: domainName.id,
  };
}

export const recoveredMachineId = (
  { cloudServiceId, resourceGroupId }: RecoverySettings,
  name: string,
): string =>
  resourceId(
    resourceGroupId,
    cloudServiceId ? RESOURCE_TYPES.classicVirtualMachine : RESOURCE_TYPES.virtualMachine,
    name,
  );

/**
 * Copies the blobs into the account that each disk names. The machine's only interface is no
 * resource.
 */
export function recoveredClassicMachine(
  item: AzureToAzureItem,
  azure: AzureWorld,
  wanted: {
    readonly id: string;
    readonly region: string;
    readonly networkId: string;
    readonly isTest: boolean;
  },
): Resource {
  const { disks, nics, osType, settings } = item.details;
  const address = nics[0]?.addresses[0];
  const subnet = findSubnet(azure, wanted.networkId, address?.recoverySubnetName ?? '');
  return classicMachineResource({
    id: wanted.id,
    location: wanted.region,
    serviceId: settings.cloudServiceId ?? '',
    size: settings.size,
    osType,
    disks: disks.map((disk) => ({
      name: wanted.isTest ? disk.testName : disk.failoverName,
      sizeInGb: disk.sizeInGb,
      accountId: disk.recoveryPlaceId,
    })),
    ...(subnet && {
      network: {
        id: wanted.networkId,
        subnet: subnet.name,
        address: matchingAddress(subnet.prefix, address?.privateAddress ?? '10.0.0.4', wanted.isTest),
      },
    }),
  });
}

const isClassic = (id: string): boolean => /\/providers\/Microsoft\.Classic/i.test(id);
const a2aError = (causes: string, action: string): JobError => providerRefuses('A2A', causes, action);

/**
 * A machine is recovered under its own deployment model, so the target settings must fit that
 * model.
 */
export function deploymentModelError(
  machine: SourceMachine,
  { settings, disks }: AzureToAzureInput,
): JobError | undefined {
  const classic = machine.cloudServiceId !== null;
  const { cloudServiceId, networkId, availabilitySetId, placementGroupId, zone } = settings ?? {};
  if (!classic && cloudServiceId)
    return a2aError(
      'A machine of Resource Manager cannot run in a cloud service.',
      'Leave the cloud service out.',
    );
  if (classic && !cloudServiceId)
    return a2aError(
      'A machine of the classic deployment model needs a cloud service, and the request names none.',
      'Name the recovery cloud service.',
    );
  if (classic && (availabilitySetId || placementGroupId || zone))
    return a2aError(
      'A machine of the classic deployment model cannot be in a set of Resource Manager, a ' +
        'placement group or a zone.',
      'Leave them out.',
    );
  const places = [
    ...(networkId ? [networkId] : []),
    ...(disks ?? []).filter(({ managed }) => !managed).map(({ recoveryPlaceId }) => recoveryPlaceId),
  ];
  const other = places.find((id) => isClassic(id) !== classic);
  return other === undefined
    ? undefined
    : a2aError(
        `'${lastSegment(other)}' is of another deployment model than the machine.`,
        `Name one of ${classic ? 'the classic model' : 'Resource Manager'}.`,
      );
}
