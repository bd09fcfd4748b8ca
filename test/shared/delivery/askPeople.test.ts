// The app asks persons the questions of a job. It asks at once, asks again, and asks further
// persons until an answer comes. The tests use the simulator's Cosmos DB and real calls.
import { readCallback } from '../../../shared/delivery/callbackStore.ts';
import { createDocument } from '../../../shared/store/cosmos.ts';
import { removeNamedDocument } from '../../../shared/store/namedDocuments.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import type { CallbackDocument } from '../../../shared/outbox/documents.ts';
import type { PendingQuestion } from '../../../shared/journal/documents.ts';
import { createJob, transitionJob, readJob, saveJob } from '../../../shared/journal/job.ts';
import type { CloudEvent } from '../../../shared/delivery/cloudEvent.ts';
import { askAllQuestions } from '../../../shared/alerts/questions.ts';
import { relayAll } from '../../../shared/delivery/relay.ts';
import { assertDocumentedEvents } from '../../support/documented-events.ts';
import { makeJobDocument } from '../../support/job-documents.ts';
import { acceptEvery, startReceiver, type Receiver } from '../../support/receiver.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const KEY = Buffer.from('the only secret of this test').toString('base64');
const MINUTES = 10;

let store: SimulatedStore;
const receivers: Record<'events' | 'pager' | 'boss' | 'deputy', Receiver> = {} as never;
beforeAll(async () => {
  for (const name of ['events', 'pager', 'boss', 'deputy'] as const) receivers[name] = await startReceiver();
  const entries = Object.values(receivers)
    .map(({ allowListEntry }) => allowListEntry)
    .join(',');
  store = await startSimulatedStore(3, {
    LIFEBOAT_CALLBACKS: entries,
    LIFEBOAT_CALLBACK_KEYS: `k=whsec_${KEY}`,
    LIFEBOAT_SERVICEBUS: '',
    LIFEBOAT_REMIND_MINUTES: String(MINUTES),
    LIFEBOAT_ADDRESS: 'https://lifeboat.example/',
  });
  for (const callback of [
    address('events', { audience: 'events' }),
    address('pager', {}),
    address('boss', { level: 2 }),
  ])
    await createDocument('settings', callback);
});
afterAll(async () => {
  await store.close();
  for (const receiver of Object.values(receivers)) await receiver.close();
});

const address = (name: keyof typeof receivers, change: Partial<CallbackDocument>): CallbackDocument => ({
  id: `callback:${name}`,
  kind: 'callback',
  type: 'callback',
  schema: SCHEMA_VERSION,
  version: 1,
  url: receivers[name].url,
  audience: 'people',
  level: 1,
  caller: null,
  keys: ['k'],
  savedBy: null,
  savedAt: null,
  ...change,
});
const manual: PendingQuestion = {
  stepId: 'step:check:a',
  tries: 0,
  kind: 'manual',
  name: 'Look at the shop',
  message: 'Open it and buy something.',
  since: '2026-01-05T08:00:00.000Z',
  until: null,
  answers: ['done', 'notDone'],
};
const approval: PendingQuestion = {
  ...manual,
  stepId: 'step:go:b',
  kind: 'approval',
  name: 'May it go?',
  answers: ['approved', 'refused'],
  until: '2026-01-05T20:00:00.000Z',
};

/** The minute timer of the app. */
async function minute(): Promise<void> {
  const warnings: string[] = [];
  await askAllQuestions((message) => warnings.push(message));
  await relayAll((message) => warnings.push(message));
  expect(warnings).toEqual([]);
}

