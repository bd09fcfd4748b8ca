// Converts an SDK item of this scenario into a ReplicatedItem.
import type {
  HyperVReplicaAzureReplicationDetails,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';
import type { ReplicaMachines } from '../../azure/replicatedVmFacts.ts';
import { nameOf } from '../../core/armId.ts';
import { Scenario } from '../../core/scenario.ts';
import { Direction } from '../../core/operations.ts';
import type { ReplicatedItem, ItemSettings } from '../../siterecovery/item.ts';
import { textOrNull, isoTimeOrNull } from '../../siterecovery/fromSdk.ts';
import { HYPER_V } from './instanceType.ts';

/** Returns undefined for an item of another scenario. */
export function readItem(raw: ReplicationProtectedItem): ReplicatedItem | undefined {
  const properties = raw.properties;
  const details = properties?.providerSpecificDetails;
  if (!raw.id || !raw.name || !properties || details?.instanceType !== HYPER_V) return undefined;
  const hyperV = details as HyperVReplicaAzureReplicationDetails;
  const running = textOrNull(properties.currentScenario?.scenarioName);
  const jobId = textOrNull(properties.currentScenario?.jobId);
  const activeLocation = properties.activeLocation ?? '';
  const protectionState = properties.protectionState ?? '';
  const settings = toSettings(hyperV, properties.recoveryContainerId ?? '');
  const isTesting = properties.allowedOperations?.includes('TestFailoverCleanup') ?? false;
  const machines = toMachines(hyperV, properties.protectableItemId ?? '', {
    activeLocation,
    running,
    isTesting,
  });
  return {
    armId: raw.id,
    name: raw.name,
    friendlyName: properties.friendlyName ?? raw.name,
    scenario: Scenario.hyperVToAzure,
    lifecycleId: isFirstCopyComplete(protectionState) ? lifecycleIdOf(hyperV, raw.name) : null,
    protectionState,
    activeLocation,
    allowedOperations: properties.allowedOperations ?? [],
    recoveryVmId: machines.failedOver ? machines.expected : null,
    testVmId: machines.test,
    currentJob: running && jobId ? { scenario: running, id: nameOf(jobId) } : null,
    direction: directionOf(activeLocation),
    health: properties.replicationHealth ?? '',
    initialReplicationPercent: percentOf(hyperV, protectionState),
    sourceVmId: properties.protectableItemId ?? '',
    policyId: properties.policyId ?? '',
    recoveryContainerId: properties.recoveryContainerId ?? '',
    // A Hyper-V site has no region, and the item does not name the Azure region.
    primary: { region: '', resourceGroupId: '' },
    recovery: { region: '', resourceGroupId: settings.resourceGroupId },
    disks: (hyperV.azureVmDiskDetails ?? []).map((disk) => ({
      managed: hyperV.useManagedDisks === 'true',
      sourceDiskId: disk.vhdId ?? '',
      recoveryDiskId: null,
      recoveryName: textOrNull(disk.targetDiskName) ?? disk.vhdName ?? '',
      cacheStorageAccountId: hyperV.recoveryAzureLogStorageAccountId ?? '',
      sourceAccountId: null,
    })),
    settings,
    machines,
    rpo: rpoOf(hyperV),
  };
}

/** The VM's Hyper-V id. The item keeps this id through failover and failback. */
const lifecycleIdOf = ({ vmId }: HyperVReplicaAzureReplicationDetails, itemName: string): string =>
  textOrNull(vmId) ?? itemName;

/** True after the first copy. Before that, the enabling can still fail. */
const isFirstCopyComplete = (protectionState: string): boolean =>
  !/^(InitialReplication|Enabling|UnprotectedStates|$)/.test(protectionState);

const directionOf = (activeLocation: string): Direction =>
  activeLocation === 'Recovery' ? Direction.reversed : Direction.original;

/**
 * Site Recovery sends the percentage as a text. Outside of the first copy the text is 0, also for a
 * protected VM.
 */
export function percentOf(
  { initialReplicationDetails }: Partial<HyperVReplicaAzureReplicationDetails>,
  protectionState: string,
): number | null {
  if (protectionState === 'Protected' || protectionState.endsWith('CompletionPending')) return 100;
  if (!protectionState.startsWith('InitialReplication')) return null;
  const percent = Number.parseInt(initialReplicationDetails?.initialReplicationProgressPercentage ?? '', 10);
  return Number.isFinite(percent) ? percent : null;
}

function rpoOf({
  rpoInSeconds,
  lastRpoCalculatedTime,
}: HyperVReplicaAzureReplicationDetails): ReplicatedItem['rpo'] {
  const at = isoTimeOrNull(lastRpoCalculatedTime);
  return typeof rpoInSeconds !== 'number' || at === null ? null : { seconds: rpoInSeconds, at };
}

function toMachines(
  hyperV: HyperVReplicaAzureReplicationDetails,
  sourceId: string,
  {
    activeLocation,
    running,
    isTesting,
  }: { readonly activeLocation: string; readonly running: string | null; readonly isTesting: boolean },
): ReplicaMachines {
  const [group, name] = [
    textOrNull(hyperV.recoveryAzureResourceGroupId),
    textOrNull(hyperV.recoveryAzureVmName),
  ];
  const failedOver = activeLocation === 'Recovery';
  const expected =
    group && name ? `${group}/providers/Microsoft.Compute/virtualMachines/${name}`.toLowerCase() : null;
  return {
    source: sourceId.toLowerCase(),
    other: null,
    expected,
    // Items of this scenario do not name the test VM. Site Recovery gives it this name.
    test: isTesting && expected !== null ? `${expected}-test` : null,
    failedOver,
    failingOver: !failedOver && (running === 'UnplannedFailover' || running === 'PlannedFailover'),
    reversed: failedOver,
    region: '',
  };
}

const toSettings = (
  hyperV: HyperVReplicaAzureReplicationDetails,
  recoveryContainerId: string,
): ItemSettings => ({
  size: textOrNull(hyperV.recoveryAzureVMSize),
  resourceGroupId: hyperV.recoveryAzureResourceGroupId ?? '',
  networkId: textOrNull(hyperV.selectedRecoveryAzureNetworkId),
  testNetworkId: null,
  nics: (hyperV.vmNics ?? []).map(({ nicId, ipConfigs = [] }) => {
    const primary = ipConfigs.find(({ isPrimary }) => isPrimary) ?? ipConfigs[0];
    return {
      id: nicId ?? '',
      subnet: textOrNull(primary?.recoverySubnetName),
      address: textOrNull(primary?.recoveryStaticIPAddress),
    };
  }),
  availabilitySetId: textOrNull(hyperV.recoveryAvailabilitySetId),
  zone: textOrNull(hyperV.targetAvailabilityZone),
  placementGroupId: textOrNull(hyperV.targetProximityPlacementGroupId),
  multiVmGroup: null,
  recoveryContainerId,
  sourceZone: null,
  disks: (hyperV.azureVmDiskDetails ?? []).map((disk) => ({
    id: disk.vhdId ?? '',
    name: disk.vhdName ?? '',
    managed: hyperV.useManagedDisks === 'true',
    replicaType: null,
    targetType: null,
  })),
});
