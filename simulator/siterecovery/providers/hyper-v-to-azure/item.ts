// Prints a replicated Hyper-V machine as the API does. The API's spelling mistakes are part of the
// contract, and so are its texts in place of numbers and booleans.

import { formatTime, guidOf, seededNumber } from '../../ids.ts';
import { stateRow } from '../../provider-table.ts';
import { MICROSOFT_AZURE, type Vault } from '../../vault.ts';
import { stateFields } from '../common/item-fields.ts';
import { HYPER_V, type HyperVItem, type ReplicatedDisk, type ReplicatedNic } from './details.ts';
import { policySettings } from './configuration.ts';
import { healthOf } from './health.ts';
import { recoveryPoints, sourceUnreachableSince } from './recovery-points.ts';
import { seedDiskId, targetDiskName, targetNicName } from './recovery.ts';
import { servicesProviderId } from './site.ts';
import { hyperVTable } from './table.ts';

const isCopying = ({ state }: HyperVItem): boolean => state === 'copying' || state === 'resynchronizing';

/** The percentage of the running copy. Before and after it the API shows 0. */
function copyPercentage(item: HyperVItem, now: number): number {
  const { stateSince, stateEndsAt } = item;
  if (!isCopying(item) || stateEndsAt === null) return 0;
  const share = (100 * (now - stateSince)) / Math.max(1, stateEndsAt - stateSince);
  return Math.max(0, Math.min(99, Math.floor(share)));
}

function diskBody(disk: ReplicatedDisk, lun: number, { details }: HyperVItem) {
  const { settings, failedOverAt } = details;
  const isInAzure = failedOverAt !== null;
  const name = targetDiskName(settings.machineName, disk);
  return {
    vhdType: disk.isSystem ? 'OperatingSystem' : 'DataDisk',
    vhdId: disk.id,
    diskId: disk.id,
    vhdName: disk.name,
    maxSizeMB: String(disk.sizeInGb * 1024),
    targetDiskLocation: isInAzure && !settings.usesManagedDisks ? settings.storageAccountId : null,
    targetDiskName: isInAzure ? name : null,
    lunId: String(lun),
    diskEncryptionSetId: disk.encryptionSetId,
    customTargetDiskName: disk.targetName,
  };
}

function nicBody(nic: ReplicatedNic, index: number, { details: { settings } }: HyperVItem) {
  return {
    nicId: nic.id,
    replicaNicId: null,
    sourceNicArmId: null,
    vMNetworkName: nic.networkName,
    recoveryVMNetworkId: settings.networkId,
    ipConfigs: [
      {
        name: null,
        isPrimary: true,
        subnetName: nic.subnetName,
        // The service does not see the address in the company's site.
        staticIPAddress: null,
        ipAddressType: 'Dynamic',
        isSeletedForFailover: true,
        recoverySubnetName: nic.recoverySubnetName,
        recoveryStaticIPAddress: nic.recoveryAddress,
        recoveryIPAddressType: nic.recoveryAddress === '' ? 'Dynamic' : 'Static',
        recoveryPublicIPAddressId: nic.recoveryPublicAddressId,
        recoveryLBBackendAddressPoolIds: null,
        tfoSubnetName: nic.testSubnetName,
        tfoStaticIPAddress: nic.testAddress,
        tfoPublicIPAddressId: null,
        tfoLBBackendAddressPoolIds: null,
      },
    ],
    selectionType: nic.selection,
    recoveryNetworkSecurityGroupId: nic.recoverySecurityGroupId,
    enableAcceleratedNetworkingOnRecovery: nic.recoveryAcceleration,
    tfoVMNetworkId: settings.testNetworkId,
    tfoNetworkSecurityGroupId: nic.testSecurityGroupId,
    enableAcceleratedNetworkingOnTfo: null,
    recoveryNicName: null,
    recoveryNicResourceGroupName: null,
    reuseExistingNic: false,
    tfoRecoveryNicName: null,
    tfoRecoveryNicResourceGroupName: null,
    tfoReuseExistingNic: false,
    targetNicName: targetNicName(settings.machineName, nic, index),
  };
}

/** The second state of the machine, which lags behind the first one. */
function machineState(item: HyperVItem) {
  const row = stateRow(hyperVTable, item.state);
  if (item.state === 'finalizing')
    return {
      vmProtectionState: 'ReplicaConfigurationInProgress',
      vmProtectionStateDescription: 'Configuring the replica',
    };
  return item.details.protectedSince === null && row.activeLocation === 'Primary'
    ? { vmProtectionState: 'UnprotectedStatesBegin', vmProtectionStateDescription: 'Enabling protection' }
    : {
        vmProtectionState: row.protectionState,
        vmProtectionStateDescription: row.protectionStateDescription,
      };
}

