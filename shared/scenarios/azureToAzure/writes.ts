// The SDK calls for each write on one VM. `sendOnce` runs them; they never wait for the end of an
// operation.
import { itemAddressOf } from '../../core/armId.ts';
import type { PhaseOperation } from '../../core/operations.ts';
import {
  sameId,
  type ReplicationChange,
  type ReplicatedItem,
  type ItemDisk,
} from '../../siterecovery/item.ts';
import type { ReprotectTarget } from '../../siterecovery/siteRecovery.ts';
import type { DiskSettings } from '../../siterecovery/vmSettings.ts';
import type { ItemWrite } from '../driver.ts';
import { cancelWrites, itemIn, plainWrites } from '../itemWrites.ts';
import { A2A } from './instanceType.ts';

/** The write of each operation in this scenario. */
export const writes = {
  ...plainWrites,
  ...cancelWrites,
  enableReplication(client, at, { itemId, sourceVmId, settings }, options) {
    const { items, address } = itemIn(client, at, itemId);
    const details = {
      instanceType: A2A,
      fabricObjectId: sourceVmId,
      recoveryContainerId: settings.recoveryContainerId,
      ...recoveryGroupInput(settings),
      recoveryAzureNetworkId: settings.networkId,
      ...(settings.nics[0] ? { recoverySubnetName: settings.nics[0].subnet } : {}),
      ...(settings.availability.type === 'set'
        ? { recoveryAvailabilitySetId: settings.availability.setId }
        : {}),
      ...(settings.availability.type === 'zone'
        ? { recoveryAvailabilityZone: settings.availability.zone }
        : {}),
      ...(settings.placementGroupId ? { recoveryProximityPlacementGroupId: settings.placementGroupId } : {}),
      ...(settings.multiVmGroup
        ? {
            multiVmGroupName: settings.multiVmGroup.name,
            ...(settings.multiVmGroup.id ? { multiVmGroupId: settings.multiVmGroup.id } : {}),
          }
        : {}),
      ...disksToEnable(settings.disks),
    };
    return items.beginCreate(
      ...address,
      { properties: { policyId: settings.policyId, providerSpecificDetails: details } },
      options,
    );
  },
  updateReplication(client, at, { item, change }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    return items.beginUpdate(...address, { properties: updateInput(item, change) }, options);
  },
  testFailover(client, at, { item, recoveryPointId, networkId }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    const network = networkId
      ? { networkType: 'VmNetworkAsInput', networkId }
      : { networkType: 'NoNetworkAttachAsInput' };
    const input = {
      properties: {
        failoverDirection: 'PrimaryToRecovery',
        ...network,
        providerSpecificDetails: recoveryPointInput(recoveryPointId),
      },
    };
    return items.beginTestFailover(...address, input, options);
  },
  failover(client, at, { item, recoveryPointId, shutDownSource }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    const sourceSiteOperations = shutDownSource ? 'Required' : 'NotRequired';
    const input = {
      properties: {
        failoverDirection: 'PrimaryToRecovery',
        sourceSiteOperations,
        providerSpecificDetails: recoveryPointInput(recoveryPointId),
      },
    };
    return items.beginUnplannedFailover(...address, input, options);
  },
  changeRecoveryPoint(client, at, { item, recoveryPointId }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    const input = { properties: { recoveryPointId, providerSpecificDetails: { instanceType: A2A } } };
    return items.beginApplyRecoveryPoint(...address, input, options);
  },
  // The request goes to the item's present container. That container becomes the recovery
  // container.
  reprotect(client, at, { item, target }, options) {
    if (!target || !('blobs' in target))
      throw new Error(`The reprotect of ${item.friendlyName} has no target.`);
    const { fabric, container, name } = itemAddressOf(item.armId);
    const details = {
      instanceType: A2A,
      policyId: item.policyId,
      recoveryContainerId: item.armId.replace(/\/replicationProtectedItems\/.*$/i, ''),
      ...recoveryGroupInput(target),
      ...(target.availabilitySetId ? { recoveryAvailabilitySetId: target.availabilitySetId } : {}),
      ...(target.zone ? { recoveryAvailabilityZone: target.zone } : {}),
      ...(target.placementGroupId ? { recoveryProximityPlacementGroupId: target.placementGroupId } : {}),
      ...disksToReprotect(item.disks, target),
    };
    const input = { properties: { replicationProtectedItemName: name, providerSpecificDetails: details } };
    return client.replicationProtectionContainers.beginSwitchProtection(
      at.vault,
      at.resourceGroup,
      fabric,
      container,
      input,
      options,
    );
  },
} satisfies { readonly [Name in PhaseOperation]: ItemWrite<Name> };

