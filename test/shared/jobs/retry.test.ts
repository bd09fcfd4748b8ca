// A retry opens the remaining steps of a job at the next epoch.
import { shouldShutDownSource } from '../../../shared/attempts/startupOptions.ts';
import { closeJob } from '../../../shared/jobs/closeJob.ts';
import { recordSourceLost, retry, setControlState, takeOver } from '../../../shared/jobs/controlJob.ts';
import { readControl, saveControl } from '../../../shared/journal/control.ts';
import { raiseStepEpochs } from '../../../shared/journal/saveStep.ts';
import type { JobDocument } from '../../../shared/journal/documents.ts';
import { listSteps } from '../../../shared/journal/steps.ts';
import {
  ADA,
  NOW,
  beginCurrentEpoch,
  changeStep,
  endJobs,
  markStepEnded,
  lockedTargetsOf,
  createJobWithLocks,
  readJobOrFail,
  readLogText,
  now,
  createVmJob,
  markStepStarted,
  startStoreWithVms,
  whileRequestHeld,
} from '../../support/job-fixtures.ts';
import type { SimulatedStore } from '../../support/simulated-store.ts';
import { makeJobDocument } from '../../support/job-documents.ts';
import { vmId } from '../plans/arbitrary.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startStoreWithVms();
});
afterAll(() => store.close());

const SHUTTING_DOWN = {
  ...makeJobDocument('', NOW).command,
  operation: 'failover',
  shutDownSource: true,
} as Extract<JobDocument['command'], { operation: 'failover'; vms: readonly string[] }>;

async function withOneLeft(jobId: string, good: number, bad: number): Promise<void> {
  await createVmJob(jobId, [good, bad]);
  await beginCurrentEpoch(jobId);
  await markStepEnded(jobId, good, 'succeeded');
  await markStepEnded(jobId, bad, 'failed');
  expect(await closeJob({ jobId, epoch: 1 })).toBe('completedWithExceptions');
}

test('a retry that died half-way fails the steps whose VM another job locks by then [OP-7] [OP-8]', async () => {
  await createVmJob('half', [3, 4]);
  await beginCurrentEpoch('half');
  await markStepEnded('half', 3, 'failed');
  await changeStep('half', 4, { state: 'skipped', endedAt: NOW });
  expect(await closeJob({ jobId: 'half', epoch: 1 })).toBe('failed');
  await retry('half', ADA, 'Again.');
  // The retry has opened one of the two steps when its orchestration dies.
  const steps = await listSteps('half');
  await raiseStepEpochs(
    'half',
    steps.filter(({ targetId }) => targetId === vmId(3)),
    2,
  );
  await createJobWithLocks('quick', [4]);
  expect(await beginCurrentEpoch('half')).toMatchObject({ go: true });
  expect(
    (await listSteps('half')).map(({ targetId, state, epoch, error }) => [
      targetId,
      state,
      epoch,
      error?.code ?? null,
    ]),
  ).toEqual([
    [vmId(3), 'waiting', 2, null],
    [vmId(4), 'failed', 2, 'VmHeld'],
  ]);
  await endJobs('half', 'quick');
});

test('a retry locks only the remaining VMs, and keeps the old outcome meanwhile [OP-6]', async () => {
  await withOneLeft('again', 3, 4);
  const first = await readJobOrFail('again');
  await createJobWithLocks('other', [3]);
  expect(await retry('again', ADA, 'The disk is back.')).toMatchObject({ state: 'accepted', epoch: 2 });
  expect(await beginCurrentEpoch('again')).toMatchObject({ go: true });
  expect(await lockedTargetsOf('again')).toEqual([[vmId(4), 2]]);
  const { exceptions, exceptionCount, measures } = first;
  expect(await readJobOrFail('again')).toMatchObject({
    state: 'running',
    exceptions,
    exceptionCount,
    measures,
  });
  await markStepStarted('again', 4);
  await changeStep('again', 4, { state: 'settling' });
  await changeStep('again', 4, { state: 'succeeded', endedAt: NOW });
  expect(await closeJob({ jobId: 'again', epoch: 2 })).toBe('completed');
  expect(await readJobOrFail('again')).toMatchObject({
    state: 'completed',
    exceptions: [],
    exceptionCount: 0,
    error: null,
  });
  expect(await lockedTargetsOf('again')).toEqual([]);
  await endJobs('other');
});

