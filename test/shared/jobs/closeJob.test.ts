// The end of a job: its outcome, and the locks that it removes.
import { ErrorKind } from '../../../shared/core/errors.ts';
import { closeJob } from '../../../shared/jobs/closeJob.ts';
import { takeOver } from '../../../shared/jobs/controlJob.ts';
import { createSteps, listSteps } from '../../../shared/journal/steps.ts';
import { releaseLocks, createLocks } from '../../../shared/replications/registry.ts';
import { makeStepDocument } from '../../support/job-documents.ts';
import {
  ADA,
  NOW,
  beginCurrentEpoch,
  changeStep,
  markStepEnded,
  lockedTargetsOf,
  readJobOrFail,
  now,
  createVmJob,
  markStepStarted,
  startStoreWithVms,
} from '../../support/job-fixtures.ts';
import type { SimulatedStore } from '../../support/simulated-store.ts';
import { vmId } from '../plans/arbitrary.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startStoreWithVms();
});
afterAll(() => store.close());

test('a job that closes removes the locks of older epochs in every vault [OP-7]', async () => {
  await createVmJob('both', [5]);
  await beginCurrentEpoch('both');
  await createLocks([{ vaultId: 'vault-2', targetId: vmId(1) }], 'both', 1, now);
  await takeOver('both', ADA, 'It hangs.');
  await beginCurrentEpoch('both');
  await releaseLocks('both', 1);
  expect(await lockedTargetsOf('both')).toEqual([[vmId(5), 2]]);
  await createLocks([{ vaultId: 'vault-2', targetId: vmId(1) }], 'both', 1, now);
  await markStepEnded('both', 5, 'succeeded');
  expect(await closeJob({ jobId: 'both', epoch: 2 })).toBe('completed');
  expect(await lockedTargetsOf('both')).toEqual([]);
});

test('steps that an older epoch planned too late do not belong to the job [OP-8]', async () => {
  await createVmJob('stray', [5]);
  await beginCurrentEpoch('stray');
  await takeOver('stray', ADA, 'It hangs.');
  await beginCurrentEpoch('stray');
  await createSteps('stray', [
    {
      ...makeStepDocument('stray', vmId(5)),
      id: `step:cleanUpTestFailover:${vmId(5)}`,
      phase: 'cleanUpTestFailover',
      vaultId: 'vault-1',
    },
  ]);
  await markStepStarted('stray', 5);
  await changeStep('stray', 5, { state: 'settling' });
  await changeStep('stray', 5, { state: 'succeeded', endedAt: NOW });
  await closeJob({ jobId: 'stray', epoch: 2 });
  expect(await readJobOrFail('stray')).toMatchObject({ state: 'completed', exceptions: [] });
  expect((await listSteps('stray')).map(({ phase }) => phase)).toEqual(['failover']);
});

test('a step whose job a colleague cancelled in Azure fails, and the job is not cancelled [OP-6]', async () => {
  await createVmJob('azure', [3]);
  await beginCurrentEpoch('azure');
  await markStepStarted('azure', 3);
  const error = { kind: ErrorKind.rejected, code: 'JobCancelled', message: 'Cancelled in the portal.' };
  await changeStep('azure', 3, { state: 'failed', endedAt: NOW, error });
  expect(await closeJob({ jobId: 'azure', epoch: 1 })).toBe('failed');
});
