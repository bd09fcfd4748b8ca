// The questions of a plan and the answers of persons, against the simulator's Cosmos DB.
import type {
  JobDocument,
  PendingQuestion,
  StepDocument,
  StepWork,
} from '../../../shared/journal/documents.ts';
import type { Caller } from '../../../shared/access/caller.ts';
import { AnswerRequest } from '../../../shared/delivery/answerRequest.ts';
import { answerQuestion } from '../../../shared/jobs/answerQuestion.ts';
import { listAnswers } from '../../../shared/journal/answers.ts';
import { listLogLines } from '../../../shared/journal/log.ts';
import { readStep, stepIdOf } from '../../../shared/journal/steps.ts';
import { actionWork, ActionRun } from '../../support/action-run.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';
import { transitionStep } from '../../support/transitions.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore(1);
});
afterAll(() => store.close());

let runs = 0;
const run = (): ActionRun => new ActionRun(store, `job-${++runs}`);
const makeCaller = (id: string, ...roles: string[]): Caller => ({
  id,
  name: id,
  tenant: 't',
  roles,
  door: 'rest',
});
const bob = makeCaller('bob', 'Operator');
const step = (node: string): string => stepIdOf('action', node);
const hold = (why: 'commitWindow' | 'timeToLive') => ({ kind: 'hold', why, minutes: 7 }) as const;
const asks = (node: string, kind: PendingQuestion['kind'], ...answers: PendingQuestion['answers']) => ({
  stepId: step(node),
  kind,
  answers,
});
const code = (code: string) => expect.objectContaining({ code }) as Error;
const FAILURE_ANSWERS = ['tryAgain', 'goOn', 'stop'];
/** Answers the first try of a node, or the question about its failure. */
const postAnswer = (job: ActionRun, node: string, given: string, by = bob, more: object = {}) =>
  answerQuestion(
    job.jobId,
    AnswerRequest.parse({
      question: `${step(node)}:0${FAILURE_ANSWERS.includes(given) ? ':failure' : ''}`,
      answer: given,
      ...more,
    }),
    by,
  );

test('a manual step accepts one answer of a person, and refuses a different one [PLAN-1] [OP-8]', async () => {
  const job = await run().begin({
    dns: actionWork({ kind: 'manual', name: 'Turn DNS', instructions: 'Turn it.' }),
    lines: actionWork({ kind: 'manual', name: 'Lines', instructions: 'Open them.' }),
  });
  expect(await job.poll()).toMatchObject({ superseded: false, open: 2, nextSeconds: 300 });
  await expect(postAnswer(job, 'dns', 'done')).rejects.toThrow(code('NothingAsked'));
  await job.saveQuestions(
    asks('dns', 'manual', 'done', 'notDone'),
    asks('lines', 'manual', 'done', 'notDone'),
  );
  await expect(postAnswer(job, 'dns', 'skip')).rejects.toThrow(code('AnswerNotPossible'));
  await expect(postAnswer(job, 'dns', 'goOn')).rejects.toThrow(code('NothingAsked'));
  await expect(postAnswer(job, 'dns', 'done', makeCaller('eve', 'Reader'))).rejects.toThrow(
    code('RoleMissing'),
  );
  const nextTry = { question: `${step('dns')}:1` };
  await expect(postAnswer(job, 'dns', 'done', bob, nextTry)).rejects.toThrow(/dns:0 .*done or notDone/);
  expect(await listAnswers(job.jobId)).toEqual([]);
  await postAnswer(job, 'dns', 'done', bob, { reason: 'at the provider' });
  await postAnswer(job, 'dns', 'done');
  await expect(postAnswer(job, 'dns', 'notDone')).rejects.toThrow(code('AnsweredAlready'));
  await expect(postAnswer(job, 'dns', 'done', makeCaller('joe', 'Owner'))).rejects.toThrow(
    code('AnsweredAlready'),
  );
  await postAnswer(job, 'lines', 'notDone');
  expect(await job.poll()).toMatchObject({ open: 0 });
  expect(await job.step('dns')).toMatchObject({ state: 'succeeded' });
  expect(await job.step('lines')).toMatchObject({ state: 'failed', error: { code: 'NotDone' } });
  expect(await job.readLog()).toContain('Said to be done by bob: at the provider');
  expect(
    (await listLogLines(job.jobId, 9)).find(({ message }) => message.includes('says bob: at the provider')),
  ).toMatchObject({ by: { id: 'bob', name: 'bob', roles: ['Operator'], door: 'rest' } });
  // The failure after this answer is another question, and does not change the earlier answer.
  await job.saveQuestions(asks('lines', 'failure', 'tryAgain', 'goOn', 'stop'));
  await postAnswer(job, 'lines', 'notDone');
  await expect(postAnswer(job, 'lines', 'done')).rejects.toThrow(code('AnsweredAlready'));
  await postAnswer(job, 'lines', 'tryAgain');
  await expect(postAnswer(job, 'lines', 'stop')).rejects.toThrow(code('AnsweredAlready'));
  // The question is gone, and a repeated answer still succeeds.
  await job.saveQuestions();
  await postAnswer(job, 'dns', 'done');
  expect((await listAnswers(job.jobId)).map(({ stepId, answer: given }) => [stepId, given]).sort()).toEqual([
    [step('dns'), 'done'],
    [step('lines'), 'notDone'],
    [step('lines'), 'tryAgain'],
  ]);
});

