// Prints a protected item of Azure to Azure as the API does. The API's spelling mistakes are part
// of the contract.

import { seededNumber, guidOf, formatTime } from '../../ids.ts';
import { stateRow } from '../../provider-table.ts';
import type { Vault } from '../../vault.ts';
import { otherSide, type Side, type AzureToAzureItem } from './details.ts';
import { stateFields } from '../common/item-fields.ts';
import { healthOf } from './health.ts';
import {
  managedDiskBodies,
  nicBodies,
  copyProgress,
  unmanagedDiskBodies,
  type CopyProgress,
} from './bodies.ts';
import { sourceUnreachableSince } from './recovery-points.ts';
import { azureToAzureTable } from './table.ts';

const RPO_INTERVAL_MS = 5 * 60_000;

const consistencyGroupId = (item: AzureToAzureItem): string =>
  item.details.group.given ? item.details.group.id : guidOf(item.key, 'group');

function locationFields(item: AzureToAzureItem, vault: Vault, progress: CopyProgress) {
  const { regions, zones, machines, group, primary, settings, turns } = item.details;
  const id = consistencyGroupId(item);
  const zoneOf = (side: Side): string => zones[side] ?? '';
  return {
    fabricObjectId: machines[primary].toLowerCase(),
    initialPrimaryZone: zoneOf('home'),
    initialPrimaryFabricLocation: regions.home,
    initialRecoveryZone: zoneOf('away'),
    initialPrimaryExtendedLocation: null,
    initialRecoveryExtendedLocation: null,
    initialRecoveryFabricLocation: regions.away,
    multiVmGroupId: id,
    multiVmGroupName: group.given ? group.name : id,
    multiVmGroupCreateOption: group.given ? 'UserSpecified' : 'AutoCreated',
    managementId: guidOf(item.key, 'management', turns),
    protectedDisks: unmanagedDiskBodies(item, progress),
    unprotectedDisks: null,
    protectedManagedDisks: managedDiskBodies(item, progress),
    recoveryBootDiagStorageAccountId: settings.bootDiagnosticsAccountId,
    primaryFabricLocation: regions[primary],
    recoveryFabricLocation: regions[otherSide(primary)],
    osType: item.details.osType,
    recoveryAzureVMSize: settings.size,
    recoveryAzureVMName: settings.machineName,
    recoveryAzureResourceGroupId: settings.cloudServiceId ? null : settings.resourceGroupId,
    recoveryCloudService: settings.cloudServiceId,
    recoveryAvailabilitySet: settings.availabilitySetId,
    selectedRecoveryAzureNetworkId: settings.networkId,
    selectedTfoAzureNetworkId: settings.testNetworkId,
    vmNics: nicBodies(item, vault, progress),
    vmSyncedConfigDetails: { tags: vault.azure.get(machines[primary])?.tags ?? {}, inputEndpoints: [] },
  };
}

function replicationLag(
  item: AzureToAzureItem,
  vault: Vault,
  now: number,
): { readonly seconds: number; readonly at: number } {
  const { failedOverAt } = item.details;
  const calculated = Math.floor((failedOverAt ?? now) / RPO_INTERVAL_MS) * RPO_INTERVAL_MS;
  const silent = sourceUnreachableSince(item, vault);
  const waited = silent === null ? 0 : Math.max(0, Math.floor((now - silent) / 1000));
  return { seconds: 30 + Math.floor(150 * seededNumber(item.key, calculated)) + waited, at: calculated };
}

function replicationFields(
  item: AzureToAzureItem,
  vault: Vault,
  { now, isCopying, isEnabling, percent }: CopyProgress,
) {
  const { protectedSince, failedOverAt, primary, machines, test } = item.details;
  const { seconds, at } = replicationLag(item, vault, now);
  const lastContact = Math.min(at, sourceUnreachableSince(item, vault) ?? at);
  return {
    monitoringPercentageCompletion: percent,
    monitoringJobType: isCopying ? 'InitialReplication' : null,
    lastHeartbeat: isEnabling ? null : formatTime(lastContact),
    agentVersion: isEnabling ? '' : '9.55.6627.1',
    agentExpiryDate: '9999-12-31T23:59:59.9999999',
    isReplicationAgentUpdateRequired: false,
    ...(isEnabling ? {} : { agentCertificateExpiryDate: '2029-01-01T00:00:00Z' }),
    isReplicationAgentCertificateUpdateRequired: false,
    recoveryFabricObjectId: failedOverAt === null ? null : machines[otherSide(primary)].toLowerCase(),
    vmProtectionState: protectedSince === null ? 'UnprotectedStatesBegin' : 'Protected',
    vmProtectionStateDescription: protectedSince === null ? 'Enabling protection' : 'Protected',
    lifecycleId: protectedSince === null ? null : item.key,
    testFailoverRecoveryFabricObjectId: test === null ? null : test.machineId.toLowerCase(),
    rpoInSeconds: protectedSince === null ? null : seconds,
    lastRpoCalculatedTime: protectedSince === null ? null : formatTime(at),
    rtoInSeconds: null,
  };
}

function providerDetails(item: AzureToAzureItem, vault: Vault, now: number) {
  const { settings, zones, primary, generation } = item.details;
  const progress = copyProgress(item, now);
  return {
    instanceType: 'A2A',
    ...locationFields(item, vault, progress),
    ...replicationFields(item, vault, progress),
    primaryAvailabilityZone: zones[primary],
    recoveryAvailabilityZone: settings.zone,
    primaryExtendedLocation: null,
    recoveryExtendedLocation: null,
    vmEncryptionType: 'NotEncrypted',
    tfoAzureVMName: settings.testMachineName,
    recoveryAzureGeneration: generation,
    recoveryProximityPlacementGroupId: settings.placementGroupId,
    autoProtectionOfDataDisk: 'Disabled',
    recoveryVirtualMachineScaleSetId: settings.scaleSetId,
    recoveryCapacityReservationGroupId: settings.capacityReservationGroupId,
  };
}

function containerFields(item: AzureToAzureItem, vault: Vault) {
  const { regions, primary } = item.details;
  const { fabric, container } = item.place;
  return {
    recoveryServicesProviderId: `${vault.fabricId(fabric)}/replicationRecoveryServicesProviders/${guidOf(vault.key, 'provider', fabric)}`,
    primaryFabricFriendlyName: vault.regionName(regions[primary]),
    primaryFabricProvider: 'AzureFabric',
    recoveryFabricFriendlyName: vault.regionName(regions[otherSide(primary)]),
    recoveryFabricId: vault.fabricId(item.target.fabric),
    primaryProtectionContainerFriendlyName: container,
    recoveryProtectionContainerFriendlyName: item.target.container,
  };
}

export function itemProperties(item: AzureToAzureItem, vault: Vault, now: number): Record<string, unknown> {
  const { lastSuccessfulFailover, lastSuccessfulTest, failoverRecoveryPoint, name, turns } = item.details;
  return {
    friendlyName: name,
    protectedItemType: '',
    protectableItemId: null,
    ...containerFields(item, vault),
    ...stateFields(item, vault, stateRow(azureToAzureTable, item.state), {
      health: healthOf(item, vault, now),
      entityId: guidOf(item.key, 'target', turns),
      lastSuccessfulFailover,
      lastSuccessfulTest,
      failoverRecoveryPoint,
    }),
    providerSpecificDetails: providerDetails(item, vault, now),
    recoveryContainerId: vault.containerId(item.target),
    eventCorrelationId: guidOf(item.key, 'events', turns),
  };
}
