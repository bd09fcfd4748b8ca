// Requests and probes of a plan to a real server. Their steps are in the simulator's Cosmos DB.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clock, addSeconds } from '../../../shared/core/clock.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import type { AttemptDocument } from '../../../shared/journal/documents.ts';
import { createDocument } from '../../../shared/store/cosmos.ts';
import {
  advanceAttempt,
  attemptIdOf,
  readNewestAttempt,
  type NextAttempt,
} from '../../../shared/journal/attempts.ts';
import { saveStep, type StepChange } from '../../../shared/journal/saveStep.ts';
import { readStep, stepIdOf } from '../../../shared/journal/steps.ts';
import { actionWork, ActionRun } from '../../support/action-run.ts';
import { readSigned, secretOf } from '../../support/receiver.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const SECRET = secretOf('the only secret of this test');

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
type Answer =
  { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string } | 'cut';

const calls: Call[] = [];
let answers: Answer[] = [];
const server = createServer(
  (request, response) =>
    void (async () => {
      let body = '';
      for await (const part of request) body += String(part);
      calls.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
      const answer = answers.shift() ?? { status: 200 };
      if (answer === 'cut') request.socket.destroy();
      else response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
    })(),
);

let origin: string;
let port: number;
let store: SimulatedStore;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  origin = `http://127.0.0.1:${port}`;
  store = await startSimulatedStore(1, {
    LIFEBOAT_CALLBACKS: `${origin} private, http://localhost:${port}`,
    LIFEBOAT_CALLBACK_KEYS: `dns=${SECRET}`,
    LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '2',
  });
});
afterAll(async () => {
  server.close();
  await store.close();
});
beforeEach(() => {
  calls.length = 0;
  answers = [];
});

let runs = 0;
const run = (): ActionRun => new ActionRun(store, `job-${++runs}`);
const http = (more: object = {}) =>
  actionWork({
    kind: 'http',
    name: 'Turn DNS',
    url: `${origin}/turn?to=2`,
    body: '{"to":2}',
    key: 'dns',
    ...more,
  });

const ID = stepIdOf('action', 'turn');
const sendingOf = ({ jobId }: ActionRun, number: number, now: Date): NextAttempt =>
  ({
    id: attemptIdOf(ID, number),
    type: 'attempt',
    schema: SCHEMA_VERSION,
    jobId,
    stepId: ID,
    number,
    epoch: 1,
    state: 'sending',
    clientRequestId: `${jobId}:${ID}:0`,
    owner: 'o',
    deadline: addSeconds(new Date(), 60).toISOString(),
    preparedAt: now.toISOString(),
    sentAt: now.toISOString(),
    unknownSince: null,
    armJobId: null,
    answer: null,
  }) satisfies AttemptDocument as NextAttempt;

async function change({ jobId }: ActionRun, what: StepChange): Promise<void> {
  const step = await readStep(jobId, ID);
  if (!step || !(await saveStep(step, what, await clock().now()))) throw new Error('Not changed.');
}

