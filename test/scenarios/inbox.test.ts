// The inbox over REST: persons find what waits for them, and send its requests unchanged. The
// questions of a job, its events and the inbox carry the same requests.
import type { InboxQuestion } from '../../shared/api/inboxView.ts';
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';
import type { ReadyRequest } from '../../shared/delivery/answerRequest.ts';
import { startAlertEnvironment, type AlertEnvironment } from '../support/alert-environment.ts';
import type { Problem, Reply } from '../support/lifeboat-client.ts';
import { planBody, putPlan, waitForQuestions } from '../support/plans.ts';
import { withFault } from '../support/test-environment.ts';

let environment: AlertEnvironment;
beforeAll(async () => {
  environment = await startAlertEnvironment(4);
  const { status } = await environment.lifeboat.call('/api/v1/callbacks/pager', {
    method: 'PUT',
    principal: 'contributor',
    body: { url: environment.receiver.url, keys: ['k1'], audience: 'people' },
  });
  expect(status).toBe(201);
});
afterAll(() => environment.stop());

const MANUAL = 'Lifeboat asks: Look at the storage';
const readEvent = (isWanted: (event: CloudEvent) => boolean): Promise<CloudEvent> =>
  environment.lifeboat.waitFor(
    () =>
      Promise.resolve(
        environment.receiver.calls
          .map(({ event }) => event)
          .find((event) => event.type === 'lifeboat.question.asked' && isWanted(event)),
      ),
    'the event about the question',
  );

const readInbox = (principal: string, query = '') =>
  environment.lifeboat.call<{ questions: readonly InboxQuestion[]; next: string | null } & Problem>(
    `/api/v1/inbox${query}`,
    { principal },
  );
const questionsFor = async (principal: string): Promise<readonly InboxQuestion[]> => {
  const { status, body } = await readInbox(principal);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.questions;
};
const sendUnchanged = <T>({ method, path, body }: ReadyRequest, principal: string): Promise<Reply<T>> =>
  environment.lifeboat.call<T>(path, { method, body, principal });
/** Waits for the one question of the caller, and gives its request for this answer. */
const requestFor = (principal: string, kind: InboxQuestion['kind'], answer: string): Promise<ReadyRequest> =>
  environment.lifeboat.waitFor(
    async () =>
      (await questionsFor(principal))
        .filter((question) => question.kind === kind)
        .flatMap(({ answers }) => answers)
        .find((request) => request.answer === answer),
    `the request for ${answer} in the inbox of ${principal}`,
  );

test('a run is led to its end by requests of the inbox, sent unchanged [JOB-3] [OP-8]', async () => {
  const { lifeboat, simulator } = environment;
  const [first = '', last = ''] = environment.vms.map(({ name }) => name);
  const before = [
    { kind: 'manual', name: 'Look at the storage', instructions: 'Is the array quiet?' },
    { kind: 'approval', name: 'Go' },
  ];
  await putPlan(
    environment,
    'careful',
    planBody(environment, [
      { name: 'a', vms: [first] },
      { name: 'b', vms: [last], before },
    ]),
  );
  const failing = {
    point: 'operation',
    vm: first,
    times: 1,
    do: { kind: 'fail', code: '1', message: 'No.' },
  } as const;
  const { result: job } = await withFault(simulator, failing, async () => {
    const { body } = await lifeboat.send({ operation: 'failover', plan: 'careful' });
    const tryAgain = await requestFor('operator', 'failure', 'tryAgain');
    expect((await sendUnchanged(tryAgain, 'reader')).status).toBe(403);
    expect(await sendUnchanged(tryAgain, 'operator')).toMatchObject({ status: 200, body: { id: body.id } });
    return body;
  });
  const done = await requestFor('operator', 'manual', 'done');
  const { questions } = await waitForQuestions(environment, job, 1, 'manual');
  expect(questions[0]?.answers).toContainEqual(done);
  const { data } = await readEvent((event) => event.data['job'] === job.id && event.data['title'] === MANUAL);
  expect(data['answers']).toContainEqual({
    answer: 'done',
    method: 'POST',
    address: done.path,
    body: done.body,
  });
  expect((await questionsFor('operator'))[0]).toMatchObject({
    id: questions[0]?.id,
    title: MANUAL,
    operation: 'failover',
    plan: { id: 'careful', version: 1 },
    job: job.id,
    decision: null,
    alertRule: null,
    links: { self: `/api/v1/jobs/${job.id}` },
  });
  for (const other of ['approver', 'reader']) expect(await questionsFor(other)).toEqual([]);
  expect(await sendUnchanged(done, 'operator')).toMatchObject({ status: 200 });
  // The app dies with the answer. Its next round has not come, and the inbox knows the answer.
  await simulator.host.kill();
  await simulator.host.start();
  expect((await questionsFor('operator')).filter(({ kind }) => kind === 'manual')).toEqual([]);
  const approved = await requestFor('approver', 'approval', 'approved');
  expect(await questionsFor('operator')).toEqual([]);
  expect(await sendUnchanged(approved, 'operator')).toMatchObject({
    status: 403,
    body: { code: 'RoleMissing' },
  });
  expect(await sendUnchanged(approved, 'approver')).toMatchObject({ status: 200 });
  expect(await questionsFor('approver')).toEqual([]);
  expect(await lifeboat.waitForJobEnd(job.id)).toMatchObject({ state: 'completed', exceptions: [] });
  // A request of an ended job is late, and changes nothing.
  expect(
    await sendUnchanged({ ...done, body: { ...done.body, answer: 'notDone' } }, 'operator'),
  ).toMatchObject({
    status: 409,
    body: { code: 'AnsweredAlready' },
  });
});

