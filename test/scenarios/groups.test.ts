// VMs of a multi-VM consistency group: Site Recovery brings all of them over or none, and so does Lifeboat, by one write.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { actionsIn } from '../support/actions.ts';
import type { Job, Problem, Replication } from '../support/lifeboat.ts';
import { scene, withFault, type Scene } from '../support/story.ts';

let world: Scene;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-trace-'));
  world = await scene(['orders-1', 'orders-2', 'web'], { trace: join(folder, 'trace.ndjson') });
});
afterAll(async () => {
  await world.desk.stop();
  rmSync(folder, { recursive: true });
});

const ids = (...names: string[]): string[] => names.map((name) => world.vms.find((vm) => vm.name === name)?.id ?? name);
const both = () => ids('orders-1', 'orders-2');
const moments = async (): Promise<readonly string[]> => (await world.lifeboat.replications()).filter((vm) => vm.name.startsWith('orders')).map((vm: Replication) => `${vm.moment} ${vm.direction}`);
const groupSteps = (job: Job) => job.steps.filter((step) => step.kind === 'group').map(({ phase, state, attempts }) => ({ phase, state, attempts }));

test('[OP-2] [A2A-15] a member alone is refused at the door, naming those that must go with it', async () => {
  const before = await world.desk.siteRecovery.writes();
  for (const operation of ['failover', 'testFailover']) {
    const { status, body } = await world.lifeboat.send<Problem & { missing: string[] }>({ operation, vms: ids('orders-1') });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'GroupIncomplete', detail: expect.stringContaining('orders-2') as string, missing: ids('orders-2') });
  }
  expect(await world.desk.siteRecovery.writes()).toEqual(before);
});

test('[OP-1] [A2A-15] tested and cleaned up together', async () => {
  const job = await world.lifeboat.done({ operation: 'testFailover', vms: both() });
  expect(job).toMatchObject({ state: 'completed', exceptions: [] });
  expect(groupSteps(job)).toEqual([{ phase: 'testFailover', state: 'succeeded', attempts: 1 }]);
  expect(await moments()).toEqual(['testing original', 'testing original']);
  expect(await world.lifeboat.done({ operation: 'cleanUpTestFailover', vms: both() })).toMatchObject({ state: 'completed', exceptions: [] });
});

test('[OP-2] a point by its id is not a group\'s', async () => {
  const { body } = await world.lifeboat.send<Problem>({ operation: 'failover', vms: both(), recoveryPoint: { id: 'x' } });
  expect(body).toMatchObject({ status: 422, code: 'RecoveryPointOfOneVm' });
});

test('[OP-2] [OP-3] [OP-4] [OP-5] over and home again together, with a VM that is in no group', async () => {
  const all = [...both(), ...ids('web')];
  const over = await world.lifeboat.done({ operation: 'failover', vms: all, recoveryPoint: 'latestMultiVmConsistent' });
  // web is in no group and has no point that is shared: it is told, and does not hold the others up.
  expect(over).toMatchObject({ state: 'completedWithExceptions', exceptions: [{ targetName: 'web', code: 'RecoveryPointMissing' }] });
  expect(groupSteps(over)).toEqual([{ phase: 'failover', state: 'succeeded', attempts: 1 }]);
  expect(over.steps.find((step) => step.kind === 'group')?.vms?.map(({ name }) => name).sort()).toEqual(['orders-1', 'orders-2']);
  expect(await moments()).toEqual(['failedOver original', 'failedOver original']);
  expect(await world.lifeboat.done({ operation: 'commit', vms: both() })).toMatchObject({ state: 'completed', exceptions: [] });
  expect(await world.lifeboat.done({ operation: 'reprotect', vms: both() })).toMatchObject({ state: 'completed', exceptions: [] });
  expect(await moments()).toEqual(['protected reversed', 'protected reversed']);
  const home = await world.lifeboat.done({ operation: 'failback', vms: both() });
  expect(home).toMatchObject({ state: 'completed', exceptions: [] });
  expect(groupSteps(home).map(({ phase }) => phase)).toEqual(['failover', 'reprotect']);
  expect(await moments()).toEqual(['protected original', 'protected original']);
});

test('[OP-6] [A2A-15] one that falls behind is told by name, and is brought after the others alone', async () => {
  const { result: job } = await withFault(world.desk, { point: 'operation', vm: 'orders-1', times: 1, do: { kind: 'fail', code: '150097', message: 'The disk is gone.' } }, () => world.lifeboat.done({ operation: 'failover', vms: both() }));
  expect(job).toMatchObject({ state: 'failed', exceptions: expect.arrayContaining([expect.objectContaining({ code: 'MembersLeftBehind', message: expect.stringContaining('without orders-1') as string })]) as unknown });
  expect(await moments()).toEqual(['protected original', 'failedOver original']);
  expect(await world.lifeboat.done({ operation: 'failover', vms: ids('orders-1') })).toMatchObject({ state: 'completed', exceptions: [] });
  expect(await moments()).toEqual(['failedOver original', 'failedOver original']);
});

test('what Lifeboat asked of Azure here is what its role there allows: no action more, none for nothing', () => {
  expect(actionsIn(join(folder, 'trace.ndjson'))).toEqual([...agreement.armActions.groups].sort());
});
