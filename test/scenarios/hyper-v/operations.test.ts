// VMs of a Hyper-V site: there and home again.
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';
import { hyperVEnvironment } from '../../support/hyper-v-environment.ts';
import { planBody, putPlan, waitForQuestions } from '../../support/plans.ts';
import type { Job, Replication } from '../../support/lifeboat-client.ts';

const MACHINES = ['press', 'saw', 'lathe', 'saw2', 'managed'];
let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['vm-0001', ...MACHINES], {
    environment: hyperVEnvironment({
      machines: [...MACHINES, 'double'],
      replicated: MACHINES,
      managed: ['managed'],
    }),
  });
});
afterAll(() => environment.simulator.stop());

const vmNamed = (name: string): Replication => {
  const vm = environment.vms.find((candidate) => candidate.name === name);
  if (!vm) throw new Error(`There is no VM ${name}.`);
  return vm;
};
const now = async (name: string): Promise<Replication> =>
  (await environment.lifeboat.listReplications()).find((vm) => vm.id === vmNamed(name).id) as Replication;
const run = (operation: string, name: string, more: object = {}): Promise<Job> =>
  environment.lifeboat.runToEnd({ operation, vms: [vmNamed(name).id], ...more });

test('a VM of a Hyper-V site fails over, commits, fails back and replicates again [H2A-5] [OP-5]', async () => {
  expect(vmNamed('press')).toMatchObject({ scenario: 'hyperVToAzure', state: 'protected' });
  expect(await run('testFailover', 'press')).toMatchObject({ state: 'completed' });
  expect(await now('press')).toMatchObject({ state: 'testing' });
  expect(await run('cleanUpTestFailover', 'press')).toMatchObject({ state: 'completed' });
  const away = await run('failover', 'press');
  expect(away).toMatchObject({ state: 'completed', exceptions: [] });
  expect(await now('press')).toMatchObject({ state: 'failedOver', direction: 'reversed' });
  expect(await run('changeRecoveryPoint', 'press', { recoveryPoint: 'latestProcessed' })).toMatchObject({
    state: 'completed',
  });
  expect(await run('commit', 'press')).toMatchObject({ state: 'completed' });
  expect(await run('failback', 'press')).toMatchObject({ state: 'completed', exceptions: [] });
  expect(await now('press')).toMatchObject({ state: 'protected', direction: 'original' });
});

test('a planned failover waits for the last changes of the source [H2A-5] [OP-2]', async () => {
  expect(await run('failover', 'saw', { kind: 'planned' })).toMatchObject({ state: 'completed' });
  const writes = await environment.simulator.siteRecovery.writes();
  expect(writes.filter(({ itemName }) => itemName === 'saw').map(({ operation }) => operation)).toEqual([
    'plannedFailover',
  ]);
});

test('a planned failover goes on unplanned once a person has reported the source as lost [OP-2] [H2A-5]', async () => {
  const [lathe] = await environment.lifeboat.waitForReplicationsNamed(['lathe']);
  const vm = environment.vms.find(({ scenario }) => scenario === 'azureToAzure');
  expect(
    await environment.lifeboat.send({ operation: 'failover', vms: [vm?.id], kind: 'planned' }),
  ).toMatchObject({ status: 422, body: { code: 'NoPlannedFailover' } });
  const before = [{ kind: 'manual', name: 'Hold', instructions: 'Wait.' }];
  await putPlan(environment, 'plant', planBody(environment, [{ name: 'a', vms: ['lathe'], before }]));
  const { body: job } = await environment.lifeboat.send({
    operation: 'failover',
    plan: 'plant',
    kind: 'planned',
  });
  const { questions } = await waitForQuestions(environment, job, 1, 'manual');
  const post = (what: string, body: object) =>
    environment.lifeboat.call(`/api/v1/jobs/${job.id}/${what}`, { method: 'POST', body });
  expect(await post('source-lost', { reason: 'The plant burns.' })).toMatchObject({ status: 200 });
  expect(await post('answers', { question: questions[0]?.id, answer: 'done' })).toMatchObject({
    status: 200,
  });
  expect(await environment.lifeboat.waitForJobEnd(job.id)).toMatchObject({ state: 'completed' });
  const writes = await environment.simulator.siteRecovery.writes();
  expect(writes.filter(({ itemName }) => itemName === 'lathe').map(({ operation }) => operation)).toEqual([
    'unplannedFailover',
  ]);
  expect(lathe?.scenario).toBe('hyperVToAzure');
});

test('one plan moves VMs of Azure and of a Hyper-V site [PLAN-2] [JOB-2]', async () => {
  const [azureVm] = environment.vms.filter(({ scenario }) => scenario === 'azureToAzure');
  await putPlan(
    environment,
    'mixed',
    planBody(environment, [
      { name: 'first', vms: ['saw2'] },
      { name: 'second', vms: [azureVm?.name ?? ''] },
    ]),
  );
  const job = await environment.lifeboat.runToEnd({ operation: 'failover', plan: 'mixed' });
  expect(job).toMatchObject({ state: 'completed', exceptions: [] });
  const { body: map } = await environment.lifeboat.call<{
    vms: readonly { name: string; resources: readonly { kind: string; from: string | null }[] }[];
  }>(`/api/v1/jobs/${job.id}/map`);
  const ofSite = map.vms.find(({ name }) => name === 'saw2');
  expect(ofSite?.resources.find(({ kind }) => kind === 'resourceGroup')?.from).toBeNull();
});

test('a VM with managed disks cannot fail back to Hyper-V, and nothing starts [PPG-7]', async () => {
  const [vm] = await environment.lifeboat.waitForReplicationsNamed(['managed']);
  expect(await environment.lifeboat.runToEnd({ operation: 'failover', vms: [vm?.id] })).toMatchObject({
    state: 'completed',
  });
  await environment.lifeboat.runToEnd({ operation: 'commit', vms: [vm?.id] });
  const writes = async () => (await environment.simulator.siteRecovery.writes()).length;
  const before = await writes();
  expect(await environment.lifeboat.send({ operation: 'failback', vms: [vm?.id] })).toMatchObject({
    status: 422,
    body: { code: 'FailbackNotPossible' },
  });
  expect(await writes()).toBe(before);
});
