// The results of a step that fails, takes too long, or needs a person: report, question and answer
// over REST.
import { startOrderOf, planBody, putPlan, waitForQuestions } from '../../support/plans.ts';
import type { Job, Problem } from '../../support/lifeboat-client.ts';
import {
  startTestEnvironment,
  withFault,
  countSuccessfulWrites,
  type NewFaultRule,
  type TestEnvironment,
} from '../../support/test-environment.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(15);
});
afterAll(() => environment.simulator.stop());

/** Each test has VMs of its own. */
let used = 0;
const take = (count: number): string[] =>
  environment.vms
    .map(({ name }) => name)
    .sort()
    .slice(used, (used += count));
const failing = (vm: string, times = 1): NewFaultRule => ({
  point: 'operation',
  vm,
  times,
  do: { kind: 'fail', code: '150097', message: 'The disk is gone.' },
});
const begin = async (plan: string, more: object = {}): Promise<Job> => {
  const { status, body } = await environment.lifeboat.send({ operation: 'failover', plan, ...more });
  if (status !== 202) throw new Error(JSON.stringify(body));
  return body;
};
const postToJob = (job: Job, what: string, body: object, who = 'operator') =>
  environment.lifeboat.call<Job & Problem>(`/api/v1/jobs/${job.id}/${what}`, {
    method: 'POST',
    body,
    principal: who,
  });

test('after a critical VM fails, dependent VMs wait until a person retries it [OP-6] [OP-8]', async () => {
  const [first = '', other = '', last = ''] = take(3);
  await putPlan(
    environment,
    'asks',
    planBody(environment, [
      { name: 'a', vms: [first, other] },
      { name: 'b', vms: [last] },
    ]),
  );
  const { result: job } = await withFault(environment.simulator, failing(first), async () => {
    const job = await begin('asks');
    const asked = await waitForQuestions(environment, job, 1);
    expect(asked.questions).toMatchObject([
      {
        kind: 'failure',
        answers: [{ answer: 'tryAgain' }, { answer: 'goOn' }, { answer: 'stop' }],
        message: expect.stringContaining('The disk is gone.') as string,
      },
    ]);
    expect(asked.steps.find(({ name }) => name === last)?.state).toBe('planned');
    return asked;
  });
  const [need] = job.questions;
  expect((await postToJob(job, 'answers', { question: need?.id, answer: 'done' })).body).toMatchObject({
    code: 'AnswerNotPossible',
  });
  expect(await postToJob(job, 'answers', { question: need?.id, answer: 'tryAgain' })).toMatchObject({
    status: 200,
  });
  const done = await environment.lifeboat.waitForJobEnd(job.id);
  expect(done).toMatchObject({ state: 'completed', exceptions: [], questions: [] });
  expect(done.steps.find(({ name }) => name === first)).toMatchObject({
    state: 'succeeded',
    tries: 1,
    attempts: 2,
  });
  for (const name of [first, other, last])
    expect(await countSuccessfulWrites(environment.simulator, name, 'unplannedFailover')).toBe(1);
});

test('after an optional VM fails, the others continue, and a stop rule ends the run [OP-6]', async () => {
  const [easy = '', strict = '', last = ''] = take(3);
  await putPlan(
    environment,
    'optional',
    planBody(environment, [
      { name: 'a', vms: [easy], rule: { critical: false } },
      { name: 'b', vms: [strict], rule: { onFailure: 'stop' } },
      { name: 'c', vms: [last] },
    ]),
  );
  const { result: job } = await withFault(environment.simulator, failing(easy), () =>
    withFault(environment.simulator, failing(strict), async () =>
      environment.lifeboat.waitForJobEnd((await begin('optional')).id),
    ),
  );
  expect(job.result).toMatchObject({
    state: 'failed',
    exceptions: expect.arrayContaining([
      expect.objectContaining({ targetName: easy }),
      expect.objectContaining({ targetName: strict }),
      expect.objectContaining({ targetName: last, code: 'RunStopped' }),
    ]) as unknown,
  });
  expect(await countSuccessfulWrites(environment.simulator, last, 'unplannedFailover')).toBe(0);
  // The next epoch retries the failed step and its skipped followers, and keeps the finished work.
  await postToJob(job.result, 'retry', {});
  expect(await environment.lifeboat.waitForJobEnd(job.result.id)).toMatchObject({
    state: 'completed',
    epoch: 2,
    exceptions: [],
  });
});