test('an approver who answers too late is told that nothing is asked, not that a role is missing [OP-8]', async () => {
  const job = await run().begin({ go: actionWork({ kind: 'approval', name: 'Go', timeoutMinutes: 30 }) });
  await job.poll();
  const eve = makeCaller('eve', 'Approver');
  for (const answer of ['approved', 'refused'])
    await expect(postAnswer(job, 'go', answer, eve)).rejects.toThrow(code('NothingAsked'));
  await expect(postAnswer(job, 'go', 'done', eve)).rejects.toThrow(code('RoleMissing'));
  await expect(postAnswer(job, 'go', 'approved', makeCaller('r', 'Reader'))).rejects.toThrow(
    code('RoleMissing'),
  );
  expect(await listAnswers(job.jobId)).toEqual([]);
});

test('two persons besides the requester approve, each once [PLAN-1] [OP-8]', async () => {
  const job = await run().begin({
    go: actionWork({ kind: 'approval', name: 'Go', people: 2, timeoutMinutes: 30 }),
    other: actionWork({ kind: 'approval', name: 'Other', from: ['bob', 'c'] }),
    late: actionWork({ kind: 'approval', name: 'Late', timeoutMinutes: 5 }),
  });
  await job.poll();
  await job.saveQuestions(
    ...['go', 'other', 'late'].map((node) => asks(node, 'approval', 'approved', 'refused')),
  );
  const vote = (node: string, by: Caller, answer = 'approved') => postAnswer(job, node, answer, by);
  await expect(vote('go', makeCaller('c', 'Approver'))).rejects.toThrow(code('OwnRequest'));
  await expect(vote('go', bob)).rejects.toThrow(code('RoleMissing'));
  await expect(vote('go', makeCaller('eve', 'Approver'), 'done')).rejects.toThrow(code('AnswerNotPossible'));
  await expect(vote('other', makeCaller('eve', 'Approver'))).rejects.toThrow(code('NotAsked'));
  await expect(postAnswer(job, 'go', 'goOn', makeCaller('o', 'Owner'))).rejects.toThrow(code('NothingAsked'));
  expect(await listAnswers(job.jobId)).toEqual([]);
  await vote('go', makeCaller('eve', 'Approver'));
  await vote('go', makeCaller('eve', 'Approver'));
  await expect(vote('go', makeCaller('eve', 'Approver'), 'refused')).rejects.toThrow(code('AnsweredAlready'));
  await job.poll();
  expect((await job.step('go')).state).toBe('started');
  await vote('go', makeCaller('joe', 'Approver', 'Reader'));
  await vote('other', bob, 'refused');
  await job.poll();
  expect(await job.step('go')).toMatchObject({ state: 'succeeded' });
  expect(await job.readLog()).toContain('Approved by eve and joe.');
  expect(
    (await listLogLines(job.jobId, 20)).find(({ message }) => message.includes('approved, says joe')),
  ).toMatchObject({ by: { id: 'joe', roles: ['Approver', 'Reader'], door: 'rest' } });
  expect(await job.step('other')).toMatchObject({
    state: 'failed',
    error: { code: 'ApprovalRefused', message: 'Other was refused by bob.' },
  });
  await store.advance(301);
  await expect(vote('late', makeCaller('joe', 'Approver'))).rejects.toThrow(code('ApprovalExpired'));
  expect(await job.pollToEnd('late')).toMatchObject({ state: 'failed', error: { code: 'TimedOut' } });
});