/** A classic VM comes up in a cloud service, any other VM in a resource group. */
const recoveryGroupInput = ({
  cloudServiceId,
  resourceGroupId,
}: {
  readonly cloudServiceId?: string;
  readonly resourceGroupId: string;
}) =>
  cloudServiceId ? { recoveryCloudServiceId: cloudServiceId } : { recoveryResourceGroupId: resourceGroupId };

/** Without a point Site Recovery takes the latest. */
const recoveryPointInput = (recoveryPointId: string | null) => ({
  instanceType: A2A,
  ...(recoveryPointId ? { recoveryPointId } : {}),
});

function disksToEnable(disks: readonly DiskSettings[]) {
  const managed = disks
    .filter((disk) => disk.managed)
    .map((disk) => ({
      diskId: disk.id,
      primaryStagingAzureStorageAccountId: disk.cacheStorageAccountId,
      recoveryResourceGroupId: disk.resourceGroupId,
      recoveryReplicaDiskAccountType: disk.replicaType,
      recoveryTargetDiskAccountType: disk.targetType,
    }));
  const unmanaged = disks
    .filter((disk) => !disk.managed)
    .map((disk) => ({
      diskUri: disk.id,
      primaryStagingAzureStorageAccountId: disk.cacheStorageAccountId,
      recoveryAzureStorageAccountId: disk.storageAccountId,
    }));
  return {
    ...(managed.length > 0 ? { vmManagedDisks: managed } : {}),
    ...(unmanaged.length > 0 ? { vmDisks: unmanaged } : {}),
  };
}

function disksToReprotect(
  disks: readonly ItemDisk[],
  { resourceGroupId, cacheStorageAccountId, blobs }: ReprotectTarget,
) {
  const managed = disks
    .filter((disk) => disk.managed)
    .map((disk) => ({
      diskId: disk.recoveryDiskId ?? '',
      recoveryResourceGroupId: resourceGroupId,
      primaryStagingAzureStorageAccountId: cacheStorageAccountId,
    }));
  const unmanaged = blobs.map(({ uri, accountId }) => ({
    diskUri: uri,
    recoveryAzureStorageAccountId: accountId,
    primaryStagingAzureStorageAccountId: cacheStorageAccountId,
  }));
  return {
    ...(managed.length > 0 ? { vmManagedDisks: managed } : {}),
    ...(unmanaged.length > 0 ? { vmDisks: unmanaged } : {}),
  };
}

/** Adds the unchanged network interfaces with their present values. */
function completeNicList(
  { settings }: ReplicatedItem,
  changed: NonNullable<ReplicationChange['nics']>,
): NonNullable<ReplicationChange['nics']> {
  const others = settings.nics.filter(({ id }) => !changed.some(({ nicId }) => sameId(nicId, id)));
  return [
    ...changed,
    ...others.map(({ id, subnet, address }) => ({
      nicId: id,
      ...(subnet === null ? {} : { subnet }),
      ...(address === null ? {} : { address }),
    })),
  ];
}

/** Site Recovery takes network interfaces only as a complete list, together with their network. */
function updateInput(item: ReplicatedItem, change: ReplicationChange) {
  const networkId = change.networkId ?? (change.nics ? item.settings.networkId : null);
  return {
    ...(change.size ? { recoveryAzureVMSize: change.size } : {}),
    ...(networkId ? { selectedRecoveryAzureNetworkId: networkId } : {}),
    ...(change.testNetworkId ? { selectedTfoAzureNetworkId: change.testNetworkId } : {}),
    ...(change.nics
      ? {
          vmNics: completeNicList(item, change.nics).map(({ nicId, subnet, address }) => ({
            nicId,
            ipConfigs: [
              {
                isPrimary: true,
                ...(subnet ? { recoverySubnetName: subnet } : {}),
                ...(address === undefined ? {} : { recoveryStaticIPAddress: address ?? '' }),
              },
            ],
          })),
        }
      : {}),
    ...(change.availabilitySetId ? { recoveryAvailabilitySetId: change.availabilitySetId } : {}),
    providerSpecificDetails: {
      instanceType: A2A,
      ...(change.resourceGroupId ? { recoveryResourceGroupId: change.resourceGroupId } : {}),
      ...(change.placementGroupId ? { recoveryProximityPlacementGroupId: change.placementGroupId } : {}),
      ...(change.disks
        ? {
            managedDiskUpdateDetails: change.disks.map(({ id, replicaType, targetType }) => ({
              diskId: id,
              ...(replicaType ? { recoveryReplicaDiskAccountType: replicaType } : {}),
              ...(targetType ? { recoveryTargetDiskAccountType: targetType } : {}),
            })),
          }
        : {}),
    },
  };
}
