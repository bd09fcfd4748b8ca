// VMs of a multi-VM consistency group: Site Recovery fails over all or none. Lifeboat does the same
// with one write.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { loadEnvironment } from '../../simulator/environments/load.ts';
import { armRequest, jobsRequest, type RequestFilter } from '../chaos/boundaries.ts';
import { runWhileKilled } from '../chaos/run-with-kills.ts';
import { readArmActions } from '../support/arm-trace.ts';
import type { Job, Problem, Replication } from '../support/lifeboat-client.ts';
import { planBody, putPlan, waitForQuestions } from '../support/plans.ts';
import { story } from '../support/story.ts';
import {
  startTestEnvironment,
  withFault,
  type NewFaultRule,
  type TestEnvironment,
} from '../support/test-environment.ts';

/** In a group of three, more than one VM may remain. */
const STOCK = ['stock-1', 'stock-2', 'stock-3'];
function withStock() {
  const environment = loadEnvironment('contoso');
  const [pattern] = environment.virtualMachines.filter(({ name }) => name === 'orders-1');
  const added = STOCK.flatMap((name, at) =>
    pattern
      ? [
          {
            ...pattern,
            name,
            disks: pattern.disks.map((disk) => ({ ...disk, name: disk.name.replace('orders-1', name) })),
            nic: { ...pattern.nic, name: `${name}-nic`, privateAddress: `10.20.3.${at + 21}` },
          },
        ]
      : [],
  );
  const vaults = environment.vaults.map((vault) => ({
    ...vault,
    protectedItems: vault.protectedItems.flatMap((protectedItem) => [
      protectedItem,
      ...(protectedItem.name === 'orders-1'
        ? STOCK.map((name) => ({ ...protectedItem, name, virtualMachine: name, multiVmGroup: 'stock' }))
        : []),
    ]),
  }));
  return { ...environment, virtualMachines: [...environment.virtualMachines, ...added], vaults };
}

// A later test uses the state that the earlier tests leave behind.
const test = story();

let testEnvironment: TestEnvironment;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-trace-'));
  testEnvironment = await startTestEnvironment(['orders-1', 'orders-2', 'web', ...STOCK], {
    trace: join(folder, 'trace.ndjson'),
    environment: withStock(),
  });
});
afterAll(async () => {
  await testEnvironment.simulator.stop();
  rmSync(folder, { recursive: true });
});

const ids = (...names: string[]): string[] =>
  names.map((name) => testEnvironment.vms.find((vm) => vm.name === name)?.id ?? name);
const orderIds = () => ids('orders-1', 'orders-2');
const listStates = async (group = 'orders'): Promise<readonly string[]> =>
  (await testEnvironment.lifeboat.listReplications())
    .filter((vm) => vm.name.startsWith(group))
    .map((vm: Replication) => `${vm.state} ${vm.direction}`);
const groupSteps = (job: Job) =>
  job.steps
    .filter((step) => step.kind === 'multiVmGroup')
    .map(({ phase, state, attempts }) => ({ phase, state, attempts }));

const failOperationOf = (vm: string): NewFaultRule => ({
  point: 'operation',
  vm,
  times: 1,
  do: { kind: 'fail', code: '150097', message: 'The disk is gone.' },
});
const groupStep = ({ steps }: Job) => steps.find((step) => step.kind === 'multiVmGroup');
const arrived = (job: Job) =>
  groupStep(job)
    ?.vms?.filter((vm) => vm.arrived)
    .map(({ name }) => name)
    .sort();
const postToJob = <T = Job>(job: Job, what: string, body: object = {}) =>
  testEnvironment.lifeboat.call<T>(`/api/v1/jobs/${job.id}/${what}`, { method: 'POST', body });
/** By Site Recovery's own count: the operations of the group since then, with their ends. */
async function startedSince(since: number): Promise<readonly string[]> {
  const writes = (await testEnvironment.simulator.siteRecovery.writes()).slice(since);
  return writes.map(
    ({ itemName, operation, jobState }) =>
      `${operation} of ${itemName.startsWith('lifeboat-') ? 'a plan' : itemName}: ${jobState}`,
  );
}
/** The app dies after this write, before it gets the answer. */
const killedAt =
  (...places: readonly RequestFilter[]) =>
  (pid: number): NewFaultRule[] =>
    places.map((where) => ({ ...where, point: 'applied', times: 1, do: { kind: 'kill', pid } }));
