// Converts an SDK item of this scenario into a ReplicatedItem.
import type {
  A2AReplicationDetails,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';
import type { ReplicaMachines } from '../../azure/replicatedVmFacts.ts';
import { nameOf, regionName, resourceGroupOf } from '../../core/armId.ts';
import { Scenario } from '../../core/scenario.ts';
import { Direction } from '../../core/operations.ts';
import { sameId, type ReplicatedItem, type ItemSettings } from '../../siterecovery/item.ts';
import { textOrNull, isoTimeOrNull } from '../../siterecovery/fromSdk.ts';
import { A2A } from './instanceType.ts';

/** Returns undefined for an item of another scenario. */
export function readItem(raw: ReplicationProtectedItem): ReplicatedItem | undefined {
  const properties = raw.properties;
  const details = properties?.providerSpecificDetails;
  if (!raw.id || !raw.name || !properties || details?.instanceType !== A2A) return undefined;
  const a2a = details as A2AReplicationDetails;
  const scenario = textOrNull(properties.currentScenario?.scenarioName);
  const jobId = textOrNull(properties.currentScenario?.jobId);
  return {
    armId: raw.id,
    name: raw.name,
    friendlyName: properties.friendlyName ?? raw.name,
    scenario: Scenario.azureToAzure,
    lifecycleId: textOrNull(a2a.lifecycleId),
    protectionState: properties.protectionState ?? '',
    activeLocation: properties.activeLocation ?? '',
    allowedOperations: properties.allowedOperations ?? [],
    recoveryVmId: textOrNull(a2a.recoveryFabricObjectId),
    testVmId: textOrNull(a2a.testFailoverRecoveryFabricObjectId),
    currentJob: scenario && jobId ? { scenario, id: nameOf(jobId) } : null,
    direction: directionOf(a2a),
    health: properties.replicationHealth ?? '',
    initialReplicationPercent: percentOf(a2a, properties.protectionState),
    sourceVmId: a2a.fabricObjectId ?? '',
    policyId: properties.policyId ?? '',
    recoveryContainerId: properties.recoveryContainerId ?? '',
    primary: {
      region: a2a.primaryFabricLocation ?? '',
      resourceGroupId: resourceGroupOf(a2a.fabricObjectId ?? ''),
    },
    recovery: { region: a2a.recoveryFabricLocation ?? '', resourceGroupId: recoveryGroupOf(a2a) },
    disks: [
      ...(a2a.protectedManagedDisks ?? []).map(toDisk),
      ...(a2a.protectedDisks ?? []).map(toUnmanagedDisk),
    ],
    settings: toSettings(a2a, properties.recoveryContainerId ?? ''),
    machines: toMachines(a2a, properties.activeLocation ?? '', scenario),
    rpo: rpoOf(a2a),
  };
}

/**
 * Site Recovery returns the percentage only during the initial replication. Afterwards the copy is
 * complete.
 */
export const percentOf = (
  { monitoringPercentageCompletion }: Partial<A2AReplicationDetails>,
  protectionState = '',
): number | null =>
  monitoringPercentageCompletion ??
  (protectionState === 'Protected' || protectionState.endsWith('CompletionPending') ? 100 : null);

function rpoOf({
  rpoInSeconds: seconds,
  lastRpoCalculatedTime,
}: A2AReplicationDetails): ReplicatedItem['rpo'] {
  const at = isoTimeOrNull(lastRpoCalculatedTime);
  return typeof seconds !== 'number' || at === null ? null : { seconds, at };
}

function toMachines(
  a2a: A2AReplicationDetails,
  activeLocation: string,
  runningJob: string | null,
): ReplicaMachines {
  const lowerCaseId = (id: string | null | undefined): string | null => textOrNull(id)?.toLowerCase() ?? null;
  const type = textOrNull(a2a.recoveryCloudService) ? 'Microsoft.ClassicCompute' : 'Microsoft.Compute';
  const vmIdOf = (name: string | undefined): string | null =>
    textOrNull(name)
      ? lowerCaseId(`${recoveryGroupOf(a2a)}/providers/${type}/virtualMachines/${name ?? ''}`)
      : null;
  const failedOver = activeLocation === 'Recovery';
  return {
    source: (a2a.fabricObjectId ?? '').toLowerCase(),
    other: lowerCaseId(a2a.recoveryFabricObjectId),
    expected: vmIdOf(a2a.recoveryAzureVMName),
    // The test VM already exists before Site Recovery names it.
    test:
      lowerCaseId(a2a.testFailoverRecoveryFabricObjectId) ??
      (runningJob === 'TestFailover' ? vmIdOf(a2a.tfoAzureVMName) : null),
    failedOver,
    failingOver: runningJob === 'UnplannedFailover',
    reversed: directionOf(a2a) === Direction.reversed,
    region: regionName(failedOver ? a2a.recoveryFabricLocation : a2a.primaryFabricLocation),
  };
}

/** A classic VM comes up in a cloud service, and so in the resource group of that service. */
const recoveryGroupOf = (a2a: A2AReplicationDetails): string =>
  textOrNull(a2a.recoveryAzureResourceGroupId) ?? resourceGroupOf(a2a.recoveryCloudService ?? '');

/**
 * The multi-VM group that a person asked for. Site Recovery also creates a group for a single VM;
 * Lifeboat does not count such a group.
 */
export function multiVmGroupOf(a2a: Partial<A2AReplicationDetails>): ItemSettings['multiVmGroup'] {
  const name = a2a.multiVmGroupCreateOption === 'AutoCreated' ? null : textOrNull(a2a.multiVmGroupName);
  return name === null ? null : { id: a2a.multiVmGroupId ?? '', name };
}

function toSettings(a2a: A2AReplicationDetails, recoveryContainerId: string): ItemSettings {
  const cloudService = textOrNull(a2a.recoveryCloudService);
  return {
    size: textOrNull(a2a.recoveryAzureVMSize),
    resourceGroupId: recoveryGroupOf(a2a),
    ...(cloudService ? { cloudServiceId: cloudService } : {}),
    networkId: textOrNull(a2a.selectedRecoveryAzureNetworkId),
    testNetworkId: textOrNull(a2a.selectedTfoAzureNetworkId),
    nics: (a2a.vmNics ?? []).map(({ nicId, ipConfigs = [] }) => {
      const first = ipConfigs.find(({ isPrimary }) => isPrimary) ?? ipConfigs[0];
      return {
        id: nicId ?? '',
        subnet: textOrNull(first?.recoverySubnetName),
        address: textOrNull(first?.recoveryStaticIPAddress),
      };
    }),
    availabilitySetId: textOrNull(a2a.recoveryAvailabilitySet),
    zone: textOrNull(a2a.recoveryAvailabilityZone),
    placementGroupId: textOrNull(a2a.recoveryProximityPlacementGroupId),
    multiVmGroup: multiVmGroupOf(a2a),
    recoveryContainerId,
    sourceZone: textOrNull(a2a.primaryAvailabilityZone),
    disks: [
      ...(a2a.protectedManagedDisks ?? []).map((disk) => ({
        id: disk.diskId ?? '',
        name: disk.diskName ?? '',
        managed: true,
        replicaType: textOrNull(disk.recoveryReplicaDiskAccountType),
        targetType: textOrNull(disk.recoveryTargetDiskAccountType),
      })),
      ...(a2a.protectedDisks ?? []).map((disk) => ({
        id: disk.diskUri ?? '',
        name: disk.diskName ?? '',
        managed: false,
        replicaType: null,
        targetType: null,
      })),
    ],
  };
}

function directionOf(a2a: A2AReplicationDetails): Direction {
  const initialLocation = a2a.initialPrimaryFabricLocation ?? a2a.primaryFabricLocation ?? '';
  const reversed =
    a2a.primaryFabricLocation === a2a.recoveryFabricLocation
      ? (a2a.initialPrimaryZone ?? '') !== (a2a.primaryAvailabilityZone ?? '')
      : !sameId(initialLocation, a2a.primaryFabricLocation ?? '');
  return reversed ? Direction.reversed : Direction.original;
}

function toDisk(
  disk: NonNullable<A2AReplicationDetails['protectedManagedDisks']>[number],
): ReplicatedItem['disks'][number] {
  const failedOverDiskId = `${disk.recoveryResourceGroupId ?? ''}/providers/Microsoft.Compute/disks/${textOrNull(disk.failoverDiskName) ?? disk.diskName ?? ''}`;
  return {
    managed: true,
    sourceDiskId: disk.diskId ?? '',
    recoveryDiskId: textOrNull(disk.recoveryTargetDiskId) ?? failedOverDiskId,
    recoveryName: textOrNull(disk.failoverDiskName) ?? disk.diskName ?? '',
    cacheStorageAccountId: disk.primaryStagingAzureStorageAccountId ?? '',
    sourceAccountId: null,
  };
}

function toUnmanagedDisk(
  disk: NonNullable<A2AReplicationDetails['protectedDisks']>[number],
): ReplicatedItem['disks'][number] {
  return {
    managed: false,
    sourceDiskId: disk.diskUri ?? '',
    recoveryDiskId: textOrNull(disk.recoveryDiskUri),
    recoveryName: textOrNull(disk.failoverDiskName) ?? disk.diskName ?? '',
    cacheStorageAccountId: disk.primaryStagingAzureStorageAccountId ?? '',
    sourceAccountId: textOrNull(disk.primaryDiskAzureStorageAccountId),
  };
}
