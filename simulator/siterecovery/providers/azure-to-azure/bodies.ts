// Prints the disks and network interfaces of a protected item as the API does. The API's spelling
// mistakes are part of the contract.

import { resourceId } from '../../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import type { Vault } from '../../vault.ts';
import type {
  AzureToAzureDetails,
  NicAddress,
  ProtectedDisk,
  ProtectedNic,
  AzureToAzureItem,
} from './details.ts';
import { findSubnet } from '../common/subnets.ts';
import { replicaDiskId } from './replicas.ts';

/** The progress of the first copy. */
export interface CopyProgress {
  readonly now: number;
  readonly isCopying: boolean;
  /**
   * True while the service still enables replication: neither the agent nor the disks have
   * reported.
   */
  readonly isEnabling: boolean;
  readonly percent: number | null;
}

/** How long the copy of a later added disk takes. */
export const ADDED_DISK_COPY_MS = 10 * 60_000;

export function copyProgress(item: AzureToAzureItem, now: number): CopyProgress {
  const copying = item.state === 'copying';
  const ends = item.stateEndsAt;
  return {
    now,
    isCopying: copying,
    isEnabling: item.state === 'preparing' || (copying && ends === null),
    percent:
      copying && ends !== null
        ? Math.max(
            0,
            Math.min(99, Math.floor((100 * (now - item.stateSince)) / Math.max(1, ends - item.stateSince))),
          )
        : null,
  };
}

function diskProgress(
  disk: ProtectedDisk,
  { protectedSince }: AzureToAzureDetails,
  { now, isCopying, isEnabling, percent }: CopyProgress,
) {
  const left = protectedSince === null || disk.protectedSince === null ? 0 : disk.protectedSince - now;
  const added = left > 0;
  const state = protectedSince !== null && !added ? 'Protected' : 'InitialReplicationPending';
  return {
    diskState: isEnabling ? 'Unavailable' : state,
    monitoringJobType: isCopying || added ? 'InitialReplication' : null,
    monitoringPercentageCompletion: added
      ? Math.max(0, Math.min(99, Math.floor(100 - (100 * left) / ADDED_DISK_COPY_MS)))
      : percent,
  };
}

function commonDiskFields(disk: ProtectedDisk, details: AzureToAzureDetails, progress: CopyProgress) {
  return {
    diskName: disk.name,
    diskCapacityInBytes: disk.sizeInGb * 2 ** 30,
    primaryStagingAzureStorageAccountId: disk.stagingAccountId,
    diskType: disk.isSystem ? 'OperatingSystem' : 'Data',
    resyncRequired: false,
    ...diskProgress(disk, details, progress),
    dataPendingInStagingStorageAccountInMB: 0,
    dataPendingAtSourceAgentInMB: 0,
    allowedDiskLevelOperation: [],
    isDiskEncrypted: false,
    secretIdentifier: null,
    dekKeyVaultArmId: null,
    isDiskKeyEncrypted: false,
    keyIdentifier: null,
    kekKeyVaultArmId: null,
    failoverDiskName: disk.failoverName,
    tfoDiskName: disk.testName,
  };
}

export const recoveryDiskId = ({ recoveryPlaceId, failoverName }: ProtectedDisk): string =>
  resourceId(recoveryPlaceId, RESOURCE_TYPES.disk, failoverName);

/**
 * After a failover the recovered disks exist. They have the source disks' names, in the target's
 * resource group.
 */
export function managedDiskBodies({ details }: AzureToAzureItem, progress: CopyProgress) {
  return details.disks
    .filter(({ managed }) => managed)
    .map((disk) => ({
      diskId: disk.id.toLowerCase(),
      recoveryResourceGroupId: disk.recoveryPlaceId,
      recoveryTargetDiskId: details.failedOverAt === null ? null : recoveryDiskId(disk).toLowerCase(),
      recoveryReplicaDiskId: replicaDiskId(disk),
      recoveryOrignalTargetDiskId: details.protectedSince === null ? disk.originalTargetId.toLowerCase() : '',
      recoveryReplicaDiskAccountType: disk.replicaAccountType,
      recoveryTargetDiskAccountType: disk.targetAccountType,
      recoveryDiskEncryptionSetId: disk.encryptionSetId,
      primaryDiskEncryptionSetId: null,
      ...commonDiskFields(disk, details, progress),
    }));
}

/** Null when all disks are managed. */
export function unmanagedDiskBodies({ details }: AzureToAzureItem, progress: CopyProgress) {
  const disks = details.disks.filter(({ managed }) => !managed);
  if (disks.length === 0) return null;
  return disks.map((disk) => ({
    diskUri: disk.id,
    recoveryAzureStorageAccountId: disk.recoveryPlaceId,
    primaryDiskAzureStorageAccountId: null,
    recoveryDiskUri: null,
    ...commonDiskFields(disk, details, progress),
  }));
}

function addressBody(address: NicAddress, networkId: string | null, vault: Vault) {
  const subnet =
    networkId === null ? undefined : findSubnet(vault.azure, networkId, address.recoverySubnetName);
  return {
    name: address.name,
    isPrimary: address.isPrimary,
    subnetName: address.subnetName,
    staticIPAddress: address.privateAddress,
    ipAddressType: 'Dynamic',
    isSeletedForFailover: true,
    recoverySubnetName: subnet?.name ?? address.recoverySubnetName,
    recoveryStaticIPAddress: address.recoveryAddress,
    recoveryIPAddressType: address.recoveryAddress === '' ? 'Dynamic' : 'Static',
    recoveryPublicIPAddressId: address.recoveryPublicAddressId,
    recoveryLBBackendAddressPoolIds: address.recoveryPoolIds,
    tfoSubnetName: address.testSubnetName,
    tfoStaticIPAddress: address.testAddress,
    tfoPublicIPAddressId: address.testPublicAddressId,
    tfoLBBackendAddressPoolIds: address.testPoolIds,
  };
}

export function nicBodies({ details }: AzureToAzureItem, vault: Vault, { isEnabling }: CopyProgress) {
  if (isEnabling) return [];
  const { networkId, testNetworkId } = details.settings;
  return details.nics.map((nic: ProtectedNic) => ({
    nicId: nic.id,
    replicaNicId: null,
    sourceNicArmId: nic.id,
    vMNetworkName: nic.networkName,
    recoveryVMNetworkId: networkId ?? '',
    ipConfigs: nic.addresses.map((address) => addressBody(address, networkId, vault)),
    selectionType: nic.selection,
    recoveryNetworkSecurityGroupId: nic.recoverySecurityGroupId,
    enableAcceleratedNetworkingOnRecovery: nic.recoveryAcceleration,
    tfoVMNetworkId: testNetworkId,
    tfoNetworkSecurityGroupId: nic.testSecurityGroupId,
    enableAcceleratedNetworkingOnTfo: nic.testAcceleration,
    recoveryNicName: nic.recoveryName,
    recoveryNicResourceGroupName: nic.recoveryGroupName,
    reuseExistingNic: nic.reuse,
    tfoRecoveryNicName: nic.testName,
    tfoRecoveryNicResourceGroupName: nic.testGroupName,
    tfoReuseExistingNic: nic.testReuse,
    targetNicName: nic.targetName,
  }));
}
