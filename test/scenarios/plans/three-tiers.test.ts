// A plan of three tiers over REST: drill, failover, commit, reprotect and failback, in its order.
import { startOrderOf, planBody, sendRefusedCommand, runPlanToEnd, putPlan } from '../../support/plans.ts';
import {
  startTestEnvironment,
  countSuccessfulWrites,
  type TestEnvironment,
} from '../../support/test-environment.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(6);
  const names = environment.vms.map(({ name }) => name).sort();
  await putPlan(
    environment,
    'shop',
    planBody(environment, [
      { name: 'data', vms: names.slice(0, 2) },
      { name: 'app', vms: names.slice(2, 4) },
      { name: 'web', vms: names.slice(4) },
    ]),
  );
});
afterAll(() => environment.simulator.stop());

const names = () => environment.vms.map(({ name }) => name).sort();
const listStates = async () => [
  ...new Set((await environment.lifeboat.listReplications()).map((vm) => `${vm.state} ${vm.direction}`)),
];

const readLastDrill = async (query = '') =>
  (
    await environment.lifeboat.call<{ lastDrill?: object | null }>(`/api/v1/plans/shop${query}`, {
      principal: 'reader',
    })
  ).body.lastDrill;

test('a drill brings tiers up in order, and cleans up after its time [OP-1] [PLAN-1]', async () => {
  expect(await readLastDrill()).toBeNull();
  const job = await runPlanToEnd(environment, 'shop', 'testFailover');
  expect(await readLastDrill()).toEqual({ job: job.id, version: 1, endedAt: job.endedAt });
  expect(await readLastDrill('?version=1')).toBeUndefined();
  expect(job).toMatchObject({
    state: 'completed',
    exceptions: [],
    plan: { id: 'shop', version: 1, name: 'Shop' },
    vms: 6,
  });
  expect(startOrderOf(job, 'testFailover').map((name) => names().indexOf(name) >> 1)).toEqual([
    0, 0, 1, 1, 2, 2,
  ]);
  expect(job.steps.filter(({ phase }) => phase === 'cleanUpTestFailover').map(({ state }) => state)).toEqual(
    Array(6).fill('succeeded'),
  );
  expect(job.steps.find(({ node }) => node === 'timeToLive')?.seconds).toBeGreaterThanOrEqual(3600);
  expect(await listStates()).toEqual(['protected original']);
});

// Also covers [OP-5] [OP-6] [JOB-1].
test('failover, commit, reprotect and failback of three tiers [OP-2] [OP-3] [OP-4]', async () => {
  const failoverJob = await runPlanToEnd(environment, 'shop', 'failover');
  expect(failoverJob).toMatchObject({ state: 'completed', exceptions: [] });
  // The job list finds a run by each of its VMs.
  const {
    body: { jobs },
  } = await environment.lifeboat.call<{ jobs: { id: string }[] }>(
    `/api/v1/jobs?vm=${environment.vms[4]?.id ?? ''}&operation=failover`,
  );
  expect(jobs.map(({ id }) => id)).toEqual([failoverJob.id]);
  expect(startOrderOf(failoverJob, 'failover').map((name) => names().indexOf(name) >> 1)).toEqual([
    0, 0, 1, 1, 2, 2,
  ]);
  const groupByVm = Object.fromEntries(
    failoverJob.steps.filter(({ phase }) => phase === 'failover').map(({ name, group }) => [name, group]),
  );
  expect(names().map((name) => groupByVm[name])).toEqual(['data', 'data', 'app', 'app', 'web', 'web']);
  expect(await listStates()).toEqual(['failedOver original']);
  expect(await runPlanToEnd(environment, 'shop', 'commit')).toMatchObject({ state: 'completed' });
  expect(await runPlanToEnd(environment, 'shop', 'reprotect')).toMatchObject({ state: 'completed' });
  expect(await listStates()).toEqual(['protected reversed']);
  expect(await runPlanToEnd(environment, 'shop', 'failback')).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await listStates()).toEqual(['protected original']);
  for (const name of names())
    expect(await countSuccessfulWrites(environment.simulator, name, 'unplannedFailover')).toBe(2);
});

test('a preview and a run exclude the same VMs [PLAN-2] [OP-2]', async () => {
  const exclude = environment.vms.slice(1).map(({ id }) => id);
  const preview = (body: object) =>
    environment.lifeboat.call<{ canRun: boolean; exclude: string[]; vms: { vm: string }[] }>(
      '/api/v1/plans/shop/preview',
      { method: 'POST', body: { operation: 'testFailover', ...body } },
    );
  const { body } = await preview({ exclude });
  expect(body).toMatchObject({ canRun: true, exclude });
  expect(await preview({ exclude: ['vm-aaaaaaaaaaaaaaaaaaaaaaaaaa'] })).toMatchObject({
    status: 422,
    body: { code: 'VmNotInPlan' },
  });
  const all = environment.vms.map(({ id }) => id);
  expect((await preview({ exclude: all })).body).toMatchObject({
    canRun: false,
    obstacles: [{ code: 'PlanEmpty', refuses: true }],
  });
  expect(
    await sendRefusedCommand(environment, { operation: 'testFailover', plan: 'shop', exclude: all }),
  ).toMatchObject({ status: 422, body: { code: 'PlanEmpty' } });

  const { body: job } = await environment.lifeboat.send({ operation: 'testFailover', plan: 'shop', exclude });
  const drill = await environment.lifeboat.waitForJobEnd(job.id);
  expect(drill.state).toBe('completed');
  const tested = drill.steps.filter(({ phase }) => phase === 'testFailover').map(({ target }) => target);
  expect(tested).toEqual(body.vms.map(({ vm }) => vm));
});

test('Lifeboat refuses a run that cannot start, and names the remedy [PLAN-2] [OP-7]', async () => {
  const before = await environment.simulator.siteRecovery.writes();
  expect(await sendRefusedCommand(environment, { operation: 'commit', plan: 'shop' })).toMatchObject({
    status: 409,
    body: { code: 'PlanCannotRun', detail: expect.stringContaining('exclude') as string },
  });
  expect(
    await sendRefusedCommand(environment, { operation: 'failover', plan: 'shop', planVersion: 7 }),
  ).toMatchObject({
    status: 409,
    body: { code: 'PlanChanged' },
  });
  expect(await sendRefusedCommand(environment, { operation: 'failover', plan: 'nobody' })).toMatchObject({
    status: 404,
    body: { code: 'PlanUnknown' },
  });
  expect(
    await sendRefusedCommand(environment, { operation: 'failover', plan: 'shop', kind: 'planned' }),
  ).toMatchObject({
    status: 422,
    body: { code: 'NoPlannedFailover' },
  });
  expect(
    await sendRefusedCommand(environment, {
      operation: 'failover',
      plan: 'shop',
      exclude: ['vm-aaaaaaaaaaaaaaaaaaaaaaaaaa'],
    }),
  ).toMatchObject({ status: 422, body: { code: 'VmNotInPlan' } });
  expect(
    await sendRefusedCommand(environment, {
      operation: 'failover',
      plan: 'shop',
      vms: [environment.vms[0]?.id],
    }),
  ).toMatchObject({ status: 400 });
  expect(await environment.simulator.siteRecovery.writes()).toEqual(before);
});