const STEPS_PLANNED = jobsRequest('"operationType":"Create".*"type":"step".*"phase":"prepare');
const writesSoFar = async () => (await testEnvironment.simulator.siteRecovery.writes()).length;
async function takeBack(): Promise<void> {
  expect(
    await testEnvironment.lifeboat.runToEnd({ operation: 'cancelFailover', vms: ids(...STOCK) }),
  ).toMatchObject({
    state: 'completed',
  });
}
/** The operation fails for some members, and the test retries it. */
async function failPartly(
  operation: string,
  vms: readonly string[],
  fail: readonly string[],
  more: object = {},
): Promise<{ first: Job; again: Job }> {
  const [text = '', ...others] = fail;
  const play = (rest: readonly string[]): Promise<Job> =>
    rest[0] === undefined
      ? testEnvironment.lifeboat.runToEnd({ operation, vms, ...more })
      : withFault(testEnvironment.simulator, failOperationOf(rest[0]), () => play(rest.slice(1))).then(
          ({ result }) => result,
        );
  const { result: first } = await withFault(testEnvironment.simulator, failOperationOf(text), () =>
    play(others),
  );
  expect(first.exceptions).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        code: 'MembersLeftBehind',
        message: expect.stringMatching(
          new RegExp(`without ${fail.map(() => `(${fail.join('|')})`).join(', ')} `),
        ) as string,
      }),
    ]),
  );
  expect((await postToJob(first, 'retry')).status).toBe(202);
  return { first, again: await testEnvironment.lifeboat.waitForJobEnd(first.id) };
}

test('the route refuses a member alone, and names the members that must go with it [OP-2] [A2A-15]', async () => {
  const before = await testEnvironment.simulator.siteRecovery.writes();
  for (const operation of ['failover', 'testFailover']) {
    const { status, body } = await testEnvironment.lifeboat.send<Problem & { missing: string[] }>({
      operation,
      vms: ids('orders-1'),
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({
      code: 'GroupIncomplete',
      detail: expect.stringContaining('orders-2') as string,
      missing: ids('orders-2'),
    });
  }
  expect(await testEnvironment.simulator.siteRecovery.writes()).toEqual(before);
});

test('members run a test failover and its clean-up together [OP-1] [A2A-15]', async () => {
  const job = await testEnvironment.lifeboat.runToEnd({ operation: 'testFailover', vms: orderIds() });
  expect(job).toMatchObject({ state: 'completed', exceptions: [] });
  expect(groupSteps(job)).toEqual([{ phase: 'testFailover', state: 'succeeded', attempts: 1 }]);
  expect(await listStates()).toEqual(['testing original', 'testing original']);
  expect(
    await testEnvironment.lifeboat.runToEnd({ operation: 'cleanUpTestFailover', vms: orderIds() }),
  ).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
});

test('a point by its id does not fit a group [OP-2]', async () => {
  const { body } = await testEnvironment.lifeboat.send<Problem>({
    operation: 'failover',
    vms: orderIds(),
    recoveryPoint: { id: 'x' },
  });
  expect(body).toMatchObject({ status: 422, code: 'RecoveryPointOfOneVm' });
});

test('a multi-VM group fails over and back as one [OP-3] [OP-4] [OP-5]', async () => {
  const all = [...orderIds(), ...ids('web')];
  const failoverJob = await testEnvironment.lifeboat.runToEnd({
    operation: 'failover',
    vms: all,
    recoveryPoint: 'latestMultiVmConsistent',
  });
  // web is in no group and has no shared point: the job reports this, and the others continue.
  expect(failoverJob).toMatchObject({
    state: 'completedWithExceptions',
    exceptions: [{ targetName: 'web', code: 'RecoveryPointMissing' }],
  });
  expect(groupSteps(failoverJob)).toEqual([{ phase: 'failover', state: 'succeeded', attempts: 1 }]);
  expect(
    failoverJob.steps
      .find((step) => step.kind === 'multiVmGroup')
      ?.vms?.map(({ name }) => name)
      .sort(),
  ).toEqual(['orders-1', 'orders-2']);
  expect(await listStates()).toEqual(['failedOver original', 'failedOver original']);
  expect(await testEnvironment.lifeboat.runToEnd({ operation: 'commit', vms: orderIds() })).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  // Site Recovery's plan includes every remaining member.
  expect((await failPartly('reprotect', orderIds(), ['orders-2'])).again).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await listStates()).toEqual(['protected reversed', 'protected reversed']);
  const failbackJob = await testEnvironment.lifeboat.runToEnd({ operation: 'failback', vms: orderIds() });
  expect(failbackJob).toMatchObject({ state: 'completed', exceptions: [] });
  expect(groupSteps(failbackJob).map(({ phase }) => phase)).toEqual(['failover', 'reprotect']);
  expect(await listStates()).toEqual(['protected original', 'protected original']);
});

test('the job names the member that falls behind, and fails it over after the others [OP-6] [A2A-15]', async () => {
  const { result: job } = await withFault(
    testEnvironment.simulator,
    {
      point: 'operation',
      vm: 'orders-1',
      times: 1,
      do: { kind: 'fail', code: '150097', message: 'The disk is gone.' },
    },
    () => testEnvironment.lifeboat.runToEnd({ operation: 'failover', vms: orderIds() }),
  );
  expect(job).toMatchObject({
    state: 'failed',
    exceptions: expect.arrayContaining([
      expect.objectContaining({
        code: 'MembersLeftBehind',
        message: expect.stringContaining('without orders-1') as string,
      }),
    ]) as unknown,
  });
  expect(await listStates()).toEqual(['protected original', 'failedOver original']);
  expect(
    await testEnvironment.lifeboat.runToEnd({ operation: 'failover', vms: ids('orders-1') }),
  ).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await listStates()).toEqual(['failedOver original', 'failedOver original']);
});

