// Somebody works by hand: at a moment of the story, or a moment before a request is answered.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { readFaultFile } from '../../wire/fault-file.ts';
import type { FaultRule, HandOperation } from '../../wire/fault.ts';
import { newFolder } from '../azure-wire.ts';
import { AWAY, Azure, commit, failover, HOME, MINUTE, START } from './azure.ts';

let azure: Azure;
beforeEach(async () => {
  azure = await Azure.start();
});
afterEach(() => azure.close());

const colleague = (operation: HandOperation, more: Partial<FaultRule> = {}): FaultRule => ({
  id: operation,
  point: 'standing',
  vm: 'web',
  do: { kind: 'colleague', operation },
  ...more,
});
const stateOf = async (vm: string): Promise<string | undefined> =>
  (await azure.trueItems()).find(({ name }) => name === vm)?.state;

it('begins at its moment although nobody looked, with a job and an activity id of its own', async () => {
  azure.faults.add(colleague('unplannedFailover', { from: '2026-01-05T08:10:00Z' }));
  await azure.wait(5 * MINUTE);
  expect(await azure.writes()).toEqual([]);
  await azure.wait(15 * MINUTE);
  const [write, ...others] = await azure.writes();
  expect(others).toEqual([]);
  expect(write).toMatchObject({
    operation: 'unplannedFailover',
    itemName: 'web',
    at: START + 10 * MINUTE,
    jobState: 'Succeeded',
    principal: 'a colleague in the portal',
  });
  const { properties } = await azure.job(write?.jobId ?? '');
  expect(properties?.activityId).toMatch(
    new RegExp(`^${write?.clientRequestId ?? ''} ActivityId: [0-9a-f-]{36}$`),
  );
  expect(properties?.startTime?.getTime()).toBe(START + 10 * MINUTE);
  expect((await azure.item('web')).properties?.activeLocation).toBe('Recovery');
  // The portal shuts the source down.
  expect(
    (await azure.trueItems()).find(({ name }) => name === 'web')?.machines.map(({ state }) => state),
  ).toEqual(['deallocated', 'running']);
});

it('goes all the way there in several steps, each once, also over a kill', async () => {
  const rules = (['unplannedFailover', 'failoverCommit', 'switchprotection'] as const).map(
    (operation, index) =>
      colleague(operation, { from: new Date(START + (index + 1) * 10 * MINUTE).toISOString() }),
  );
  for (const rule of rules) azure.faults.add(rule);
  await azure.wait(15 * MINUTE);
  await azure.item('web');
  azure.killAndStart();
  // A file of faults is read again at the start.
  for (const rule of rules) azure.faults.add(rule);
  await azure.wait(80 * MINUTE);
  expect((await azure.writes()).map(({ operation, jobState }) => [operation, jobState])).toEqual(
    rules.map(({ id }) => [id, 'Succeeded']),
  );
  expect((await azure.item('web', AWAY)).properties?.protectionState).toBe('Protected');
});

it('is a moment quicker than a request, which then meets a busy machine', async () => {
  azure.faults.add(
    colleague('unplannedFailover', {
      point: 'meanwhile',
      method: 'POST',
      path: '/unplannedFailover',
      times: 1,
    }),
  );
  const { status, jobId } = await failover(azure, 'web');
  expect(status).toBe(202);
  await failover(azure, 'app');
  await azure.wait(10 * MINUTE);
  expect((await azure.job(jobId)).properties).toMatchObject({
    state: 'Failed',
    errors: [{ serviceErrorDetails: { code: '532' } }],
  });
  expect(
    (await azure.writes()).map(({ itemName, principal, jobState }) => [itemName, principal, jobState]),
  ).toEqual([
    ['web', 'a colleague in the portal', 'Succeeded'],
    ['web', 'tests', 'Failed'],
    ['app', 'tests', 'Succeeded'],
  ]);
});

it('may change recovery points, test, clean up, take back and switch off', async () => {
  const now = async (operation: HandOperation): Promise<void> => {
    azure.faults.add(colleague(operation));
    await azure.item('web').catch(() => undefined);
    await azure.wait(10 * MINUTE);
  };
  await now('testFailover');
  expect(await stateOf('web')).toBe('testing');
  await now('testFailoverCleanup');
  await now('unplannedFailover');
  const first = (await azure.item('web')).properties?.failoverRecoveryPointId;
  await now('applyRecoveryPoint');
  expect((await azure.item('web')).properties?.failoverRecoveryPointId).not.toBe(first);
  await now('failoverCancel');
  expect(await stateOf('web')).toBe('protected');
  await now('remove');
  expect(await stateOf('web')).toBeUndefined();
  expect((await azure.writes()).every(({ jobState }) => jobState === 'Succeeded')).toBe(true);
});

it('gets the same refusals as anybody', async () => {
  azure.faults.add(colleague('failoverCommit'));
  await azure.item('web');
  azure.faults.add(colleague('unplannedFailover', { vm: 'orders-1' }));
  await azure.item('web');
  await azure.wait(10 * MINUTE);
  expect((await azure.writes()).map(({ itemName, errorCode }) => [itemName, errorCode])).toEqual([
    ['web', '539'],
    ['orders-1', '539'],
  ]);
  expect((await commit(azure, 'web')).status).toBe(202);
});

it('comes by chance and seed, the same each time', async () => {
  const met = async (seed: number): Promise<string[]> => {
    const one = await Azure.start();
    try {
      one.faults.add({
        id: 'by-chance',
        point: 'meanwhile',
        method: 'GET',
        chance: 0.3,
        seed,
        do: { kind: 'colleague', operation: 'testFailover' },
      });
      for (const vm of ['web', 'app', 'sql']) await one.item(vm, HOME);
      return (await one.writes()).map(({ itemName }) => itemName);
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
  expect(() => readFaultFile(file)).toThrow('With which machine');
});
