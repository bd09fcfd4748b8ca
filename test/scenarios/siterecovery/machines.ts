// Machines through their whole life: enabled, tested, changed, failed over, brought home, and let go.

import type {
  A2AReplicationDetails,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';

import { AWAY, containerId, HOME, POLICY } from './ground.ts';
import { all, SHOP, SHOP_AWAY, VAULT, VAULT_GROUP, type Stage } from './stage.ts';

export type Side = typeof HOME | typeof AWAY;

const groupOf = (side: Side): string => (side === HOME ? SHOP : SHOP_AWAY);
const otherOf = (side: Side): Side => (side === HOME ? AWAY : HOME);
const cacheOf = (stage: Stage, side: Side): string =>
  stage.idIn(
    groupOf(side),
    'Microsoft.Storage/storageAccounts',
    side === HOME ? 'shopcacheeastasia' : 'shopcachesoutheastasia',
  );
const diskInput = (stage: Stage, diskId: string, from: Side) => ({
  diskId,
  primaryStagingAzureStorageAccountId: cacheOf(stage, from),
  recoveryResourceGroupId: stage.groupId(groupOf(otherOf(from))),
});

export const a2aOf = (item: ReplicationProtectedItem): A2AReplicationDetails =>
  item.properties?.providerSpecificDetails as A2AReplicationDetails;
export const itemOf = (
  { siteRecovery }: Stage,
  name: string,
  { fabric, container }: Side = HOME,
): Promise<ReplicationProtectedItem> =>
  siteRecovery.replicationProtectedItems.get(VAULT, VAULT_GROUP, fabric, container, name);

export async function diskIds(stage: Stage, vm: string): Promise<string[]> {
  const machine = await stage.compute.virtualMachines.get(SHOP, vm);
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

export async function enable(stage: Stage, vm: string, { group, disks, placementGroup }: EnableOptions = {}) {
  const input = {
    properties: {
      policyId: `${stage.vaultId}/replicationPolicies/${POLICY}`,
      providerSpecificDetails: {
        instanceType: 'A2A' as const,
        fabricObjectId: stage.idIn(SHOP, 'Microsoft.Compute/virtualMachines', vm),
        recoveryContainerId: containerId(stage, AWAY),
        recoveryResourceGroupId: stage.groupId(SHOP_AWAY),
        vmManagedDisks: (disks ?? (await diskIds(stage, vm))).map((id) => diskInput(stage, id, HOME)),
        ...(group !== undefined && { multiVmGroupName: group }),
        ...(placementGroup !== undefined && { recoveryProximityPlacementGroupId: placementGroup }),
      },
    },
  };
  return stage.siteRecovery.replicationProtectedItems.beginCreate(
    VAULT,
    VAULT_GROUP,
    HOME.fabric,
    HOME.container,
    vm,
    input,
  );
}

export async function becomeProtected(stage: Stage, vm: string, side: Side = HOME): Promise<void> {
  await stage.until(
    `${vm} is protected`,
    async () => (await itemOf(stage, vm, side)).properties?.protectionState === 'Protected',
  );
}

export async function enableAll(stage: Stage): Promise<void> {
  stage.tell('Machines enabled');
  const seen = async (): Promise<void> => {
    await stage.newestJob();
  };
  const [systemDisk = ''] = await diskIds(stage, 'app');
  await stage.done('app without its data disk', enable(stage, 'app', { disks: [systemDisk] }), seen);
  await stage.fails('app a second time under another name', '539', async () => {
    const input = {
      properties: {
        policyId: `${stage.vaultId}/replicationPolicies/${POLICY}`,
        providerSpecificDetails: {
          instanceType: 'A2A' as const,
          fabricObjectId: stage.idIn(SHOP, 'Microsoft.Compute/virtualMachines', 'app'),
          recoveryContainerId: containerId(stage, AWAY),
        },
      },
    };
    return stage.siteRecovery.replicationProtectedItems.beginCreate(
      VAULT,
      VAULT_GROUP,
      HOME.fabric,
      HOME.container,
      'app-again',
      input,
    );
  });
  for (const vm of ['web', 'sql']) await stage.done(vm, enable(stage, vm, { group: 'shop' }));
  const copying = await itemOf(stage, 'sql');
  stage.expect(
    'the first copy is told in percent',
    copying.properties?.protectionState === 'InitialReplicationInProgress' &&
      (a2aOf(copying).monitoringPercentageCompletion ?? -1) >= 0,
    copying.properties,
  );
  for (const vm of ['app', 'web', 'sql']) await becomeProtected(stage, vm);
  await stage.done('app once more, which changes nothing', enable(stage, 'app'));
  await stage.wait(30);
  const again = await stage.newestJob();
  stage.expect(
    'and says so with 45031',
    again.properties?.state === 'Succeeded' && JSON.stringify(again.properties.errors).includes('45031'),
    again.properties,
  );
}

export async function change(stage: Stage): Promise<void> {
  stage.tell('One machine changed while it replicates');
  const { replicationProtectedItems: items, targetComputeSizes, recoveryPoints } = stage.siteRecovery;
  const [, dataDisk = ''] = await diskIds(stage, 'app');
  const warned = async (): Promise<boolean> =>
    (await itemOf(stage, 'app')).properties?.healthErrors?.some(({ errorCode }) => errorCode === '153039') ??
    false;
  stage.expect('the disk that was left out is warned of', await warned());
  await stage.done(
    'its disk added',
    items.beginAddDisks(VAULT, VAULT_GROUP, HOME.fabric, HOME.container, 'app', {
      properties: {
        providerSpecificDetails: { instanceType: 'A2A', vmManagedDisks: [diskInput(stage, dataDisk, HOME)] },
      },
    }),
  );
  stage.expect('and the warning is gone', !(await warned()));
  await stage.done(
    'and removed',
    items.beginRemoveDisks(VAULT, VAULT_GROUP, HOME.fabric, HOME.container, 'app', {
      properties: { providerSpecificDetails: { instanceType: 'A2A', vmManagedDisksIds: [dataDisk] } },
    }),
  );
  await stage.done(
    'and added again',
    items.beginAddDisks(VAULT, VAULT_GROUP, HOME.fabric, HOME.container, 'app', {
      properties: {
        providerSpecificDetails: { instanceType: 'A2A', vmManagedDisks: [diskInput(stage, dataDisk, HOME)] },
      },
    }),
  );
  const sizes = await all(
    targetComputeSizes.listByReplicationProtectedItems(
      VAULT,
      VAULT_GROUP,
      HOME.fabric,
      HOME.container,
      'app',
    ),
  );
  stage.expect('there are sizes to choose from', sizes.length > 0);
  const nicId = a2aOf(await itemOf(stage, 'app')).vmNics?.[0]?.nicId ?? '';
  await stage.done(
    'another size and subnet',
    items.beginUpdate(VAULT, VAULT_GROUP, HOME.fabric, HOME.container, 'app', {
      properties: {
        recoveryAzureVMSize: 'Standard_D2s_v5',
        vmNics: [
          { nicId, ipConfigs: [{ ipConfigName: 'ipconfig1', isPrimary: true, recoverySubnetName: 'data' }] },
        ],
        providerSpecificDetails: { instanceType: 'A2A' },
      },
    }),
  );
  const changed = a2aOf(await itemOf(stage, 'app'));
  stage.expect(
    'which show',
    changed.recoveryAzureVMSize === 'Standard_D2s_v5' &&
      changed.vmNics?.[0]?.ipConfigs?.[0]?.recoverySubnetName === 'data',
    changed,
  );
  const points = await all(
    recoveryPoints.listByReplicationProtectedItems(VAULT, VAULT_GROUP, HOME.fabric, HOME.container, 'app'),
  );
  stage.expect(
    'it has recovery points, oldest first',
    points.length > 1 &&
      (points[0]?.properties?.recoveryPointTime ?? 0) < (points[1]?.properties?.recoveryPointTime ?? 0),
    points.length,
  );
  await recoveryPoints.get(VAULT, VAULT_GROUP, HOME.fabric, HOME.container, 'app', points[0]?.name ?? '');
}

const vmNames = async (stage: Stage, group: string): Promise<string[]> =>
  (await all(stage.compute.virtualMachines.list(group))).map(({ name }) => name ?? '');
const resourceCount = async (stage: Stage, group: string): Promise<number> =>
  (await all(stage.compute.disks.listByResourceGroup(group))).length + (await vmNames(stage, group)).length;

export async function test(stage: Stage, vm: string): Promise<void> {
  stage.tell(`A test failover of ${vm}`);
  const { replicationProtectedItems: items } = stage.siteRecovery;
  await stage.wait(900);
  stage.expect(
    'a machine that was never tested is warned of',
    (await itemOf(stage, vm)).properties?.healthErrors?.[0]?.errorCode === '161011',
  );
  const before = await resourceCount(stage, SHOP_AWAY);
  const input = {
    properties: {
      failoverDirection: 'PrimaryToRecovery',
      networkType: 'VmNetworkAsInput',
      networkId: stage.idIn(SHOP_AWAY, 'Microsoft.Network/virtualNetworks', 'shop-network-recovery'),
      providerSpecificDetails: { instanceType: 'A2A' as const },
    },
  };
  await stage.done(
    'test machine up',
    items.beginTestFailover(VAULT, VAULT_GROUP, HOME.fabric, HOME.container, vm, input),
    () => itemOf(stage, vm),
  );
  stage.expect(
    'it is there',
    (await vmNames(stage, SHOP_AWAY)).includes(`${vm}-test`),
    await vmNames(stage, SHOP_AWAY),
  );
  await stage.wait(30);
  await stage.newestJob();
  await stage.done(
    'cleaned up',
    items.beginTestFailoverCleanup(VAULT, VAULT_GROUP, HOME.fabric, HOME.container, vm, {
      properties: { comments: 'all well' },
    }),
  );
  stage.expect('nothing is left of it', (await resourceCount(stage, SHOP_AWAY)) === before);
  stage.expect(
    'the test is remembered',
    (await itemOf(stage, vm)).properties?.lastSuccessfulTestFailoverTime !== undefined,
  );
  await stage.wait(30);
  await stage.newestJob();
}

export const failover = (stage: Stage, vm: string, { fabric, container }: Side, recoveryPointId?: string) =>
  stage.siteRecovery.replicationProtectedItems.beginUnplannedFailover(
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

export const commit = (stage: Stage, vm: string, { fabric, container }: Side) =>
  stage.siteRecovery.replicationProtectedItems.beginFailoverCommit(VAULT, VAULT_GROUP, fabric, container, vm);

export async function reprotect(stage: Stage, vm: string, from: Side) {
  const item = await itemOf(stage, vm, from);
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
          recoveryResourceGroupId: stage.groupId(groupOf(from)),
          vmManagedDisks: disks.map(({ recoveryTargetDiskId }) =>
            diskInput(stage, recoveryTargetDiskId ?? '', otherOf(from)),
          ),
        },
      },
    },
  );
}