/** The last transfer of changes, and the age of the data. */
function transferFields(item: HyperVItem, vault: Vault, now: number) {
  const { protectedSince, failedOverAt } = item.details;
  if (protectedSince === null)
    return { lastReplicatedTime: null, rpoInSeconds: null, lastRpoCalculatedTime: null };
  const interval = policySettings(vault.policy(item.policy)).replicationInterval * 1000;
  const silent = sourceUnreachableSince(item, vault);
  const calculated = Math.floor((failedOverAt ?? now) / interval) * interval;
  const waited = silent === null ? 0 : Math.max(0, Math.floor((now - silent) / 1000));
  const lastTransfer = Math.max(protectedSince, Math.min(calculated, silent ?? calculated));
  return {
    lastReplicatedTime: formatTime(lastTransfer),
    rpoInSeconds: 10 + Math.floor((interval / 1000) * seededNumber(item.key, calculated)) + waited,
    lastRpoCalculatedTime: formatTime(calculated),
  };
}

function machineFields(item: HyperVItem, vault: Vault, now: number) {
  const { machineId, osType, nics, settings } = item.details;
  const machine = vault.onPremises.machine(machineId);
  return {
    ...machineState(item),
    initialReplicationDetails: {
      initialReplicationType: 'InitialReplication',
      initialReplicationProgressPercentage: String(copyPercentage(item, now)),
    },
    vmNics: nics.map((nic, index) => nicBody(nic, index, item)),
    selectedRecoveryAzureNetworkId: settings.networkId,
    selectedSourceNicId: settings.sourceNicId,
    encryption: 'Disabled',
    oSDetails: {
      osType,
      productType: 'UNKNOWN',
      osEdition: 'UNKNOWN',
      oSVersion: '0.0.0.0',
      oSMajorVersion: '0',
      oSMinorVersion: '0',
    },
    sourceVmRamSizeInMB: machine?.memoryInMb ?? 0,
    sourceVmCpuCount: machine?.cpus ?? 0,
  };
}

function providerDetails(item: HyperVItem, vault: Vault, now: number) {
  const { settings, disks, machineId } = item.details;
  const newest = recoveryPoints(item, vault, now).at(-1);
  return {
    instanceType: HYPER_V,
    azureVmDiskDetails: disks.map((disk, lun) => diskBody(disk, lun, item)),
    recoveryAzureVmName: settings.machineName,
    recoveryAzureVMSize: settings.size,
    recoveryAzureStorageAccount: settings.storageAccountId,
    recoveryAzureLogStorageAccountId: null,
    ...transferFields(item, vault, now),
    vmId: machineId,
    ...machineFields(item, vault, now),
    enableRdpOnTargetOption: settings.remoteDesktop,
    recoveryAzureResourceGroupId: settings.resourceGroupId,
    recoveryAvailabilitySetId: settings.availabilitySetId ?? '',
    targetAvailabilityZone: settings.zone,
    targetProximityPlacementGroupId: settings.placementGroupId,
    useManagedDisks: String(settings.usesManagedDisks),
    licenseType: settings.licenseType,
    sqlServerLicenseType: settings.sqlServerLicenseType,
    ...(newest && { lastRecoveryPointReceived: formatTime(newest.time) }),
    targetVmTags: settings.tags,
    seedManagedDiskTags: null,
    targetManagedDiskTags: null,
    targetNicTags: settings.nicTags,
    protectedManagedDisks: settings.replicatesToDisks
      ? disks.map((disk) => ({
          diskId: disk.id,
          seedManagedDiskId: seedDiskId(item, disk),
          replicaDiskType: disk.accountType,
          diskEncryptionSetId: disk.encryptionSetId,
        }))
      : [],
  };
}

/** While the service finalizes the protection, the item names that scenario and its job. */
function finalizingScenario({ state, stateSince, serviceJob }: HyperVItem, vault: Vault) {
  return state === 'finalizing' && serviceJob !== null
    ? {
        currentScenario: {
          scenarioName: 'EnableProtection',
          jobId: vault.jobId(serviceJob),
          startTime: formatTime(stateSince),
        },
      }
    : {};
}

export function itemProperties(item: HyperVItem, vault: Vault, now: number): Record<string, unknown> {
  const { name, machineId, turns } = item.details;
  const { fabric } = item.place;
  const friendlyName = vault.container(item.place)?.own?.friendlyName ?? fabric;
  const server = vault.onPremises.server(vault.onPremises.machine(machineId)?.server ?? '');
  return {
    friendlyName: name,
    protectedItemType: 'HyperVVirtualMachine',
    protectableItemId: `${vault.containerId(item.place)}/replicationProtectableItems/${machineId}`,
    recoveryServicesProviderId: server ? servicesProviderId(vault, fabric, server) : '',
    primaryFabricFriendlyName: fabric,
    primaryFabricProvider: 'SingleHostHyperVFabric',
    recoveryFabricFriendlyName: MICROSOFT_AZURE,
    recoveryFabricId: MICROSOFT_AZURE,
    primaryProtectionContainerFriendlyName: friendlyName,
    recoveryProtectionContainerFriendlyName: MICROSOFT_AZURE,
    ...stateFields(item, vault, stateRow(hyperVTable, item.state), {
      ...item.details,
      health: healthOf(item, vault, now),
      entityId: machineId,
    }),
    ...finalizingScenario(item, vault),
    providerSpecificDetails: providerDetails(item, vault, now),
    recoveryContainerId: vault.containerId(item.target),
    eventCorrelationId: guidOf(item.key, 'events', turns),
  };
}