test('a group waits for a manual step and for two approvers besides the sender [PLAN-1] [OP-8]', async () => {
  const [text = '', two = ''] = take(2);
  const before = [
    { kind: 'manual', name: 'Look at the storage', instructions: 'Is the array quiet?' },
    { kind: 'approval', name: 'Two say yes', people: 2 },
  ];
  await putPlan(
    environment,
    'careful',
    planBody(environment, [
      { name: 'a', vms: [text] },
      { name: 'b', vms: [two], before },
    ]),
  );
  const job = await begin('careful');
  const asked = await waitForQuestions(environment, job, 1);
  expect(asked.questions).toMatchObject([
    { kind: 'manual', message: 'Is the array quiet?', answers: [{ answer: 'done' }, { answer: 'notDone' }] },
  ]);
  expect(
    await environment.lifeboat.answer(asked.questions[0], 'done', { principal: 'reader' }),
  ).toMatchObject({
    status: 403,
  });
  // The person answers no: the step fails, asks about the failure, and the retry asks again.
  expect(
    await postToJob(job, 'answers', {
      question: asked.questions[0]?.id,
      answer: 'notDone',
      reason: 'It hums.',
    }),
  ).toMatchObject({ status: 200 });
  const failed = await waitForQuestions(environment, job, 1, 'failure');
  expect(failed.questions).toMatchObject([
    {
      message: expect.stringContaining('It hums.') as string,
      answers: [{ answer: 'tryAgain' }, { answer: 'goOn' }, { answer: 'stop' }],
    },
  ]);
  expect(
    await postToJob(job, 'answers', { question: failed.questions[0]?.id, answer: 'tryAgain' }),
  ).toMatchObject({
    status: 200,
  });
  // The earlier question has its answer; another try is another question.
  expect(
    await environment.lifeboat.answer(asked.questions[0], 'done', { principal: 'operator' }),
  ).toMatchObject({ status: 409, body: { code: 'AnsweredAlready' } });
  const [again] = (await waitForQuestions(environment, job, 1, 'manual')).questions;
  expect(
    await environment.lifeboat.answer(again, 'done', { reason: 'Quiet.', principal: 'operator' }),
  ).toMatchObject({ status: 200 });
  const approval = (await waitForQuestions(environment, job, 1, 'approval')).questions[0];
  const vote = (principal: string) => environment.lifeboat.answer(approval, 'approved', { principal });
  expect(await vote('operator')).toMatchObject({ status: 403 });
  expect(await vote('dora')).toMatchObject({ status: 200 });
  expect(await vote('dora')).toMatchObject({ status: 200 });
  expect((await environment.lifeboat.readJob(job.id)).state).toBe('running');
  expect(await vote('approver')).toMatchObject({ status: 200 });
  const done = await environment.lifeboat.waitForJobEnd(job.id);
  expect(done).toMatchObject({ state: 'completed', exceptions: [] });
  expect(startOrderOf(done, 'failover')).toEqual([text, two]);
});

test('an expired commit window commits by itself, and a skipped one does not [OP-3] [PLAN-1]', async () => {
  const [text = '', two = ''] = take(2);
  const windows = [
    ['windowed', text, { kind: 'commit', afterMinutes: 240 }],
    ['held', two, { kind: 'cancel', afterMinutes: 10_000 }],
  ] as const;
  for (const [plan, vm, commitWindow] of windows)
    await putPlan(environment, plan, planBody(environment, [{ name: 'a', vms: [vm] }], { commitWindow }));
  const ran = await environment.lifeboat.waitForJobEnd((await begin('windowed')).id);
  expect(ran).toMatchObject({ state: 'completed', exceptions: [] });
  expect(ran.steps.map(({ phase, state }) => [phase, state])).toEqual([
    ['failover', 'succeeded'],
    ['action', 'succeeded'],
    ['commit', 'succeeded'],
  ]);
  expect(ran.steps[1]?.seconds).toBeGreaterThanOrEqual(240 * 60);
  const paused = await begin('held');
  const {
    questions: [window],
  } = await waitForQuestions(environment, paused, 1, 'hold');
  expect(window).toMatchObject({
    answers: [{ answer: 'endNow' }, { answer: 'skip' }],
    until: expect.any(String) as string,
  });
  expect(
    await postToJob(paused, 'answers', {
      question: window?.id,
      answer: 'skip',
      reason: 'We decide ourselves.',
    }),
  ).toMatchObject({ status: 200 });
  const left = await environment.lifeboat.waitForJobEnd(paused.id);
  expect(left).toMatchObject({ state: 'completed', exceptions: [] });
  expect(left.steps.map(({ phase, state }) => [phase, state])).toEqual([
    ['failover', 'succeeded'],
    ['action', 'skipped'],
    ['cancelFailover', 'skipped'],
  ]);
});