export async function failOverWithSecondThoughts(stage: Stage): Promise<void> {
  stage.tell('A failover with second thoughts: another point, then back, then for good');
  const { replicationProtectedItems: items, recoveryPoints } = stage.siteRecovery;
  await stage.done('app failed over', failover(stage, 'app', HOME), () => itemOf(stage, 'app'));
  const points = await all(
    recoveryPoints.listByReplicationProtectedItems(VAULT, VAULT_GROUP, HOME.fabric, HOME.container, 'app'),
  );
  const older = points.at(-3)?.id ?? '';
  await stage.done(
    'an older point instead',
    items.beginApplyRecoveryPoint(VAULT, VAULT_GROUP, HOME.fabric, HOME.container, 'app', {
      properties: { recoveryPointId: older, providerSpecificDetails: { instanceType: 'A2A' } },
    }),
  );
  stage.expect(
    'the item names it',
    (await itemOf(stage, 'app')).properties?.failoverRecoveryPointId === older,
  );
  await stage.wait(30);
  await stage.newestJob();
  await stage.done(
    'cancelled',
    items.beginFailoverCancel(VAULT, VAULT_GROUP, HOME.fabric, HOME.container, 'app'),
  );
  stage.expect('nothing is left of it', !(await vmNames(stage, SHOP_AWAY)).includes('app'));
  await stage.fails('commit of nothing', '539', () => commit(stage, 'app', HOME));
  await stage.done('failed over again, to an older point', failover(stage, 'app', HOME, older));
  const up = await stage.compute.virtualMachines.get(SHOP_AWAY, 'app');
  stage.expect(
    'with the size that was chosen',
    up.hardwareProfile?.vmSize === 'Standard_D2s_v5',
    up.hardwareProfile,
  );
  await stage.done('committed', commit(stage, 'app', HOME));
  await stage.wait(30);
  await stage.newestJob();
}

export async function goHome(stage: Stage, vm: string): Promise<void> {
  stage.tell(`${vm} protected from the other side, and brought home`);
  const before = a2aOf(await itemOf(stage, vm));
  await stage.done('reprotected', reprotect(stage, vm, HOME), () => stage.newestJob());
  await becomeProtected(stage, vm, AWAY);
  stage.expect(
    'its lifecycle id stays',
    a2aOf(await itemOf(stage, vm, AWAY)).lifecycleId === before.lifecycleId,
  );
  await stage.done('failed over', failover(stage, vm, AWAY));
  await stage.done('committed', commit(stage, vm, AWAY));
  await stage.done('reprotected', reprotect(stage, vm, AWAY));
  await becomeProtected(stage, vm, HOME);
}