/** The relay delivers the written event by itself. */
async function waitUntilHolds(mustHold: () => void): Promise<void> {
  for (let left = 100; left > 0; left--) {
    try {
      mustHold();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  mustHold();
}
const receivedBy = (name: keyof typeof receivers, job: string): readonly CloudEvent[] =>
  receivers[name].acceptedEvents(job);
const textsOf = (name: keyof typeof receivers, job: string): string[] =>
  receivedBy(name, job).map(
    ({ type, data }) => `${type.split('.').at(-1) ?? ''} ${String(data['times'])}: ${String(data['title'])}`,
  );

async function asks(jobId: string, needs: readonly PendingQuestion[]): Promise<void> {
  const job = await readJob(jobId);
  const now = await store.now();
  if (!job || !(await saveJob(job, { needs }, [], now))) throw new Error('Not saved.');
}
async function running(jobId: string, needs: readonly PendingQuestion[]): Promise<void> {
  await createJob({
    ...makeJobDocument(jobId, (await store.now()).toISOString()),
    plan: { id: 'shop', version: 3, name: 'Shop' },
  });
  const job = await readJob(jobId);
  if (
    !job ||
    !(await transitionJob(job, 'begin', { state: 'running', run: 'r', needs }, [], await store.now()))
  )
    throw new Error('Not saved.');
}

test('an open question goes out again after the pause, then also to the next person [TRG-5]', async () => {
  await running('job-1', [manual]);
  await minute();
  await minute();
  await waitUntilHolds(() =>
    expect(textsOf('pager', 'job-1')).toEqual(['asked 1: Lifeboat asks: Look at the shop']),
  );
  expect(receivedBy('pager', 'job-1')[0]).toMatchObject({
    id: 'asks-job-1:1',
    source: '/api/v1/jobs/job-1#asks',
    subject: 'step:check:a',
    sequence: '0000000001',
    data: {
      job: 'job-1',
      text: 'failover by the plan Shop (job-1): Open it and buy something.',
      link: 'https://lifeboat.example/api/v1/jobs/job-1',
      until: null,
      answers: [
        {
          answer: 'done',
          method: 'POST',
          address: 'https://lifeboat.example/api/v1/jobs/job-1/answers',
          body: { question: 'step:check:a:0', answer: 'done' },
        },
        {
          answer: 'notDone',
          method: 'POST',
          address: 'https://lifeboat.example/api/v1/jobs/job-1/answers',
          body: { question: 'step:check:a:0', answer: 'notDone' },
        },
      ],
    },
  });
  expect(receivedBy('boss', 'job-1')).toEqual([]);
  await store.advance(MINUTES * 60);
  await minute();
  await waitUntilHolds(() =>
    expect([textsOf('pager', 'job-1').length, textsOf('boss', 'job-1')]).toEqual([
      2,
      ['asked 2: Lifeboat asks: Look at the shop'],
    ]),
  );
  await asks('job-1', []);
  await minute();
  await store.advance(3 * MINUTES * 60);
  await minute();
  await waitUntilHolds(() =>
    expect(textsOf('pager', 'job-1').at(-1)).toBe(
      'closed 2: Nothing more to do. Lifeboat asks: Look at the shop',
    ),
  );
  await waitUntilHolds(() =>
    expect([textsOf('pager', 'job-1').length, textsOf('boss', 'job-1').length]).toEqual([3, 2]),
  );
  assertDocumentedEvents([...receivedBy('pager', 'job-1'), ...receivedBy('boss', 'job-1')]);
  // Listeners of the job's events get them without a gap, and nobody else gets them.
  await waitUntilHolds(() =>
    expect(receivedBy('events', 'job-1').map(({ type }) => type)).toEqual([
      'lifeboat.job.accepted',
      'lifeboat.job.running',
    ]),
  );
});

test('an approval names its own request, and a retry of the step asks again [TRG-5]', async () => {
  await running('job-2', [approval]);
  await minute();
  await waitUntilHolds(() => expect(textsOf('pager', 'job-2')).toHaveLength(1));
  expect(receivedBy('pager', 'job-2')[0]?.data).toMatchObject({
    until: approval.until,
    text: expect.stringContaining(String(approval.until)) as string,
    answers: [
      {
        answer: 'approved',
        address: 'https://lifeboat.example/api/v1/jobs/job-2/answers',
        body: { question: 'step:go:b:0', answer: 'approved' },
      },
      { answer: 'refused' },
    ],
  });
  await asks('job-2', [{ ...approval, tries: 1 }]);
  await minute();
  await waitUntilHolds(() =>
    expect(textsOf('pager', 'job-2').map((text) => text.slice(0, 8))).toEqual([
      'asked 1:',
      'closed 1',
      'asked 1:',
    ]),
  );
  expect(receivedBy('boss', 'job-2')).toEqual([]);
});

test('a pager that was down gets each message once, in order, and delays nobody [TRG-5]', async () => {
  receivers.pager.respondWith(() => ({ status: 503 }));
  await running('job-3', [manual]);
  await minute();
  await store.advance(MINUTES * 60);
  await minute();
  await waitUntilHolds(() =>
    expect([receivedBy('pager', 'job-3').length, textsOf('boss', 'job-3').length]).toEqual([0, 1]),
  );
  receivers.pager.respondWith(acceptEvery);
  await store.advance(3600);
  await minute();
  await waitUntilHolds(() => expect(receivedBy('pager', 'job-3').length).toBe(3));
  expect(receivedBy('pager', 'job-3').map(({ data }) => data['number'])).toEqual(
    receivedBy('pager', 'job-3').map((_, i) => i + 1),
  );
  expect(textsOf('pager', 'job-3')[0]).toContain('asked 1');
});

test('a new address gets only the open questions, in their latest form [TRG-5]', async () => {
  const second: PendingQuestion = { ...manual, stepId: 'step:check:b', name: 'Look at the till' };
  await running('job-5', [approval]);
  await minute();
  await asks('job-5', [manual, second]);
  await minute();
  await store.advance(MINUTES * 60);
  await minute();
  await createDocument('settings', address('deputy', { savedAt: (await store.now()).toISOString() }));
  await minute();
  await waitUntilHolds(() =>
    expect(textsOf('deputy', 'job-5')).toEqual([
      'asked 2: Lifeboat asks: Look at the shop',
      'asked 2: Lifeboat asks: Look at the till',
    ]),
  );
  await asks('job-5', []);
  await minute();
  await waitUntilHolds(() =>
    expect(
      textsOf('deputy', 'job-5')
        .slice(2)
        .map((text) => text.slice(0, 8)),
    ).toEqual(['closed 2', 'closed 2']),
  );
  // A deleted and recreated callback continues from there.
  const callbacks = await readCallback('callback:deputy');
  if (!callbacks || !(await removeNamedDocument(callbacks))) throw new Error('Not removed.');
  await asks('job-5', [{ ...manual, tries: 1 }]);
  await minute();
  await waitUntilHolds(() =>
    expect(textsOf('pager', 'job-5').at(-1)).toBe('asked 1: Lifeboat asks: Look at the shop'),
  );
  await minute();
  await createDocument('settings', address('deputy', { savedAt: (await store.now()).toISOString() }));
  await minute();
  await waitUntilHolds(() =>
    expect(textsOf('deputy', 'job-5').slice(4)).toEqual(['asked 1: Lifeboat asks: Look at the shop']),
  );
});

test('two timers at once ask one time [TRG-5]', async () => {
  await running('job-4', [manual, approval]);
  await Promise.all([minute(), minute(), minute()]);
  await minute();
  await waitUntilHolds(() => expect(receivedBy('pager', 'job-4').length).toBe(2));
  expect(textsOf('pager', 'job-4').sort()).toEqual([
    'asked 1: Lifeboat asks: Look at the shop',
    'asked 1: Lifeboat asks: May it go?',
  ]);
});
