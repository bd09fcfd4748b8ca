// A retry: the steps that a job left over are open again at the next epoch.
import { closeJob } from '../../../shared/jobs/close.ts';
import { retry, steer, takeOver } from '../../../shared/jobs/control.ts';
import { readControl, saveControl } from '../../../shared/journal/control.ts';
import { raiseSteps } from '../../../shared/journal/saveStep.ts';
import { stepsOf } from '../../../shared/journal/steps.ts';
import {
  ADA,
  NOW,
  begin,
  change,
  end,
  ended,
  heldBy,
  holding,
  jobNow,
  linesOf,
  now,
  onVms,
  started,
  startJobStage,
  whileHeld,
} from '../../support/job-stage.ts';
import type { SimulatedStore } from '../../support/simulated-store.ts';
import { vmId } from '../plans/arbitrary.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startJobStage();
});
afterAll(() => store.close());

async function withOneLeft(jobId: string, good: number, bad: number): Promise<void> {
  await onVms(jobId, [good, bad]);
  await begin(jobId);
  await ended(jobId, good, 'succeeded');
  await ended(jobId, bad, 'failed');
  expect(await closeJob({ jobId, epoch: 1 })).toBe('completedWithExceptions');
}

test('a retry that died half-way fails the steps whose VM another job holds by then [OP-7] [OP-8]', async () => {
  await onVms('half', [3, 4]);
  await begin('half');
  await ended('half', 3, 'failed');
  await change('half', 4, { state: 'skipped', endedAt: NOW });
  expect(await closeJob({ jobId: 'half', epoch: 1 })).toBe('failed');
  await retry('half', ADA, 'Again.');
  // The retry has opened one of the two steps when its orchestration dies.
  const steps = await stepsOf('half');
  await raiseSteps(
    'half',
    steps.filter(({ targetId }) => targetId === vmId(3)),
    2,
  );
  await holding('quick', [4]);
  expect(await begin('half')).toMatchObject({ go: true });
  expect(
    (await stepsOf('half')).map(({ targetId, state, epoch, error }) => [
      targetId,
      state,
      epoch,
      error?.code ?? null,
    ]),
  ).toEqual([
    [vmId(3), 'waiting', 2, null],
    [vmId(4), 'failed', 2, 'VmHeld'],
  ]);
  await end('half', 'quick');
});

test('a retry holds only the VMs that are left over, and keeps the old outcome meanwhile (A5) [OP-6]', async () => {
  await withOneLeft('again', 3, 4);
  const first = await jobNow('again');
  await holding('other', [3]);
  expect(await retry('again', ADA, 'The disk is back.')).toMatchObject({ state: 'accepted', epoch: 2 });
  expect(await begin('again')).toMatchObject({ go: true });
  expect(await heldBy('again')).toEqual([[vmId(4), 2]]);
  const { exceptions, exceptionCount, measures } = first;
  expect(await jobNow('again')).toMatchObject({ state: 'running', exceptions, exceptionCount, measures });
  await started('again', 4);
  await change('again', 4, { state: 'settling' });
  await change('again', 4, { state: 'succeeded', endedAt: NOW });
  expect(await closeJob({ jobId: 'again', epoch: 2 })).toBe('completed');
  expect(await jobNow('again')).toMatchObject({
    state: 'completed',
    exceptions: [],
    exceptionCount: 0,
    error: null,
  });
  expect(await heldBy('again')).toEqual([]);
  await end('other');
});

test('a retry that another job precedes is refused, and the old outcome stands (A5) [OP-6] [OP-7]', async () => {
  await withOneLeft('late', 3, 4);
  const first = await jobNow('late');
  await retry('late', ADA, undefined);
  await holding('first', [4], 'testFailover');
  expect(await begin('late')).toMatchObject({ go: false });
  const { state, exceptions, exceptionCount, measures, error, endedAt } = first;
  expect(await jobNow('late')).toMatchObject({
    epoch: 2,
    state,
    exceptions,
    exceptionCount,
    measures,
    error,
    endedAt,
  });
  expect((await stepsOf('late')).map(({ state: one, epoch, tries }) => [one, epoch, tries]).sort()).toEqual([
    ['failed', 1, 0],
    ['succeeded', 1, 0],
  ]);
  expect(await linesOf('late')).toMatch(
    /Not tried again: .*web-4 is held by job first.* The job stays completedWithExceptions/,
  );
  expect([await heldBy('late'), await readControl('first')]).toEqual([[], undefined]);
  await expect(retry('late', ADA, undefined)).rejects.toMatchObject({ code: 'VmHeld' });
  await end('first');
  expect(await retry('late', ADA, undefined)).toMatchObject({ epoch: 3 });
  expect(await begin('late')).toMatchObject({ go: true });
  await end('late');
});

test('a retry that is taken over before its steps are open still tries them again (A5) [OP-8]', async () => {
  await withOneLeft('taken', 3, 4);
  await retry('taken', ADA, undefined);
  await takeOver('taken', ADA, 'Its walk is gone.');
  expect(await begin('taken')).toMatchObject({ go: true });
  expect((await stepsOf('taken')).map(({ state, epoch, tries }) => [state, epoch, tries]).sort()).toEqual([
    ['succeeded', 1, 0],
    ['waiting', 3, 1],
  ]);
  expect(await heldBy('taken')).toEqual([[vmId(4), 3]]);
  // A later walk does not open them a second time.
  await change('taken', 4, { state: 'failed', endedAt: NOW });
  await takeOver('taken', ADA, 'Once more.');
  await begin('taken');
  expect((await stepsOf('taken')).map(({ state, tries }) => [state, tries]).sort()).toEqual([
    ['failed', 1],
    ['succeeded', 0],
  ]);
  await end('taken');
});

test('a cancel of the retried job stands against a second retry (A5) [OP-8]', async () => {
  await withOneLeft('steered', 3, 4);
  // The second retry has read the job as ended, and hangs before it reads what persons want of the job.
  await saveControl('steered', undefined, { wish: 'cancelled', by: ADA, reason: null }, now);
  const second = whileHeld(
    store,
    { method: 'GET', path: '/colls/jobs/docs/control' },
    () => retry('steered', ADA, 'Second.'),
    async () => {
      await retry('steered', ADA, 'First.');
      await steer('steered', 'cancelled', ADA, 'No.');
    },
  );
  await expect(second).rejects.toMatchObject({ code: 'NothingToRetry' });
  expect(await readControl('steered')).toMatchObject({ wish: 'cancelled', reason: 'No.' });
  await end('steered');
});
