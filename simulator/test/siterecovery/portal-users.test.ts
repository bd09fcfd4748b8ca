// A colleague in the portal acts at a simulated time, or just before the answer to a request.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { readFaultFile } from '../../wire/fault-file.ts';
import type { FaultRule, PortalOperation } from '../../wire/fault.ts';
import { newFolder } from '../raw-requests.ts';
import {
  RECOVERY_SIDE,
  TestAzure,
  sendCommit,
  sendFailover,
  PRIMARY_SIDE,
  MINUTE,
  START,
} from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const colleague = (operation: PortalOperation, more: Partial<FaultRule> = {}): FaultRule => ({
  id: operation,
  point: 'standing',
  vm: 'web',
  do: { kind: 'colleague', operation },
  ...more,
});
const stateOf = async (vm: string): Promise<string | undefined> =>
  (await azure.readTrueItems()).find(({ name }) => name === vm)?.state;

it('starts at the set time without any request, with its own job and activity id', async () => {
  azure.faults.add(colleague('unplannedFailover', { from: '2026-01-05T08:10:00Z' }));
  await azure.advance(5 * MINUTE);
  expect(await azure.readWrites()).toEqual([]);
  await azure.advance(15 * MINUTE);
  const [write, ...others] = await azure.readWrites();
  expect(others).toEqual([]);
  expect(write).toMatchObject({
    operation: 'unplannedFailover',
    itemName: 'web',
    at: START + 10 * MINUTE,
    jobState: 'Succeeded',
    principal: 'a colleague in the portal',
  });
  const { properties } = await azure.readJob(write?.jobId ?? '');
  expect(properties?.activityId).toMatch(
    new RegExp(`^${write?.clientRequestId ?? ''} ActivityId: [0-9a-f-]{36}$`),
  );
  expect(properties?.startTime?.getTime()).toBe(START + 10 * MINUTE);
  expect((await azure.readItem('web')).properties?.activeLocation).toBe('Recovery');
  // The portal shuts down the source.
  expect(
    (await azure.readTrueItems()).find(({ name }) => name === 'web')?.machines.map(({ state }) => state),
  ).toEqual(['deallocated', 'running']);
});

it('performs a whole failover in several steps, each once, also over a kill', async () => {
  const rules = (['unplannedFailover', 'failoverCommit', 'switchprotection'] as const).map(
    (operation, index) =>
      colleague(operation, { from: new Date(START + (index + 1) * 10 * MINUTE).toISOString() }),
  );
  for (const rule of rules) azure.faults.add(rule);
  await azure.advance(15 * MINUTE);
  await azure.readItem('web');
  azure.killAndStart();
  // At the start, the server reads a file of faults again.
  for (const rule of rules) azure.faults.add(rule);
  await azure.advance(80 * MINUTE);
  expect((await azure.readWrites()).map(({ operation, jobState }) => [operation, jobState])).toEqual(
    rules.map(({ id }) => [id, 'Succeeded']),
  );
  expect((await azure.readItem('web', RECOVERY_SIDE)).properties?.protectionState).toBe('Protected');
});

it('starts just before a request, so that the request meets a busy machine', async () => {
  azure.faults.add(
    colleague('unplannedFailover', {
      point: 'meanwhile',
      method: 'POST',
      path: '/unplannedFailover',
      times: 1,
    }),
  );
  const { status, jobId } = await sendFailover(azure, 'web');
  expect(status).toBe(202);
  await sendFailover(azure, 'app');
  await azure.advance(10 * MINUTE);
  expect((await azure.readJob(jobId)).properties).toMatchObject({
    state: 'Failed',
    errors: [{ serviceErrorDetails: { code: '532' } }],
  });
  expect(
    (await azure.readWrites()).map(({ itemName, principal, jobState }) => [itemName, principal, jobState]),
  ).toEqual([
    ['web', 'a colleague in the portal', 'Succeeded'],
    ['web', 'tests', 'Failed'],
    ['app', 'tests', 'Succeeded'],
  ]);
});

it('can change recovery points, test, clean up, cancel and disable', async () => {
  const now = async (operation: PortalOperation): Promise<void> => {
    azure.faults.add(colleague(operation));
    await azure.readItem('web').catch(() => undefined);
    await azure.advance(10 * MINUTE);
  };
  await now('testFailover');
  expect(await stateOf('web')).toBe('testing');
  await now('testFailoverCleanup');
  await now('unplannedFailover');
  const first = (await azure.readItem('web')).properties?.failoverRecoveryPointId;
  await now('applyRecoveryPoint');
  expect((await azure.readItem('web')).properties?.failoverRecoveryPointId).not.toBe(first);
  await now('failoverCancel');
  expect(await stateOf('web')).toBe('protected');
  await now('remove');
  expect(await stateOf('web')).toBeUndefined();
  expect((await azure.readWrites()).every(({ jobState }) => jobState === 'Succeeded')).toBe(true);
});

it('gets the same refusals as any client', async () => {
  azure.faults.add(colleague('failoverCommit'));
  await azure.readItem('web');
  azure.faults.add(colleague('unplannedFailover', { vm: 'orders-1' }));
  await azure.readItem('web');
  await azure.advance(10 * MINUTE);
  expect((await azure.readWrites()).map(({ itemName, errorCode }) => [itemName, errorCode])).toEqual([
    ['web', '539'],
    ['orders-1', '539'],
  ]);
  expect((await sendCommit(azure, 'web')).status).toBe(202);
});

it('acts by chance and seed, the same each time', async () => {
  const met = async (seed: number): Promise<string[]> => {
    const one = await TestAzure.start();
    try {
      one.faults.add({
        id: 'by-chance',
        point: 'meanwhile',
        method: 'GET',
        chance: 0.3,
        seed,
        do: { kind: 'colleague', operation: 'testFailover' },
      });
      for (const vm of ['web', 'app', 'sql']) await one.readItem(vm, PRIMARY_SIDE);
      return (await one.readWrites()).map(({ itemName }) => itemName);
    } finally {
      await one.close();
    }
  };
  expect(await met(4)).toEqual(await met(4));
  expect(
    new Set(await Promise.all([1, 2, 3, 4, 5, 6].map(async (seed) => (await met(seed)).join()))).size,
  ).toBeGreaterThan(1);
});

it('can be ordered in a file', () => {
  const file = join(newFolder('faults'), 'day.yaml');
  writeFileSync(
    file,
    'rules: [{ vm: web, from: 600, do: { kind: colleague, operation: unplannedFailover } }, ' +
      '{ method: POST, chance: 0.1, seed: 7, do: { kind: colleague, operation: testFailover } ' +
      '}]',
  );
  expect(readFaultFile(file).map(({ point }) => point)).toEqual(['standing', 'meanwhile']);
  writeFileSync(file, 'rules: [{ from: 600, do: { kind: colleague, operation: unplannedFailover } }]');
  expect(() => readFaultFile(file)).toThrow('names no machine for the colleague');
});
