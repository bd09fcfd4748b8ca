// Describes the machine of a failover and of a test failover for the shared creation of machines.

import { resourceId } from '../../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import type { JobError, JobRecord } from '../../records.ts';
import {
  createRecoveredMachine,
  type RecoveredVm,
  type WantedDisk,
  type WantedNic,
} from '../common/recovered-machine.ts';
import { lastSegment, type Vault } from '../../vault.ts';
import { recoveredClassicMachine, recoveredMachineId } from './classic.ts';
import { otherSide, type AzureToAzureItem, type ProtectedDisk, type ProtectedNic } from './details.ts';

interface RecoveryPurpose {
  readonly isTest: boolean;
  readonly networkId: string | null;
}

function wantedDisk(disk: ProtectedDisk, isTest: boolean): WantedDisk {
  const name = isTest ? disk.testName : disk.failoverName;
  const blobUri = `https://${lastSegment(disk.recoveryPlaceId)}.blob.core.windows.net/vhds/${name}.vhd`;
  return {
    name,
    sizeInGb: disk.sizeInGb,
    isSystem: disk.isSystem,
    at: disk.managed
      ? {
          id: resourceId(disk.recoveryPlaceId, RESOURCE_TYPES.disk, name),
          accountType: disk.targetAccountType,
        }
      : { blobUri },
  };
}

function wantedNic(nic: ProtectedNic, groupId: string, isTest: boolean): WantedNic {
  const [address] = nic.addresses;
  const subnet = (isTest ? address?.testSubnetName : address?.recoverySubnetName) ?? '';
  const chosenName = isTest ? nic.testName : (nic.targetName ?? nic.recoveryName);
  const name = chosenName ?? (isTest ? `${lastSegment(nic.id)}-test` : lastSegment(nic.id));
  const publicAddressId = isTest ? address?.testPublicAddressId : address?.recoveryPublicAddressId;
  return {
    id: resourceId(groupId, RESOURCE_TYPES.networkInterface, name),
    subnetName: subnet === '' ? (address?.subnetName ?? '') : subnet,
    fixedAddress: (isTest ? address?.testAddress : address?.recoveryAddress) ?? '',
    likeAddress: address?.privateAddress ?? '10.0.0.4',
    securityGroupId: (isTest ? nic.testSecurityGroupId : nic.recoverySecurityGroupId) ?? undefined,
    publicAddressId: publicAddressId ? publicAddressId : undefined,
  };
}

export function createRecoveredVm(
  item: AzureToAzureItem,
  vault: Vault,
  job: JobRecord,
  purpose: RecoveryPurpose,
): RecoveredVm | { readonly error: JobError } {
  const { settings, regions, primary, machines, disks, nics, osType, generation, turns } = item.details;
  const { isTest, networkId } = purpose;
  const region = regions[otherSide(primary)];
  return createRecoveredMachine(
    {
      ...settings,
      ...purpose,
      instanceType: 'A2A',
      owner: item.key,
      name: isTest ? settings.testMachineName : settings.machineName,
      region,
      osType,
      generation,
      tags: vault.azure.get(machines[primary])?.tags,
      disks: disks.map((disk) => wantedDisk(disk, isTest)),
      nics: nics.map((nic) => wantedNic(nic, settings.resourceGroupId, isTest)),
      // A failover of this item created the machine, or the item has run there before.
      mayReplace: (machine) => machine.hidden?.['replicaOf'] === item.key || turns > 0,
      classic: settings.cloudServiceId
        ? {
            idOf: (name) => recoveredMachineId(settings, name),
            build: (id) =>
              recoveredClassicMachine(item, vault.azure, {
                id,
                region,
                networkId: networkId ?? '',
                isTest,
              }),
          }
        : undefined,
    },
    vault,
    job,
  );
}