test('a signed request repeats under the same id until the receiver accepts it [PLAN-1]', async () => {
  answers = [
    { status: 503 },
    'cut',
    { status: 429, headers: { 'retry-after': '120' } },
    { status: 201, body: 'x'.repeat(5000) },
  ];
  const job = await run().begin({ turn: http() });
  expect(await job.poll()).toMatchObject({ open: 1, nextSeconds: 10 });
  expect(await job.step('turn')).toMatchObject({
    state: 'started',
    waitsFor: 'its receiver: the 1st request was answered with 503',
  });
  const step = await job.pollToEnd('turn');
  expect(step).toMatchObject({ state: 'succeeded', attempt: 4, waitsFor: null });
  expect(step.output).toBe(`201\n${'x'.repeat(2048)}`);
  expect(new Set(calls.map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([`${job.jobId}:${step.id}:0`]),
  );
  expect(calls).toHaveLength(4);
  for (const { method, path, headers, body } of calls) {
    expect([method, path, body, headers['content-type']]).toEqual([
      'POST',
      '/turn?to=2',
      '{"to":2}',
      'application/json',
    ]);
    expect(readSigned(headers, body, SECRET)).toEqual({ to: 2 });
    expect(() => readSigned(headers, body, secretOf('a secret of another receiver'))).toThrow('No matching');
    expect(() => readSigned(headers, '{"to":3}', SECRET)).toThrow('No matching');
    // The id tells the receiver about a repetition, so the signature must cover the id.
    expect(() => readSigned({ ...headers, 'webhook-id': 'another' }, body, SECRET)).toThrow('No matching');
  }
  const waited = (Date.parse(step.endedAt ?? '') - Date.parse(step.startedAt ?? '')) / 1000;
  expect(waited).toBe(10 + 20 + 120);
});

test('a final answer, a forbidden address or an unknown key ends a call at once [PLAN-1]', async () => {
  answers = [{ status: 302, headers: { location: `${origin}/elsewhere` }, body: 'gone' }];
  const job = await run().begin({ moved: http() });
  expect(await job.pollToEnd('moved')).toMatchObject({
    state: 'failed',
    error: { code: 'Http302' },
    output: '302\ngone',
  });
  answers = [{ status: 404, body: 'no such zone' }];
  const other = await run().begin({ gone: http({ method: 'GET', body: '' }) });
  expect(await other.pollToEnd('gone')).toMatchObject({
    state: 'failed',
    error: { code: 'Http404' },
    output: '404\nno such zone',
  });
  expect(calls.map(({ method }) => method)).toEqual(['POST', 'GET']);
  const refused = await run().begin({
    elsewhere: http({ url: 'https://elsewhere.example/' }),
    inside: http({ url: `http://localhost:${port}/` }),
    unsigned: http({ key: 'none' }),
    peek: actionWork({ kind: 'probe', name: 'Peek', target: { tcp: '10.0.0.4:22' } }),
    look: actionWork({ kind: 'probe', name: 'Look', target: { url: `http://localhost:${port}/` } }),
  });
  expect(await refused.poll()).toMatchObject({ open: 0 });
  for (const [node, code] of [
    ['elsewhere', 'AddressNotAllowed'],
    ['inside', 'AddressNotAllowed'],
    ['unsigned', 'KeyUnknown'],
    ['peek', 'AddressNotAllowed'],
    ['look', 'AddressNotAllowed'],
  ] as const) {
    expect(await refused.step(node)).toMatchObject({ state: 'failed', error: { code } });
  }
  expect(calls).toHaveLength(2);
});

test('a call fails after ten tries or at its time limit, and survives a cancel [PLAN-1] [OP-8]', async () => {
  answers = Array.from({ length: 20 }, () => ({ status: 500 }));
  const job = await run().begin({ turn: http() });
  const now = await clock().now();
  for (let number = 1; number < 9; number++) await createDocument('jobs', sendingOf(job, number, now));
  await change(job, {
    step: { state: 'started', startedAt: now.toISOString(), attempt: 8 },
    attempt: advanceAttempt(sendingOf(job, 8, now), 'notAccepted'),
  });
  expect(await job.poll()).toMatchObject({ open: 1, nextSeconds: 300 });
  await change(job, { step: { notBefore: null } });
  expect(await job.pollToEnd('turn')).toMatchObject({
    state: 'failed',
    attempt: 10,
    error: { code: 'NoSuccess' },
  });
  expect(calls).toHaveLength(2);
  const late = await run().begin({ turn: http({ timeoutMinutes: 1 }) });
  expect(await late.pollToEnd('turn')).toMatchObject({
    state: 'failed',
    attempt: 3,
    error: { code: 'TimedOut', message: expect.stringContaining('answered with 500') as string },
  });
  answers = [{ status: 500 }];
  const cancelled = await run().begin({ turn: http() });
  await cancelled.poll();
  await cancelled.setControl('cancelled');
  expect(await cancelled.pollToEnd('turn')).toMatchObject({ state: 'succeeded', attempt: 2 });
});

test("a cancel between a request's claim and its sending stops the request [OP-8]", async () => {
  const job = await run().begin({ turn: http() });
  await store.faults.add({
    service: 'cosmos',
    method: 'POST',
    path: '/colls/jobs/docs',
    body: '"state":"sending"',
    point: 'received',
    do: { kind: 'hold' },
    id: 'held',
  });
  const polled = job.poll();
  while (((await store.faults.list()).find(({ id }) => id === 'held')?.acted ?? 0) === 0) await store.now();
  await job.setControl('cancelled');
  await store.faults.remove('held');
  expect(await polled).toMatchObject({ open: 1 });
  expect(await job.step('turn')).toMatchObject({ state: 'waiting', startedAt: null, attempt: 1 });
  expect(await job.pollToEnd('turn')).toMatchObject({ state: 'skipped', error: { code: 'JobCancelled' } });
  expect(calls).toEqual([]);
});

test('one sender owns a request, and after its death another repeats the same request [OP-8]', async () => {
  const job = await run().begin({ turn: http() });
  const now = await clock().now();
  await change(job, {
    step: { state: 'started', startedAt: now.toISOString(), attempt: 1 },
    attempt: sendingOf(job, 1, now),
  });
  expect(await job.poll()).toMatchObject({ open: 1, nextSeconds: 10 });
  expect(calls).toEqual([]);
  expect((await readNewestAttempt(await job.step('turn')))?.state).toBe('sending');
  await change(job, {
    attempt: { ...sendingOf(job, 1, now), deadline: addSeconds(new Date(), -1).toISOString() },
  });
  expect(await job.pollToEnd('turn')).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect(calls.map(({ headers }) => headers['webhook-id'])).toEqual([`${job.jobId}:${ID}:0`]);
});

test('a probe repeats until HTTP or a connection succeeds, or until its time is over [PLAN-1] [OP-8]', async () => {
  answers = [{ status: 503 }, { status: 200 }, { status: 204 }];
  const job = await run().begin({
    web: actionWork({
      kind: 'probe',
      name: 'Web',
      target: { url: `${origin}/health`, status: [204] },
      everySeconds: 20,
    }),
    tcp: actionWork({ kind: 'probe', name: 'Port', target: { tcp: `127.0.0.1:${port}` } }),
  });
  expect(await job.poll()).toMatchObject({ open: 1, nextSeconds: 20 });
  expect(await job.step('tcp')).toMatchObject({ state: 'succeeded' });
  expect(await job.step('web')).toMatchObject({
    state: 'started',
    waitsFor: `${origin}/health, which answers with 503 and not with 204`,
  });
  expect(await job.pollToEnd('web')).toMatchObject({ state: 'succeeded', output: '204' });
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /health',
    'GET /health',
    'GET /health',
  ]);
  answers = Array.from({ length: 20 }, () => 'cut' as const);
  const down = await run().begin({
    web: actionWork({ kind: 'probe', name: 'Web', target: { url: `${origin}/health` }, timeoutMinutes: 1 }),
  });
  expect(await down.pollToEnd('web')).toMatchObject({
    state: 'failed',
    error: { code: 'TimedOut', message: expect.stringContaining('does not answer') as string },
  });
  answers = ['cut'];
  const stopped = await run().begin({
    web: actionWork({ kind: 'probe', name: 'Web', target: { url: `${origin}/health` } }),
  });
  await stopped.poll();
  await stopped.setControl('cancelled');
  expect(await stopped.pollToEnd('web')).toMatchObject({ state: 'skipped', error: { code: 'JobCancelled' } });
});
