// An orchestration of an older epoch, or a second one of the same epoch, does nothing. The sweep
// finds a dead orchestration, and leaves a living one alone.
import { beginJob } from '../../../shared/jobs/beginJob.ts';
import { closeJob } from '../../../shared/jobs/closeJob.ts';
import { openPhase } from '../../../shared/jobs/openPhase.ts';
import { sweep } from '../../../shared/jobs/sweep.ts';
import { pollPhase } from '../../../shared/attempts/pollPhase.ts';
import type { JobDocument } from '../../../shared/journal/documents.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import { createJob, readJob, saveJob } from '../../../shared/journal/job.ts';
import { raiseStepEpochs, saveStep } from '../../../shared/journal/saveStep.ts';
import { listSteps } from '../../../shared/journal/steps.ts';
import { makeJobDocument } from '../../support/job-documents.ts';
import { createJobOnVm, vmNamed, registerVmsByName } from '../../support/single-step-job.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
let web: ReplicatedVmDocument;
beforeAll(async () => {
  store = await startSimulatedStore();
  web = vmNamed(await registerVmsByName(), 'web');
});
afterAll(() => store.close());

const known = async (jobId: string) => {
  const job = await readJob(jobId);
  if (!job) throw new Error('The job is gone.');
  return job;
};
async function change(jobId: string, what: Partial<JobDocument>): Promise<void> {
  if (!(await saveJob(await known(jobId), what, [], await store.now()))) throw new Error('Not saved.');
}

describe('an orchestration', () => {
  const onWeb = () => ({
    command: { ...makeJobDocument('', '').command, vms: [web.id] } as JobDocument['command'],
  });

  test('of an older epoch starts nothing, and a second one of the same epoch does neither [OP-8]', async () => {
    await createJob({ ...makeJobDocument('job-1', (await store.now()).toISOString()), ...onWeb() });
    await change('job-1', { epoch: 2 });
    expect(await beginJob({ jobId: 'job-1', epoch: 1, run: 'old' })).toMatchObject({ go: false });
    expect(await listSteps('job-1')).toEqual([]);
    expect(await beginJob({ jobId: 'job-1', epoch: 2, run: 'one' })).toMatchObject({ go: true });
    expect(await beginJob({ jobId: 'job-1', epoch: 2, run: 'two' })).toMatchObject({ go: false });
    // The same activity may run again.
    expect(await beginJob({ jobId: 'job-1', epoch: 2, run: 'one' })).toMatchObject({ go: true });
    expect(await listSteps('job-1')).toHaveLength(1);
  });

  test('of an older epoch opens no phase, polls nothing and ends nothing [OP-8]', async () => {
    await createJobOnVm('job-2', web, await store.now());
    await change('job-2', { epoch: 2, run: null });
    expect(await raiseStepEpochs('job-2', await listSteps('job-2'), 2)).toBe(true);
    const phase = { jobId: 'job-2', epoch: 1, phase: 'failover' } as const;
    expect(await openPhase(phase)).toEqual({ superseded: true, open: [], unwritten: [] });
    expect(await pollPhase({ ...phase, vaultId: web.vaultId, vaultArmId: web.vaultArmId })).toMatchObject({
      superseded: true,
    });
    expect(await openPhase({ ...phase, epoch: 2 })).toMatchObject({ superseded: false, open: [web.id] });
    const [step] = await listSteps('job-2');
    if (step) await saveStep(step, { step: { state: 'skipped' } }, await store.now());
    expect(await closeJob({ jobId: 'job-2', epoch: 1 })).toBe('running');
    expect(await known('job-2')).toMatchObject({ state: 'running', endedAt: null });
  });

  test('cannot write to a step that moved to a newer epoch [OP-8]', async () => {
    await createJobOnVm('job-3', web, await store.now());
    const [old] = await listSteps('job-3');
    await raiseStepEpochs('job-3', await listSteps('job-3'), 2);
    expect(old && (await saveStep(old, { step: { state: 'failed' } }, await store.now()))).toBeUndefined();
    expect(await listSteps('job-3')).toMatchObject([{ state: 'waiting', epoch: 2 }]);
  });

  test('cannot move a step to its epoch after another write to the step [OP-8]', async () => {
    await createJobOnVm('job-8', web, await store.now());
    const read = await listSteps('job-8');
    const [old] = read;
    if (old) await saveStep(old, { step: { waitsFor: 'the operation of somebody else' } }, await store.now());
    expect(await raiseStepEpochs('job-8', read, 2)).toBe(false);
    expect(await listSteps('job-8')).toMatchObject([
      { waitsFor: 'the operation of somebody else', epoch: 1 },
    ]);
  });

  test('never closes a job with an open step [OP-8]', async () => {
    await createJobOnVm('job-4', web, await store.now());
    await expect(closeJob({ jobId: 'job-4', epoch: 1 })).rejects.toThrow('1 of its steps are open');
    expect(await known('job-4')).toMatchObject({ state: 'running' });
  });
});

describe('the sweep', () => {
  /** The orchestrations of one job have ended without an end of the job. */
  async function sweepWhile(
    dead: string | null,
  ): Promise<{ readonly swept: object; readonly started: readonly string[] }> {
    const started: string[] = [];
    const orchestrations = {
      start: (jobId: string, epoch: number) => Promise.resolve(void started.push(`${jobId} at ${epoch}`)),
      state: (jobId: string) => Promise.resolve(jobId === dead ? 'ended' : 'alive'),
    };
    const run = sweep as unknown as (
      of: typeof orchestrations,
      warn: (message: string) => void,
    ) => Promise<object>;
    return {
      swept: await run(orchestrations, (message) => {
        throw new Error(message);
      }),
      started,
    };
  }

  test('leaves a living orchestration alone, and takes over a dead one at the next epoch [OP-9]', async () => {
    await createJobOnVm('job-5', web, await store.now());
    await createJobOnVm('job-6', web, await store.now());
    expect(await sweepWhile('job-6')).toMatchObject({
      swept: { started: 0, repaired: 1 },
      started: ['job-6 at 2'],
    });
    expect([await known('job-5'), await known('job-6')].map(({ epoch, run }) => [epoch, run])).toEqual([
      [1, 'r'],
      [2, null],
    ]);
  });

  test('starts a new job only when its route has not started the job in time [OP-9]', async () => {
    await createJob(makeJobDocument('job-7', (await store.now()).toISOString()));
    expect(await sweepWhile('job-7')).toMatchObject({ swept: { started: 0 }, started: [] });
    await store.advance(31);
    expect(await sweepWhile('job-7')).toMatchObject({
      swept: { started: 1, repaired: 0 },
      started: ['job-7 at 1'],
    });
    expect(await sweepWhile(null)).toMatchObject({ swept: { started: 0, repaired: 0 }, started: [] });
  });
});
