// From the SDK's item to ours.
import type {
  A2AReplicationDetails,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';
import type { Machines } from '../../azure/replica.ts';
import { nameOf, regionName, resourceGroupOf } from '../../core/armId.ts';
import { Scenario } from '../../core/scenario.ts';
import { Direction } from '../../core/words.ts';
import { sameId, type Item, type ItemSettings } from '../../siterecovery/item.ts';
import { named, time } from '../../siterecovery/read.ts';
import { A2A } from './instanceType.ts';

/** Undefined for an item of another scenario. */
export function readItem(raw: ReplicationProtectedItem): Item | undefined {
  const properties = raw.properties;
  const details = properties?.providerSpecificDetails;
  if (!raw.id || !raw.name || !properties || details?.instanceType !== A2A) return undefined;
  const a2a = details as A2AReplicationDetails;
  const scenario = named(properties.currentScenario?.scenarioName);
  const jobId = named(properties.currentScenario?.jobId);
  return {
    armId: raw.id,
    name: raw.name,
    friendlyName: properties.friendlyName ?? raw.name,
    scenario: Scenario.azureToAzure,
    lifecycleId: named(a2a.lifecycleId),
    protectionState: properties.protectionState ?? '',
    activeLocation: properties.activeLocation ?? '',
    allowedOperations: properties.allowedOperations ?? [],
    recoveryVmId: named(a2a.recoveryFabricObjectId),
    testVmId: named(a2a.testFailoverRecoveryFabricObjectId),
    currentJob: scenario && jobId ? { scenario, id: nameOf(jobId) } : null,
    direction: directionOf(a2a),
    health: properties.replicationHealth ?? '',
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

function rpoOf({ rpoInSeconds: seconds, lastRpoCalculatedTime }: A2AReplicationDetails): Item['rpo'] {
  const at = time(lastRpoCalculatedTime);
  return typeof seconds !== 'number' || at === null ? null : { seconds, at };
}

function toMachines(a2a: A2AReplicationDetails, activeLocation: string, running: string | null): Machines {
  const lower = (id: string | null | undefined): string | null => named(id)?.toLowerCase() ?? null;
  const type = named(a2a.recoveryCloudService) ? 'Microsoft.ClassicCompute' : 'Microsoft.Compute';
  const at = (name: string | undefined): string | null =>
    named(name) ? lower(`${recoveryGroupOf(a2a)}/providers/${type}/virtualMachines/${name ?? ''}`) : null;
  const failedOver = activeLocation === 'Recovery';
  return {
    source: (a2a.fabricObjectId ?? '').toLowerCase(),
    other: lower(a2a.recoveryFabricObjectId),
    expected: at(a2a.recoveryAzureVMName),
    // A test VM stands there before the service names it.
    test:
      lower(a2a.testFailoverRecoveryFabricObjectId) ??
      (running === 'TestFailover' ? at(a2a.tfoAzureVMName) : null),
    failedOver,
    failingOver: running === 'UnplannedFailover',
    reversed: directionOf(a2a) === Direction.reversed,
    region: regionName(failedOver ? a2a.recoveryFabricLocation : a2a.primaryFabricLocation),
  };
}

/** A VM of the classic model comes up in a cloud service, and with it in that one's group. */
const recoveryGroupOf = (a2a: A2AReplicationDetails): string =>
  named(a2a.recoveryAzureResourceGroupId) ?? resourceGroupOf(a2a.recoveryCloudService ?? '');

function toSettings(a2a: A2AReplicationDetails, recoveryContainerId: string): ItemSettings {
  // A group that the service made for one VM alone is none.
  const group = a2a.multiVmGroupCreateOption === 'AutoCreated' ? null : named(a2a.multiVmGroupName);
  const cloudService = named(a2a.recoveryCloudService);
  return {
    size: named(a2a.recoveryAzureVMSize),
    resourceGroupId: recoveryGroupOf(a2a),
    ...(cloudService ? { cloudServiceId: cloudService } : {}),
    networkId: named(a2a.selectedRecoveryAzureNetworkId),
    testNetworkId: named(a2a.selectedTfoAzureNetworkId),
    nics: (a2a.vmNics ?? []).map(({ nicId, ipConfigs = [] }) => {
      const first = ipConfigs.find(({ isPrimary }) => isPrimary) ?? ipConfigs[0];
      return {
        id: nicId ?? '',
        subnet: named(first?.recoverySubnetName),
        address: named(first?.recoveryStaticIPAddress),
      };
    }),
    availabilitySetId: named(a2a.recoveryAvailabilitySet),
    zone: named(a2a.recoveryAvailabilityZone),
    placementGroupId: named(a2a.recoveryProximityPlacementGroupId),
    multiVmGroup: group ? { id: a2a.multiVmGroupId ?? '', name: group } : null,
    recoveryContainerId,
    sourceZone: named(a2a.primaryAvailabilityZone),
    disks: [
      ...(a2a.protectedManagedDisks ?? []).map((disk) => ({
        id: disk.diskId ?? '',
        name: disk.diskName ?? '',
        managed: true,
        replicaType: named(disk.recoveryReplicaDiskAccountType),
        targetType: named(disk.recoveryTargetDiskAccountType),
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
  const first = a2a.initialPrimaryFabricLocation ?? a2a.primaryFabricLocation ?? '';
  const reversed =
    a2a.primaryFabricLocation === a2a.recoveryFabricLocation
      ? (a2a.initialPrimaryZone ?? '') !== (a2a.primaryAvailabilityZone ?? '')
      : !sameId(first, a2a.primaryFabricLocation ?? '');
  return reversed ? Direction.reversed : Direction.original;
}

function toDisk(
  disk: NonNullable<A2AReplicationDetails['protectedManagedDisks']>[number],
): Item['disks'][number] {
  const failedOver = `${disk.recoveryResourceGroupId ?? ''}/providers/Microsoft.Compute/disks/${named(disk.failoverDiskName) ?? disk.diskName ?? ''}`;
  return {
    managed: true,
    sourceDiskId: disk.diskId ?? '',
    recoveryDiskId: named(disk.recoveryTargetDiskId) ?? failedOver,
    recoveryName: named(disk.failoverDiskName) ?? disk.diskName ?? '',
    cacheStorageAccountId: disk.primaryStagingAzureStorageAccountId ?? '',
    sourceAccountId: null,
  };
}

function toUnmanagedDisk(
  disk: NonNullable<A2AReplicationDetails['protectedDisks']>[number],
): Item['disks'][number] {
  return {
    managed: false,
    sourceDiskId: disk.diskUri ?? '',
    recoveryDiskId: named(disk.recoveryDiskUri),
    recoveryName: named(disk.failoverDiskName) ?? disk.diskName ?? '',
    cacheStorageAccountId: disk.primaryStagingAzureStorageAccountId ?? '',
    sourceAccountId: named(disk.primaryDiskAzureStorageAccountId),
  };
}
