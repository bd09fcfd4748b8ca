// Prints the details of an InMageRcm item. Many booleans are texts, as the API writes them.

import { guidOf, formatTime } from '../../ids.ts';
import type { Vault } from '../../vault.ts';
import type { VmwareDisk, VmwareItem, VmwareNic } from './details.ts';
import { factsOf, homeMachine, lastHeartbeat, replicationServer, vCenterOf } from './estate.ts';
import { diskProgress, isEnabling, lastContact, progressFields, replicationLag } from './progress.ts';
import { recoveryPoints } from './recovery-points.ts';
import { seedDiskId, targetDiskId } from './azure-disks.ts';
import { AGENT_VERSION } from './versions.ts';

const GIB = 2 ** 30;

const diskBody = (item: VmwareItem, disk: VmwareDisk, now: number) => ({
  diskId: disk.id,
  diskName: disk.name,
  isOSDisk: String(disk.isSystem),
  capacityInBytes: disk.sizeInGb * GIB,
  logStorageAccountId: disk.logAccountId,
  diskEncryptionSetId: disk.encryptionSetId,
  seedManagedDiskId: seedDiskId(item, disk),
  seedBlobUri: null,
  targetManagedDiskId: item.details.failedOverAt === null ? null : targetDiskId(item, disk),
  targetBlobUri: null,
  diskType: disk.diskType,
  dataPendingInLogDataStoreInMB: 0,
  dataPendingAtSourceAgentInMB: 0,
  isInitialReplicationComplete: String(item.details.protectedSince !== null),
  ...diskProgress(item, disk, now),
});

const nicBody = (nic: VmwareNic) => ({
  nicId: nic.id,
  isPrimaryNic: String(nic.isPrimary),
  isSelectedForFailover: String(nic.isSelected),
  sourceIPAddress: nic.sourceAddress,
  sourceIPAddressType: 'Dynamic',
  sourceNetworkId: nic.sourceNetwork,
  sourceSubnetName: null,
  targetIPAddress: nic.targetAddress,
  targetIPAddressType: nic.targetAddress === '' ? 'Dynamic' : 'Static',
  targetSubnetName: nic.targetSubnetName ?? '',
  testSubnetName: nic.testSubnetName,
  testIPAddress: nic.testAddress === '' ? null : nic.testAddress,
  testIPAddressType: nic.testAddress === '' ? 'Dynamic' : 'Static',
});

/** Nothing newer than the agent's own version exists, so no upgrade is possible. */
function agentFields(item: VmwareItem, vault: Vault, now: number, applianceName: string) {
  const version = isEnabling(item) ? '' : AGENT_VERSION;
  return {
    mobilityAgentDetails: {
      version,
      latestVersion: null,
      latestAgentReleaseDate: null,
      driverVersion: version,
      latestUpgradableVersionWithoutReboot: null,
      lastHeartbeatUtc: formatTime(lastContact(item, vault, now)),
      reasonsBlockingUpgrade: ['AlreadyOnLatestVersion'],
      isUpgradeable: 'false',
    },
    lastAgentUpgradeErrorDetails: [],
    agentUpgradeBlockingErrorDetails: [
      {
        errorCode: 'AgentAlreadyOnLatestVersion',
        errorMessage: `The mobility service on '${item.details.name}' is of the latest version.`,
        possibleCauses: 'No newer version of the mobility service is available.',
        recommendedAction: 'No action is needed.',
        errorMessageParameters: {
          vmName: item.details.name,
          rcmUri: `https://pod01-rcm1.${vault.location}.hypervrecoverymanager.windowsazure.com`,
          applianceName,
          agentVersion: version,
          latestVersion: null,
        },
        errorTags: { category: 'MobilityServiceUpgrade' },
      },
    ],
  };
}

export function discoveredBody(item: VmwareItem, vault: Vault, now: number) {
  const machine = homeMachine(item, vault);
  const server = replicationServer(vault, item.place.fabric, item.details.serverId);
  const vCenter = machine && vCenterOf(vault, machine.site);
  const site = (server && factsOf(server).discoverySiteId) ?? '';
  const isOn = machine !== undefined && vault.onPremises.powerOf(machine) === 'running';
  const discovered = formatTime(server ? lastHeartbeat(vault, server, now) : now);
  return {
    vCenterId: `${site}/vcenters/${vCenter?.name ?? ''}`,
    vCenterFqdn: vCenter?.name ?? '',
    datastores: [...new Set(machine?.disks.map(({ datastore }) => datastore ?? 'datastore1'))],
    ipAddresses: item.details.nics.map(({ sourceAddress }) => sourceAddress),
    vmwareToolsStatus: isOn ? 'OK' : 'NotRunning',
    powerStatus: isOn ? 'ON' : 'OFF',
    vmFqdn: item.details.name,
    osName:
      machine?.osType === 'Windows' ? 'Microsoft Windows Server 2019 (64-bit)' : 'Ubuntu Linux (64-bit)',
    createdTimestamp: formatTime(machine?.powerSince ?? now),
    updatedTimestamp: discovered,
    isDeleted: machine === undefined,
    lastDiscoveryTimeInUtc: discovered,
  };
}

