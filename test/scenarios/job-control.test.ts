// A person pauses, resumes, cancels or retries a job, or skips a step. A person also takes a job
// over from a hanging orchestration.
import { randomUUID } from 'node:crypto';
import type { Job, Problem, Replication } from '../support/lifeboat-client.ts';
import {
  startTestEnvironment,
  withFault,
  countSuccessfulWrites,
  type TestEnvironment,
} from '../support/test-environment.ts';

let environment: TestEnvironment;
let next = 0;
beforeAll(async () => {
  environment = await startTestEnvironment(9);
});
afterAll(() => environment.simulator.stop());

const takeVm = (): Replication => {
  const vm = environment.vms[next++];
  if (!vm) throw new Error('No VM is left for this test.');
  return vm;
};
const postToJob = <T = Job>(job: Pick<Job, 'id'>, verb: string, body?: object, who?: string) =>
  environment.lifeboat.call<T>(`/api/v1/jobs/${job.id}/${verb}`, {
    method: 'POST',
    ...(body ? { body } : {}),
    ...(who ? { principal: who } : {}),
  });
const stepIn = (job: Job, phase: string) => job.steps.find((step) => step.phase === phase);
const until = (job: Pick<Job, 'id'>, what: string, is: (seen: Job) => boolean): Promise<Job> =>
  environment.lifeboat.waitFor(async () => {
    const seen = await environment.lifeboat.readJob(job.id);
    return is(seen) ? seen : undefined;
  }, what);

/** The person in a line of the log. */
const actorOf = (job: Job, line: RegExp): Job['log'][number]['by'] | undefined =>
  job.log.find(({ message }) => line.test(message))?.by;

/**
 * The middle of a drill, during the clean-up. The poll of its jobs takes long enough for a person
 * to act.
 */
async function inMidRun(vm: Replication, act: (job: Job) => Promise<void>): Promise<Job> {
  await environment.lifeboat.runToEnd({ operation: 'testFailover', vms: [vm.id] });
  const rule = {
    point: 'received',
    method: 'GET',
    path: 'replicationJobs',
    do: { kind: 'delay', milliseconds: 1500 },
  } as const;
  const { result } = await withFault(environment.simulator, rule, async () => {
    const { body } = await environment.lifeboat.send({ operation: 'failover', vms: [vm.id] });
    const job = await until(
      body,
      'the clean-up under way',
      (seen) => (stepIn(seen, 'cleanUpTestFailover')?.siteRecoveryJob ?? null) !== null,
    );
    await act(job);
    return job;
  });
  return result;
}

test('a paused job polls running work and starts nothing, and continues after the resume [OP-8]', async () => {
  const vm = takeVm();
  const job = await inMidRun(vm, async (running) => {
    expect(
      (await postToJob(running, 'pause', { reason: 'The network team asks us to wait.' })).body,
    ).toMatchObject({
      state: 'running',
      control: { requested: 'paused', reason: 'The network team asks us to wait.' },
    });
    expect((await postToJob(running, 'pause')).status).toBe(200);
  });
  const paused = await until(
    job,
    'the end of the clean-up',
    (seen) => stepIn(seen, 'cleanUpTestFailover')?.state === 'succeeded',
  );
  await environment.lifeboat.waitFor(
    async () =>
      (await environment.simulator.now()).getTime() -
        Date.parse(stepIn(paused, 'cleanUpTestFailover')?.endedAt ?? '') >
      600_000
        ? true
        : undefined,
    'ten minutes of simulated time',
  );
  expect(await environment.lifeboat.readJob(job.id)).toMatchObject({
    state: 'running',
    control: { requested: 'paused' },
  });
  expect(stepIn(await environment.lifeboat.readJob(job.id), 'failover')).toMatchObject({
    state: 'waiting',
    attempts: 0,
  });
  expect((await postToJob(job, 'resume')).body).toMatchObject({ control: { requested: 'running' } });
  expect(await environment.lifeboat.waitForJobEnd(job.id)).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await countSuccessfulWrites(environment.simulator, vm.name, 'unplannedFailover')).toBe(1);
  expect((await environment.lifeboat.readJob(job.id)).log.map((line) => line.message).join('\n')).toMatch(
    /Paused by .*network team[\s\S]*Resumed by/,
  );
  const after = await environment.lifeboat.readJob(job.id);
  expect(after.requestedBy).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    trigger: 'rest',
    roles: ['Operator'],
  });
  for (const line of [/^Started/, /^Paused/, /^Resumed/])
    expect(actorOf(after, line)).toEqual(after.requestedBy);
  expect(actorOf(after, /^Ended/)).toBeNull();
});

test('a cancelled job starts nothing more, polls running work to its end, and unlocks the VM [OP-8]', async () => {
  const vm = takeVm();
  const job = await inMidRun(vm, async (running) => {
    expect((await postToJob(running, 'cancel', { reason: 'False alarm.' })).status).toBe(200);
    expect((await postToJob<Problem>(running, 'resume')).body).toMatchObject({
      status: 409,
      code: 'JobCancelled',
    });
    expect(await environment.lifeboat.readJob(running.id)).toMatchObject({ state: 'running' });
  });
  const ended = await environment.lifeboat.waitForJobEnd(job.id);
  expect(ended).toMatchObject({
    state: 'cancelled',
    exceptions: [{ targetName: vm.name, phase: 'failover', code: 'JobCancelled' }],
  });
  expect(stepIn(ended, 'cleanUpTestFailover')?.state).toBe('succeeded');
  expect(await countSuccessfulWrites(environment.simulator, vm.name, 'unplannedFailover')).toBe(0);
  expect(await environment.lifeboat.runToEnd({ operation: 'failover', vms: [vm.id] })).toMatchObject({
    state: 'completed',
  });
});

