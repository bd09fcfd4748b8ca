// A drill ends the clean-ups that other jobs have done, and takes back the VMs that nobody cleans up.
import { followHandedOver } from '../../../shared/runs/handedOver.ts';
import { readControl, saveControl } from '../../../shared/journal/control.ts';
import type { JobDocument, StepDocument } from '../../../shared/journal/documents.ts';
import { createSteps, readStep, readStepSummaries, stepIdOf } from '../../../shared/journal/steps.ts';
import { makeStepDocument } from '../../support/job-documents.ts';
import {
  ADA,
  createJobWithLocks,
  endJobs,
  lockedTargetsOf,
  now,
  readJobOrFail,
  readLogText,
  startStoreWithVms,
} from '../../support/job-fixtures.ts';
import type { SimulatedStore } from '../../support/simulated-store.ts';
import { vmId } from '../plans/arbitrary.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startStoreWithVms();
});
afterAll(() => store.close());

const cleanUpOf = (jobId: string, at: number, change: Partial<StepDocument>): StepDocument => ({
  ...makeStepDocument(jobId, vmId(at)),
  id: stepIdOf('cleanUpTestFailover', vmId(at)),
  phase: 'cleanUpTestFailover',
  targetName: `web-${at}`,
  vaultId: 'vault-1',
  ...change,
});

/** A drill that handed one VM over to a failover. */
async function makeHandOver(name: string, at: number, taker: Partial<StepDocument>) {
  const [drillId, takerId] = [`drill-${name}`, `taker-${name}`];
  await createJobWithLocks(drillId, [], 'testFailover');
  await createJobWithLocks(takerId, [at]);
  await createSteps(drillId, [
    cleanUpOf(drillId, at, { state: 'planned', always: true, node: `clean.${at}` }),
  ]);
  await createSteps(takerId, [cleanUpOf(takerId, at, taker)]);
  const change = {
    wish: 'cancelled' as const,
    by: ADA,
    reason: 'Needed.',
    yields: [{ vmId: vmId(at), jobId: takerId }],
  };
  await saveControl(drillId, undefined, change, now);
  const drill: JobDocument = await readJobOrFail(drillId);
  const follow = async () =>
    followHandedOver(drill, await readControl(drillId), await readStepSummaries(drillId), now);
  const readCleanUp = () => readStep(drillId, stepIdOf('cleanUpTestFailover', vmId(at)));
  return { drillId, takerId, follow, readCleanUp };
}

test('a drill waits for the other job, then names that job at its own clean-up [OP-1] [OP-13]', async () => {
  const open = await makeHandOver('open', 1, { state: 'settling' });
  expect(await open.follow()).toBe('waiting');
  expect(await open.readCleanUp()).toMatchObject({ state: 'planned' });
  const done = await makeHandOver('done', 2, { state: 'succeeded' });
  expect(await done.follow()).toBe('changed');
  expect(await done.readCleanUp()).toMatchObject({
    state: 'skipped',
    error: { code: 'CleanedUpByOtherJob', message: 'Job taker-done has cleaned this test up.' },
  });
  expect(await done.follow()).toBe('none');
  await endJobs(open.takerId, done.takerId);
});

test('a drill takes a VM back if the other job is cancelled before its clean-up [OP-1] [OP-13]', async () => {
  const { drillId, takerId, follow } = await makeHandOver('cancelled', 3, { state: 'skipped' });
  expect(await follow()).toBe('waiting');
  expect(await lockedTargetsOf(drillId)).toEqual([]);
  await endJobs(takerId);
  expect(await follow()).toBe('changed');
  expect(await lockedTargetsOf(drillId)).toEqual([[vmId(3), 1]]);
  expect((await readControl(drillId))?.yields).toEqual([]);
  expect(await readLogText(drillId)).toContain('Takes web-3 back: the job that asked for it ended');
  expect(await follow()).toBe('none');
});

test('a drill waits for a third job that has taken the VM meanwhile [OP-1] [OP-13]', async () => {
  const { drillId, takerId, follow } = await makeHandOver('third', 4, { state: 'skipped' });
  await endJobs(takerId);
  await createJobWithLocks('third', [4]);
  expect(await follow()).toBe('changed');
  expect((await readControl(drillId))?.yields).toEqual([{ vmId: vmId(4), jobId: 'third' }]);
  expect(await follow()).toBe('waiting');
  expect(await lockedTargetsOf(drillId)).toEqual([]);
  await endJobs('third');
  expect(await follow()).toBe('changed');
  expect(await lockedTargetsOf(drillId)).toEqual([[vmId(4), 1]]);
});
