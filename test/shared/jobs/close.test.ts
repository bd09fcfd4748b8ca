// The end of a job: its outcome, and the locks that it gives back.
import { ErrorKind } from '../../../shared/core/errors.ts';
import { closeJob } from '../../../shared/jobs/close.ts';
import { takeOver } from '../../../shared/jobs/control.ts';
import { createSteps, stepsOf } from '../../../shared/journal/steps.ts';
import { freeLocks, takeLocks } from '../../../shared/replications/registry.ts';
import { stepOf } from '../../support/job-documents.ts';
import {
  ADA,
  NOW,
  begin,
  change,
  ended,
  heldBy,
  jobNow,
  now,
  onVms,
  started,
  startJobStage,
} from '../../support/job-stage.ts';
import type { SimulatedStore } from '../../support/simulated-store.ts';
import { vmId } from '../plans/arbitrary.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startJobStage();
});
afterAll(() => store.close());

test('a job that closes frees the locks of older epochs in every vault (A1) [OP-7]', async () => {
  await onVms('both', [5]);
  await begin('both');
  await takeLocks([{ vaultId: 'vault-2', targetId: vmId(1) }], 'both', 1, now);
  await takeOver('both', ADA, 'It hangs.');
  await begin('both');
  await freeLocks('both', 1);
  expect(await heldBy('both')).toEqual([[vmId(5), 2]]);
  await takeLocks([{ vaultId: 'vault-2', targetId: vmId(1) }], 'both', 1, now);
  await ended('both', 5, 'succeeded');
  expect(await closeJob({ jobId: 'both', epoch: 2 })).toBe('completed');
  expect(await heldBy('both')).toEqual([]);
});

test('steps that an older epoch planned too late are no part of the job (A1) [OP-8]', async () => {
  await onVms('stray', [5]);
  await begin('stray');
  await takeOver('stray', ADA, 'It hangs.');
  await begin('stray');
  await createSteps('stray', [
    {
      ...stepOf('stray', vmId(5)),
      id: `step:cleanUpTestFailover:${vmId(5)}`,
      phase: 'cleanUpTestFailover',
      vaultId: 'vault-1',
    },
  ]);
  await started('stray', 5);
  await change('stray', 5, { state: 'settling' });
  await change('stray', 5, { state: 'succeeded', endedAt: NOW });
  await closeJob({ jobId: 'stray', epoch: 2 });
  expect(await jobNow('stray')).toMatchObject({ state: 'completed', exceptions: [] });
  expect((await stepsOf('stray')).map(({ phase }) => phase)).toEqual(['failover']);
});

test('a step whose job somebody cancelled in Azure has failed: the job is not cancelled [OP-6]', async () => {
  await onVms('azure', [3]);
  await begin('azure');
  await started('azure', 3);
  const error = { kind: ErrorKind.rejected, code: 'JobCancelled', message: 'Cancelled in the portal.' };
  await change('azure', 3, { state: 'failed', endedAt: NOW, error });
  expect(await closeJob({ jobId: 'azure', epoch: 1 })).toBe('failed');
});