test('waits and commit windows end in time or by an answer, and show a time-out [PLAN-1] [OP-8]', async () => {
  const job = await run().begin({
    wait: actionWork({ kind: 'wait', name: 'A while', minutes: 2 }),
    window: hold('commitWindow'),
    left: hold('timeToLive'),
    own: hold('commitWindow'),
    hand: actionWork({ kind: 'manual', name: 'By hand', instructions: 'Do.', timeoutMinutes: 3 }),
  });
  expect(await job.poll()).toMatchObject({ open: 5, nextSeconds: 120 });
  await store.advance(119);
  expect(await job.poll()).toMatchObject({ open: 5, nextSeconds: 1 });
  await store.advance(1);
  expect(await job.poll()).toMatchObject({ open: 4, nextSeconds: 60 });
  expect((await job.step('wait')).state).toBe('succeeded');
  await job.saveQuestions(asks('window', 'hold', 'endNow', 'skip'), asks('left', 'hold', 'endNow', 'skip'));
  await postAnswer(job, 'window', 'endNow');
  await postAnswer(job, 'left', 'skip', bob, { reason: 'by hand' });
  await store.advance(60);
  expect(await job.poll()).toMatchObject({ open: 1, nextSeconds: 240 });
  expect(await job.step('window')).toMatchObject({ state: 'succeeded' });
  expect(await job.step('left')).toMatchObject({
    state: 'skipped',
    error: { code: 'SkippedByPerson', message: 'What follows was left out by bob: by hand' },
  });
  expect(await job.step('hand')).toMatchObject({
    state: 'failed',
    error: { code: 'TimedOut', message: 'By hand did not end within 3 minutes, the limit in the plan.' },
  });
  expect(await job.pollToEnd('own')).toMatchObject({ state: 'succeeded' });
});

test('a paused job starts nothing, and a cancelled job ends its waits at once [OP-8]', async () => {
  const job = await run().begin({ wait: actionWork({ kind: 'wait', name: 'A while', minutes: 5 }) });
  await job.poll();
  await job.setControl('paused');
  const waitingJob = await run().begin({
    later: actionWork({ kind: 'wait', name: 'Later', minutes: 5 }),
    live: hold('timeToLive'),
  });
  await waitingJob.setControl('paused');
  expect(await waitingJob.poll()).toMatchObject({ open: 2, nextSeconds: 30 });
  expect((await waitingJob.step('later')).state).toBe('waiting');
  await store.advance(300);
  expect(await job.poll()).toMatchObject({ open: 0 });
  await waitingJob.setControl('running');
  await waitingJob.poll();
  await waitingJob.setControl('cancelled');
  expect(await waitingJob.poll()).toMatchObject({ open: 0 });
  expect(await waitingJob.step('later')).toMatchObject({
    state: 'skipped',
    error: { code: 'JobCancelled', message: 'Given up, because the job was cancelled.' },
  });
  expect(await waitingJob.step('live')).toMatchObject({ state: 'succeeded' });
});

