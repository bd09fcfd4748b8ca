// The request to Site Recovery that enables a VM of a Hyper-V site.
import type { HyperVReplicaAzureEnableProtectionInput } from '@azure/arm-recoveryservices-siterecovery';
import { sameId, type ReplicatedItem, type ReplicationChange } from '../../../siterecovery/item.ts';
import type { VmSettings } from '../../../siterecovery/vmSettings.ts';
import { HYPER_V } from '../instanceType.ts';

/** Returns the input for these settings. */
export function enableInput(settings: VmSettings): HyperVReplicaAzureEnableProtectionInput {
  const { onPremises } = settings;
  if (!onPremises) throw new Error('The settings of a VM of a Hyper-V site lack its own part.');
  return {
    instanceType: HYPER_V,
    vmName: onPremises.targetName,
    osType: onPremises.osType,
    vhdId: onPremises.osDiskId,
    disksToInclude: [...onPremises.diskIds],
    targetAzureVmName: onPremises.targetName,
    targetAzureV2ResourceGroupId: settings.resourceGroupId,
    targetAzureNetworkId: settings.networkId,
    targetAzureSubnetId: onPremises.subnet,
    targetStorageAccountId: onPremises.storageAccountId,
    useManagedDisks: String(onPremises.managedDisks),
    enableRdpOnTargetOption: 'Never',
    ...(settings.size === null ? {} : { targetVmSize: settings.size }),
    ...(settings.availability.type === 'set' ? { targetAvailabilitySetId: settings.availability.setId } : {}),
    ...(settings.placementGroupId ? { targetProximityPlacementGroupId: settings.placementGroupId } : {}),
  };
}

/** Returns the changes that the item still needs after its enabling. */
export const changesAfterEnabling = (
  { size, networkId }: VmSettings,
  { settings }: ReplicatedItem,
): ReplicationChange => ({
  ...(size !== null && settings.size !== size ? { size } : {}),
  ...(settings.networkId === null || !sameId(settings.networkId, networkId) ? { networkId } : {}),
});