test('an approver answers an alert rule by the request of the inbox [JOB-3] [TRG-4]', async () => {
  const command = { operation: 'failover', vms: [environment.vms[3]?.id] };
  await environment.createAlertRule(
    'dark',
    { when: { names: ['web is dark'] }, approval: {}, command },
    'cleo',
  );
  await environment.sendAzureMonitorAlert({ id: 'dark', firedAt: await environment.timeInMinutes() });
  const [decision] = await environment.listDecisions('dark');
  if (!decision) throw new Error('Nothing was decided.');
  const approved = await requestFor('approver', 'approval', 'approved');
  expect(await questionsFor('approver')).toMatchObject([
    {
      operation: 'failover',
      plan: null,
      job: null,
      decision: decision.id,
      alertRule: 'dark',
      requestedBy: { name: 'cleo@simulator.example' },
      links: { self: `/api/v1/alert-decisions/${decision.id}` },
    },
  ]);
  expect(decision.questions[0]?.answers).toContainEqual(approved);
  const { data } = await readEvent((event) => event.data['decision'] === decision.id);
  expect(data['answers']).toContainEqual({
    answer: 'approved',
    method: 'POST',
    address: approved.path,
    body: approved.body,
  });
  // The author of the rule has the role too, and finds nothing.
  for (const other of ['cleo', 'operator', 'reader']) expect(await questionsFor(other)).toEqual([]);
  const wrong = { ...approved, body: { ...approved.body, question: 'approval:2026-01-01T00:00:00.000Z' } };
  expect(await sendUnchanged(wrong, 'approver')).toMatchObject({
    status: 409,
    body: { code: 'NothingAsked', questions: [{ id: approved.body.question }] },
  });
  const done = { ...approved, body: { ...approved.body, answer: 'done' as const } };
  expect(await sendUnchanged(done, 'approver')).toMatchObject({
    status: 422,
    body: { code: 'AnswerNotPossible' },
  });
  expect((await environment.listDecisions('dark'))[0]).toMatchObject({ state: 'waiting', votes: [] });
  const started = await sendUnchanged<{ job: string; questions: unknown }>(approved, 'approver');
  expect(started).toMatchObject({ status: 200, body: { state: 'started', questions: [] } });
  expect(await questionsFor('approver')).toEqual([]);
  expect(await environment.lifeboat.waitForJobEnd(started.body.job)).toMatchObject({ state: 'completed' });
});

test('the inbox refuses unknown words, foreign tokens and callers without a role [JOB-3] [RBAC-1]', async () => {
  expect(await readInbox('operator', '?state=open')).toMatchObject({
    status: 400,
    body: { code: 'Invalid' },
  });
  expect(await readInbox('operator', '?limit=0')).toMatchObject({ status: 400, body: { code: 'Invalid' } });
  expect(await readInbox('operator', '?continuation=AAAA')).toMatchObject({
    status: 400,
    body: { code: 'ContinuationInvalid' },
  });
  expect(await readInbox('alerts')).toMatchObject({ status: 403, body: { code: 'RoleMissing' } });
});
