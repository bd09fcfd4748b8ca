// Prints the details of items of a configuration server: InMageAzureV2 to Azure, InMage home. The
// shapes come from the SDK's types.

import { guidOf, formatTime } from '../../ids.ts';
import { lastSegment, type Vault } from '../../vault.ts';
import { goesHome, type VmwareDisk, type VmwareItem, type VmwareNic } from './details.ts';
import { seedDiskId, targetDiskId } from './azure-disks.ts';
import { homeMachine, replicationServer, vCenterOf } from './estate.ts';
import { copiedPercent, isEnabling, lastContact, replicationLag } from './progress.ts';
import { policyOf } from './policies.ts';
import { recoveryPoints } from './recovery-points.ts';
import { AGENT_VERSION } from './versions.ts';

const GIB = 2 ** 30;

function protectedDisk(item: VmwareItem, disk: VmwareDisk, vault: Vault, now: number) {
  const lag = replicationLag(item, vault, now);
  const percent = copiedPercent(item, now);
  return {
    diskId: disk.id,
    diskName: disk.name,
    protectionStage: item.details.protectedSince === null ? 'ReSyncing' : 'Differential Sync',
    healthErrorCode: '',
    rpoInSeconds: lag?.seconds ?? null,
    resyncRequired: 'False',
    resyncProgressPercentage: percent,
    resyncDurationInSeconds: 0,
    diskCapacityInBytes: disk.sizeInGb * GIB,
    fileSystemCapacityInBytes: disk.sizeInGb * GIB,
    [goesHome(item) ? 'sourceDataInMB' : 'sourceDataInMegaBytes']: 0,
    [goesHome(item) ? 'psDataInMB' : 'psDataInMegaBytes']: 0,
    [goesHome(item) ? 'targetDataInMB' : 'targetDataInMegaBytes']: 0,
    diskResized: 'NotResized',
    lastRpoCalculatedTime: lag ? formatTime(lag.at) : null,
    progressHealth: percent === null ? 'None' : 'Normal',
    progressStatus: percent === null ? 'None' : 'InProgress',
  };
}

const nicBody = (nic: VmwareNic, networkId: string | null) => ({
  nicId: nic.macAddress,
  replicaNicId: '',
  sourceNicArmId: '',
  vMNetworkName: nic.sourceNetwork,
  recoveryVMNetworkId: networkId ?? '',
  ipConfigs: [
    {
      name: '',
      isPrimary: true,
      subnetName: '',
      staticIPAddress: nic.sourceAddress,
      ipAddressType: 'Dynamic',
      isSeletedForFailover: nic.isSelected,
      recoverySubnetName: nic.targetSubnetName,
      recoveryStaticIPAddress: nic.targetAddress,
      recoveryIPAddressType: nic.targetAddress === '' ? 'Dynamic' : 'Static',
      tfoSubnetName: nic.testSubnetName,
      tfoStaticIPAddress: nic.testAddress,
    },
  ],
  selectionType: nic.isSelected ? (nic.isPrimary ? 'SelectedByDefault' : 'SelectedByUser') : 'NotSelected',
});

function sourceFields(item: VmwareItem, vault: Vault, now: number) {
  const { details } = item;
  const machine = homeMachine(item, vault);
  const vCenter = machine && vCenterOf(vault, machine.site);
  const isProtected = details.protectedSince !== null;
  const lag = replicationLag(item, vault, now);
  return {
    infrastructureVmId: guidOf(details.machines.home, 'infrastructure'),
    vCenterInfrastructureId: vCenter?.id ?? '',
    protectionStage: isProtected ? 'Differential Sync' : 'ReSyncing',
    vmId: guidOf(item.key, 'target', details.turns),
    vmProtectionState: isProtected ? 'Protected' : 'UnprotectedStatesBegin',
    vmProtectionStateDescription: isProtected ? 'Protected' : 'Enabling protection',
    rpoInSeconds: lag?.seconds ?? null,
    lastRpoCalculatedTime: lag ? formatTime(lag.at) : null,
    compressedDataRateInMB: 0,
    uncompressedDataRateInMB: 0,
    ipAddress: details.nics[0]?.sourceAddress ?? '',
    lastHeartbeat: formatTime(lastContact(item, vault, now)),
    sourceVmCpuCount: machine?.cpus ?? 0,
    sourceVmRamSizeInMB: machine?.memoryInMb ?? 0,
    processServerId: details.serverId,
    multiVmGroupId: details.group?.id ?? '',
    multiVmGroupName: details.group?.name ?? '',
    multiVmSyncStatus: policyOf(vault.policy(item.policy)).shared ? 'Enabled' : 'Disabled',
    protectedDisks: isEnabling(item)
      ? []
      : details.disks.map((disk) => protectedDisk(item, disk, vault, now)),
    diskResized: 'NotResized',
    vmNics: isEnabling(item) ? [] : details.nics.map((nic) => nicBody(nic, details.settings.networkId)),
    discoveryType: 'vCenter',
    datastores: [...new Set(machine?.disks.map(({ datastore }) => datastore ?? 'datastore1'))],
    validationErrors: [],
    lastUpdateReceivedTime: formatTime(now),
    replicaId: guidOf(item.key, 'replica', details.turns),
    osVersion: '',
    isAdditionalStatsAvailable: false,
  };
}

