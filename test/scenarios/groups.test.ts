// VMs of a multi-VM consistency group: Site Recovery brings all of them over or none, and so does
// Lifeboat, by one write.
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
import {
  startTestEnvironment,
  withFault,
  type NewFaultRule,
  type TestEnvironment,
} from '../support/test-environment.ts';

/** A group of three: of it more than one may be left. */
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
    protectedItems: vault.protectedItems.flatMap((one) => [
      one,
      ...(one.name === 'orders-1'
        ? STOCK.map((name) => ({ ...one, name, virtualMachine: name, multiVmGroup: 'stock' }))
        : []),
    ]),
  }));
  return { ...environment, virtualMachines: [...environment.virtualMachines, ...added], vaults };
}

let world: TestEnvironment;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-trace-'));
  world = await startTestEnvironment(['orders-1', 'orders-2', 'web', ...STOCK], {
    trace: join(folder, 'trace.ndjson'),
    environment: withStock(),
  });
});
afterAll(async () => {
  await world.simulator.stop();
  rmSync(folder, { recursive: true });
});

const ids = (...names: string[]): string[] =>
  names.map((name) => world.vms.find((vm) => vm.name === name)?.id ?? name);
const both = () => ids('orders-1', 'orders-2');
const moments = async (group = 'orders'): Promise<readonly string[]> =>
  (await world.lifeboat.listReplications())
    .filter((vm) => vm.name.startsWith(group))
    .map((vm: Replication) => `${vm.state} ${vm.direction}`);
const groupSteps = (job: Job) =>
  job.steps
    .filter((step) => step.kind === 'group')
    .map(({ phase, state, attempts }) => ({ phase, state, attempts }));

const failing = (vm: string): NewFaultRule => ({
  point: 'operation',
  vm,
  times: 1,
  do: { kind: 'fail', code: '150097', message: 'The disk is gone.' },
});
const groupStep = ({ steps }: Job) => steps.find((step) => step.kind === 'group');
const arrived = (job: Job) =>
  groupStep(job)
    ?.vms?.filter((vm) => vm.arrived)
    .map(({ name }) => name)
    .sort();
const say = <T = Job>(job: Job, what: string, body: object = {}) =>
  world.lifeboat.call<T>(`/api/v1/jobs/${job.id}/${what}`, { method: 'POST', body });
/** By Site Recovery's own count, what was begun for the group since then, and how it ended. */
async function begun(since: number): Promise<readonly string[]> {
  const writes = (await world.simulator.siteRecovery.writes()).slice(since);
  return writes.map(
    ({ itemName, operation, jobState }) =>
      `${operation} of ${itemName.startsWith('lifeboat-') ? 'a plan' : itemName}: ${jobState}`,
  );
}
/** The app dies where this is done and it has not been told. */
const killedAt =
  (...places: readonly RequestFilter[]) =>
  (pid: number): NewFaultRule[] =>
    places.map((where) => ({ ...where, point: 'applied', times: 1, do: { kind: 'kill', pid } }));
const PLAN_LAID_OUT = jobsRequest('"operationType":"Create".*"type":"step".*"phase":"prepare');
const writesSoFar = async () => (await world.simulator.siteRecovery.writes()).length;
async function takeBack(): Promise<void> {
  expect(await world.lifeboat.runToEnd({ operation: 'cancelFailover', vms: ids(...STOCK) })).toMatchObject({
    state: 'completed',
  });
}
/** Failed for some of its members, and tried again. */
async function torn(
  operation: string,
  vms: readonly string[],
  fail: readonly string[],
  more: object = {},
): Promise<{ first: Job; again: Job }> {
  const [one = '', ...others] = fail;
  const play = (rest: readonly string[]): Promise<Job> =>
    rest[0] === undefined
      ? world.lifeboat.runToEnd({ operation, vms, ...more })
      : withFault(world.simulator, failing(rest[0]), () => play(rest.slice(1))).then(({ result }) => result);
  const { result: first } = await withFault(world.simulator, failing(one), () => play(others));
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
  expect((await say(first, 'retry')).status).toBe(202);
  return { first, again: await world.lifeboat.waitForJobEnd(first.id) };
}

