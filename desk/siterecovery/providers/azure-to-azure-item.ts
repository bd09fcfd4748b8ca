// A protected item of Azure to Azure as the API prints it, misspellings included: they are the contract.

import { chanceOf, guidOf, NO_SCENARIO_TIME, wireTime } from '../ids.ts';
import type { ItemRecord } from '../records.ts';
import { stateRow } from '../table.ts';
import type { VaultWorld } from '../world.ts';
import { machineId, managedDisks, networks, nics, pictureOf, recoveryContainer, type Picture } from './azure-to-azure-hardware.ts';
import { azureToAzureTable } from './azure-to-azure-table.ts';

const RPO_EVERY = 5 * 60_000;
/** So long after protection the service begins to warn that no test failover was done. */
const TEST_FAILOVER_WARNING_AFTER = 10 * 60_000;

function whereabouts(picture: Picture) {
  const { item, vault, enrolled, primaryRegion, recoveryRegion, primary } = picture;
  const [home, away] = primary === 'home' ? [primaryRegion, recoveryRegion] : [recoveryRegion, primaryRegion];
  const group = guidOf(item.key, 'group');
  return {
    fabricObjectId: machineId(item, vault, primary).toLowerCase(),
    initialPrimaryZone: '',
    initialPrimaryFabricLocation: home,
    initialRecoveryZone: '',
    initialPrimaryExtendedLocation: null,
    initialRecoveryExtendedLocation: null,
    initialRecoveryFabricLocation: away,
    multiVmGroupId: group,
    multiVmGroupName: enrolled.multiVmGroup || group,
    multiVmGroupCreateOption: enrolled.multiVmGroup ? 'UserSpecified' : 'AutoCreated',
    managementId: guidOf(item.key, 'management', item.details.generation),
    protectedDisks: null,
    unprotectedDisks: null,
    protectedManagedDisks: managedDisks(picture),
    recoveryBootDiagStorageAccountId: null,
    primaryFabricLocation: primaryRegion,
    recoveryFabricLocation: recoveryRegion,
  };
}

function recoveryMachine(picture: Picture) {
  const { vault, enrolled, machine, recovery } = picture;
  const network = networks(picture).recovery;
  return {
    osType: machine.osType,
    recoveryAzureVMSize: machine.size,
    recoveryAzureVMName: machine.name,
    recoveryAzureResourceGroupId: vault.groupId(enrolled[recovery].resourceGroup),
    recoveryCloudService: null,
    recoveryAvailabilitySet: null,
    selectedRecoveryAzureNetworkId: network === undefined ? null : vault.networkId(network),
    selectedTfoAzureNetworkId: null,
    vmNics: nics(picture),
    vmSyncedConfigDetails: { tags: {}, inputEndpoints: [] },
  };
}

function replication(picture: Picture) {
  const { item, vault, recovery, copying, enabling, percent, now } = picture;
  const { protectedSince, failedOverAt } = item.details;
  const calculated = Math.floor((failedOverAt ?? now) / RPO_EVERY) * RPO_EVERY;
  const calculatedAt = wireTime(calculated);
  return {
    monitoringPercentageCompletion: percent,
    monitoringJobType: copying ? 'InitialReplication' : null,
    lastHeartbeat: enabling ? null : calculatedAt,
    agentVersion: enabling ? '' : '9.55.6627.1',
    agentExpiryDate: '9999-12-31T23:59:59.9999999',
    isReplicationAgentUpdateRequired: false,
    isReplicationAgentCertificateUpdateRequired: false,
    recoveryFabricObjectId: failedOverAt === null ? null : machineId(item, vault, recovery).toLowerCase(),
    vmProtectionState: protectedSince === null ? 'UnprotectedStatesBegin' : 'Protected',
    vmProtectionStateDescription: protectedSince === null ? 'Enabling protection' : 'Protected',
    lifecycleId: protectedSince === null ? null : item.key,
    testFailoverRecoveryFabricObjectId: null,
    rpoInSeconds: protectedSince === null ? null : 30 + Math.floor(150 * chanceOf(item.key, calculated)),
    lastRpoCalculatedTime: protectedSince === null ? null : calculatedAt,
    rtoInSeconds: null,
  };
}

