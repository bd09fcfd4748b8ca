// One write for a step, however many senders try: the attempt protocol against the simulator's Site
// Recovery.
import { startStepOfTarget } from '../../../shared/attempts/startStep.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import { readNewestAttempt } from '../../../shared/journal/attempts.ts';
import { readJob, saveJob } from '../../../shared/journal/job.ts';
import { readStep, stepIdOf } from '../../../shared/journal/steps.ts';
import { createJobOnVm, vmNamed, registerVmsByName } from '../../support/single-step-job.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
let vms: ReadonlyMap<string, ReplicatedVmDocument>;
beforeAll(async () => {
  store = await startSimulatedStore();
  vms = await registerVmsByName();
});
afterAll(() => store.close());

const start = (jobId: string, vm: ReplicatedVmDocument, epoch = 1) =>
  startStepOfTarget({ jobId, epoch, phase: 'failover', vaultId: vm.vaultId, targetId: vm.id });
const stepOn = async (jobId: string, vm: ReplicatedVmDocument) => {
  const step = await readStep(jobId, stepIdOf('failover', vm.id));
  if (!step) throw new Error('The step is gone.');
  return step;
};
const writes = async (): Promise<number> => (await store.siteRecovery.writes()).length;

test('five executions of the same activity at the same time write once [OP-6]', async () => {
  const vm = vmNamed(vms, 'web');
  await createJobOnVm('job-1', vm, await store.now());
  const before = await writes();
  const results = await Promise.all(Array.from({ length: 5 }, () => start('job-1', vm)));
  expect(results.filter((result) => result === 'started').length).toBeGreaterThan(0);
  expect(await writes()).toBe(before + 1);
  expect(await start('job-1', vm)).toBe('started');
  expect(await writes()).toBe(before + 1);
  const step = await stepOn('job-1', vm);
  expect([step.attempt, (await readNewestAttempt(step))?.state]).toEqual([1, 'accepted']);
});

test('an orchestration of an older epoch writes nothing [OP-6]', async () => {
  const vm = vmNamed(vms, 'app');
  await createJobOnVm('job-2', vm, await store.now());
  const job = await readJob('job-2');
  if (job) await saveJob(job, { epoch: 2, run: null }, [], await store.now());
  const before = await writes();
  expect(await start('job-2', vm, 2)).toBe('superseded');
  expect(await start('job-2', vm, 0)).toBe('superseded');
  expect([await writes(), (await stepOn('job-2', vm)).attempt]).toEqual([before, 0]);
});

test('a write with a lost answer is unknown, and nothing repeats it meanwhile [OP-6]', async () => {
  const vm = vmNamed(vms, 'app');
  await createJobOnVm('job-3', vm, await store.now());
  const before = await writes();
  await store.faults.add({
    id: 'lost',
    service: 'arm',
    method: 'POST',
    path: '/unplannedFailover',
    point: 'applied',
    times: 1,
    do: { kind: 'cut' },
  });
  expect(await start('job-3', vm)).toBe('later');
  await store.faults.remove('lost');
  expect(await start('job-3', vm)).toBe('later');
  expect((await readNewestAttempt(await stepOn('job-3', vm)))?.state).toBe('unknown');
  expect(await writes()).toBe(before + 1);
});

test('a throttled write repeats later, under another request id [OP-6]', async () => {
  const vm = vmNamed(vms, 'sql');
  await createJobOnVm('job-4', vm, await store.now());
  const ids: (string | null | undefined)[] = [];
  await store.faults.add({
    id: 'busy',
    service: 'arm',
    method: 'POST',
    path: '/unplannedFailover',
    point: 'received',
    times: 1,
    do: {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '7' },
      body: { error: { code: 'TooManyRequests', message: 'x' } },
    },
  });
  for (const result of ['later', 'started']) {
    expect(await start('job-4', vm)).toBe(result);
    const step = await stepOn('job-4', vm);
    ids.push((await readNewestAttempt(step))?.clientRequestId);
    if (result === 'later')
      expect([step.state, Date.parse(step.notBefore ?? '') - (await store.now()).getTime()]).toEqual([
        'waiting',
        7000,
      ]);
  }
  await store.faults.remove('busy');
  expect(new Set(ids).size).toBe(2);
});
