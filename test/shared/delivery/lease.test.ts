// One relay at a time delivers to a target. It delivers each event in order, and marks it
// afterwards.
import { createDocument } from '../../../shared/store/cosmos.ts';
import { readDeliveries } from '../../../shared/delivery/deliveryStore.ts';
import { createJob, transitionJob, readJob } from '../../../shared/journal/job.ts';
import { relayJob } from '../../../shared/delivery/relay.ts';
import { makeCallbackDocument, makeJobDocument } from '../../support/job-documents.ts';
import { acceptEvery, startReceiver, type Receiver } from '../../support/receiver.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const KEY = Buffer.from('the only secret of this test').toString('base64');
let receiver: Receiver;
let store: SimulatedStore;
beforeAll(async () => {
  receiver = await startReceiver();
  store = await startSimulatedStore(1, {
    LIFEBOAT_CALLBACKS: receiver.allowListEntry,
    LIFEBOAT_CALLBACK_KEYS: `k=whsec_${KEY}`,
    LIFEBOAT_SERVICEBUS: '',
    LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '1',
    LIFEBOAT_DELIVERY_GIVE_UP_HOURS: '1',
  });
  await createDocument('settings', makeCallbackDocument(receiver.url, 'k'));
});
afterAll(async () => {
  await store.close();
  await receiver.close();
});
beforeEach(() => receiver.respondWith(acceptEvery));

const callsFor = (jobId: string): unknown[] =>
  receiver.calls.filter(({ event }) => event.data['job'] === jobId).map(({ event }) => event.data['number']);
const accept = async (jobId: string): Promise<boolean> =>
  createJob(makeJobDocument(jobId, (await store.now()).toISOString()));
async function run(jobId: string): Promise<void> {
  const job = await readJob(jobId);
  const now = await store.now();
  if (!job || !(await transitionJob(job, 'begin', { state: 'running', run: 'r' }, [], now)))
    throw new Error('Not saved.');
}

test('while one relay waits for a receiver, no other calls that receiver [TRG-5]', async () => {
  receiver.respondWith(() => 'hang');
  await accept('job-1');
  const first = relayJob('job-1');
  while (callsFor('job-1').length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await relayJob('job-1');
  expect(callsFor('job-1')).toEqual([1]);
  await first;
});

test('a relay past its lease sends nothing, and another relay delivers the rest [TRG-5]', async () => {
  await accept('job-5');
  const id = 'sleep';
  // The first relay has the lease, and hears of that only after the lease has ended.
  await store.faults.add({
    id,
    service: 'cosmos',
    path: '/colls/jobs/docs',
    body: '"jobId":"job-5".*"delivered":0,.*"owner"',
    point: 'applied',
    times: 1,
    do: { kind: 'hold' },
  });
  const sleeper = relayJob('job-5');
  const isBlocked = async () => (await store.faults.list()).some((rule) => rule.id === id && rule.acted > 0);
  while (!(await isBlocked())) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 3100));
  await relayJob('job-5');
  expect(callsFor('job-5')).toEqual([1]);
  await store.faults.remove(id);
  await sleeper;
  expect(callsFor('job-5')).toEqual([1]);
  expect((await readDeliveries('job-5'))[0]).toMatchObject({ delivered: 1, lease: null });
});

test('a relay continues at its position, and repeats nothing [TRG-5]', async () => {
  await accept('job-2');
  await relayJob('job-2');
  await run('job-2');
  await relayJob('job-2');
  expect(callsFor('job-2')).toEqual([1, 2]);
  expect((await readDeliveries('job-2')).map(({ delivered, lease }) => [delivered, lease])).toEqual([
    [2, null],
  ]);
});

test('a refused event gets no mark, and no later event overtakes it [TRG-5]', async () => {
  receiver.respondWith((event) => ({ status: event.data['number'] === 1 ? 500 : 204 }));
  await accept('job-3');
  await run('job-3');
  await relayJob('job-3');
  expect(callsFor('job-3')).toEqual([1]);
  expect((await readDeliveries('job-3'))[0]).toMatchObject({ delivered: 0, failures: 1, lease: null });
  receiver.respondWith(acceptEvery);
  await relayJob('job-3');
  expect(callsFor('job-3')).toEqual([1]);
  await store.advance(11);
  await relayJob('job-3');
  expect(callsFor('job-3')).toEqual([1, 1, 2]);
});

test('a receiver that refuses for too long gets an undelivered range and no more events [TRG-5]', async () => {
  receiver.respondWith(() => ({ status: 500 }));
  await accept('job-4');
  await relayJob('job-4');
  await store.advance(3601);
  await relayJob('job-4');
  const [delivery] = await readDeliveries('job-4');
  expect(delivery).toMatchObject({ delivered: 0, gap: expect.stringContaining('gap:') as string });
  receiver.respondWith(acceptEvery);
  await run('job-4');
  await relayJob('job-4');
  expect(callsFor('job-4')).toEqual([1, 1]);
});
