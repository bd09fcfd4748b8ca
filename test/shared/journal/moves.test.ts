// A state that the tables do not allow is refused where a document is saved, and nothing is written.
import { advance, firstOf, prove } from '../../../shared/journal/attempts.ts';
import { createJob, moveJob, readJob, saveJob } from '../../../shared/journal/job.ts';
import { logLine, logsOf, Place } from '../../../shared/journal/log.ts';
import { openSteps, raiseSteps, saveStep } from '../../../shared/journal/saveStep.ts';
import { createSteps, stepsOf } from '../../../shared/journal/steps.ts';
import type { JobDocument, StepDocument } from '../../../shared/journal/documents.ts';
import { jobOf, stepOf } from '../../support/job-documents.ts';
import { simulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');
let store: SimulatedStore;
beforeAll(async () => {
  store = await simulatedStore();
});
afterAll(() => store.close());

async function jobIn(jobId: string, change: Partial<JobDocument>) {
  await createJob({ ...jobOf(jobId, NOW.toISOString()), ...change });
  const job = await readJob(jobId);
  if (!job) throw new Error('No job.');
  return job;
}
async function stepIn(jobId: string, change: Partial<StepDocument>) {
  await createSteps(jobId, [{ ...stepOf(jobId, 'vm-1'), ...change }]);
  const [step] = await stepsOf(jobId);
  if (!step) throw new Error('No step.');
  return step;
}

test('a job takes no forbidden state, and goes on after its end only by a retry at a later epoch [OP-6]', async () => {
  const job = await jobIn('job-1', { state: 'failed' });
  const line = [logLine('job-1', Place.first, 'said', 'Said.', NOW)];
  await expect(moveJob(job, 'begin', { state: 'running' }, line, NOW)).rejects.toThrow(
    'A job may not go from failed to running.',
  );
  await expect(moveJob(job, 'close', { state: 'accepted', epoch: 2 }, line, NOW)).rejects.toThrow(
    'only by retry',
  );
  await expect(moveJob(job, 'retry', { state: 'accepted' }, line, NOW)).rejects.toThrow(
    'only at a later one',
  );
  const smuggled: Partial<JobDocument> = { state: 'accepted', epoch: 2 };
  await expect(saveJob(job, smuggled, line, NOW)).rejects.toThrow('Only moveJob moves a job');
  expect(await readJob('job-1')).toEqual(job);
  expect(await logsOf('job-1', 9)).toEqual([]);
  expect(await moveJob(job, 'retry', { state: 'accepted', epoch: 2 }, line, NOW)).toBe(true);
});

test('a step takes no forbidden state, and begins again only by a person or a retry [OP-6]', async () => {
  const step = await stepIn('job-2', { state: 'succeeded' });
  for (const state of ['waiting', 'started', 'failed', 'planned'] as const)
    await expect(saveStep(step, { step: { state }, log: 'Said.' }, NOW)).rejects.toThrow(
      `A step may not go from succeeded to ${state}`,
    );
  await expect(openSteps('job-2', [step])).rejects.toThrow('from succeeded to waiting');
  await expect(raiseSteps('job-2', [{ ...step, node: null }], 2)).rejects.toThrow(
    'from succeeded to waiting',
  );
  expect(await stepsOf('job-2')).toEqual([step]);
  expect(await logsOf('job-2', 9)).toEqual([]);
  const failed = await stepIn('job-3', { state: 'failed' });
  await expect(saveStep(failed, { step: { state: 'planned' } }, NOW)).rejects.toThrow(
    'only by person or retry',
  );
  expect(await saveStep(failed, { step: { state: 'planned' }, mover: 'person' }, NOW)).toBeDefined();
});

test('an attempt is sent once, and only proof ends it when its answer is not known [OP-6]', async () => {
  const prepared = firstOf(await stepIn('job-4', {}), 'prepared', NOW);
  expect(() => advance(prepared, 'accepted')).toThrow('An attempt may not go from prepared to accepted.');
  const sending = advance(prepared, 'sending');
  expect(() => advance(sending, 'sending')).toThrow('may not go from sending to sending');
  expect(() => prove(sending, 'accepted')).toThrow('only by sender');
  const unknown = prove(sending, 'unknown');
  expect(() => advance(unknown, 'notAccepted')).toThrow('only by proof');
  expect(prove(unknown, 'accepted')).toMatchObject({ number: 1, state: 'accepted' });
});