test('a retry repeats only the failed work, in the same job [OP-6] [OP-8]', async () => {
  const [good, bad] = [takeVm(), takeVm()];
  const { result: job } = await withFault(
    environment.simulator,
    { point: 'operation', vm: bad.name, do: { kind: 'fail', code: '150097', message: 'The disk is gone.' } },
    () => environment.lifeboat.runToEnd({ operation: 'failover', vms: [good.id, bad.id] }),
  );
  expect(job).toMatchObject({ state: 'completedWithExceptions', epoch: 1 });
  const again = await postToJob(job, 'retry', { reason: 'The disk is back.' });
  expect(again).toMatchObject({ status: 202, body: { state: 'accepted', epoch: 2 } });
  expect(await environment.lifeboat.waitForJobEnd(job.id)).toMatchObject({
    state: 'completed',
    epoch: 2,
    exceptions: [],
    steps: [{ state: 'succeeded' }, { state: 'succeeded' }],
  });
  expect(actorOf(await environment.lifeboat.readJob(job.id), /tried again/)).toEqual(job.requestedBy);
  expect(await countSuccessfulWrites(environment.simulator, good.name, 'unplannedFailover')).toBe(1);
  expect(await countSuccessfulWrites(environment.simulator, bad.name, 'unplannedFailover')).toBe(1);
  expect((await postToJob<Problem>(job, 'retry')).body).toMatchObject({
    status: 409,
    code: 'NothingToRetry',
  });
});

test('a person skips an unstarted step with a reason, and cannot skip a started one [OP-8]', async () => {
  const vm = takeVm();
  const job = await inMidRun(vm, async (running) => {
    await postToJob(running, 'pause');
    expect(
      (
        await postToJob<Problem>(running, 'skip', {
          target: vm.id,
          phase: 'cleanUpTestFailover',
          reason: 'No.',
        })
      ).body,
    ).toMatchObject({ status: 409, code: 'StepBegun' });
    expect(
      (await postToJob<Problem>(running, 'skip', { target: vm.id, phase: 'failover' })).body,
    ).toMatchObject({
      status: 400,
    });
    expect((await postToJob<Problem>(running, 'skip', { target: 'vm-x', reason: 'No.' })).body).toMatchObject(
      {
        status: 404,
        code: 'StepUnknown',
      },
    );
    expect(
      (
        await postToJob(running, 'skip', {
          target: vm.id,
          phase: 'failover',
          reason: 'It is rebuilt by hand.',
        })
      ).status,
    ).toBe(200);
    await postToJob(running, 'resume');
  });
  expect(await environment.lifeboat.waitForJobEnd(job.id)).toMatchObject({
    exceptions: [
      {
        phase: 'failover',
        code: 'SkippedByPerson',
        message: expect.stringContaining('rebuilt by hand') as string,
      },
    ],
  });
  const after = await environment.lifeboat.readJob(job.id);
  expect(actorOf(after, /^Skipped by/)).toEqual(after.requestedBy);
  expect(await countSuccessfulWrites(environment.simulator, vm.name, 'unplannedFailover')).toBe(0);
});

test('after a take-over a job continues at the next epoch, and writes nothing twice [OP-8]', async () => {
  const vm = takeVm();
  const job = await inMidRun(vm, async (running) => {
    expect(
      (await postToJob<Problem>(running, 'take-over', { reason: 'Mine.' }, 'operator')).body,
    ).toMatchObject({
      status: 403,
      code: 'RoleMissing',
    });
    expect(
      await postToJob(running, 'take-over', { reason: 'Its region is gone.' }, 'contributor'),
    ).toMatchObject({
      status: 202,
      body: { epoch: 2 },
    });
  });
  const ended = await environment.lifeboat.waitForJobEnd(job.id);
  expect(ended).toMatchObject({ state: 'completed', epoch: 2, exceptions: [] });
  for (const verb of ['testFailoverCleanup', 'unplannedFailover'])
    expect(await countSuccessfulWrites(environment.simulator, vm.name, verb)).toBe(1);
  expect(ended.log.map((line) => line.message).join('\n')).toMatch(
    /Taken over at epoch 2 by .*region is gone/,
  );
  expect(actorOf(ended, /^Taken over/)).toMatchObject({ roles: ['Contributor'], trigger: 'rest' });
});

test('Lifeboat refuses to steer an unknown or ended job, or without the role [OP-8] [RBAC-1]', async () => {
  const vm = takeVm();
  const job = await environment.lifeboat.runToEnd({ operation: 'failover', vms: [vm.id] });
  for (const verb of ['pause', 'resume', 'cancel', 'retry', 'skip']) {
    expect((await postToJob<Problem>(job, verb, { target: 'x', reason: 'x' }, 'reader')).body).toMatchObject({
      status: 403,
      code: 'RoleMissing',
    });
    expect(
      (
        await postToJob<Problem>(
          { id: `job-${randomUUID()}` },
          verb,
          verb === 'skip' ? { target: 'x', reason: 'x' } : {},
        )
      ).body,
    ).toMatchObject({ status: 404, code: 'JobUnknown' });
  }
  for (const verb of ['pause', 'cancel'])
    expect((await postToJob<Problem>(job, verb)).body).toMatchObject({ status: 409, code: 'JobEnded' });
  expect((await postToJob<Problem>(job, 'pause', { reasons: 'x' })).body).toMatchObject({
    status: 400,
    code: 'Invalid',
  });
  expect(await environment.lifeboat.readJob(job.id)).toMatchObject({ state: 'completed', control: null });
});