test('a retry behind another job fails, and the old outcome stays [OP-6] [OP-7]', async () => {
  await withOneLeft('late', 3, 4);
  const first = await readJobOrFail('late');
  await retry('late', ADA, undefined);
  await createJobWithLocks('first', [4], 'testFailover');
  expect(await beginCurrentEpoch('late')).toMatchObject({ go: false });
  const { state, exceptions, exceptionCount, measures, error, endedAt } = first;
  expect(await readJobOrFail('late')).toMatchObject({
    epoch: 2,
    state,
    exceptions,
    exceptionCount,
    measures,
    error,
    endedAt,
  });
  expect(
    (await listSteps('late')).map(({ state: stepState, epoch, tries }) => [stepState, epoch, tries]).sort(),
  ).toEqual([
    ['failed', 1, 0],
    ['succeeded', 1, 0],
  ]);
  expect(await readLogText('late')).toMatch(
    /Not tried again: .*web-4 is locked by job first.* The job stays completedWithExceptions/,
  );
  expect([await lockedTargetsOf('late'), await readControl('first')]).toEqual([[], undefined]);
  await expect(retry('late', ADA, undefined)).rejects.toMatchObject({ code: 'VmHeld' });
  await endJobs('first');
  expect(await retry('late', ADA, undefined)).toMatchObject({ epoch: 3 });
  expect(await beginCurrentEpoch('late')).toMatchObject({ go: true });
  await endJobs('late');
});

test('a retry with a take-over before its steps are open still retries them [OP-8]', async () => {
  await withOneLeft('taken', 3, 4);
  await retry('taken', ADA, undefined);
  await takeOver('taken', ADA, 'Its walk is gone.');
  expect(await beginCurrentEpoch('taken')).toMatchObject({ go: true });
  expect((await listSteps('taken')).map(({ state, epoch, tries }) => [state, epoch, tries]).sort()).toEqual([
    ['succeeded', 1, 0],
    ['waiting', 3, 1],
  ]);
  expect(await lockedTargetsOf('taken')).toEqual([[vmId(4), 3]]);
  // A later orchestration does not open them a second time.
  await changeStep('taken', 4, { state: 'failed', endedAt: NOW });
  await takeOver('taken', ADA, 'Once more.');
  await beginCurrentEpoch('taken');
  expect((await listSteps('taken')).map(({ state, tries }) => [state, tries]).sort()).toEqual([
    ['failed', 1],
    ['succeeded', 0],
  ]);
  await endJobs('taken');
});

test('a cancel of the retried job stays valid against a second retry [OP-8]', async () => {
  await withOneLeft('steered', 3, 4);
  // The second retry has read the job as ended, and hangs before it reads the job's control
  // document.
  await saveControl('steered', undefined, { wish: 'cancelled', by: ADA, reason: null }, now);
  const second = whileRequestHeld(
    store,
    { method: 'GET', path: '/colls/jobs/docs/control' },
    () => retry('steered', ADA, 'Second.'),
    async () => {
      await retry('steered', ADA, 'First.');
      await setControlState('steered', 'cancelled', ADA, 'No.');
    },
  );
  await expect(second).rejects.toMatchObject({ code: 'NothingToRetry' });
  expect(await readControl('steered')).toMatchObject({ wish: 'cancelled', reason: 'No.' });
  await endJobs('steered');
});

test('a retry shuts the source down again, and a take-over does not [OP-2] [OP-8]', async () => {
  await createVmJob('lost', [3], { command: { ...SHUTTING_DOWN, vms: [vmId(3)] } });
  await beginCurrentEpoch('lost');
  await recordSourceLost('lost', ADA, 'The region is gone.');
  await takeOver('lost', ADA, 'It hangs.');
  await beginCurrentEpoch('lost');
  const { command } = await readJobOrFail('lost');
  expect(await shouldShutDownSource({ jobId: 'lost' }, command)).toBe(false);
  await markStepEnded('lost', 3, 'failed');
  expect(await closeJob({ jobId: 'lost', epoch: 2 })).toBe('failed');
  await retry('lost', ADA, 'The region is back.');
  expect(await shouldShutDownSource({ jobId: 'lost' }, command)).toBe(true);
  expect(await readLogText('lost')).toContain('The retry shuts the source down again.');
  // The person may report the loss again.
  await recordSourceLost('lost', ADA, 'Gone again.');
  expect(await shouldShutDownSource({ jobId: 'lost' }, command)).toBe(false);
  await endJobs('lost');
});