/** Runs the second action while the first action's write to the store is in transit. */
async function actDuringWrite<T>(
  body: string,
  first: () => Promise<T>,
  second: () => Promise<unknown>,
): Promise<T> {
  await store.faults.add({
    service: 'cosmos',
    method: 'POST',
    path: '/colls/jobs/docs',
    body,
    point: 'received',
    times: 1,
    do: { kind: 'hold' },
    id: 'held',
  });
  try {
    const result = first();
    result.catch(() => undefined);
    while (((await store.faults.list()).find(({ id }) => id === 'held')?.acted ?? 0) === 0) await store.now();
    await second();
    await store.faults.remove('held');
    return await result;
  } finally {
    await store.faults.remove('held').catch(() => undefined);
  }
}

const ANSWER = '"type":"answer"';
async function change(job: ActionRun, node: string, to: Partial<StepDocument>): Promise<void> {
  const before = await readStep(job.jobId, step(node));
  expect(before && (await transitionStep(before, to, await store.now()))).toBeDefined();
}

const manual = (name: string) => actionWork({ kind: 'manual', name, instructions: 'Do.', timeoutMinutes: 3 });
const approve = (job: ActionRun, answer: 'approved' | 'refused') =>
  postAnswer(job, 'one', answer, makeCaller('eve', 'Approver'));
const failed = {
  state: 'failed',
  error: { kind: 'Rejected', code: 'TimedOut', message: '' },
  endedAt: '2026-01-05T08:00:00.000Z',
} as const;

test.each<
  [
    string,
    StepWork,
    PendingQuestion['kind'],
    PendingQuestion['answers'],
    Partial<StepDocument>,
    Partial<StepDocument>,
    (job: ActionRun, word: string) => Promise<unknown>,
  ]
>([
  [
    'skip',
    hold('commitWindow'),
    'hold',
    ['endNow', 'skip'],
    {},
    { state: 'succeeded' },
    (job, word) => postAnswer(job, 'one', word),
  ],
  [
    'endNow',
    hold('timeToLive'),
    'hold',
    ['endNow', 'skip'],
    {},
    { state: 'skipped' },
    (job, word) => postAnswer(job, 'one', word),
  ],
  [
    'done',
    manual('By hand'),
    'manual',
    ['done', 'notDone'],
    {},
    failed,
    (job, word) => postAnswer(job, 'one', word),
  ],
  [
    'notDone',
    manual('By hand'),
    'manual',
    ['done', 'notDone'],
    {},
    failed,
    (job, word) => postAnswer(job, 'one', word),
  ],
  [
    'stop',
    manual('By hand'),
    'failure',
    ['goOn', 'stop'],
    {},
    { state: 'succeeded' },
    (job, word) => postAnswer(job, 'one', word),
  ],
  [
    'goOn',
    manual('By hand'),
    'failure',
    ['goOn', 'stop'],
    failed,
    { state: 'planned', tries: 1 },
    (job, word) => postAnswer(job, 'one', word),
  ],
  [
    'tryAgain',
    manual('By hand'),
    'failure',
    ['tryAgain', 'stop'],
    failed,
    { state: 'planned', tries: 1 },
    (job, word) => postAnswer(job, 'one', word),
  ],
  [
    'approved',
    actionWork({ kind: 'approval', name: 'Go', timeoutMinutes: 30 }),
    'approval',
    ['approved', 'refused'],
    {},
    failed,
    (job) => approve(job, 'approved'),
  ],
  [
    'refused',
    actionWork({ kind: 'approval', name: 'Go', timeoutMinutes: 30 }),
    'approval',
    ['approved', 'refused'],
    {},
    failed,
    (job) => approve(job, 'refused'),
  ],
])(
  'a late "%s" fails, and one whose step only moves on counts [OP-8]',
  async (word, work, kind, words, before, after, say) => {
    const late = await run().begin({ one: work });
    await late.poll();
    if (before.state) await change(late, 'one', before);
    await late.saveQuestions(asks('one', kind, ...words));
    const refused = actDuringWrite(
      ANSWER,
      () => say(late, word),
      () => change(late, 'one', after),
    );
    await expect(refused).rejects.toMatchObject({
      code: 'NothingAsked',
      status: 409,
      message: expect.stringContaining('comes too late') as string,
    });
    expect(await listAnswers(late.jobId)).toEqual([]);
    expect((await late.readLog()).join()).not.toContain(`: ${word}, says`);
    const open = await run().begin({ one: work });
    await open.poll();
    if (before.state) await change(open, 'one', before);
    await open.saveQuestions(asks('one', kind, ...words));
    await actDuringWrite(
      ANSWER,
      () => say(open, word),
      () => change(open, 'one', { waitsFor: 'something else' }),
    );
    expect((await listAnswers(open.jobId)).map((answer) => answer.answer)).toEqual([word]);
  },
);

