// A drill unlocks its VMs for a failover or a failback, and for nothing else.
import { askToYield, findYieldingJobs } from '../../../shared/jobs/yielding.ts';
import { controlStateFor, readControl } from '../../../shared/journal/control.ts';
import type { JobDocument } from '../../../shared/journal/documents.ts';
import { createJob } from '../../../shared/journal/job.ts';
import { makeJobDocument } from '../../support/job-documents.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
const makeJob = (jobId: string, operation: string, more: Partial<JobDocument> = {}): JobDocument => ({
  ...makeJobDocument(jobId, '2026-01-01T00:00:00.000Z'),
  command: { ...makeJobDocument('', '').command, operation } as JobDocument['command'],
  state: 'running',
  run: 'r',
  ...more,
});
beforeAll(async () => {
  store = await startSimulatedStore();
  for (const [id, operation] of [
    ['drill', 'testFailover'],
    ['over', 'failover'],
    ['cleaning', 'cleanUpTestFailover'],
    ['home', 'failback'],
  ] as const)
    await createJob(makeJob(`job-${id}`, operation));
});
afterAll(() => store.close());

const FAILOVER = makeJob('job-new', 'failover');

test('a drill and its clean-up yield only to a failover and a failback [OP-1] [OP-2]', async () => {
  const all = ['job-drill', 'job-over', 'job-cleaning', 'job-home'];
  for (const operation of ['failover', 'failback'] as const)
    expect([...(await findYieldingJobs(all, { operation }))].sort()).toEqual(['job-cleaning', 'job-drill']);
  for (const operation of ['testFailover', 'commit', 'reprotect', 'disableReplication'] as const)
    expect([...(await findYieldingJobs(all, { operation }))]).toEqual([]);
});

test('a job asks a drill to yield, and this cancels the drill once [OP-1] [OP-2]', async () => {
  await askToYield('job-drill', FAILOVER);
  const control = await readControl('job-drill');
  expect(control).toMatchObject({ wish: 'cancelled', yieldTo: 'job-new' });
  await askToYield('job-drill', FAILOVER);
  expect((await readControl('job-drill'))?._etag).toBe(control?._etag);
});

test('a cancelled job still does its clean-up, unless the job yields to another [OP-1]', () => {
  const cancelled = { wish: 'cancelled', yieldTo: null } as const;
  expect(controlStateFor({ always: true }, cancelled)).toBe('running');
  expect(controlStateFor({ always: false }, cancelled)).toBe('cancelled');
  expect(controlStateFor({ always: true }, { ...cancelled, yieldTo: 'job-new' })).toBe('cancelled');
  expect(controlStateFor({ always: false }, undefined)).toBe('running');
});