function recoveryFields(item: VmwareItem, vault: Vault, now: number) {
  const { details, place } = item;
  const { settings, disks } = details;
  const machine = homeMachine(item, vault);
  const point = recoveryPoints(item, vault, now).at(-1);
  return {
    resyncProgressPercentage: copiedPercent(item, now),
    agentVersion: isEnabling(item) ? '' : AGENT_VERSION,
    isAgentUpdateRequired: 'False',
    isRebootAfterUpdateRequired: 'False',
    processServerName: replicationServer(vault, place.fabric, details.serverId)?.name ?? '',
    masterTargetId: details.serverId,
    osType: machine?.osType ?? 'Windows',
    vhdName: disks.find(({ isSystem }) => isSystem)?.name ?? '',
    osDiskId: disks.find(({ isSystem }) => isSystem)?.id ?? '',
    azureVMDiskDetails: disks.map((disk) => ({
      vhdType: disk.isSystem ? 'OperatingSystem' : 'DataDisk',
      vhdId: disk.id,
      diskId: disk.id,
      vhdName: disk.name,
      maxSizeMB: String(disk.sizeInGb * 1024),
      targetDiskName: lastSegment(targetDiskId(item, disk)),
    })),
    recoveryAzureVMName: settings.machineName,
    recoveryAzureVMSize: settings.size,
    recoveryAzureStorageAccount: settings.storageAccountId ?? '',
    recoveryAzureLogStorageAccountId: disks[0]?.logAccountId ?? '',
    selectedRecoveryAzureNetworkId: settings.networkId ?? '',
    selectedTfoAzureNetworkId: settings.testNetworkId ?? '',
    selectedSourceNicId: details.nics.find(({ isPrimary }) => isPrimary)?.macAddress ?? '',
    enableRdpOnTargetOption: 'Never',
    targetVmId: details.failedOverAt === null ? '' : details.machines.away,
    recoveryAzureResourceGroupId: settings.resourceGroupId,
    recoveryAvailabilitySetId: settings.availabilitySetId ?? '',
    targetAvailabilityZone: settings.zone ?? '',
    targetProximityPlacementGroupId: settings.placementGroupId ?? '',
    useManagedDisks: settings.storageAccountId === null ? 'True' : 'False',
    licenseType: settings.licenseType,
    sqlServerLicenseType: 'NotSpecified',
    protectedManagedDisks: disks.map((disk) => ({
      diskId: disk.id,
      seedManagedDiskId: seedDiskId(item, disk),
      replicaDiskType: disk.diskType,
      diskEncryptionSetId: disk.encryptionSetId,
      targetDiskName: lastSegment(targetDiskId(item, disk)),
    })),
    lastRecoveryPointReceived: point ? formatTime(point.time) : null,
    firmwareType: machine?.generation === 'V2' ? 'UEFI' : 'BIOS',
    azureVmGeneration: machine?.generation ?? 'V1',
    switchProviderBlockingErrorDetails: [],
  };
}

function homeFields({ details }: VmwareItem, vault: Vault, item: VmwareItem, now: number) {
  return {
    activeSiteType: details.failedOverAt === null ? 'Recovery' : 'Primary',
    osDetails: { osType: homeMachine(item, vault)?.osType ?? 'Windows', productType: '', osEdition: '' },
    resyncDetails: {
      initialReplicationType: '',
      initialReplicationProgressPercentage: String(copiedPercent(item, now) ?? ''),
    },
    masterTargetId: details.wayHome?.agentId ?? '',
    consistencyPoints: {},
    rebootAfterUpdateStatus: 'NotRequired',
    agentDetails: { agentVersion: AGENT_VERSION, agentUpdateStatus: 'NotRequired' },
    azureStorageAccountId: details.settings.storageAccountId ?? '',
  };
}

export function classicDetails(item: VmwareItem, vault: Vault, now: number): Record<string, unknown> {
  return {
    instanceType: item.details.instanceType,
    ...sourceFields(item, vault, now),
    ...(goesHome(item) ? homeFields(item, vault, item, now) : recoveryFields(item, vault, now)),
  };
}
