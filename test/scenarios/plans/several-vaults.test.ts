// A plan over two vaults in two subscriptions. It also covers a failover during its drill, and a
// take-over of a run.
import { generateEnvironment } from '../../../simulator/environments/generate.ts';
import { startOrderOf, planBody, runPlanToEnd, putPlan, waitForQuestions } from '../../support/plans.ts';
import {
  startTestEnvironment,
  countSuccessfulWrites,
  type TestEnvironment,
} from '../../support/test-environment.ts';

/** Each test has four VMs of its own, two in each vault. */
const ALL = Array.from({ length: 12 }, (_, at) => `vm-${String(at + 1).padStart(4, '0')}`);
const [WIDE, DRILLED, HANDED] = [ALL.slice(0, 4), ALL.slice(4, 8), ALL.slice(8)];
let testEnvironment: TestEnvironment;
beforeAll(async () => {
  const environment = generateEnvironment({ vms: ALL.length, vaults: 2 });
  const vaults = environment.vaults.map((vault, at) =>
    at === 0 ? vault : { ...vault, resourceGroup: 'contoso-development' },
  );
  testEnvironment = await startTestEnvironment(ALL, { environment: { ...environment, vaults } });
});
afterAll(() => testEnvironment.simulator.stop());

test('a run over two vaults and subscriptions keeps one order and reports its targets [PLAN-2] [OP-6]', async () => {
  const subscriptions = new Set(
    (await testEnvironment.lifeboat.listReplications()).map(({ vault }) => vault.split('/')[2]),
  );
  expect(subscriptions.size).toBe(2);
  await putPlan(
    testEnvironment,
    'wide',
    planBody(
      testEnvironment,
      [
        { name: 'a', vms: WIDE.slice(0, 2) },
        { name: 'b', vms: WIDE.slice(2) },
      ],
      { targets: { recoveryMinutes: 60, dataLossMinutes: 60 } },
    ),
  );
  const job = await runPlanToEnd(testEnvironment, 'wide', 'failover');
  expect(job).toMatchObject({
    state: 'completed',
    exceptions: [],
    measures: { whole: { recovery: 'met', dataLoss: 'met' } },
  });
  expect(startOrderOf(job, 'failover').map((name) => WIDE.indexOf(name) >> 1)).toEqual([0, 0, 1, 1]);
});

test('one failover command ends a drill, and the preview shows the added time [OP-1] [OP-2]', async () => {
  await putPlan(
    testEnvironment,
    'drilled',
    planBody(testEnvironment, [{ name: 'a', vms: DRILLED }], {
      drill: {
        checks: [{ kind: 'manual', name: 'Look', instructions: 'Do the machines answer?' }],
        cleanUpAfterMinutes: 10_000,
      },
    }),
  );
  const { body: drill } = await testEnvironment.lifeboat.send({ operation: 'testFailover', plan: 'drilled' });
  await waitForQuestions(testEnvironment, drill, 1, 'manual');
  const preview = await testEnvironment.lifeboat.call<{ addedByDrillSeconds: number }>(
    '/api/v1/plans/drilled/preview',
    { method: 'POST', body: { operation: 'failover' } },
  );
  expect(preview.body.addedByDrillSeconds).toBeGreaterThan(0);
  const over = await runPlanToEnd(testEnvironment, 'drilled', 'failover');
  expect(over).toMatchObject({ state: 'completed', exceptions: [] });
  expect(over.steps.filter(({ phase }) => phase === 'cleanUpTestFailover').map(({ state }) => state)).toEqual(
    ['succeeded', 'succeeded', 'succeeded', 'succeeded'],
  );
  const left = await testEnvironment.lifeboat.waitForJobEnd(drill.id);
  expect(left).toMatchObject({
    state: 'cancelled',
    control: { requested: 'cancelled', reason: expect.stringContaining(over.id) as string },
  });
  expect(left.steps.filter(({ phase }) => phase === 'cleanUpTestFailover').map(({ state }) => state)).toEqual(
    ['skipped', 'skipped', 'skipped', 'skipped'],
  );
  for (const name of DRILLED)
    expect(await countSuccessfulWrites(testEnvironment.simulator, name, 'testFailoverCleanup')).toBe(1);
});

test('a plan continues after a take-over at the next epoch, and repeats nothing [OP-8]', async () => {
  await putPlan(
    testEnvironment,
    'handed',
    planBody(testEnvironment, [
      { name: 'a', vms: HANDED.slice(0, 1) },
      { name: 'b', vms: HANDED.slice(1), before: [{ kind: 'manual', name: 'Hold', instructions: 'Wait.' }] },
    ]),
  );
  const { body: job } = await testEnvironment.lifeboat.send({ operation: 'failover', plan: 'handed' });
  const asked = await waitForQuestions(testEnvironment, job, 1, 'manual');
  const postToJob = (what: string, body: object, who: string) =>
    testEnvironment.lifeboat.call(`/api/v1/jobs/${job.id}/${what}`, { method: 'POST', body, principal: who });
  expect(await postToJob('take-over', { reason: 'It hangs.' }, 'contributor')).toMatchObject({
    status: 202,
    body: { epoch: 2 },
  });
  await postToJob('answers', { question: asked.questions[0]?.id, answer: 'done' }, 'operator');
  expect(await testEnvironment.lifeboat.waitForJobEnd(job.id)).toMatchObject({
    state: 'completed',
    epoch: 2,
    exceptions: [],
  });
  for (const name of HANDED)
    expect(await countSuccessfulWrites(testEnvironment.simulator, name, 'unplannedFailover')).toBe(1);
});
