// A drill unlocks its VMs for a failover or a failback, and for nothing else.
import { askToYield, findYieldingJobs } from '../../../shared/jobs/yielding.ts';
import { controlStateFor, readControl } from '../../../shared/journal/control.ts';
import type { JobDocument, StepDocument } from '../../../shared/journal/documents.ts';
import { createJob } from '../../../shared/journal/job.ts';
import { makeJobDocument, makeStepDocument } from '../../support/job-documents.ts';
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
const target = (targetId: string) => ({ vaultId: 'v', targetId, name: targetId });
const cleanUpStep = (vm: string, more: Partial<StepDocument>): StepDocument => ({
  ...makeStepDocument('job-drill', vm),
  phase: 'cleanUpTestFailover',
  ...more,
});

test('a drill and its clean-up yield only to a failover and a failback [OP-1] [OP-2]', async () => {
  const all = ['job-drill', 'job-over', 'job-cleaning', 'job-home'];
  for (const operation of ['failover', 'failback'] as const)
    expect([...(await findYieldingJobs(all, { operation }))].sort()).toEqual(['job-cleaning', 'job-drill']);
  for (const operation of ['testFailover', 'commit', 'reprotect', 'disableReplication'] as const)
    expect([...(await findYieldingJobs(all, { operation }))]).toEqual([]);
});

test('a job asks a drill for VMs, and this cancels the drill once [OP-1] [OP-2]', async () => {
  expect(await askToYield('job-drill', [target('vm-a')], FAILOVER)).toBe('asked');
  const control = await readControl('job-drill');
  const handedOver = { vmId: 'vm-a', jobId: 'job-new' };
  expect(control).toMatchObject({ wish: 'cancelled', yields: [handedOver] });
  await askToYield('job-drill', [target('vm-a')], FAILOVER);
  expect((await readControl('job-drill'))?._etag).toBe(control?._etag);
  // The first job keeps its VM. A second job gets others.
  await askToYield('job-drill', [target('vm-a'), target('vm-b')], makeJob('job-second', 'failover'));
  expect((await readControl('job-drill'))?.yields).toEqual([
    handedOver,
    { vmId: 'vm-b', jobId: 'job-second' },
  ]);
});

test('a clean-up hands over a VM and goes on with the others [OP-1] [OP-2]', async () => {
  await askToYield('job-cleaning', [target('vm-a')], FAILOVER);
  const control = await readControl('job-cleaning');
  expect(control).toMatchObject({ wish: 'running', yields: [{ vmId: 'vm-a' }] });
  expect(controlStateFor(cleanUpStep('vm-a', {}), control)).toBe('cancelled');
  expect(controlStateFor(cleanUpStep('vm-b', {}), control)).toBe('running');
});

test('a cancelled job still does its clean-up, unless another job has taken the VM [OP-1]', () => {
  const cancelled = { wish: 'cancelled', yields: [] } as const;
  const handedOver = { ...cancelled, yields: [{ vmId: 'vm-a', jobId: 'job-new' }] } as const;
  const always = { always: true, node: 'cleanUp.vm' };
  expect(controlStateFor(cleanUpStep('vm-a', always), cancelled)).toBe('running');
  expect(controlStateFor(cleanUpStep('vm-a', { always: false }), cancelled)).toBe('cancelled');
  expect(controlStateFor(cleanUpStep('vm-a', always), handedOver)).toBe('paused');
  expect(controlStateFor(cleanUpStep('vm-b', always), handedOver)).toBe('running');
  expect(controlStateFor(makeStepDocument('job-drill', 'vm-a'), handedOver)).toBe('cancelled');
  expect(controlStateFor(cleanUpStep('vm-a', { always: false }), undefined)).toBe('running');
});
