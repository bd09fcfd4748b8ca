// Describes the machine of a failover and of a test failover for the shared creation of machines, and
// the disks that receive the changes.

import { diskResource } from '../../../arm/build/machines.ts';
import { resourceId } from '../../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import type { AzureWorld } from '../../../arm/world.ts';
import type { JobError, JobRecord } from '../../records.ts';
import { lastSegment, type Vault } from '../../vault.ts';
import {
  createRecoveredMachine,
  removeResources,
  type RecoveredVm,
  type WantedDisk,
  type WantedNic,
} from '../common/recovered-machine.ts';
import {
  HYPER_V,
  type HyperVItem,
  type HyperVSettings,
  type ReplicatedDisk,
  type ReplicatedNic,
} from './details.ts';

const NOT_SELECTED = 'NotSelected';

/** The name that the service gives to a disk in Azure. */
export const targetDiskName = (machineName: string, disk: ReplicatedDisk): string =>
  disk.targetName ?? `${machineName}-${disk.name}`;

export const targetNicName = (machineName: string, nic: ReplicatedNic, index: number): string =>
  nic.targetName ?? `${machineName}-nic-${index}`;

function wantedDisk(disk: ReplicatedDisk, name: string, settings: HyperVSettings): WantedDisk {
  const account = lastSegment(settings.storageAccountId);
  return {
    name,
    sizeInGb: disk.sizeInGb,
    isSystem: disk.isSystem,
    at: settings.usesManagedDisks
      ? {
          id: resourceId(settings.resourceGroupId, RESOURCE_TYPES.disk, name),
          accountType: disk.accountType,
        }
      : { blobUri: `https://${account}.blob.core.windows.net/vhds/${name}.vhd` },
  };
}

const wantedNic = (
  nic: ReplicatedNic,
  name: string,
  { resourceGroupId }: HyperVSettings,
  isTest: boolean,
): WantedNic => ({
  id: resourceId(resourceGroupId, RESOURCE_TYPES.networkInterface, name),
  subnetName: (isTest ? nic.testSubnetName : null) ?? nic.recoverySubnetName,
  fixedAddress: (isTest ? nic.testAddress : nic.recoveryAddress) ?? '',
  likeAddress: nic.address,
  securityGroupId: (isTest ? nic.testSecurityGroupId : nic.recoverySecurityGroupId) ?? undefined,
  publicAddressId: isTest ? undefined : (nic.recoveryPublicAddressId ?? undefined),
});

export function createRecoveredVm(
  item: HyperVItem,
  vault: Vault,
  job: JobRecord,
  purpose: { readonly isTest: boolean; readonly networkId: string | null },
): RecoveredVm | { readonly error: JobError } {
  const { settings, region, osType, generation, disks, nics } = item.details;
  const { isTest } = purpose;
  const name = isTest ? `${settings.machineName}-test` : settings.machineName;
  // The disk of the operating system comes first.
  const ordered = disks.toSorted((left, right) => Number(right.isSystem) - Number(left.isSystem));
  return createRecoveredMachine(
    {
      ...settings,
      ...purpose,
      instanceType: HYPER_V,
      owner: item.key,
      name,
      region,
      osType,
      generation,
      disks: ordered.map((disk) => wantedDisk(disk, targetDiskName(name, disk), settings)),
      nics: nics
        .filter(({ selection }) => selection !== NOT_SELECTED)
        .map((nic, index) => wantedNic(nic, targetNicName(name, nic, index), settings, isTest)),
      mayReplace: (machine) => machine.hidden?.['replicaOf'] === item.key,
    },
    vault,
    job,
  );
}

/** The disk that receives the changes, where the machine replicates straight to managed disks. */
export const seedDiskId = ({ key, details }: HyperVItem, disk: ReplicatedDisk): string =>
  resourceId(
    details.settings.resourceGroupId,
    RESOURCE_TYPES.disk,
    `asrseeddisk-${details.name}-${disk.name}-${key.slice(0, 8)}`,
  );

/** Creates only the missing disks, so that a repetition changes nothing. */
export function createSeedDisks(item: HyperVItem, azure: AzureWorld): void {
  if (!item.details.settings.replicatesToDisks) return;
  azure.transaction(() => {
    for (const disk of item.details.disks) {
      const id = seedDiskId(item, disk);
      if (azure.get(id)) continue;
      const seed = diskResource({
        id,
        location: item.details.region,
        sizeInGb: disk.sizeInGb,
        accountType: disk.accountType,
      });
      azure.put({
        ...seed,
        properties: { ...seed.properties, diskState: 'ActiveSAS' },
        hidden: { replicaOf: item.key },
      });
    }
  });
}

export const removeSeedDisks = (item: HyperVItem, azure: AzureWorld): void =>
  removeResources(
    azure,
    item.details.disks
      .map((disk) => seedDiskId(item, disk))
      .filter((id) => azure.get(id)?.hidden?.['replicaOf'] === item.key),
  );

/** The machine's id in Azure, if no other machine has its name. */
export const targetMachineId = ({ resourceGroupId, machineName }: HyperVSettings): string =>
  resourceId(resourceGroupId, RESOURCE_TYPES.virtualMachine, machineName);
