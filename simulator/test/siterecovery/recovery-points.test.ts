// The retention of recovery points, and their fate while the source is silent.

import type { RecoveryPoint } from '@azure/arm-recoveryservices-siterecovery';

import {
  all,
  TestAzure,
  sendFailover,
  VAULT_GROUP,
  PRIMARY_SIDE,
  MINUTE,
  START,
  VAULT,
} from './test-azure.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const points = (name = 'web'): Promise<RecoveryPoint[]> =>
  all(
    azure.client.recoveryPoints.listByReplicationProtectedItems(
      VAULT,
      VAULT_GROUP,
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      name,
    ),
  );
const times = async (): Promise<number[]> =>
  (await points()).map(({ properties }) => properties?.recoveryPointTime?.getTime() ?? 0);
/** Returns the distinct distances between neighbouring points, oldest first. */
const steps = (of: readonly number[]): number[] => [
  ...new Set(of.slice(1).map((time, index) => (time - (of[index] ?? 0)) / MINUTE)),
];

async function keep(minutes: number): Promise<void> {
  await azure.sendRaw('PATCH', '/replicationPolicies/day-of-points', {
    properties: {
      replicationProviderSettings: {
        instanceType: 'A2A',
        recoveryPointHistory: minutes,
        appConsistentFrequencyInMinutes: 60,
        multiVmSyncStatus: 'Enable',
      },
    },
  });
  await azure.advance(MINUTE);
}

it('of a day stay every five minutes for two hours, then hourly', async () => {
  const kept = await times();
  expect(steps(kept)).toEqual([60, 5]);
  expect([kept[0], kept.at(-1)]).toEqual([START - DAY, START]);
  expect(kept.filter((time) => time >= START - 2 * HOUR)).toHaveLength(25);
});

it.each([
  ['three days', 3 * DAY, [120, 60, 5]],
  ['ten days', 10 * DAY, [240, 120, 60, 5]],
])('of %s are reduced further', async (_what, retention, distances) => {
  await keep(retention / MINUTE);
  await azure.advance(12 * DAY);
  const kept = await times();
  // Where one interval changes to the next, a distance may be shorter, but never longer.
  expect(distances).toEqual(expect.arrayContaining(steps(kept)));
  expect(Math.max(...steps(kept))).toBe(distances[0]);
  expect(azure.clock.now() - (kept[0] ?? 0)).toBeLessThanOrEqual(retention + HOUR);
  expect(
    (await points()).filter(({ properties }) => properties?.recoveryPointType === 'AppConsistent').length,
  ).toBeGreaterThan(10);
});

it('without a retention are only the latest, and a failover can use it', async () => {
  await keep(0);
  expect(await times()).toEqual([START]);
  const { jobId } = await sendFailover(azure, 'web');
  await azure.advance(10 * MINUTE);
  expect((await azure.readJob(jobId)).properties?.state).toBe('Succeeded');
});

it('cannot be used for a failover after their removal', async () => {
  const id = (await points())[0]?.id ?? '';
  await azure.advance(2 * HOUR);
  expect((await points()).map((point) => point.id)).not.toContain(id);
  const { jobId } = await sendFailover(azure, 'web', PRIMARY_SIDE, { recoveryPointId: id });
  await azure.advance(10 * MINUTE);
  expect((await azure.readJob(jobId)).properties).toMatchObject({
    state: 'Failed',
    errors: [{ serviceErrorDetails: { code: '539' } }],
  });
});

it('all stay while no new ones come', async () => {
  const before = await times();
  azure.faults.add({ id: 'off', point: 'standing', vm: 'web', do: { kind: 'deallocated' } });
  await azure.readItem('web');
  await azure.advance(3 * DAY);
  expect(await times()).toEqual(before);
  azure.faults.remove('off');
  expect((await times()).at(-1)).toBe(azure.clock.now());
});