test('a run retries a partially completed group for the remaining VMs [OP-6] [OP-8] [JOB-2]', async () => {
  await putPlan(
    testEnvironment,
    'stock',
    planBody(testEnvironment, [
      { name: 'data', vms: STOCK },
      { name: 'front', vms: ['web'] },
    ]),
  );
  const before = await writesSoFar();
  const { result: job } = await withFault(testEnvironment.simulator, failOperationOf('stock-1'), () =>
    withFault(testEnvironment.simulator, failOperationOf('stock-2'), async () =>
      waitForQuestions(
        testEnvironment,
        (await testEnvironment.lifeboat.send({ operation: 'failover', plan: 'stock' })).body,
        1,
      ),
    ).then(({ result }) => result),
  );
  const [need] = job.questions;
  expect(need).toMatchObject({
    kind: 'failure',
    answers: [{ answer: 'tryAgain' }, { answer: 'goOn' }, { answer: 'stop' }],
    message: expect.stringMatching(
      /without stock-[12], stock-[12] .*stock-3 has moved.*answer "tryAgain" \(POST \/api\/v1\/jobs\/job-/,
    ) as string,
  });
  expect(arrived(job)).toEqual(['stock-3']);
  expect(await listStates('stock')).toEqual([
    'protected original',
    'protected original',
    'failedOver original',
  ]);
  // A refusal changes nothing: a wrong answer, or another job for one of the VMs.
  expect(await postToJob<Problem>(job, 'answers', { question: need?.id, answer: 'done' })).toMatchObject({
    status: 422,
    body: { code: 'AnswerNotPossible' },
  });
  expect(
    await testEnvironment.lifeboat.send<Problem>({ operation: 'failover', vms: ids('stock-1', 'stock-2') }),
  ).toMatchObject({ status: 409, body: { code: 'VmHeld' } });
  expect(await startedSince(before)).toEqual([
    'savePlan of a plan: Succeeded',
    'unplannedFailover of a plan: PartiallySucceeded',
  ]);
  const {
    result: { result: asked, kills: first },
  } = await withFault(testEnvironment.simulator, failOperationOf('stock-1'), () =>
    runWhileKilled(testEnvironment, killedAt(STEPS_PLANNED), async () => {
      await postToJob(job, 'answers', { question: need?.id, answer: 'tryAgain' });
      return testEnvironment.lifeboat.waitFor(async () => {
        const now = await testEnvironment.lifeboat.readJob(job.id);
        return now.questions[0] && now.questions[0].id !== need?.id ? now : undefined;
      }, 'the second question');
    }),
  );
  expect(arrived(asked)).toEqual(['stock-2', 'stock-3']);
  const { result: done, kills } = await runWhileKilled(
    testEnvironment,
    killedAt(armRequest('POST', '/stock-1/unplannedFailover')),
    async () => {
      await postToJob(job, 'answers', { question: asked.questions[0]?.id, answer: 'tryAgain' });
      return testEnvironment.lifeboat.waitForJobEnd(job.id);
    },
  );
  expect({ first, kills, state: done.state, exceptions: done.exceptions }).toEqual({
    first: 1,
    kills: 1,
    state: 'completed',
    exceptions: [],
  });
  expect(groupStep(done)).toMatchObject({ state: 'succeeded', attempts: 3, tries: 2 });
  expect(done.steps.find(({ name, phase }) => name === 'web' && phase === 'failover')).toMatchObject({
    state: 'succeeded',
  });
  expect(done.log.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^stock-3 has arrived already and stays unchanged. Left to do: stock-[12], stock-[12]\.$/,
      ) as string,
    ]),
  );
  // The plan of all, the plan of two, the single VM: no VM that went over starts again.
  expect((await startedSince(before)).filter((text) => !text.includes('web'))).toEqual([
    'savePlan of a plan: Succeeded',
    'unplannedFailover of a plan: PartiallySucceeded',
    'savePlan of a plan: Succeeded',
    'unplannedFailover of a plan: PartiallySucceeded',
    'unplannedFailover of stock-1: Succeeded',
  ]);
  expect(Object.keys(groupStep(done)?.recoveryPoint?.members ?? {}).sort()).toEqual(STOCK);
  expect(await listStates('stock')).toEqual(STOCK.map(() => 'failedOver original'));
});