function providerDetails(picture: Picture) {
  const { machine } = picture;
  return {
    instanceType: 'A2A',
    ...whereabouts(picture),
    ...recoveryMachine(picture),
    ...replication(picture),
    primaryAvailabilityZone: null,
    recoveryAvailabilityZone: null,
    primaryExtendedLocation: null,
    recoveryExtendedLocation: null,
    vmEncryptionType: 'NotEncrypted',
    tfoAzureVMName: `${machine.name}-test`,
    recoveryAzureGeneration: machine.generation,
    recoveryProximityPlacementGroupId: null,
    autoProtectionOfDataDisk: 'Disabled',
    recoveryVirtualMachineScaleSetId: null,
    recoveryCapacityReservationGroupId: null,
  };
}

function testFailoverWarning(item: ItemRecord, since: number) {
  return {
    innerHealthErrors: [],
    errorSource: 'ReplicationUnitFailoverValidatorError',
    errorType: '8010',
    errorLevel: 'Warning',
    errorCategory: 'TestFailover',
    errorCode: '161011',
    summaryMessage: '',
    errorMessage: 'No test failover was done on this replicated item.',
    possibleCauses: 'The item became protected and was not tested since.',
    recommendedAction: 'Run a test failover.',
    creationTimeUtc: wireTime(since),
    recoveryProviderErrorMessage: null,
    entityId: guidOf(item.key, 'target', item.details.generation),
    errorId: '6:8010',
    customerResolvability: 'NotAllowed',
  };
}

function health({ item, now }: Picture) {
  const { protectedSince } = item.details;
  const warnsSince = protectedSince === null ? Infinity : protectedSince + TEST_FAILOVER_WARNING_AFTER;
  const warns = item.state === 'protected' && now >= warnsSince;
  return { replicationHealth: 'Normal', failoverHealth: warns ? 'Warning' : 'Normal', healthErrors: warns ? [testFailoverWarning(item, warnsSince)] : [] };
}

function ends({ item, vault, primaryRegion, recoveryRegion }: Picture) {
  const fabric = vault.fabricOf(item.container).name;
  const target = recoveryContainer(item, vault);
  return {
    recoveryServicesProviderId: `${vault.fabricId(fabric)}/replicationRecoveryServicesProviders/${guidOf(vault.key, 'provider', fabric)}`,
    primaryFabricFriendlyName: vault.regionName(primaryRegion),
    primaryFabricProvider: 'AzureFabric',
    recoveryFabricFriendlyName: vault.regionName(recoveryRegion),
    recoveryFabricId: vault.fabricId(vault.fabricOf(target).name),
    primaryProtectionContainerFriendlyName: item.container,
    recoveryProtectionContainerFriendlyName: target,
  };
}

export function itemProperties(item: ItemRecord, vault: VaultWorld, now: number): Record<string, unknown> {
  const picture = pictureOf(item, vault, now);
  const row = stateRow(azureToAzureTable, item.state);
  const { lastSuccessfulFailover, failoverRecoveryPoint } = item.details;
  const policy = vault.mappingMust(item.container).policy;
  const { shown } = item;
  return {
    friendlyName: picture.machine.name,
    protectedItemType: '',
    protectableItemId: null,
    ...ends(picture),
    protectionState: row.protectionState,
    protectionStateDescription: row.protectionStateDescription,
    activeLocation: row.activeLocation,
    testFailoverState: 'None',
    testFailoverStateDescription: 'None',
    switchProviderState: 'None',
    switchProviderStateDescription: null,
    allowedOperations: shown ? [] : row.allowedOperations,
    ...health(picture),
    policyId: vault.policyId(policy),
    policyFriendlyName: policy,
    ...(lastSuccessfulFailover === null ? {} : { lastSuccessfulFailoverTime: wireTime(lastSuccessfulFailover) }),
    currentScenario: shown
      ? { scenarioName: shown.scenarioName, jobId: vault.jobId(shown.jobId), startTime: wireTime(shown.startTime) }
      : { scenarioName: 'None', jobId: 'None', startTime: NO_SCENARIO_TIME },
    failoverRecoveryPointId: failoverRecoveryPoint === null ? null : `${vault.itemId(item.container, item.name)}/recoveryPoints/${failoverRecoveryPoint}`,
    providerSpecificDetails: providerDetails(picture),
    recoveryContainerId: vault.containerId(recoveryContainer(item, vault)),
    eventCorrelationId: guidOf(item.key, 'events', item.details.generation),
  };
}
