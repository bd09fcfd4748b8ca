// What is Azure to Azure's own: its words, what an item looks like when an operation has taken
// effect, and its writes.
import { addressOf } from '../core/armId.ts';
import type { DiskSettings } from '../siterecovery/vmSettings.ts';
import { sameId, type Change, type Item, type ItemDisk } from '../siterecovery/item.ts';
import type { Direction } from '../core/words.ts';
import type { ReprotectTarget } from '../siterecovery/port.ts';
import type { ScenarioFile } from './operationRule.ts';

const A2A = 'A2A' as const;

/** After a reprotect, what was the recovery side is the primary one. */
const turned = (item: Item, begunIn: Direction): boolean =>
  item.activeLocation === 'Primary' && item.direction !== begunIn;
const idle = (item: Item): boolean => item.allowedOperations.length > 0;
const never = (): boolean => false;

const rules: ScenarioFile['rules'] = {
  // What is not there yet allows nothing: whether it may be enabled is seen by its absence.
  enableReplication: {
    allowedBy: [],
    jobScenario: 'EnableDr',
    mayBeAlreadySo: true,
    settled: (item) => item?.protectionState === 'Protected' && idle(item),
    // Its lifecycle id comes with the protected state.
    underway: (item) => item.lifecycleId === null,
  },
  // Not one of the operations that an item lists; it only must not be busy.
  updateReplication: {
    allowedBy: ['UnplannedFailover', 'TestFailover', 'DisableProtection', 'Commit', 'SwitchProtection'],
    jobScenario: 'UpdateVmProperties',
    mayBeAlreadySo: false,
    settled: (item) => item !== undefined && idle(item),
    underway: never,
  },
  disableReplication: {
    allowedBy: ['DisableProtection'],
    jobScenario: 'DisableDr',
    mayBeAlreadySo: true,
    settled: (item) => item === undefined,
    underway: never,
  },
  testFailover: {
    allowedBy: ['TestFailover'],
    jobScenario: 'TestFailover',
    mayBeAlreadySo: false,
    settled: (item) => item?.allowedOperations.includes('TestFailoverCleanup') === true,
    underway: never,
  },
  cleanUpTestFailover: {
    allowedBy: ['TestFailoverCleanup'],
    jobScenario: 'TestFailoverCleanup',
    mayBeAlreadySo: true,
    settled: (item) =>
      item !== undefined && idle(item) && !item.allowedOperations.includes('TestFailoverCleanup'),
    underway: never,
  },
  failover: {
    allowedBy: ['UnplannedFailover'],
    jobScenario: 'UnplannedFailover',
    mayBeAlreadySo: false,
    settled: (item) => item?.activeLocation === 'Recovery' && idle(item),
    underway: never,
  },
  changeRecoveryPoint: {
    allowedBy: ['ChangePit'],
    jobScenario: 'ChangePit',
    mayBeAlreadySo: false,
    settled: (item) => item?.activeLocation === 'Recovery' && idle(item),
    underway: never,
  },
  cancelFailover: {
    allowedBy: ['CancelFailover'],
    jobScenario: 'CancelFailover',
    mayBeAlreadySo: true,
    settled: (item) => item?.activeLocation === 'Primary' && idle(item),
    underway: never,
  },
  commit: {
    allowedBy: ['Commit'],
    jobScenario: 'CommitFailover',
    mayBeAlreadySo: true,
    settled: (item) =>
      item?.activeLocation === 'Recovery' && idle(item) && !item.allowedOperations.includes('Commit'),
    underway: never,
  },
  reprotect: {
    allowedBy: ['SwitchProtection'],
    jobScenario: 'SwitchReplicationGroupProtection',
    jobScenarioOfPlan: 'ReverseReplication',
    mayBeAlreadySo: true,
    settled: (item, begunIn) =>
      item !== undefined && turned(item, begunIn) && item.protectionState === 'Protected' && idle(item),
    underway: (item, begunIn) => turned(item, begunIn) && item.protectionState !== 'Protected',
  },
};