test('a run cancelled in its commit window leaves the commit undone [OP-3] [OP-8]', async () => {
  const [text = ''] = take(1);
  await putPlan(
    environment,
    'given-up',
    planBody(environment, [{ name: 'a', vms: [text] }], {
      commitWindow: { kind: 'commit', afterMinutes: 10_000 },
    }),
  );
  const job = await begin('given-up');
  await waitForQuestions(environment, job, 1, 'hold');
  expect((await postToJob(job, 'cancel', {})).status).toBe(200);
  const ended = await environment.lifeboat.waitForJobEnd(job.id);
  expect(ended).toMatchObject({
    state: 'cancelled',
    exceptions: expect.arrayContaining([
      expect.objectContaining({ phase: 'commit', code: 'JobCancelled' }),
    ]) as unknown,
  });
  expect(ended.steps.map(({ phase, state }) => [phase, state])).toEqual([
    ['failover', 'succeeded'],
    ['action', 'skipped'],
    ['commit', 'skipped'],
  ]);
});

test('a skip ends a paused run at once when no other work remains [OP-8]', async () => {
  const [text = ''] = take(1);
  await putPlan(
    environment,
    'emptied',
    planBody(environment, [
      { name: 'a', vms: [text], before: [{ kind: 'manual', name: 'Wait', instructions: 'Wait for me.' }] },
    ]),
  );
  const job = await begin('emptied');
  const asked = await waitForQuestions(environment, job, 1);
  await postToJob(job, 'pause', {});
  await postToJob(job, 'answers', { question: asked.questions[0]?.id, answer: 'done' });
  await environment.lifeboat.waitFor(
    async () =>
      (await environment.lifeboat.readJob(job.id)).steps.find(({ phase }) => phase === 'action')?.state ===
      'succeeded'
        ? true
        : undefined,
    'the manual step',
  );
  expect(
    (
      await postToJob(job, 'skip', {
        target: asked.steps.find(({ name }) => name === text)?.target,
        reason: 'It is rebuilt by hand.',
      })
    ).status,
  ).toBe(200);
  const ended = await environment.lifeboat.waitForJobEnd(job.id);
  const left = ended.steps.find(({ name }) => name === text);
  expect(left).toMatchObject({ state: 'skipped', error: { code: 'SkippedByPerson' } });
  // Without a wake-up the orchestration would poll within four minutes.
  expect(Date.parse(ended.endedAt ?? '') - Date.parse(left?.endedAt ?? '')).toBeLessThan(30_000);
});

test('a paused run starts nothing new, and a cancel skips unstarted work [OP-8]', async () => {
  const [text = '', two = '', three = ''] = take(3);
  await putPlan(
    environment,
    'halting',
    planBody(environment, [
      { name: 'a', vms: [text] },
      { name: 'b', vms: [two], before: [{ kind: 'manual', name: 'Wait', instructions: 'Wait for me.' }] },
      { name: 'c', vms: [three] },
    ]),
  );
  const job = await begin('halting');
  const asked = await waitForQuestions(environment, job, 1);
  await postToJob(job, 'pause', { reason: 'Lunch.' });
  await postToJob(job, 'answers', { question: asked.questions[0]?.id, answer: 'done' });
  await environment.lifeboat.waitFor(
    async () =>
      (await environment.lifeboat.readJob(job.id)).steps.find(({ phase }) => phase === 'action')?.state ===
      'succeeded'
        ? true
        : undefined,
    'the manual step',
  );
  expect((await environment.lifeboat.readJob(job.id)).steps.find(({ name }) => name === two)?.state).toBe(
    'planned',
  );
  await postToJob(job, 'resume', {});
  // A cancel would stop a write without a claim.
  await environment.lifeboat.waitFor(
    async () =>
      (await countSuccessfulWrites(environment.simulator, two, 'unplannedFailover')) > 0 ? true : undefined,
    'the second group',
  );
  await postToJob(job, 'cancel', { reason: 'Enough.' });
  const ended = await environment.lifeboat.waitForJobEnd(job.id);
  expect(ended.state === 'cancelled' || ended.state === 'completed').toBe(true);
  expect(await countSuccessfulWrites(environment.simulator, two, 'unplannedFailover')).toBe(1);
});
