// Faults: jobs that fail, hang, or succeed with an error inside; busy machines; a region that goes
// down.

import type { FaultAction } from '../../../simulator/wire/fault.ts';
import { PRIMARY_SIDE } from './prerequisites.ts';
import {
  a2aOf,
  beginCommit,
  readDiskIds,
  beginEnable,
  beginFailover,
  waitUntilProtected,
  readItem,
} from './machines.ts';
import {
  SHOP_GROUP,
  SHOP_RECOVERY_GROUP,
  VAULT,
  VAULT_GROUP,
  type SdkEnvironment,
} from './sdk-environment.ts';

const operationFault = (id: string, action: FaultAction, vm = 'app') => ({
  id,
  point: 'operation' as const,
  vm,
  times: 1,
  do: action,
});

export async function runFailures(environment: SdkEnvironment): Promise<void> {
  environment.printTitle('Bad days');
  const { replicationJobs: jobs } = environment.siteRecovery;
  const first = beginFailover(environment, 'app', PRIMARY_SIDE);
  await first;
  await environment.advance(10);
  await environment.expectFailure('a second failover of a busy machine', '532', () =>
    beginFailover(environment, 'app', PRIMARY_SIDE),
  );
  await environment.pollToEnd('the first one', first);
  await environment.pollToEnd(
    'taken back',
    environment.siteRecovery.replicationProtectedItems.beginFailoverCancel(
      VAULT,
      VAULT_GROUP,
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      'app',
    ),
  );

  await environment.simulator.faults.add(
    operationFault('quota', { kind: 'fail', code: '150097', message: 'No quota is left.' }),
  );
  await environment.expectFailure('a failover without quota', '150097', () =>
    beginFailover(environment, 'app', PRIMARY_SIDE),
  );
  await environment.advance(30);
  const failed = await environment.readNewestJob();
  environment.expect(
    'the job can be restarted',
    failed.properties?.allowedActions?.join() === 'Restart',
    failed.properties,
  );
  await environment.pollToEnd(
    'and is, as another job',
    jobs.beginRestart(VAULT, VAULT_GROUP, failed.name ?? ''),
  );
  await environment.waitUntil(
    'which fails the machine over',
    async () =>
      (await readItem(environment, 'app')).properties?.allowedOperations?.includes('Commit') ?? false,
  );
  await environment.pollToEnd('committed', beginCommit(environment, 'app', PRIMARY_SIDE));

  const stuck: FaultAction = { kind: 'stick' };
  await environment.simulator.faults.add(operationFault('stuck', stuck, 'web-zone-1'));
  const enabling = beginEnable(environment, 'web-zone-1');
  await enabling;
  await environment.advance(3600);
  const hanging = await environment.readNewestJob();
  environment.expect(
    'a job that sticks stays in progress',
    hanging.properties?.state === 'InProgress',
    hanging.properties,
  );
  await environment.pollToEnd('so it is cancelled', jobs.beginCancel(VAULT, VAULT_GROUP, hanging.name ?? ''));
  environment.expect(
    'which ends it',
    (await jobs.get(VAULT, VAULT_GROUP, hanging.name ?? '')).properties?.state === 'Cancelled',
  );
  environment.expect(
    'and keeps the items that need removal',
    (await readItem(environment, 'web-zone-1')).properties?.protectionState === 'EnablingFailed',
  );
  await environment.pollToEnd(
    'app purged',
    environment.siteRecovery.replicationProtectedItems.beginPurge(
      VAULT,
      VAULT_GROUP,
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      'app',
    ),
  );
  await runFullPlacementGroup(environment);
}

/**
 * A placement group without room: the machine comes up outside, and the job succeeds with an error
 * inside.
 */
async function runFullPlacementGroup(environment: SdkEnvironment): Promise<void> {
  const placementGroup = environment.resourceId(
    SHOP_RECOVERY_GROUP,
    'Microsoft.Compute/proximityPlacementGroups',
    'shop-near-recovery',
  );
  environment.expect('it has disks', (await readDiskIds(environment, 'web-zone-2')).length > 0);
  await environment.pollToEnd(
    'web-zone-2 into a placement group',
    beginEnable(environment, 'web-zone-2', { placementGroup }),
  );
  await waitUntilProtected(environment, 'web-zone-2');
  environment.expect(
    'which the item names',
    a2aOf(await readItem(environment, 'web-zone-2')).recoveryProximityPlacementGroupId?.endsWith(
      'shop-near-recovery',
    ) ?? false,
  );
  await environment.simulator.faults.add(
    operationFault('full', { kind: 'warn', code: 'OverconstrainedAllocationRequest' }, 'web-zone-2'),
  );
  await environment.pollToEnd(
    'failed over although the group is full',
    beginFailover(environment, 'web-zone-2', PRIMARY_SIDE),
  );
  await environment.advance(30);
  const { properties } = await environment.readNewestJob();
  environment.expect(
    'with that error inside',
    properties?.state === 'Succeeded' &&
      JSON.stringify(properties.errors).includes('OverconstrainedAllocationRequest'),
    properties,
  );
  environment.expect(
    'and the machine outside',
    (await environment.compute.virtualMachines.get(SHOP_RECOVERY_GROUP, 'web-zone-2'))
      .proximityPlacementGroup === undefined,
  );
}

/**
 * The source region fails: health worsens, the failover continues without its source, and a
 * failback is impossible.
 */
export async function runRegionOutage(environment: SdkEnvironment): Promise<void> {
  environment.printTitle('The source region goes dark');
  await environment.pollToEnd(
    'web-zone-2 let go',
    environment.siteRecovery.replicationProtectedItems.beginDelete(
      VAULT,
      VAULT_GROUP,
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      'web-zone-2',
      { properties: {} },
    ),
  );
  await environment.pollToEnd('app-set-1 enabled', beginEnable(environment, 'app-set-1'));
  await waitUntilProtected(environment, 'app-set-1');
  await environment.simulator.faults.add({
    id: 'dark',
    point: 'standing',
    do: { kind: 'regionDark', region: 'eastasia' },
  });
  await readItem(environment, 'app-set-1');
  await environment.advance(2 * 3600);
  const { properties } = await readItem(environment, 'app-set-1');
  const rpo = a2aOf({ ...(properties && { properties }) }).rpoInSeconds ?? 0;
  environment.expect(
    'replication is critical and the RPO grows',
    properties?.replicationHealth === 'Critical' && rpo > 7000,
    [properties?.replicationHealth, rpo],
  );
  const { properties: health } = await environment.siteRecovery.replicationVaultHealth.get(
    VAULT,
    VAULT_GROUP,
  );
  environment.expect(
    'the vault says so',
    (health?.protectedItemsHealth?.categorizedResourceCounts?.['protectedItemsCriticalCount'] ?? 0) > 0,
    health,
  );
  await environment.pollToEnd(
    'failed over without the source',
    beginFailover(environment, 'app-set-1', PRIMARY_SIDE),
  );
  await environment.simulator.faults.remove('dark');
  await environment.pollToEnd(
    'and let go when the region is back',
    environment.siteRecovery.replicationProtectedItems.beginDelete(
      VAULT,
      VAULT_GROUP,
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      'app-set-1',
      { properties: {} },
    ),
  );
  environment.expect(
    'both machines are there',
    [SHOP_GROUP, SHOP_RECOVERY_GROUP].length === 2 &&
      (await environment.compute.virtualMachines.get(SHOP_GROUP, 'app-set-1')).name === 'app-set-1',
  );
}
