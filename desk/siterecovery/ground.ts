// The ground that replication stands on: vault, fabrics, containers, policies, mappings. It comes from the estate and does not change.

import type { EstateContainerMapping, EstateFabric, EstateNetworkMapping, EstatePolicy } from '../estates/schema.ts';
import { guidOf } from './ids.ts';
import type { VaultWorld } from './world.ts';

const TYPE = 'Microsoft.RecoveryServices/vaults';

export function vaultBody(world: VaultWorld) {
  return {
    location: world.location,
    name: world.vault.name,
    etag: `W/"datetime'${guidOf(world.key, 'etag')}'"`,
    properties: {
      provisioningState: 'Succeeded',
      privateEndpointStateForBackup: 'None',
      privateEndpointStateForSiteRecovery: 'None',
      backupStorageVersion: 'Unassigned',
      monitoringSettings: {
        azureMonitorAlertSettings: { alertsForAllJobFailures: 'Enabled' },
        classicAlertSettings: { alertsForCriticalOperations: 'Enabled' },
      },
      securitySettings: {
        immutabilitySettings: null,
        softDeleteSettings: { softDeleteRetentionPeriodInDays: 14, softDeleteState: 'Enabled' },
        multiUserAuthorization: 'Disabled',
      },
      publicNetworkAccess: 'Enabled',
      restoreSettings: { crossSubscriptionRestoreSettings: { crossSubscriptionRestoreState: 'Enabled' } },
    },
    id: world.plainId,
    type: TYPE,
    sku: { name: 'RS0', tier: 'Standard' },
  };
}

/** A list tells neither containers nor zones of a fabric. */
export function fabricBody(world: VaultWorld, fabric: EstateFabric, inList: boolean) {
  const encryption = { kekState: 'None', kekCertThumbprint: null };
  return {
    name: fabric.name,
    type: `${TYPE}/replicationFabrics`,
    id: world.fabricId(fabric.name),
    properties: {
      friendlyName: world.regionName(fabric.region),
      encryptionDetails: encryption,
      rolloverEncryptionDetails: encryption,
      internalIdentifier: guidOf(world.key, 'fabric', fabric.name),
      bcdrState: 'Valid',
      customDetails: {
        instanceType: 'Azure',
        location: fabric.region,
        containerIds: inList ? null : fabric.containers.map((container) => world.containerId(container)),
        ...(inList ? {} : { zones: [] }),
      },
      healthErrorDetails: [],
      health: 'Normal',
    },
  };
}

export function containerBody(world: VaultWorld, container: string, protectedItemCount: number) {
  const paired = world.mappingFrom(container) !== undefined;
  return {
    id: world.containerId(container),
    name: container,
    type: `${TYPE}/replicationFabrics/replicationProtectionContainers`,
    properties: {
      fabricFriendlyName: world.regionName(world.fabricOf(container).region),
      friendlyName: container,
      fabricType: 'AzureFabric',
      protectedItemCount,
      pairingStatus: paired ? 'Paired' : 'NotPaired',
      role: paired ? 'Primary' : '',
      fabricSpecificDetails: null,
    },
  };
}

export function policyBody(world: VaultWorld, policy: EstatePolicy) {
  return {
    id: world.policyId(policy.name),
    name: policy.name,
    type: `${TYPE}/replicationPolicies`,
    properties: {
      friendlyName: policy.name,
      providerSpecificDetails: {
        instanceType: 'A2A',
        recoveryPointThresholdInMinutes: 0,
        recoveryPointHistory: policy.recoveryPointHistoryInMinutes,
        appConsistentFrequencyInMinutes: policy.appConsistentFrequencyInMinutes,
        multiVmSyncStatus: policy.multiVmSyncStatus,
        crashConsistentFrequencyInMinutes: policy.crashConsistentFrequencyInMinutes,
        status: false,
        associatedItemsCount: 0,
        dataSourceType: 'VM',
      },
    },
  };
}

export function containerMappingBody(world: VaultWorld, mapping: EstateContainerMapping) {
  const friendlyRegion = (container: string): string => world.regionName(world.fabricOf(container).region);
  return {
    id: `${world.containerId(mapping.from)}/replicationProtectionContainerMappings/${mapping.name}`,
    name: mapping.name,
    type: `${TYPE}/replicationFabrics/replicationProtectionContainers/replicationProtectionContainerMappings`,
    properties: {
      targetProtectionContainerId: world.containerId(mapping.to),
      targetProtectionContainerFriendlyName: mapping.to,
      providerSpecificDetails: {
        instanceType: 'A2A',
        agentAutoUpdateStatus: 'Disabled',
        automationAccountAuthenticationType: 'RunAsAccount',
        automationAccountArmId: null,
        scheduleName: null,
        jobScheduleName: null,
      },
      health: 'Normal',
      healthErrorDetails: [],
      policyId: world.policyId(mapping.policy),
      state: 'Paired',
      sourceProtectionContainerFriendlyName: mapping.from,
      sourceFabricFriendlyName: friendlyRegion(mapping.from),
      targetFabricFriendlyName: friendlyRegion(mapping.to),
      policyFriendlyName: mapping.policy,
    },
  };
}


export function networkMappingBody(world: VaultWorld, mapping: EstateNetworkMapping) {
  const primary = world.fabricOfNetwork(mapping.from);
  const recovery = world.fabricOfNetwork(mapping.to);
  return {
    type: `${TYPE}/replicationFabrics/replicationNetworks/replicationNetworkMappings`,
    id: `${world.fabricId(primary.name)}/replicationNetworks/azureNetwork/replicationNetworkMappings/${mapping.name}`,
    name: mapping.name,
    properties: {
      state: 'Paired',
      primaryNetworkFriendlyName: mapping.from,
      primaryNetworkId: world.networkId(mapping.from).toLowerCase(),
      primaryFabricFriendlyName: world.regionName(primary.region),
      recoveryNetworkFriendlyName: mapping.to,
      recoveryNetworkId: world.networkId(mapping.to).toLowerCase(),
      recoveryFabricArmId: world.fabricId(recovery.name),
      recoveryFabricFriendlyName: world.regionName(recovery.region),
      fabricSpecificSettings: { instanceType: 'AzureToAzure', primaryFabricLocation: primary.region, recoveryFabricLocation: recovery.region },
    },
  };
}
