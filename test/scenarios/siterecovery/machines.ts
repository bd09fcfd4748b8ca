// Machines through their whole life: enabled, tested, changed, failed over, failed back, and
// disabled.

import type {
  A2AReplicationDetails,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';

import { RECOVERY_SIDE, containerId, PRIMARY_SIDE, POLICY } from './prerequisites.ts';
import {
  collect,
  SHOP_GROUP,
  SHOP_RECOVERY_GROUP,
  VAULT,
  VAULT_GROUP,
  type SdkEnvironment,
} from './sdk-environment.ts';

export type ReplicationSide = typeof PRIMARY_SIDE | typeof RECOVERY_SIDE;

const resourceGroupOf = (side: ReplicationSide): string =>
  side === PRIMARY_SIDE ? SHOP_GROUP : SHOP_RECOVERY_GROUP;
const oppositeSide = (side: ReplicationSide): ReplicationSide =>
  side === PRIMARY_SIDE ? RECOVERY_SIDE : PRIMARY_SIDE;
const cacheAccountId = (environment: SdkEnvironment, side: ReplicationSide): string =>
  environment.resourceId(
    resourceGroupOf(side),
    'Microsoft.Storage/storageAccounts',
    side === PRIMARY_SIDE ? 'shopcacheeastasia' : 'shopcachesoutheastasia',
  );
const diskInput = (environment: SdkEnvironment, diskId: string, from: ReplicationSide) => ({
  diskId,
  primaryStagingAzureStorageAccountId: cacheAccountId(environment, from),
  recoveryResourceGroupId: environment.groupId(resourceGroupOf(oppositeSide(from))),
});

export const a2aOf = (item: ReplicationProtectedItem): A2AReplicationDetails =>
  item.properties?.providerSpecificDetails as A2AReplicationDetails;
export const readItem = (
  { siteRecovery }: SdkEnvironment,
  name: string,
  { fabric, container }: ReplicationSide = PRIMARY_SIDE,
): Promise<ReplicationProtectedItem> =>
  siteRecovery.replicationProtectedItems.get(VAULT, VAULT_GROUP, fabric, container, name);

export async function readDiskIds(environment: SdkEnvironment, vm: string): Promise<string[]> {
  const machine = await environment.compute.virtualMachines.get(SHOP_GROUP, vm);
  const disks = [
    machine.storageProfile?.osDisk?.managedDisk?.id,
    ...(machine.storageProfile?.dataDisks ?? []).map((disk) => disk.managedDisk?.id),
  ];
  return disks.filter((id) => id !== undefined);
}

interface EnableOptions {
  readonly group?: string;
  readonly disks?: readonly string[];
  readonly placementGroup?: string;
}

export async function beginEnable(
  environment: SdkEnvironment,
  vm: string,
  { group, disks, placementGroup }: EnableOptions = {},
) {
  const input = {
    properties: {
      policyId: `${environment.vaultId}/replicationPolicies/${POLICY}`,
      providerSpecificDetails: {
        instanceType: 'A2A' as const,
        fabricObjectId: environment.resourceId(SHOP_GROUP, 'Microsoft.Compute/virtualMachines', vm),
        recoveryContainerId: containerId(environment, RECOVERY_SIDE),
        recoveryResourceGroupId: environment.groupId(SHOP_RECOVERY_GROUP),
        vmManagedDisks: (disks ?? (await readDiskIds(environment, vm))).map((id) =>
          diskInput(environment, id, PRIMARY_SIDE),
        ),
        ...(group !== undefined && { multiVmGroupName: group }),
        ...(placementGroup !== undefined && { recoveryProximityPlacementGroupId: placementGroup }),
      },
    },
  };
  return environment.siteRecovery.replicationProtectedItems.beginCreate(
    VAULT,
    VAULT_GROUP,
    PRIMARY_SIDE.fabric,
    PRIMARY_SIDE.container,
    vm,
    input,
  );
}

export async function waitUntilProtected(
  environment: SdkEnvironment,
  vm: string,
  side: ReplicationSide = PRIMARY_SIDE,
): Promise<void> {
  await environment.waitUntil(
    `${vm} is protected`,
    async () => (await readItem(environment, vm, side)).properties?.protectionState === 'Protected',
  );
}

export async function enableAll(environment: SdkEnvironment): Promise<void> {
  environment.printTitle('Machines enabled');
  const readNewestJob = async (): Promise<void> => {
    await environment.readNewestJob();
  };
  const [systemDisk = ''] = await readDiskIds(environment, 'app');
  await environment.pollToEnd(
    'app without its data disk',
    beginEnable(environment, 'app', { disks: [systemDisk] }),
    readNewestJob,
  );
  await environment.expectFailure('app a second time under another name', '539', async () => {
    const input = {
      properties: {
        policyId: `${environment.vaultId}/replicationPolicies/${POLICY}`,
        providerSpecificDetails: {
          instanceType: 'A2A' as const,
          fabricObjectId: environment.resourceId(SHOP_GROUP, 'Microsoft.Compute/virtualMachines', 'app'),
          recoveryContainerId: containerId(environment, RECOVERY_SIDE),
        },
      },
    };
    return environment.siteRecovery.replicationProtectedItems.beginCreate(
      VAULT,
      VAULT_GROUP,
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      'app-again',
      input,
    );
  });
  for (const vm of ['web', 'sql'])
    await environment.pollToEnd(vm, beginEnable(environment, vm, { group: 'shop' }));
  const copying = await readItem(environment, 'sql');
  environment.expect(
    'the first copy has a percentage',
    copying.properties?.protectionState === 'InitialReplicationInProgress' &&
      (a2aOf(copying).monitoringPercentageCompletion ?? -1) >= 0,
    copying.properties,
  );
  for (const vm of ['app', 'web', 'sql']) await waitUntilProtected(environment, vm);
  await environment.pollToEnd('app once more, which changes nothing', beginEnable(environment, 'app'));
  await environment.advance(30);
  const again = await environment.readNewestJob();
  environment.expect(
    'and says so with 45031',
    again.properties?.state === 'Succeeded' && JSON.stringify(again.properties.errors).includes('45031'),
    again.properties,
  );
}

export async function changeReplication(environment: SdkEnvironment): Promise<void> {
  environment.printTitle('One machine changed while it replicates');
  const { replicationProtectedItems: items, targetComputeSizes, recoveryPoints } = environment.siteRecovery;
  const [, dataDisk = ''] = await readDiskIds(environment, 'app');
  const hasDiskWarning = async (): Promise<boolean> =>
    (await readItem(environment, 'app')).properties?.healthErrors?.some(
      ({ errorCode }) => errorCode === '153039',
    ) ?? false;
  environment.expect('the disk that was left out is warned of', await hasDiskWarning());
  await environment.pollToEnd(
    'its disk added',
    items.beginAddDisks(VAULT, VAULT_GROUP, PRIMARY_SIDE.fabric, PRIMARY_SIDE.container, 'app', {
      properties: {
        providerSpecificDetails: {
          instanceType: 'A2A',
          vmManagedDisks: [diskInput(environment, dataDisk, PRIMARY_SIDE)],
        },
      },
    }),
  );
  environment.expect('and the warning is gone', !(await hasDiskWarning()));
  await environment.pollToEnd(
    'and removed',
    items.beginRemoveDisks(VAULT, VAULT_GROUP, PRIMARY_SIDE.fabric, PRIMARY_SIDE.container, 'app', {
      properties: { providerSpecificDetails: { instanceType: 'A2A', vmManagedDisksIds: [dataDisk] } },
    }),
  );
  await environment.pollToEnd(
    'and added again',
    items.beginAddDisks(VAULT, VAULT_GROUP, PRIMARY_SIDE.fabric, PRIMARY_SIDE.container, 'app', {
      properties: {
        providerSpecificDetails: {
          instanceType: 'A2A',
          vmManagedDisks: [diskInput(environment, dataDisk, PRIMARY_SIDE)],
        },
      },
    }),
  );
  const sizes = await collect(
    targetComputeSizes.listByReplicationProtectedItems(
      VAULT,
      VAULT_GROUP,
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      'app',
    ),
  );
  environment.expect('there are sizes to choose from', sizes.length > 0);
  const nicId = a2aOf(await readItem(environment, 'app')).vmNics?.[0]?.nicId ?? '';
  await environment.pollToEnd(
    'another size and subnet',
    items.beginUpdate(VAULT, VAULT_GROUP, PRIMARY_SIDE.fabric, PRIMARY_SIDE.container, 'app', {
      properties: {
        recoveryAzureVMSize: 'Standard_D2s_v5',
        vmNics: [
          { nicId, ipConfigs: [{ ipConfigName: 'ipconfig1', isPrimary: true, recoverySubnetName: 'data' }] },
        ],
        providerSpecificDetails: { instanceType: 'A2A' },
      },
    }),
  );
  const changed = a2aOf(await readItem(environment, 'app'));
  environment.expect(
    'which show',
    changed.recoveryAzureVMSize === 'Standard_D2s_v5' &&
      changed.vmNics?.[0]?.ipConfigs?.[0]?.recoverySubnetName === 'data',
    changed,
  );
  const points = await collect(
    recoveryPoints.listByReplicationProtectedItems(
      VAULT,
      VAULT_GROUP,
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      'app',
    ),
  );
  environment.expect(
    'it has recovery points, oldest first',
    points.length > 1 &&
      (points[0]?.properties?.recoveryPointTime ?? 0) < (points[1]?.properties?.recoveryPointTime ?? 0),
    points.length,
  );
  await recoveryPoints.get(
    VAULT,
    VAULT_GROUP,
    PRIMARY_SIDE.fabric,
    PRIMARY_SIDE.container,
    'app',
    points[0]?.name ?? '',
  );
}

const vmNames = async (environment: SdkEnvironment, group: string): Promise<string[]> =>
  (await collect(environment.compute.virtualMachines.list(group))).map(({ name }) => name ?? '');
const resourceCount = async (environment: SdkEnvironment, group: string): Promise<number> =>
  (await collect(environment.compute.disks.listByResourceGroup(group))).length +
  (await vmNames(environment, group)).length;

export async function runTestFailover(environment: SdkEnvironment, vm: string): Promise<void> {
  environment.printTitle(`A test failover of ${vm}`);
  const { replicationProtectedItems: items } = environment.siteRecovery;
  await environment.advance(900);
  environment.expect(
    'a machine that was never tested is warned of',
    (await readItem(environment, vm)).properties?.healthErrors?.[0]?.errorCode === '161011',
  );
  const before = await resourceCount(environment, SHOP_RECOVERY_GROUP);
  const input = {
    properties: {
      failoverDirection: 'PrimaryToRecovery',
      networkType: 'VmNetworkAsInput',
      networkId: environment.resourceId(
        SHOP_RECOVERY_GROUP,
        'Microsoft.Network/virtualNetworks',
        'shop-network-recovery',
      ),
      providerSpecificDetails: { instanceType: 'A2A' as const },
    },
  };
  await environment.pollToEnd(
    'test machine up',
    items.beginTestFailover(VAULT, VAULT_GROUP, PRIMARY_SIDE.fabric, PRIMARY_SIDE.container, vm, input),
    () => readItem(environment, vm),
  );
  environment.expect(
    'it is there',
    (await vmNames(environment, SHOP_RECOVERY_GROUP)).includes(`${vm}-test`),
    await vmNames(environment, SHOP_RECOVERY_GROUP),
  );
  await environment.advance(30);
  await environment.readNewestJob();
  await environment.pollToEnd(
    'cleaned up',
    items.beginTestFailoverCleanup(VAULT, VAULT_GROUP, PRIMARY_SIDE.fabric, PRIMARY_SIDE.container, vm, {
      properties: { comments: 'all well' },
    }),
  );
  environment.expect(
    'nothing is left of it',
    (await resourceCount(environment, SHOP_RECOVERY_GROUP)) === before,
  );
  environment.expect(
    'the test is remembered',
    (await readItem(environment, vm)).properties?.lastSuccessfulTestFailoverTime !== undefined,
  );
  await environment.advance(30);
  await environment.readNewestJob();
}

export const beginFailover = (
  environment: SdkEnvironment,
  vm: string,
  { fabric, container }: ReplicationSide,
  recoveryPointId?: string,
) =>
  environment.siteRecovery.replicationProtectedItems.beginUnplannedFailover(
    VAULT,
    VAULT_GROUP,
    fabric,
    container,
    vm,
    {
      properties: {
        failoverDirection: 'PrimaryToRecovery',
        sourceSiteOperations: 'Required',
        providerSpecificDetails: {
          instanceType: 'A2A',
          ...(recoveryPointId !== undefined && { recoveryPointId }),
        },
      },
    },
  );

export const beginCommit = (
  environment: SdkEnvironment,
  vm: string,
  { fabric, container }: ReplicationSide,
) =>
  environment.siteRecovery.replicationProtectedItems.beginFailoverCommit(
    VAULT,
    VAULT_GROUP,
    fabric,
    container,
    vm,
  );

export async function beginReprotect(stage: SdkEnvironment, vm: string, from: ReplicationSide) {
  const item = await readItem(stage, vm, from);
  const disks = a2aOf(item).protectedManagedDisks ?? [];
  return stage.siteRecovery.replicationProtectionContainers.beginSwitchProtection(
    VAULT,
    VAULT_GROUP,
    from.fabric,
    from.container,
    {
      properties: {
        replicationProtectedItemName: vm,
        providerSpecificDetails: {
          instanceType: 'A2A',
          policyId: item.properties?.policyId ?? '',
          recoveryContainerId: containerId(stage, from),
          recoveryResourceGroupId: stage.groupId(resourceGroupOf(from)),
          vmManagedDisks: disks.map(({ recoveryTargetDiskId }) =>
            diskInput(stage, recoveryTargetDiskId ?? '', oppositeSide(from)),
          ),
        },
      },
    },
  );
}

export async function failOverCancelAndRepeat(stage: SdkEnvironment): Promise<void> {
  stage.printTitle('A failover with second thoughts: another point, then back, then for good');
  const { replicationProtectedItems: items, recoveryPoints } = stage.siteRecovery;
  await stage.pollToEnd('app failed over', beginFailover(stage, 'app', PRIMARY_SIDE), () =>
    readItem(stage, 'app'),
  );
  const points = await collect(
    recoveryPoints.listByReplicationProtectedItems(
      VAULT,
      VAULT_GROUP,
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      'app',
    ),
  );
  const older = points.at(-3)?.id ?? '';
  await stage.pollToEnd(
    'an older point instead',
    items.beginApplyRecoveryPoint(VAULT, VAULT_GROUP, PRIMARY_SIDE.fabric, PRIMARY_SIDE.container, 'app', {
      properties: { recoveryPointId: older, providerSpecificDetails: { instanceType: 'A2A' } },
    }),
  );
  stage.expect(
    'the item names it',
    (await readItem(stage, 'app')).properties?.failoverRecoveryPointId === older,
  );
  await stage.advance(30);
  await stage.readNewestJob();
  await stage.pollToEnd(
    'cancelled',
    items.beginFailoverCancel(VAULT, VAULT_GROUP, PRIMARY_SIDE.fabric, PRIMARY_SIDE.container, 'app'),
  );
  stage.expect('nothing is left of it', !(await vmNames(stage, SHOP_RECOVERY_GROUP)).includes('app'));
  await stage.expectFailure('commit of nothing', '539', () => beginCommit(stage, 'app', PRIMARY_SIDE));
  await stage.pollToEnd(
    'failed over again, to an older point',
    beginFailover(stage, 'app', PRIMARY_SIDE, older),
  );
  const up = await stage.compute.virtualMachines.get(SHOP_RECOVERY_GROUP, 'app');
  stage.expect(
    'with the size that was chosen',
    up.hardwareProfile?.vmSize === 'Standard_D2s_v5',
    up.hardwareProfile,
  );
  await stage.pollToEnd('committed', beginCommit(stage, 'app', PRIMARY_SIDE));
  await stage.advance(30);
  await stage.readNewestJob();
}

export async function failBack(stage: SdkEnvironment, vm: string): Promise<void> {
  stage.printTitle(`${vm} protected from the other side, and brought home`);
  const before = a2aOf(await readItem(stage, vm));
  await stage.pollToEnd('reprotected', beginReprotect(stage, vm, PRIMARY_SIDE), () => stage.readNewestJob());
  await waitUntilProtected(stage, vm, RECOVERY_SIDE);
  stage.expect(
    'its lifecycle id stays',
    a2aOf(await readItem(stage, vm, RECOVERY_SIDE)).lifecycleId === before.lifecycleId,
  );
  await stage.pollToEnd('failed over', beginFailover(stage, vm, RECOVERY_SIDE));
  await stage.pollToEnd('committed', beginCommit(stage, vm, RECOVERY_SIDE));
  await stage.pollToEnd('reprotected', beginReprotect(stage, vm, RECOVERY_SIDE));
  await waitUntilProtected(stage, vm, PRIMARY_SIDE);
}