test('a retry brings the remaining members to the point of the others [OP-2] [OP-6]', async () => {
  await takeBack();
  const { first, again } = await failPartly('failover', ids(...STOCK), ['stock-2'], {
    recoveryPoint: 'latestMultiVmConsistent',
  });
  expect([first.state, arrived(first)]).toEqual(['failed', ['stock-1', 'stock-3']]);
  expect(again).toMatchObject({ state: 'completed', epoch: 2, exceptions: [] });
  expect(new Set(Object.values(groupStep(again)?.recoveryPoint?.members ?? {})).size).toBe(1);
  expect(await postToJob<Problem>(again, 'retry')).toMatchObject({
    status: 409,
    body: { code: 'NothingToRetry' },
  });
  await takeBack();
  // Site Recovery calls the whole job failed, and Lifeboat still sees the members that went over.
  const endTime = new Date((await testEnvironment.simulator.now()).getTime() + 1800_000).toISOString();
  const body = {
    id: 'x',
    name: 'x',
    properties: {
      state: 'Failed',
      endTime,
      errors: [{ serviceErrorDetails: { code: '25014', message: 'Not all.' } }],
    },
  };
  const calledFailed: NewFaultRule = {
    service: 'arm',
    method: 'GET',
    path: '/replicationJobs/[^/?]+(\\?|$)',
    point: 'received',
    times: 1,
    do: { kind: 'status', status: 200, body },
  };
  const {
    result: { result: failed },
    acted,
  } = await withFault(testEnvironment.simulator, calledFailed, () =>
    withFault(testEnvironment.simulator, failOperationOf('stock-3'), () =>
      testEnvironment.lifeboat.runToEnd({ operation: 'failover', vms: ids(...STOCK) }),
    ),
  );
  expect({ acted, arrived: arrived(failed), exceptions: failed.exceptions }).toMatchObject({
    acted: 1,
    arrived: ['stock-1', 'stock-2'],
    exceptions: [
      { code: 'MembersLeftBehind', message: expect.stringContaining('without stock-3 (') as string },
    ],
  });
  const pollFault: NewFaultRule = {
    service: 'arm',
    method: 'GET',
    path: '/replicationProtectedItems/stock-3(\\?|$)',
    point: 'received',
    do: { kind: 'hold' },
  };
  const { result: holder } = await withFault(testEnvironment.simulator, pollFault, async () => {
    const { body } = await testEnvironment.lifeboat.send({ operation: 'failover', vms: ids('stock-3') });
    await testEnvironment.lifeboat.waitFor(
      async () => ((await testEnvironment.lifeboat.readJob(body.id)).steps.length > 0 ? true : undefined),
      'the job that has stock-3',
    );
    expect(await postToJob<Problem>(failed, 'retry')).toMatchObject({
      status: 409,
      body: {
        code: 'VmHeld',
        detail: expect.stringContaining(`stock-3 is locked by job ${body.id}`) as string,
      },
    });
    return body;
  });
  expect(await testEnvironment.lifeboat.waitForJobEnd(holder.id)).toMatchObject({ state: 'completed' });
  // Another job failed it over, so this job does not report a success.
  await postToJob(failed, 'retry');
  expect(await testEnvironment.lifeboat.waitForJobEnd(failed.id)).toMatchObject({
    state: 'failed',
    exceptions: [{ code: 'NotAllowedByAzure', message: expect.stringContaining('stock-3 allows') as string }],
  });
});

test('a retry fixes a partially completed test failover and clean-up [OP-1] [OP-6] [A2A-15]', async () => {
  await takeBack();
  const before = await writesSoFar();
  expect((await failPartly('testFailover', ids(...STOCK), ['stock-1', 'stock-3'])).again).toMatchObject({
    state: 'completed',
    epoch: 2,
    exceptions: [],
  });
  expect(await listStates('stock')).toEqual(STOCK.map(() => 'testing original'));
  expect(
    (await failPartly('cleanUpTestFailover', ids(...STOCK), ['stock-1', 'stock-2'])).again,
  ).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await listStates('stock')).toEqual(STOCK.map(() => 'protected original'));
  expect((await startedSince(before)).filter((text) => !text.startsWith('savePlan')).sort()).toEqual([
    'testFailover of a plan: PartiallySucceeded',
    'testFailover of a plan: Succeeded',
    'testFailoverCleanup of a plan: PartiallySucceeded',
    'testFailoverCleanup of stock-1: Succeeded',
    'testFailoverCleanup of stock-2: Succeeded',
  ]);
});

test("Lifeboat's requests to Azure match its role exactly: no extra action, and none without use", () => {
  expect(readArmActions(join(folder, 'trace.ndjson'))).toEqual([...agreement.armActions.groups].sort());
});
