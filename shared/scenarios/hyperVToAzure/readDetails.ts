// Reads the details of one replicated VM for people: progress, lag and the target settings.
import type {
  HyperVReplicaAzureReplicationDetails,
  VMNicDetails,
} from '@azure/arm-recoveryservices-siterecovery';
import { isoTimeOrNull, textOrNull } from '../../siterecovery/fromSdk.ts';
import type { Capabilities } from '../driver.ts';
import type { ItemDetails } from '../itemDetails.ts';
import { percentOf } from './readItem.ts';

/** A Hyper-V site has no region, and the item does not name the region of the vault. */
const NO_LOCATION = { region: '', zone: null };

export const readDetails: Capabilities['readDetails'] = (properties) => {
  const hyperV = (properties.providerSpecificDetails ?? {}) as Partial<HyperVReplicaAzureReplicationDetails>;
  return {
    sourceVmId: properties.protectableItemId ?? '',
    initialReplicationPercent: percentOf(hyperV, properties.protectionState ?? ''),
    rpoSeconds: hyperV.rpoInSeconds ?? null,
    rpoAt: isoTimeOrNull(hyperV.lastRpoCalculatedTime),
    lastHeartbeat: isoTimeOrNull(hyperV.lastReplicatedTime),
    // Nothing is installed in the VM; the agent runs on its host.
    agentVersion: null,
    from: NO_LOCATION,
    to: { ...NO_LOCATION, zone: textOrNull(hyperV.targetAvailabilityZone) },
    settings: toSettings(hyperV),
  };
};

const toSettings = (hyperV: Partial<HyperVReplicaAzureReplicationDetails>): ItemDetails['settings'] => ({
  name: textOrNull(hyperV.recoveryAzureVmName),
  size: textOrNull(hyperV.recoveryAzureVMSize),
  resourceGroupId: textOrNull(hyperV.recoveryAzureResourceGroupId),
  networkId: textOrNull(hyperV.selectedRecoveryAzureNetworkId),
  nics: (hyperV.vmNics ?? []).map(toNic),
  availabilitySetId: textOrNull(hyperV.recoveryAvailabilitySetId),
  zone: textOrNull(hyperV.targetAvailabilityZone),
  placementGroupId: textOrNull(hyperV.targetProximityPlacementGroupId),
  multiVmGroup: null,
  disks: (hyperV.azureVmDiskDetails ?? []).map((disk) => ({
    name: disk.vhdName ?? '',
    id: disk.vhdId ?? '',
    managed: hyperV.useManagedDisks === 'true',
    os: disk.vhdType === 'OperatingSystem',
    state: null,
    percent: null,
    cacheStorageAccountId: textOrNull(hyperV.recoveryAzureLogStorageAccountId),
    replicaType: null,
    targetType: null,
    resourceGroupId: null,
    storageAccountId: textOrNull(hyperV.recoveryAzureStorageAccount),
  })),
});

function toNic({ nicId, recoveryVMNetworkId, ipConfigs = [], selectionType }: VMNicDetails) {
  const primary = ipConfigs.find(({ isPrimary }) => isPrimary) ?? ipConfigs[0];
  return {
    id: nicId ?? '',
    networkId: textOrNull(recoveryVMNetworkId),
    subnet: textOrNull(primary?.recoverySubnetName),
    address: textOrNull(primary?.recoveryStaticIPAddress),
    selection: textOrNull(selectionType),
  };
}
