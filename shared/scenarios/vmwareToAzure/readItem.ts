// Converts an SDK item of this scenario into a ReplicatedItem.
import type {
  InMageAzureV2ReplicationDetails,
  InMageRcmFailbackReplicationDetails,
  InMageRcmReplicationDetails,
  InMageReplicationDetails,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';
import { nameOf, regionName, resourceGroupOf } from '../../core/armId.ts';
import { Scenario } from '../../core/scenario.ts';
import { Direction } from '../../core/operations.ts';
import type { ItemSettings, ReplicatedItem, ReplicationServer } from '../../siterecovery/item.ts';
import { textOrNull, isoTimeOrNull } from '../../siterecovery/fromSdk.ts';
import { goesHome, isForm } from './instanceType.ts';

/** The part of an item that depends on its form. */
export interface FormFacts {
  readonly sourceVmId: string;
  readonly azureVmId: string | null;
  readonly azureRegion: string;
  readonly server: ReplicationServer;
  readonly rpo: ReplicatedItem['rpo'];
  readonly disks: ReplicatedItem['disks'];
  readonly settings: Omit<ItemSettings, 'recoveryContainerId'>;
}

type Raw = ReplicationProtectedItem;

/** Returns undefined for an item of another scenario. */
export function readItem(raw: Raw): ReplicatedItem | undefined {
  const properties = raw.properties;
  const form = properties?.providerSpecificDetails?.instanceType;
  if (!raw.id || !raw.name || !properties || !isForm(form)) return undefined;
  const facts = READERS[form](raw);
  const running = textOrNull(properties.currentScenario?.scenarioName);
  const jobId = textOrNull(properties.currentScenario?.jobId);
  const protectionState = properties.protectionState ?? '';
  const allowedOperations = properties.allowedOperations ?? [];
  const recoveryContainerId = properties.recoveryContainerId ?? '';
  const state = {
    isHome: goesHome(form),
    failedOver: properties.activeLocation === 'Recovery',
    isTesting: allowedOperations.includes('TestFailoverCleanup'),
    running,
  };
  const machines = toMachines(facts, state);
  const azureSite = { region: facts.azureRegion, resourceGroupId: resourceGroupOf(facts.azureVmId ?? '') };
  const ownSite = { region: '', resourceGroupId: '' };
  return {
    armId: raw.id,
    name: raw.name,
    friendlyName: properties.friendlyName ?? raw.name,
    scenario: Scenario.vmwareToAzure,
    instanceType: form,
    server: facts.server,
    // A VM that replicates home has been protected before.
    lifecycleId: state.isHome || isFirstCopyComplete(protectionState) ? raw.name.toLowerCase() : null,
    protectionState,
    initialReplicationPercent: percentOf(properties.providerSpecificDetails, protectionState),
    activeLocation: properties.activeLocation ?? '',
    allowedOperations,
    recoveryVmId: state.isHome ? null : machines.other,
    testVmId: machines.test,
    currentJob: running && jobId ? { scenario: running, id: nameOf(jobId) } : null,
    direction: state.isHome ? Direction.reversed : Direction.original,
    health: properties.replicationHealth ?? '',
    sourceVmId: facts.sourceVmId,
    policyId: properties.policyId ?? '',
    recoveryContainerId,
    primary: state.isHome ? azureSite : ownSite,
    recovery: state.isHome ? ownSite : azureSite,
    disks: facts.disks,
    settings: { ...facts.settings, recoveryContainerId },
    machines,
    rpo: facts.rpo,
  };
}

/** Some forms report the first copy as a resynchronization. */
function percentOf(details: object | undefined, protectionState: string): number | null {
  const { initialReplicationProgressPercentage: initial, resyncProgressPercentage: resync } = (details ??
    {}) as { initialReplicationProgressPercentage?: number; resyncProgressPercentage?: number };
  return initial ?? resync ?? (protectionState === 'Protected' ? 100 : null);
}

/** True after the first copy. Before that, the enabling can still fail. */
const isFirstCopyComplete = (protectionState: string): boolean =>
  !/^(InitialReplication|Enabling|UnprotectedStates|$)/.test(protectionState);

interface MachineState {
  readonly isHome: boolean;
  readonly failedOver: boolean;
  readonly isTesting: boolean;
  readonly running: string | null;
}

function toMachines(
  { sourceVmId, azureVmId, azureRegion }: FormFacts,
  { isHome, failedOver, isTesting, running }: MachineState,
): ReplicatedItem['machines'] {
  const inAzure = azureVmId?.toLowerCase() ?? null;
  return {
    source: sourceVmId.toLowerCase(),
    other: !isHome && failedOver ? inAzure : null,
    expected: isHome ? null : inAzure,
    // Items of this scenario do not name the test VM. Site Recovery gives it this name.
    test: !isHome && isTesting && inAzure !== null ? `${inAzure}-test` : null,
    failedOver,
    failingOver: !failedOver && (running === 'UnplannedFailover' || running === 'PlannedFailover'),
    reversed: isHome,
    region: failedOver === isHome ? '' : azureRegion,
  };
}

const rpoOf = (seconds: number | undefined, calculated: Date | undefined): ReplicatedItem['rpo'] => {
  const at = isoTimeOrNull(calculated);
  return typeof seconds !== 'number' || at === null ? null : { seconds, at };
};

const serverOf = (id: string | undefined, name: string | undefined): ReplicationServer => ({
  id: id ?? '',
  name: name ?? '',
});

const vmIdOf = (group: string | undefined, name: string | undefined): string | null =>
  textOrNull(group) && textOrNull(name)
    ? `${group ?? ''}/providers/Microsoft.Compute/virtualMachines/${name ?? ''}`
    : null;

/** Site Recovery gives a multi-VM group with an appliance a name, and no id. */
const groupOf = (id: string | undefined, name: string | undefined): ItemSettings['multiVmGroup'] =>
  textOrNull(name) ? { id: textOrNull(id) ?? name ?? '', name: name ?? '' } : null;

const NO_AZURE_SETTINGS = {
  size: null,
  networkId: null,
  testNetworkId: null,
  availabilitySetId: null,
  zone: null,
  placementGroupId: null,
  sourceZone: null,
} as const;

interface DiskFields {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly recoveryDiskId: string | null;
  readonly recoveryName: string;
  readonly type: string | null;
}
const toDisks = (list: readonly DiskFields[], managed: boolean): ReplicatedItem['disks'] =>
  list.map((disk) => ({
    managed,
    sourceDiskId: disk.id,
    recoveryDiskId: disk.recoveryDiskId,
    recoveryName: disk.recoveryName,
    cacheStorageAccountId: disk.account,
    sourceAccountId: null,
  }));
const toDiskSettings = (list: readonly DiskFields[], managed: boolean): ItemSettings['disks'] =>
  list.map(({ id, name, type }) => ({ id, name, managed, replicaType: type, targetType: type }));

function readAppliance({ properties }: Raw): FormFacts {
  const rcm = properties?.providerSpecificDetails as InMageRcmReplicationDetails;
  const managed = textOrNull(rcm.storageAccountId) === null;
  const disks = (rcm.protectedDisks ?? []).map((disk) => ({
    id: disk.diskId ?? '',
    name: disk.diskName ?? '',
    account: disk.logStorageAccountId ?? '',
    recoveryDiskId: textOrNull(disk.targetManagedDiskId),
    recoveryName: nameOf(disk.targetManagedDiskId ?? '') || (disk.diskName ?? ''),
    type: textOrNull(disk.diskType),
  }));
  return {
    sourceVmId: rcm.fabricDiscoveryMachineId ?? '',
    azureVmId: vmIdOf(rcm.targetResourceGroupId, rcm.targetVmName),
    azureRegion: regionName(rcm.targetLocation),
    server: serverOf(rcm.processServerId, rcm.processServerName),
    rpo: rpoOf(rcm.lastRpoInSeconds, rcm.lastRpoCalculatedTime),
    disks: toDisks(disks, managed),
    settings: {
      size: textOrNull(rcm.targetVmSize),
      resourceGroupId: rcm.targetResourceGroupId ?? '',
      networkId: textOrNull(rcm.targetNetworkId),
      testNetworkId: textOrNull(rcm.testNetworkId),
      nics: (rcm.vmNics ?? []).map((nic) => ({
        id: nic.nicId ?? '',
        subnet: textOrNull(nic.targetSubnetName),
        address: textOrNull(nic.targetIPAddress),
      })),
      availabilitySetId: textOrNull(rcm.targetAvailabilitySetId),
      zone: textOrNull(rcm.targetAvailabilityZone),
      placementGroupId: textOrNull(rcm.targetProximityPlacementGroupId),
      multiVmGroup: groupOf(undefined, rcm.multiVmGroupName),
      sourceZone: null,
      disks: toDiskSettings(disks, managed),
    },
  };
}

function readApplianceHome({ properties }: Raw): FormFacts {
  const home = properties?.providerSpecificDetails as InMageRcmFailbackReplicationDetails;
  const azureVmId = home.azureVirtualMachineId ?? '';
  const disks = (home.protectedDisks ?? []).map((disk) => ({
    id: disk.diskId ?? '',
    name: disk.diskName ?? '',
    account: home.logStorageAccountId ?? '',
    recoveryDiskId: null,
    recoveryName: disk.diskName ?? '',
    type: null,
  }));
  return {
    sourceVmId: azureVmId,
    azureVmId,
    azureRegion: '',
    server: serverOf(home.reprotectAgentId, home.reprotectAgentName),
    rpo: null,
    disks: toDisks(disks, true),
    settings: {
      ...NO_AZURE_SETTINGS,
      resourceGroupId: resourceGroupOf(azureVmId),
      nics: (home.vmNics ?? []).map(({ macAddress }) => ({
        id: macAddress ?? '',
        subnet: null,
        address: null,
      })),
      multiVmGroup: groupOf(undefined, home.multiVmGroupName),
      disks: toDiskSettings(disks, true),
    },
  };
}

function readClassic({ properties }: Raw): FormFacts {
  const classic = properties?.providerSpecificDetails as InMageAzureV2ReplicationDetails;
  const managed = classic.useManagedDisks?.toLowerCase() !== 'false';
  const disks = (classic.protectedDisks ?? []).map((disk) => {
    const managedDisk = classic.protectedManagedDisks?.find(({ diskId }) => diskId === disk.diskId);
    return {
      id: disk.diskId ?? '',
      name: disk.diskName ?? '',
      account: classic.recoveryAzureLogStorageAccountId ?? '',
      recoveryDiskId: null,
      recoveryName: managedDisk?.targetDiskName ?? disk.diskName ?? '',
      type: textOrNull(managedDisk?.replicaDiskType),
    };
  });
  return {
    sourceVmId: properties?.protectableItemId ?? '',
    azureVmId:
      textOrNull(classic.targetVmId) ??
      vmIdOf(classic.recoveryAzureResourceGroupId, classic.recoveryAzureVMName),
    azureRegion: '',
    server: serverOf(classic.processServerId, classic.processServerName),
    rpo: rpoOf(classic.rpoInSeconds, classic.lastRpoCalculatedTime),
    disks: toDisks(disks, managed),
    settings: {
      size: textOrNull(classic.recoveryAzureVMSize),
      resourceGroupId: classic.recoveryAzureResourceGroupId ?? '',
      networkId: textOrNull(classic.selectedRecoveryAzureNetworkId),
      testNetworkId: textOrNull(classic.selectedTfoAzureNetworkId),
      nics: (classic.vmNics ?? []).map(({ nicId, ipConfigs = [] }) => ({
        id: nicId ?? '',
        subnet: textOrNull(ipConfigs[0]?.recoverySubnetName),
        address: textOrNull(ipConfigs[0]?.recoveryStaticIPAddress),
      })),
      availabilitySetId: textOrNull(classic.recoveryAvailabilitySetId),
      zone: textOrNull(classic.targetAvailabilityZone),
      placementGroupId: textOrNull(classic.targetProximityPlacementGroupId),
      multiVmGroup: groupOf(classic.multiVmGroupId, classic.multiVmGroupName),
      sourceZone: null,
      disks: toDiskSettings(disks, managed),
    },
  };
}

/** The older form of the way home does not name the VM in Azure. */
function readClassicHome({ properties }: Raw): FormFacts {
  const home = properties?.providerSpecificDetails as InMageReplicationDetails;
  const disks = (home.protectedDisks ?? []).map((disk) => ({
    id: disk.diskId ?? '',
    name: disk.diskName ?? '',
    account: '',
    recoveryDiskId: null,
    recoveryName: disk.diskName ?? '',
    type: null,
  }));
  return {
    sourceVmId: properties?.protectableItemId ?? '',
    azureVmId: null,
    azureRegion: '',
    server: serverOf(home.processServerId, ''),
    rpo: rpoOf(home.rpoInSeconds, home.lastRpoCalculatedTime),
    disks: toDisks(disks, true),
    settings: {
      ...NO_AZURE_SETTINGS,
      resourceGroupId: '',
      nics: (home.vmNics ?? []).map(({ nicId }) => ({ id: nicId ?? '', subnet: null, address: null })),
      multiVmGroup: groupOf(home.multiVmGroupId, home.multiVmGroupName),
      disks: toDiskSettings(disks, true),
    },
  };
}

const READERS = {
  InMageRcm: readAppliance,
  InMageRcmFailback: readApplianceHome,
  InMageAzureV2: readClassic,
  InMage: readClassicHome,
} as const;