function targetFields({ details: { settings } }: VmwareItem, vault: Vault) {
  const group = vault.azure.get(settings.resourceGroupId);
  const network = settings.networkId === null ? undefined : vault.azure.get(settings.networkId);
  return {
    licenseType: settings.licenseType,
    storageAccountId: settings.storageAccountId,
    targetVmName: settings.machineName,
    targetVmSize: settings.size,
    targetResourceGroupId: settings.resourceGroupId,
    targetLocation: network?.location ?? group?.location ?? vault.location,
    targetAvailabilitySetId: settings.availabilitySetId ?? '',
    targetAvailabilityZone: settings.zone ?? '',
    targetProximityPlacementGroupId: settings.placementGroupId ?? '',
    targetBootDiagnosticsStorageAccountId: settings.bootDiagnosticsAccountId ?? '',
    targetNetworkId: settings.networkId ?? '',
    testNetworkId: settings.testNetworkId ?? '',
  };
}

/** The last point's id names the container by its inner name. */
function lastPoint(item: VmwareItem, vault: Vault, now: number) {
  const point = recoveryPoints(item, vault, now).at(-1);
  const { fabric } = item.place;
  const cloud = `cloud_${guidOf(vault.key, 'fabric', fabric)}`;
  return {
    id: point
      ? `${vault.itemId({ ...item, place: { fabric, container: cloud } })}/recoveryPoints/${point.name}`
      : null,
    time: point?.time,
  };
}

export function modernDetails(item: VmwareItem, vault: Vault, now: number): Record<string, unknown> {
  const { details, place } = item;
  const machine = homeMachine(item, vault);
  const server = replicationServer(vault, place.fabric, details.serverId);
  const lag = replicationLag(item, vault, now);
  const point = lastPoint(item, vault, now);
  return {
    instanceType: details.instanceType,
    internalIdentifier: guidOf(item.key, 'target', details.turns),
    fabricDiscoveryMachineId: details.discoveryId,
    multiVmGroupName: details.group?.name ?? null,
    discoveryType: 'vCenter',
    processServerId: details.serverId,
    processorCoreCount: machine?.cpus ?? 0,
    allocatedMemoryInMB: machine?.memoryInMb ?? 0,
    processServerName: server?.name ?? '',
    runAsAccountId: details.accountId,
    osType: machine?.osType ?? 'Windows',
    firmwareType: machine?.generation === 'V2' ? 'UEFI' : 'BIOS',
    primaryNicIpAddress: details.nics.find(({ isPrimary }) => isPrimary)?.sourceAddress ?? '',
    targetGeneration: machine?.generation ?? 'V1',
    ...targetFields(item, vault),
    failoverRecoveryPointId:
      details.failoverRecoveryPoint === null
        ? null
        : `${vault.itemId(item)}/recoveryPoints/${details.failoverRecoveryPoint}`,
    lastRecoveryPointId: point.id,
    ...(point.time !== undefined && { lastRecoveryPointReceived: formatTime(point.time) }),
    ...(lag && { lastRpoInSeconds: lag.seconds, lastRpoCalculatedTime: formatTime(lag.at) }),
    ...progressFields(item, now),
    agentUpgradeState: 'None',
    lastAgentUpgradeType: null,
    agentUpgradeJobId: null,
    agentUpgradeAttemptToVersion: null,
    protectedDisks: isEnabling(item) ? [] : details.disks.map((disk) => diskBody(item, disk, now)),
    isLastUpgradeSuccessful: 'true',
    isAgentRegistrationSuccessfulAfterFailover: details.failedOverAt === null ? null : true,
    ...agentFields(item, vault, now, server?.name ?? ''),
    vmNics: isEnabling(item) ? [] : details.nics.map(nicBody),
    discoveredVmDetails: discoveredBody(item, vault, now),
  };
}
