// Saving refuses a state that the tables do not allow, and writes nothing.
import { advanceAttempt, nextAttemptOf, proveAttempt } from '../../../shared/journal/attempts.ts';
import { createJob, transitionJob, readJob, saveJob } from '../../../shared/journal/job.ts';
import { logLine, listLogLines, LogSection } from '../../../shared/journal/log.ts';
import { setStepsWaiting, raiseStepEpochs, saveStep } from '../../../shared/journal/saveStep.ts';
import { createSteps, listSteps } from '../../../shared/journal/steps.ts';
import type { JobDocument, StepDocument } from '../../../shared/journal/documents.ts';
import { makeJobDocument, makeStepDocument } from '../../support/job-documents.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');
let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore();
});
afterAll(() => store.close());

async function jobIn(jobId: string, change: Partial<JobDocument>) {
  await createJob({ ...makeJobDocument(jobId, NOW.toISOString()), ...change });
  const job = await readJob(jobId);
  if (!job) throw new Error('No job.');
  return job;
}
async function stepIn(jobId: string, change: Partial<StepDocument>) {
  await createSteps(jobId, [{ ...makeStepDocument(jobId, 'vm-1'), ...change }]);
  const [step] = await listSteps(jobId);
  if (!step) throw new Error('No step.');
  return step;
}

test('a job accepts no forbidden state, and only a retry at a later epoch reopens it [OP-6]', async () => {
  const job = await jobIn('job-1', { state: 'failed' });
  const line = [logLine('job-1', LogSection.first, 'said', 'Said.', NOW)];
  await expect(transitionJob(job, 'begin', { state: 'running' }, line, NOW)).rejects.toThrow(
    'A job may not go from failed to running.',
  );
  await expect(transitionJob(job, 'close', { state: 'accepted', epoch: 2 }, line, NOW)).rejects.toThrow(
    'only by retry',
  );
  await expect(transitionJob(job, 'retry', { state: 'accepted' }, line, NOW)).rejects.toThrow(
    'Only a later epoch can continue it',
  );
  const smuggled: Partial<JobDocument> = { state: 'accepted', epoch: 2 };
  await expect(saveJob(job, smuggled, line, NOW)).rejects.toThrow('Only transitionJob moves a job');
  expect(await readJob('job-1')).toEqual(job);
  expect(await listLogLines('job-1', 9)).toEqual([]);
  expect(await transitionJob(job, 'retry', { state: 'accepted', epoch: 2 }, line, NOW)).toBe(true);
});

test('a step accepts no forbidden state, and starts again only by a person or a retry [OP-6]', async () => {
  const step = await stepIn('job-2', { state: 'succeeded' });
  for (const state of ['waiting', 'started', 'failed', 'planned'] as const)
    await expect(saveStep(step, { step: { state }, log: 'Said.' }, NOW)).rejects.toThrow(
      `A step may not go from succeeded to ${state}`,
    );
  await expect(setStepsWaiting('job-2', [step])).rejects.toThrow('from succeeded to waiting');
  await expect(raiseStepEpochs('job-2', [{ ...step, node: null }], 2)).rejects.toThrow(
    'from succeeded to waiting',
  );
  expect(await listSteps('job-2')).toEqual([step]);
  expect(await listLogLines('job-2', 9)).toEqual([]);
  const failed = await stepIn('job-3', { state: 'failed' });
  await expect(saveStep(failed, { step: { state: 'planned' } }, NOW)).rejects.toThrow(
    'only by person or retry',
  );
  expect(await saveStep(failed, { step: { state: 'planned' }, cause: 'person' }, NOW)).toBeDefined();
});

test('an attempt goes out once, and only proof ends it when its answer is unknown [OP-6]', async () => {
  const prepared = nextAttemptOf(await stepIn('job-4', {}), 'prepared', NOW);
  expect(() => advanceAttempt(prepared, 'accepted')).toThrow(
    'An attempt may not go from prepared to accepted.',
  );
  const sending = advanceAttempt(prepared, 'sending');
  expect(() => advanceAttempt(sending, 'sending')).toThrow('may not go from sending to sending');
  expect(() => proveAttempt(sending, 'accepted')).toThrow('only by sender');
  const unknown = proveAttempt(sending, 'unknown');
  expect(() => advanceAttempt(unknown, 'notAccepted')).toThrow('only by proof');
  expect(proveAttempt(unknown, 'accepted')).toMatchObject({ number: 1, state: 'accepted' });
});
