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
import { A2A } from './instanceType.ts';

/** The write of each operation in this scenario. */
export const writes = {
  enableReplication(client, { vault, resourceGroup }, { itemId, sourceVmId, settings }, options) {
    const { fabric, container, name } = itemAddressOf(itemId);
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
    return client.replicationProtectedItems.beginCreate(
      vault,
      resourceGroup,
      fabric,
      container,
      name,
      { properties: { policyId: settings.policyId, providerSpecificDetails: details } },
      options,
    );
  },
  updateReplication(client, { vault, resourceGroup }, { item, change }, options) {
    const { fabric, container, name } = itemAddressOf(item.armId);
    return client.replicationProtectedItems.beginUpdate(
      vault,
      resourceGroup,
      fabric,
      container,
      name,
      { properties: updateInput(item, change) },
      options,
    );
  },
  disableReplication(client, { vault, resourceGroup }, { item }, options) {
    const { fabric, container, name } = itemAddressOf(item.armId);
    return client.replicationProtectedItems.beginDelete(
      vault,
      resourceGroup,
      fabric,
      container,
      name,
      { properties: {} },
      options,
    );
  },
  testFailover(client, { vault, resourceGroup }, { item, recoveryPointId, networkId }, options) {
    const { fabric, container, name } = itemAddressOf(item.armId);
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
    return client.replicationProtectedItems.beginTestFailover(
      vault,
      resourceGroup,
      fabric,
      container,
      name,
      input,
      options,
    );
  },
  cleanUpTestFailover(client, { vault, resourceGroup }, { item, notes }, options) {
    const { fabric, container, name } = itemAddressOf(item.armId);
    return client.replicationProtectedItems.beginTestFailoverCleanup(
      vault,
      resourceGroup,
      fabric,
      container,
      name,
      { properties: { comments: notes } },
      options,
    );
  },
  failover(client, { vault, resourceGroup }, { item, recoveryPointId, shutDownSource }, options) {
    const { fabric, container, name } = itemAddressOf(item.armId);
    const sourceSiteOperations = shutDownSource ? 'Required' : 'NotRequired';
    const input = {
      properties: {
        failoverDirection: 'PrimaryToRecovery',
        sourceSiteOperations,
        providerSpecificDetails: recoveryPointInput(recoveryPointId),
      },
    };
    return client.replicationProtectedItems.beginUnplannedFailover(
      vault,
      resourceGroup,
      fabric,
      container,
      name,
      input,
      options,
    );
  },
  changeRecoveryPoint(client, { vault, resourceGroup }, { item, recoveryPointId }, options) {
    const { fabric, container, name } = itemAddressOf(item.armId);
    const input = { properties: { recoveryPointId, providerSpecificDetails: { instanceType: A2A } } };
    return client.replicationProtectedItems.beginApplyRecoveryPoint(
      vault,
      resourceGroup,
      fabric,
      container,
      name,
      input,
      options,
    );
  },
  cancelFailover(client, { vault, resourceGroup }, { item }, options) {
    const { fabric, container, name } = itemAddressOf(item.armId);
    return client.replicationProtectedItems.beginFailoverCancel(
      vault,
      resourceGroup,
      fabric,
      container,
      name,
      options,
    );
  },
  commit(client, { vault, resourceGroup }, { item }, options) {
    const { fabric, container, name } = itemAddressOf(item.armId);
    return client.replicationProtectedItems.beginFailoverCommit(
      vault,
      resourceGroup,
      fabric,
      container,
      name,
      options,
    );
  },
  // The request goes to the item's present container. That container becomes the recovery
  // container.
  reprotect(client, { vault, resourceGroup }, { item, target }, options) {
    if (!target) throw new Error(`The reprotect of ${item.friendlyName} has no target.`);
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
      vault,
      resourceGroup,
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
