// Bad days: jobs that fail, stick, or succeed with an error inside; busy machines; a region that goes dark.

import type { FaultAction } from '../../../simulator/wire/fault.ts';
import { HOME } from './ground.ts';
import { a2aOf, commit, diskIds, enable, failover, becomeProtected, itemOf } from './machines.ts';
import { SHOP, SHOP_AWAY, VAULT, VAULT_GROUP, type Stage } from './stage.ts';

const rule = (id: string, action: FaultAction, vm = 'app') => ({
  id,
  point: 'operation' as const,
  vm,
  times: 1,
  do: action,
});

export async function badDays(stage: Stage): Promise<void> {
  stage.tell('Bad days');
  const { replicationJobs: jobs } = stage.siteRecovery;
  const first = failover(stage, 'app', HOME);
  await first;
  await stage.wait(10);
  await stage.fails('a second failover of a busy machine', '532', () => failover(stage, 'app', HOME));
  await stage.done('the first one', first);
  await stage.done(
    'taken back',
    stage.siteRecovery.replicationProtectedItems.beginFailoverCancel(
      VAULT,
      VAULT_GROUP,
      HOME.fabric,
      HOME.container,
      'app',
    ),
  );

  await stage.simulator.faults.add(
    rule('quota', { kind: 'fail', code: '150097', message: 'No quota is left.' }),
  );
  await stage.fails('a failover without quota', '150097', () => failover(stage, 'app', HOME));
  await stage.wait(30);
  const failed = await stage.newestJob();
  stage.expect(
    'the job can be restarted',
    failed.properties?.allowedActions?.join() === 'Restart',
    failed.properties,
  );
  await stage.done('and is, as another job', jobs.beginRestart(VAULT, VAULT_GROUP, failed.name ?? ''));
  await stage.until(
    'which fails the machine over',
    async () => (await itemOf(stage, 'app')).properties?.allowedOperations?.includes('Commit') ?? false,
  );
  await stage.done('committed', commit(stage, 'app', HOME));

  const stuck: FaultAction = { kind: 'stick' };
  await stage.simulator.faults.add(rule('stuck', stuck, 'web-zone-1'));
  const enabling = enable(stage, 'web-zone-1');
  await enabling;
  await stage.wait(3600);
  const hanging = await stage.newestJob();
  stage.expect(
    'a job that sticks stays in progress',
    hanging.properties?.state === 'InProgress',
    hanging.properties,
  );
  await stage.done('so it is cancelled', jobs.beginCancel(VAULT, VAULT_GROUP, hanging.name ?? ''));
  stage.expect(
    'which ends it',
    (await jobs.get(VAULT, VAULT_GROUP, hanging.name ?? '')).properties?.state === 'Cancelled',
  );
  stage.expect(
    'and leaves what must be let go',
    (await itemOf(stage, 'web-zone-1')).properties?.protectionState === 'EnablingFailed',
  );
  await stage.done(
    'app purged',
    stage.siteRecovery.replicationProtectedItems.beginPurge(
      VAULT,
      VAULT_GROUP,
      HOME.fabric,
      HOME.container,
      'app',
    ),
  );
  await outOfTheGroup(stage);
}

/**
 * A placement group without room: the machine comes up outside, and the job succeeds with an error
 * inside.
 */
async function outOfTheGroup(stage: Stage): Promise<void> {
  const placementGroup = stage.idIn(
    SHOP_AWAY,
    'Microsoft.Compute/proximityPlacementGroups',
    'shop-near-recovery',
  );
  stage.expect('it has disks', (await diskIds(stage, 'web-zone-2')).length > 0);
  await stage.done('web-zone-2 into a placement group', enable(stage, 'web-zone-2', { placementGroup }));
  await becomeProtected(stage, 'web-zone-2');
  stage.expect(
    'which the item names',
    a2aOf(await itemOf(stage, 'web-zone-2')).recoveryProximityPlacementGroupId?.endsWith(
      'shop-near-recovery',
    ) ?? false,
  );
  await stage.simulator.faults.add(
    rule('full', { kind: 'warn', code: 'OverconstrainedAllocationRequest' }, 'web-zone-2'),
  );
  await stage.done('failed over although the group is full', failover(stage, 'web-zone-2', HOME));
  await stage.wait(30);
  const { properties } = await stage.newestJob();
  stage.expect(
    'with that error inside',
    properties?.state === 'Succeeded' &&
      JSON.stringify(properties.errors).includes('OverconstrainedAllocationRequest'),
    properties,
  );
  stage.expect(
    'and the machine outside',
    (await stage.compute.virtualMachines.get(SHOP_AWAY, 'web-zone-2')).proximityPlacementGroup === undefined,
  );
}

/** The source region is lost: health worsens, the failover goes on without its source, nothing goes back. */
export async function darkRegion(stage: Stage): Promise<void> {
  stage.tell('The source region goes dark');
  await stage.done(
    'web-zone-2 let go',
    stage.siteRecovery.replicationProtectedItems.beginDelete(
      VAULT,
      VAULT_GROUP,
      HOME.fabric,
      HOME.container,
      'web-zone-2',
      { properties: {} },
    ),
  );
  await stage.done('app-set-1 enabled', enable(stage, 'app-set-1'));
  await becomeProtected(stage, 'app-set-1');
  await stage.simulator.faults.add({
    id: 'dark',
    point: 'standing',
    do: { kind: 'regionDark', region: 'eastasia' },
  });
  await itemOf(stage, 'app-set-1');
  await stage.wait(2 * 3600);
  const { properties } = await itemOf(stage, 'app-set-1');
  const rpo = a2aOf({ ...(properties && { properties }) }).rpoInSeconds ?? 0;
  stage.expect(
    'replication is critical and the RPO grows',
    properties?.replicationHealth === 'Critical' && rpo > 7000,
    [properties?.replicationHealth, rpo],
  );
  const { properties: health } = await stage.siteRecovery.replicationVaultHealth.get(VAULT, VAULT_GROUP);
  stage.expect(
    'the vault says so',
    (health?.protectedItemsHealth?.categorizedResourceCounts?.['protectedItemsCriticalCount'] ?? 0) > 0,
    health,
  );
  await stage.done('failed over without the source', failover(stage, 'app-set-1', HOME));
  await stage.simulator.faults.remove('dark');
  await stage.done(
    'and let go when the region is back',
    stage.siteRecovery.replicationProtectedItems.beginDelete(
      VAULT,
      VAULT_GROUP,
      HOME.fabric,
      HOME.container,
      'app-set-1',
      { properties: {} },
    ),
  );
  stage.expect(
    'both machines are there',
    [SHOP, SHOP_AWAY].length === 2 &&
      (await stage.compute.virtualMachines.get(SHOP, 'app-set-1')).name === 'app-set-1',
  );
}
