// Events get numbers without gaps, in the order of the job, and each number once.
import { createRelay } from '../../../shared/delivery/deliveryStore.ts';
import { createJob, transitionJob, readJob, saveJob } from '../../../shared/journal/job.ts';
import { listEvents, listEventsToNumber, numberEvents, readRelay } from '../../../shared/journal/outbox.ts';
import { makeJobDocument } from '../../support/job-documents.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const NOW = '2026-01-01T00:00:00.000Z';
let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore();
});
afterAll(() => store.close());

const listUnnumbered = (jobId: string) => listEventsToNumber(jobId, 50);
const numbersOf = async (jobId: string) =>
  (await listEvents(jobId, 1, 99, 99)).map(({ number, news }) => `${number} ${news}`);
async function change(jobId: string, what: Parameters<typeof saveJob>[1]): Promise<void> {
  const job = await readJob(jobId);
  if (!job || !(await saveJob(job, what, [], new Date(NOW)))) throw new Error('Not saved.');
}
async function run(jobId: string): Promise<void> {
  const job = await readJob(jobId);
  if (!job || !(await transitionJob(job, 'begin', { state: 'running', run: 'r' }, [], new Date(NOW))))
    throw new Error('Not saved.');
}
const relayOf = async (jobId: string) => {
  const relay = (await readRelay(jobId)) ?? (await createRelay(jobId, []));
  if (!relay) throw new Error('There is no relay.');
  return relay;
};

test('of two relays that number the same events at once one succeeds, and no number occurs twice [TRG-5]', async () => {
  await createJob(makeJobDocument('job-1', NOW));
  const [relay, entries] = [await relayOf('job-1'), await listUnnumbered('job-1')];
  const both = await Promise.all([numberEvents(relay, entries), numberEvents(relay, entries)]);
  expect(both.filter((candidate) => candidate !== undefined)).toHaveLength(1);
  await run('job-1');
  // This relay document is the version before the first numbers.
  expect(await numberEvents(relay, await listUnnumbered('job-1'))).toBeUndefined();
  expect((await numberEvents(await relayOf('job-1'), await listUnnumbered('job-1')))?.last).toBe(2);
  expect(await numbersOf('job-1')).toEqual(['1 lifeboat.job.accepted', '2 lifeboat.job.running']);
});

test('the order follows the job, not the ids [TRG-5]', async () => {
  await createJob(makeJobDocument('job-2', NOW));
  await run('job-2');
  for (let epoch = 2; epoch <= 10; epoch++) await change('job-2', { epoch, run: null });
  const epochs = (await listUnnumbered('job-2')).map(({ place }) => place.epoch);
  expect(epochs).toEqual([1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('events get no number until two reads of the events agree [TRG-5]', async () => {
  await createJob(makeJobDocument('job-3', NOW));
  await run('job-3');
  const later = (await listUnnumbered('job-3')).filter(({ news }) => news === 'lifeboat.job.running');
  const queryFault = {
    service: 'cosmos' as const,
    method: 'POST',
    path: '/colls/jobs/docs',
    body: '"job-3"',
    point: 'applied' as const,
    times: 1,
  };
  await store.faults.add({
    id: 'half',
    ...queryFault,
    do: {
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { _rid: '', Documents: later, _count: 1 },
    },
  });
  expect((await listUnnumbered('job-3')).map(({ news }) => news)).toEqual([
    'lifeboat.job.accepted',
    'lifeboat.job.running',
  ]);
  expect((await store.faults.list()).find(({ id }) => id === 'half')?.acted).toBe(1);
  await store.faults.remove('half');
});

test('the app writes a change and its event together: a lost race sends nothing [TRG-5]', async () => {
  await createJob(makeJobDocument('job-4', NOW));
  const stale = await readJob('job-4');
  await run('job-4');
  expect(stale && (await transitionJob(stale, 'begin', { state: 'running' }, [], new Date(NOW)))).toBe(false);
  expect((await listUnnumbered('job-4')).map(({ news }) => news)).toEqual([
    'lifeboat.job.accepted',
    'lifeboat.job.running',
  ]);
});