test('[OP-2] [A2A-15] a member alone is refused at the door, naming those that must go with it', async () => {
  const before = await world.simulator.siteRecovery.writes();
  for (const operation of ['failover', 'testFailover']) {
    const { status, body } = await world.lifeboat.send<Problem & { missing: string[] }>({
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
  expect(await world.simulator.siteRecovery.writes()).toEqual(before);
});

test('[OP-1] [A2A-15] tested and cleaned up together', async () => {
  const job = await world.lifeboat.runToEnd({ operation: 'testFailover', vms: both() });
  expect(job).toMatchObject({ state: 'completed', exceptions: [] });
  expect(groupSteps(job)).toEqual([{ phase: 'testFailover', state: 'succeeded', attempts: 1 }]);
  expect(await moments()).toEqual(['testing original', 'testing original']);
  expect(await world.lifeboat.runToEnd({ operation: 'cleanUpTestFailover', vms: both() })).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
});

test("[OP-2] a point by its id is not a group's", async () => {
  const { body } = await world.lifeboat.send<Problem>({
    operation: 'failover',
    vms: both(),
    recoveryPoint: { id: 'x' },
  });
  expect(body).toMatchObject({ status: 422, code: 'RecoveryPointOfOneVm' });
});

test('a multi-VM group goes over and comes home as one [OP-2] [OP-3] [OP-4] [OP-5] [OP-6]', async () => {
  const all = [...both(), ...ids('web')];
  const over = await world.lifeboat.runToEnd({
    operation: 'failover',
    vms: all,
    recoveryPoint: 'latestMultiVmConsistent',
  });
  // web is in no group and has no point that is shared: it is told, and does not hold the others up.
  expect(over).toMatchObject({
    state: 'completedWithExceptions',
    exceptions: [{ targetName: 'web', code: 'RecoveryPointMissing' }],
  });
  expect(groupSteps(over)).toEqual([{ phase: 'failover', state: 'succeeded', attempts: 1 }]);
  expect(
    over.steps
      .find((step) => step.kind === 'group')
      ?.vms?.map(({ name }) => name)
      .sort(),
  ).toEqual(['orders-1', 'orders-2']);
  expect(await moments()).toEqual(['failedOver original', 'failedOver original']);
  expect(await world.lifeboat.runToEnd({ operation: 'commit', vms: both() })).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  // Site Recovery's plan takes along whoever is left.
  expect((await torn('reprotect', both(), ['orders-2'])).again).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await moments()).toEqual(['protected reversed', 'protected reversed']);
  const home = await world.lifeboat.runToEnd({ operation: 'failback', vms: both() });
  expect(home).toMatchObject({ state: 'completed', exceptions: [] });
  expect(groupSteps(home).map(({ phase }) => phase)).toEqual(['failover', 'reprotect']);
  expect(await moments()).toEqual(['protected original', 'protected original']);
});

test('[OP-6] [A2A-15] one that falls behind is told by name, and is brought after the others alone', async () => {
  const { result: job } = await withFault(
    world.simulator,
    {
      point: 'operation',
      vm: 'orders-1',
      times: 1,
      do: { kind: 'fail', code: '150097', message: 'The disk is gone.' },
    },
    () => world.lifeboat.runToEnd({ operation: 'failover', vms: both() }),
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
  expect(await moments()).toEqual(['protected original', 'failedOver original']);
  expect(await world.lifeboat.runToEnd({ operation: 'failover', vms: ids('orders-1') })).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await moments()).toEqual(['failedOver original', 'failedOver original']);
});

test('a run tries a torn group again for the VMs left alone [OP-6] [OP-8] [A2A-15] [JOB-2]', async () => {
  await putPlan(
    world,
    'stock',
    planBody(world, [
      { name: 'data', vms: STOCK },
      { name: 'front', vms: ['web'] },
    ]),
  );
  const before = await writesSoFar();
  const { result: job } = await withFault(world.simulator, failing('stock-1'), () =>
    withFault(world.simulator, failing('stock-2'), async () =>
      waitForQuestions(world, (await world.lifeboat.send({ operation: 'failover', plan: 'stock' })).body, 1),
    ).then(({ result }) => result),
  );
  const [need] = job.questions;
  expect(need).toMatchObject({
    kind: 'failure',
    answers: ['tryAgain', 'goOn', 'stop'],
    message: expect.stringMatching(
      /without stock-[12], stock-[12] .*stock-3 has moved.*answer "tryAgain" \(POST \/api\/v1\/jobs\/job-/,
    ) as string,
  });
  expect(arrived(job)).toEqual(['stock-3']);
  expect(await moments('stock')).toEqual(['protected original', 'protected original', 'failedOver original']);
  // What is refused changes nothing: another word, another job for one of them.
  expect(await say<Problem>(job, 'answers', { step: need?.stepId, answer: 'done' })).toMatchObject({
    status: 422,
    body: { code: 'AnswerNotPossible' },
  });
  expect(
    await world.lifeboat.send<Problem>({ operation: 'failover', vms: ids('stock-1', 'stock-2') }),
  ).toMatchObject({ status: 409, body: { code: 'VmHeld' } });
  expect(await begun(before)).toEqual([
    'savePlan of a plan: Succeeded',
    'unplannedFailover of a plan: PartiallySucceeded',
  ]);
  const {
    result: { result: asked, kills: first },
  } = await withFault(world.simulator, failing('stock-1'), () =>
    runWhileKilled(world, killedAt(PLAN_LAID_OUT), async () => {
      await say(job, 'answers', { step: need?.stepId, answer: 'tryAgain' });
      return world.lifeboat.waitFor(async () => {
        const now = await world.lifeboat.readJob(job.id);
        return now.questions[0]?.tries === 1 ? now : undefined;
      }, 'the second question');
    }),
  );
  expect(arrived(asked)).toEqual(['stock-2', 'stock-3']);
  const { result: done, kills } = await runWhileKilled(
    world,
    killedAt(armRequest('POST', '/stock-1/unplannedFailover')),
    async () => {
      await say(job, 'answers', { step: need?.stepId, answer: 'tryAgain' });
      return world.lifeboat.waitForJobEnd(job.id);
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
  // The plan of all, the plan of two, the one that was left: nobody was begun with twice who had gone.
  expect((await begun(before)).filter((one) => !one.includes('web'))).toEqual([
    'savePlan of a plan: Succeeded',
    'unplannedFailover of a plan: PartiallySucceeded',
    'savePlan of a plan: Succeeded',
    'unplannedFailover of a plan: PartiallySucceeded',
    'unplannedFailover of stock-1: Succeeded',
  ]);
  expect(Object.keys(groupStep(done)?.recoveryPoint?.members ?? {}).sort()).toEqual(STOCK);
  expect(await moments('stock')).toEqual(STOCK.map(() => 'failedOver original'));
});

test('a retry brings the members left behind to the point of the others [OP-2] [OP-6]', async () => {
  await takeBack();
  const { first, again } = await torn('failover', ids(...STOCK), ['stock-2'], {
    recoveryPoint: 'latestMultiVmConsistent',
  });
  expect([first.state, arrived(first)]).toEqual(['failed', ['stock-1', 'stock-3']]);
  expect(again).toMatchObject({ state: 'completed', epoch: 2, exceptions: [] });
  expect(new Set(Object.values(groupStep(again)?.recoveryPoint?.members ?? {})).size).toBe(1);
  expect(await say<Problem>(again, 'retry')).toMatchObject({ status: 409, body: { code: 'NothingToRetry' } });
  await takeBack();
  // Also where Site Recovery calls the whole job failed, it is seen who has gone.
  const endTime = new Date((await world.simulator.now()).getTime() + 1800_000).toISOString();
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
  } = await withFault(world.simulator, calledFailed, () =>
    withFault(world.simulator, failing('stock-3'), () =>
      world.lifeboat.runToEnd({ operation: 'failover', vms: ids(...STOCK) }),
    ),
  );
  expect({ acted, arrived: arrived(failed), exceptions: failed.exceptions }).toMatchObject({
    acted: 1,
    arrived: ['stock-1', 'stock-2'],
    exceptions: [
      { code: 'MembersLeftBehind', message: expect.stringContaining('without stock-3 (') as string },
    ],
  });
  const looking: NewFaultRule = {
    service: 'arm',
    method: 'GET',
    path: '/replicationProtectedItems/stock-3(\\?|$)',
    point: 'received',
    do: { kind: 'hold' },
  };
  const { result: holder } = await withFault(world.simulator, looking, async () => {
    const { body } = await world.lifeboat.send({ operation: 'failover', vms: ids('stock-3') });
    await world.lifeboat.waitFor(
      async () => ((await world.lifeboat.readJob(body.id)).steps.length > 0 ? true : undefined),
      'the job that has stock-3',
    );
    expect(await say<Problem>(failed, 'retry')).toMatchObject({
      status: 409,
      body: {
        code: 'VmHeld',
        detail: expect.stringContaining(`stock-3 is held by job ${body.id}`) as string,
      },
    });
    return body;
  });
  expect(await world.lifeboat.waitForJobEnd(holder.id)).toMatchObject({ state: 'completed' });
  // It was brought over by another job: of this one that is no success, and is not told as one.
  await say(failed, 'retry');
  expect(await world.lifeboat.waitForJobEnd(failed.id)).toMatchObject({
    state: 'failed',
    exceptions: [{ code: 'NotAllowedByAzure', message: expect.stringContaining('stock-3 allows') as string }],
  });
});

test('a retry mends a torn test failover and a torn clean-up [OP-1] [OP-6] [A2A-15]', async () => {
  await takeBack();
  const before = await writesSoFar();
  expect((await torn('testFailover', ids(...STOCK), ['stock-1', 'stock-3'])).again).toMatchObject({
    state: 'completed',
    epoch: 2,
    exceptions: [],
  });
  expect(await moments('stock')).toEqual(STOCK.map(() => 'testing original'));
  expect((await torn('cleanUpTestFailover', ids(...STOCK), ['stock-1', 'stock-2'])).again).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await moments('stock')).toEqual(STOCK.map(() => 'protected original'));
  expect((await begun(before)).filter((one) => !one.startsWith('savePlan')).sort()).toEqual([
    'testFailover of a plan: PartiallySucceeded',
    'testFailover of a plan: Succeeded',
    'testFailoverCleanup of a plan: PartiallySucceeded',
    'testFailoverCleanup of stock-1: Succeeded',
    'testFailoverCleanup of stock-2: Succeeded',
  ]);
});

test('what Lifeboat asked of Azure here is what its role there allows: no action more, none for nothing', () => {
  expect(readArmActions(join(folder, 'trace.ndjson'))).toEqual([...agreement.armActions.groups].sort());
});
