// The request to Site Recovery that enables a VM of a vCenter.
import type { EnableProtectionInputProperties } from '@azure/arm-recoveryservices-siterecovery';
import { sameId, type ReplicatedItem, type ReplicationChange } from '../../../siterecovery/item.ts';
import type { OnPremisesSettings, VmSettings } from '../../../siterecovery/vmSettings.ts';
import { APPLIANCE, CLASSIC } from '../instanceType.ts';

/** Returns the input for these settings. */
export function enableProperties(machineId: string, settings: VmSettings): EnableProtectionInputProperties {
  const { onPremises, policyId } = settings;
  if (!onPremises?.replication) throw new Error('The settings of a VMware VM lack its own part.');
  return onPremises.replication.form === APPLIANCE.toAzure
    ? { policyId, providerSpecificDetails: applianceInput(machineId, settings, onPremises) }
    : {
        policyId,
        protectableItemId: machineId,
        providerSpecificDetails: classicInput(settings, onPremises),
      };
}

const targetInput = ({ size, availability, placementGroupId, multiVmGroup }: VmSettings) => ({
  ...(size === null ? {} : { targetVmSize: size }),
  ...(availability.type === 'set' ? { targetAvailabilitySetId: availability.setId } : {}),
  ...(placementGroupId ? { targetProximityPlacementGroupId: placementGroupId } : {}),
  ...(multiVmGroup ? { multiVmGroupName: multiVmGroup.name } : {}),
});

const serverInput = ({ replication }: OnPremisesSettings) => ({
  processServerId: replication?.serverId ?? '',
  ...(replication?.accountId ? { runAsAccountId: replication.accountId } : {}),
});

const applianceInput = (machineId: string, settings: VmSettings, own: OnPremisesSettings) => ({
  instanceType: APPLIANCE.toAzure,
  fabricDiscoveryMachineId: machineId,
  ...serverInput(own),
  disksToInclude: own.diskIds.map((diskId) => ({
    diskId,
    logStorageAccountId: own.storageAccountId,
    diskType: own.replication?.diskType ?? '',
  })),
  targetResourceGroupId: settings.resourceGroupId,
  targetNetworkId: settings.networkId,
  targetSubnetName: own.subnet,
  targetVmName: own.targetName,
  ...targetInput(settings),
});

const classicInput = (settings: VmSettings, own: OnPremisesSettings) => ({
  instanceType: CLASSIC.toAzure,
  ...serverInput(own),
  logStorageAccountId: own.storageAccountId,
  diskType: own.replication?.diskType ?? '',
  disksToInclude: own.diskIds.map((diskId) => ({ diskId })),
  targetAzureV2ResourceGroupId: settings.resourceGroupId,
  targetAzureNetworkId: settings.networkId,
  targetAzureSubnetId: own.subnet,
  targetAzureVmName: own.targetName,
  enableRdpOnTargetOption: 'Never',
  ...targetInput(settings),
});

/** Returns the changes that the item still needs after its enabling. */
export function changesAfterEnabling({ nics }: VmSettings, { settings }: ReplicatedItem): ReplicationChange {
  const changes = nics.flatMap(({ id, subnet, address }) => {
    const now = settings.nics.find((nic) => sameId(nic.id, id));
    const change = {
      nicId: id,
      ...(subnet !== '' && subnet !== now?.subnet ? { subnet } : {}),
      ...(address !== null && address !== now?.address ? { address } : {}),
    };
    return Object.keys(change).length > 1 ? [change] : [];
  });
  return changes.length > 0 ? { nics: changes } : {};
}
