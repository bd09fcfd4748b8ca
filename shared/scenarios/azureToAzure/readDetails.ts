// Reads the details of one replicated VM for people: progress, lag, both sides and the target
// settings.
import type { A2AReplicationDetails, VMNicDetails } from '@azure/arm-recoveryservices-siterecovery';
import { regionName } from '../../core/armId.ts';
import { textOrNull, isoTimeOrNull } from '../../siterecovery/fromSdk.ts';
import type { Capabilities } from '../driver.ts';
import type { ItemDetails } from '../itemDetails.ts';
import { multiVmGroupOf, percentOf } from './readItem.ts';

export const readDetails: Capabilities['readDetails'] = (properties) => {
  const a2a = (properties.providerSpecificDetails ?? {}) as Partial<A2AReplicationDetails>;
  return {
    sourceVmId: a2a.fabricObjectId ?? '',
    initialReplicationPercent: percentOf(a2a, properties.protectionState),
    rpoSeconds: a2a.rpoInSeconds ?? null,
    rpoAt: isoTimeOrNull(a2a.lastRpoCalculatedTime),
    lastHeartbeat: isoTimeOrNull(a2a.lastHeartbeat),
    agentVersion: textOrNull(a2a.agentVersion),
    from: { region: regionName(a2a.primaryFabricLocation), zone: textOrNull(a2a.primaryAvailabilityZone) },
    to: { region: regionName(a2a.recoveryFabricLocation), zone: textOrNull(a2a.recoveryAvailabilityZone) },
    settings: toSettings(a2a),
  };
};

const toSettings = (a2a: Partial<A2AReplicationDetails>): ItemDetails['settings'] => ({
  name: textOrNull(a2a.recoveryAzureVMName),
  size: textOrNull(a2a.recoveryAzureVMSize),
  resourceGroupId: textOrNull(a2a.recoveryAzureResourceGroupId),
  networkId: textOrNull(a2a.selectedRecoveryAzureNetworkId),
  nics: (a2a.vmNics ?? []).map(toNic),
  availabilitySetId: textOrNull(a2a.recoveryAvailabilitySet),
  zone: textOrNull(a2a.recoveryAvailabilityZone),
  placementGroupId: textOrNull(a2a.recoveryProximityPlacementGroupId),
  multiVmGroup: multiVmGroupOf(a2a),
  disks: [
    ...(a2a.protectedManagedDisks ?? []).map((disk) => ({
      name: disk.diskName ?? '',
      id: disk.diskId ?? '',
      managed: true,
      os: disk.diskType === 'OperatingSystem',
      state: textOrNull(disk.diskState),
      percent: disk.monitoringPercentageCompletion ?? null,
      cacheStorageAccountId: textOrNull(disk.primaryStagingAzureStorageAccountId),
      replicaType: textOrNull(disk.recoveryReplicaDiskAccountType),
      targetType: textOrNull(disk.recoveryTargetDiskAccountType),
      resourceGroupId: textOrNull(disk.recoveryResourceGroupId),
      storageAccountId: null,
    })),
    ...(a2a.protectedDisks ?? []).map((disk) => ({
      name: disk.diskName ?? '',
      id: disk.diskUri ?? '',
      managed: false,
      os: disk.diskType === 'OperatingSystem',
      state: textOrNull(disk.diskState),
      percent: disk.monitoringPercentageCompletion ?? null,
      cacheStorageAccountId: textOrNull(disk.primaryStagingAzureStorageAccountId),
      replicaType: null,
      targetType: null,
      resourceGroupId: null,
      storageAccountId: textOrNull(disk.recoveryAzureStorageAccountId),
    })),
  ],
});

function toNic(raw: VMNicDetails) {
  const [first] = (raw.ipConfigs ?? []).toSorted(
    (a, b) => Number(b.isPrimary ?? false) - Number(a.isPrimary ?? false),
  );
  return {
    id: raw.sourceNicArmId ?? raw.nicId ?? '',
    networkId: textOrNull(raw.recoveryVMNetworkId),
    subnet: textOrNull(first?.recoverySubnetName),
    address: textOrNull(first?.recoveryStaticIPAddress),
    selection: textOrNull(raw.selectionType),
  };
}
