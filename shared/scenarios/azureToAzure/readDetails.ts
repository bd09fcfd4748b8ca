// How one VM stands, for a person: progress, lag, both sides, settings on the target side.
import type { A2AReplicationDetails, VMNicDetails } from '@azure/arm-recoveryservices-siterecovery';
import { regionName } from '../../core/armId.ts';
import { named, time } from '../../siterecovery/read.ts';
import type { Capabilities } from '../driver.ts';
import type { ItemDetails } from '../itemDetails.ts';

export const readDetails: Capabilities['readDetails'] = (properties) => {
  const a2a = (properties.providerSpecificDetails ?? {}) as Partial<A2AReplicationDetails>;
  return {
    sourceVmId: a2a.fabricObjectId ?? '',
    // Told only while it is under way; afterwards all has been copied.
    initialReplicationPercent:
      a2a.monitoringPercentageCompletion ?? (properties.protectionState === 'Protected' ? 100 : null),
    rpoSeconds: a2a.rpoInSeconds ?? null,
    rpoAt: time(a2a.lastRpoCalculatedTime),
    lastHeartbeat: time(a2a.lastHeartbeat),
    agentVersion: named(a2a.agentVersion),
    from: { region: regionName(a2a.primaryFabricLocation), zone: named(a2a.primaryAvailabilityZone) },
    to: { region: regionName(a2a.recoveryFabricLocation), zone: named(a2a.recoveryAvailabilityZone) },
    settings: toSettings(a2a),
  };
};

const toSettings = (a2a: Partial<A2AReplicationDetails>): ItemDetails['settings'] => ({
  name: named(a2a.recoveryAzureVMName),
  size: named(a2a.recoveryAzureVMSize),
  resourceGroupId: named(a2a.recoveryAzureResourceGroupId),
  networkId: named(a2a.selectedRecoveryAzureNetworkId),
  nics: (a2a.vmNics ?? []).map(toNic),
  availabilitySetId: named(a2a.recoveryAvailabilitySet),
  zone: named(a2a.recoveryAvailabilityZone),
  placementGroupId: named(a2a.recoveryProximityPlacementGroupId),
  multiVmGroup: a2a.multiVmGroupCreateOption === 'AutoCreated' ? null : named(a2a.multiVmGroupName),
  disks: [
    ...(a2a.protectedManagedDisks ?? []).map((disk) => ({
      name: disk.diskName ?? '',
      id: disk.diskId ?? '',
      managed: true,
      os: disk.diskType === 'OperatingSystem',
      state: named(disk.diskState),
      percent: disk.monitoringPercentageCompletion ?? null,
      cacheStorageAccountId: named(disk.primaryStagingAzureStorageAccountId),
      replicaType: named(disk.recoveryReplicaDiskAccountType),
      targetType: named(disk.recoveryTargetDiskAccountType),
      resourceGroupId: named(disk.recoveryResourceGroupId),
      storageAccountId: null,
    })),
    ...(a2a.protectedDisks ?? []).map((disk) => ({
      name: disk.diskName ?? '',
      id: disk.diskUri ?? '',
      managed: false,
      os: disk.diskType === 'OperatingSystem',
      state: named(disk.diskState),
      percent: disk.monitoringPercentageCompletion ?? null,
      cacheStorageAccountId: named(disk.primaryStagingAzureStorageAccountId),
      replicaType: null,
      targetType: null,
      resourceGroupId: null,
      storageAccountId: named(disk.recoveryAzureStorageAccountId),
    })),
  ],
});

function toNic(raw: VMNicDetails) {
  const [first] = (raw.ipConfigs ?? []).toSorted(
    (a, b) => Number(b.isPrimary ?? false) - Number(a.isPrimary ?? false),
  );
  return {
    id: raw.sourceNicArmId ?? raw.nicId ?? '',
    networkId: named(raw.recoveryVMNetworkId),
    subnet: named(first?.recoverySubnetName),
    address: named(first?.recoveryStaticIPAddress),
    selection: named(raw.selectionType),
  };
}
