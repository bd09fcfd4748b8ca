// The relay against the simulator's Cosmos DB: the cost of a dead receiver, and the delivery to all
// other receivers.
import { createJob, transitionJob, readJob } from '../../../shared/journal/job.ts';
import { saveCallback } from '../../../shared/delivery/saveCallback.ts';
import { readCallback } from '../../../shared/delivery/callbackStore.ts';
import { writeBatch, createDocument } from '../../../shared/store/cosmos.ts';
import { readDeliveries } from '../../../shared/delivery/deliveryStore.ts';
import { listJobsWithPendingEvents, readRelay } from '../../../shared/journal/outbox.ts';
import { relayAll, relayJob } from '../../../shared/delivery/relay.ts';
import { makeCallbackDocument, makeJobDocument } from '../../support/job-documents.ts';
import { acceptEvery, startReceiver, type Receiver } from '../../support/receiver.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const KEY = Buffer.from('the only secret of this test').toString('base64');
const down = () => ({ status: 503 });

let receiver: Receiver;
let store: SimulatedStore;
beforeAll(async () => {
  receiver = await startReceiver();
  store = await startSimulatedStore(3, {
    LIFEBOAT_CALLBACKS: receiver.allowListEntry,
    LIFEBOAT_CALLBACK_KEYS: `k=whsec_${KEY}`,
    LIFEBOAT_SERVICEBUS: '',
    LIFEBOAT_DELIVERY_GIVE_UP_HOURS: '24',
  });
  await createDocument('settings', makeCallbackDocument(receiver.url, 'k'));
});
afterAll(async () => {
  await store.close();
  await receiver.close();
});
beforeEach(() => receiver.respondWith(acceptEvery));

const minute = async (): Promise<void> => {
  const warnings: string[] = [];
  await relayAll((message) => warnings.push(message));
  expect(warnings).toEqual([]);
};
const waits = async (jobId: string): Promise<boolean> =>
  (await listJobsWithPendingEvents(await store.now())).includes(jobId);
const callsFor = (jobId: string): number =>
  receiver.calls.filter((call) => call.event.data['job'] === jobId).length;
const accept = async (jobId: string): Promise<boolean> =>
  createJob(makeJobDocument(jobId, (await store.now()).toISOString()));

async function run(jobId: string): Promise<void> {
  const job = await readJob(jobId);
  const now = await store.now();
  if (
    !job ||
    !(await transitionJob(
      job,
      'begin',
      { state: 'running', run: 'r', startedAt: now.toISOString() },
      [],
      now,
    ))
  )
    throw new Error('Not saved.');
}

test('the relay skips a job with a down receiver until its next try is due [TRG-5]', async () => {
  receiver.respondWith(down);
  await accept('job-1');
  expect(await waits('job-1')).toBe(true);
  await minute();
  expect([await waits('job-1'), callsFor('job-1')]).toEqual([false, 1]);
  await minute();
  expect(callsFor('job-1')).toBe(1);
  await store.advance(11);
  expect(await waits('job-1')).toBe(true);
  receiver.respondWith(acceptEvery);
  await minute();
  expect([await waits('job-1'), callsFor('job-1'), (await readRelay('job-1'))?.settled]).toEqual([
    false,
    2,
    true,
  ]);
});

test('the relay numbers events that come during a wait, and delivers them after the waiting ones [TRG-5]', async () => {
  receiver.respondWith(down);
  await accept('job-2');
  await minute();
  await run('job-2');
  expect(await waits('job-2')).toBe(true);
  await minute();
  expect([await waits('job-2'), callsFor('job-2'), (await readRelay('job-2'))?.last]).toEqual([false, 1, 2]);
  receiver.respondWith(acceptEvery);
  await store.advance(11);
  await minute();
  expect(receiver.acceptedEvents('job-2').map((event) => event.data['number'])).toEqual([1, 2]);
});

test('the events of a dead relay wait for the end of its lease [TRG-5]', async () => {
  await accept('job-3');
  const id = 'claim';
  await store.faults.add({
    id,
    service: 'cosmos',
    path: '/colls/jobs/docs',
    body: '"jobId":"job-3".*"delivered":0,.*"owner"',
    point: 'applied',
    times: 1,
    do: { kind: 'status', status: 500 },
  });
  await expect(relayJob('job-3')).rejects.toThrow();
  await store.faults.remove(id);
  expect((await readDeliveries('job-3'))[0]?.lease).not.toBeNull();
  expect(await waits('job-3')).toBe(true);
  await minute();
  expect([callsFor('job-3'), await waits('job-3')]).toEqual([0, true]);
});

test('Lifeboat refuses a 91st callback address, because one batch holds 90 [TRG-5]', async () => {
  const address = { url: receiver.url, keys: ['k'] };
  const ada = { id: 'ada', name: 'ada', tenant: 't', roles: ['Owner'], door: 'rest' } as const;
  const others = Array.from({ length: 89 }, (_, at) => `callback:other-${at + 1}`);
  for (const id of others)
    await createDocument('settings', { ...makeCallbackDocument(receiver.url, 'k'), id });
  await expect(saveCallback('one-more', address, null, ada)).rejects.toMatchObject({
    status: 422,
    code: 'TooManyCallbacks',
  });
  expect(await readCallback('callback:one-more')).toBeUndefined();
  expect(await saveCallback('tickets', address, '"1"', ada)).toMatchObject({ version: 2 });
  await accept('job-4');
  await minute();
  expect([(await readDeliveries('job-4')).length, callsFor('job-4')]).toEqual([90, 90]);
  expect(
    await writeBatch(
      'settings',
      'callback',
      others.map((remove) => ({ remove })),
    ),
  ).toHaveLength(89);
});