/** A reprotect moves the item under the other container, where it gets another ARM id. */
const movedItemId: ScenarioFile['movedItemId'] = (item) =>
  `${item.recoveryContainerId}/replicationProtectedItems/${item.name}`;

const writes: ScenarioFile['writes'] = {
  enableReplication(client, { vault, resourceGroup }, { itemId, sourceVmId, settings }, options) {
    const { fabric, container, name } = addressOf(itemId);
    const details = {
      instanceType: A2A,
      fabricObjectId: sourceVmId,
      recoveryContainerId: settings.recoveryContainerId,
      ...homeOf(settings),
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
    const { fabric, container, name } = addressOf(item.armId);
    return client.replicationProtectedItems.beginUpdate(
      vault,
      resourceGroup,
      fabric,
      container,
      name,
      { properties: updateOf(item, change) },
      options,
    );
  },
  disableReplication(client, { vault, resourceGroup }, { item }, options) {
    const { fabric, container, name } = addressOf(item.armId);
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
    const { fabric, container, name } = addressOf(item.armId);
    const network = networkId
      ? { networkType: 'VmNetworkAsInput', networkId }
      : { networkType: 'NoNetworkAttachAsInput' };
    const input = {
      properties: {
        failoverDirection: 'PrimaryToRecovery',
        ...network,
        providerSpecificDetails: atPoint(recoveryPointId),
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
    const { fabric, container, name } = addressOf(item.armId);
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
    const { fabric, container, name } = addressOf(item.armId);
    const sourceSiteOperations = shutDownSource ? 'Required' : 'NotRequired';
    const input = {
      properties: {
        failoverDirection: 'PrimaryToRecovery',
        sourceSiteOperations,
        providerSpecificDetails: atPoint(recoveryPointId),
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
    const { fabric, container, name } = addressOf(item.armId);
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
    const { fabric, container, name } = addressOf(item.armId);
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
    const { fabric, container, name } = addressOf(item.armId);
    return client.replicationProtectedItems.beginFailoverCommit(
      vault,
      resourceGroup,
      fabric,
      container,
      name,
      options,
    );
  },
  // Asked of the container the item still lives in, which becomes the one that it recovers to.
  reprotect(client, { vault, resourceGroup }, { item, target }, options) {
    const { fabric, container, name } = addressOf(item.armId);
    const details = {
      instanceType: A2A,
      policyId: item.policyId,
      recoveryContainerId: item.armId.replace(/\/replicationProtectedItems\/.*$/i, ''),
      ...homeOf(target),
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
};

/** VMs of the classic model come up in a cloud service, all others in a resource group. */
const homeOf = ({
  cloudServiceId,
  resourceGroupId,
}: {
  readonly cloudServiceId?: string;
  readonly resourceGroupId: string;
}) =>
  cloudServiceId ? { recoveryCloudServiceId: cloudServiceId } : { recoveryResourceGroupId: resourceGroupId };

/** Without a point the service takes the latest. */
const atPoint = (recoveryPointId: string | null) => ({
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

/** Those that do not change are named as they are. */
function wholeList({ settings }: Item, changed: NonNullable<Change['nics']>): NonNullable<Change['nics']> {
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

/** Interfaces go together with their network: the service takes the list as a whole. */
function updateOf(item: Item, change: Change) {
  const networkId = change.networkId ?? (change.nics ? item.settings.networkId : null);
  return {
    ...(change.size ? { recoveryAzureVMSize: change.size } : {}),
    ...(networkId ? { selectedRecoveryAzureNetworkId: networkId } : {}),
    ...(change.testNetworkId ? { selectedTfoAzureNetworkId: change.testNetworkId } : {}),
    ...(change.nics
      ? {
          vmNics: wholeList(item, change.nics).map(({ nicId, subnet, address }) => ({
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

export const azureToAzure: ScenarioFile = { rules, writes, movedItemId };