test('a poll that missed an answer loses the step, and the next poll sees the answer [OP-8]', async () => {
  const job = await run().begin({ window: hold('commitWindow') });
  await job.poll();
  await job.saveQuestions(asks('window', 'hold', 'endNow', 'skip'));
  await store.advance(7 * 60);
  expect(
    await actDuringWrite(
      '"state":"succeeded"',
      () => job.poll(),
      () => postAnswer(job, 'window', 'skip'),
    ),
  ).toMatchObject({ open: 1 });
  expect((await job.step('window')).state).toBe('started');
  expect(await job.poll()).toMatchObject({ open: 0 });
  expect(await job.step('window')).toMatchObject({ state: 'skipped', error: { code: 'SkippedByPerson' } });
  const refused = postAnswer(job, 'window', 'endNow', makeCaller('joe', 'Operator'));
  await expect(refused).rejects.toThrow(code('AnsweredAlready'));
});

test('a job with a requested cancel accepts no more answers [OP-8]', async () => {
  const job = await run().begin({ one: manual('By hand') });
  await job.poll();
  await job.saveQuestions(asks('one', 'manual', 'done', 'notDone'));
  await job.setControl('cancelled');
  await expect(postAnswer(job, 'one', 'done')).rejects.toThrow(code('JobCancelled'));
  expect(await listAnswers(job.jobId)).toEqual([]);
});

test('a drill ends its waits after its time to live, also during a pause [OP-13]', async () => {
  const works = {
    timeToLive: hold('timeToLive'),
    hand: actionWork({ kind: 'manual', name: 'By hand', instructions: 'Look.' }),
    asked: actionWork({ kind: 'approval', name: 'Go on' }),
    later: actionWork({ kind: 'wait', name: 'Later', minutes: 90 }),
  };
  const job = await run().begin(works, {
    command: {
      operation: 'testFailover',
      plan: 'shop',
      exclude: [],
      adopt: false,
    } as JobDocument['command'],
  });
  expect(await job.poll()).toMatchObject({ open: 4, nextSeconds: 300 });
  await job.setControl('paused');
  await store.advance(7 * 60);
  expect(await job.poll()).toMatchObject({ open: 3 });
  expect(await job.step('timeToLive')).toMatchObject({ state: 'succeeded' });
  expect(await job.poll()).toMatchObject({ open: 0 });
  for (const node of ['hand', 'asked', 'later'])
    expect(await job.step(node)).toMatchObject({
      state: 'skipped',
      error: {
        code: 'TimeToLiveOver',
        message: expect.stringContaining("was given up: the drill's time to live was over") as string,
      },
    });
});

test('an orchestration of an older epoch polls nothing, also without any due step', async () => {
  const job = await run().begin({ wait: actionWork({ kind: 'wait', name: 'A while', minutes: 5 }) });
  expect(await job.poll(0)).toMatchObject({ superseded: true });
  expect(await (await run().begin({})).poll(0)).toMatchObject({ superseded: true });
  expect((await job.step('wait')).state).toBe('waiting');
});
