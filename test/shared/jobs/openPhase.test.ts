// The decision about the targets of a phase, when another process changes a step at the same time.
import { openPhase } from '../../../shared/jobs/openPhase.ts';
import { setControlState } from '../../../shared/jobs/controlJob.ts';
import type { JobDocument, StepDocument } from '../../../shared/journal/documents.ts';
import { listSteps } from '../../../shared/journal/steps.ts';
import {
  ADA,
  NOW,
  beginCurrentEpoch,
  changeStep,
  createVmJob,
  endJobs,
  markStepStarted,
  now,
  startStoreWithVms,
  whileRequestHeld,
} from '../../support/job-fixtures.ts';
import { makeJobDocument } from '../../support/job-documents.ts';
import type { SimulatedStore } from '../../support/simulated-store.ts';
import { transitionStep } from '../../support/transitions.ts';
import { vmId } from '../plans/arbitrary.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startStoreWithVms();
});
afterAll(() => store.close());

/** Opens the phase. While the first skip of VM 3 is on its way, another process acts. */
const openWhile = (jobId: string, phase: 'failover' | 'commit', meanwhile: () => Promise<void>) =>
  whileRequestHeld(
    store,
    { path: '/colls/jobs/docs', body: `"jobId":"${jobId}".*${vmId(3)}.*"state":"skipped"` },
    () => openPhase({ jobId, epoch: 1, phase }),
    meanwhile,
  );
const statesOf = async (jobId: string, phase: string) =>
  Object.fromEntries(
    (await listSteps(jobId))
      .filter((step) => step.phase === phase)
      .map(({ targetId, state, error }) => [targetId, [state, error?.code ?? null]]),
  );

test('a cancelled step ends although another process changes it at the same time [OP-8]', async () => {
  await createVmJob('cancelled', [3, 4]);
  await beginCurrentEpoch('cancelled');
  await setControlState('cancelled', 'cancelled', ADA, 'No.');
  const opened = await openWhile('cancelled', 'failover', () =>
    changeStep('cancelled', 3, { waitsFor: 'something' }),
  );
  expect(opened).toEqual({ superseded: false, open: [], unwritten: [] });
  expect(await statesOf('cancelled', 'failover')).toEqual({
    [vmId(3)]: ['skipped', 'JobCancelled'],
    [vmId(4)]: ['skipped', 'JobCancelled'],
  });
  await endJobs('cancelled');
});

test('a step that begins while it is to be cancelled stays open, and is followed [OP-8]', async () => {
  await createVmJob('begun', [3, 4]);
  await beginCurrentEpoch('begun');
  await setControlState('begun', 'cancelled', ADA, 'No.');
  const opened = await openWhile('begun', 'failover', () => markStepStarted('begun', 3));
  expect(opened).toEqual({ superseded: false, open: [vmId(3)], unwritten: [] });
  expect(await statesOf('begun', 'failover')).toEqual({
    [vmId(3)]: ['started', null],
    [vmId(4)]: ['skipped', 'JobCancelled'],
  });
  await endJobs('begun');
});

test('a step after a failed phase is skipped although another process changes it [OP-4] [OP-8]', async () => {
  const { command } = makeJobDocument('excluded', NOW);
  await createVmJob('excluded', [3], {
    command: { ...command, operation: 'failback', vms: [vmId(3)] } as JobDocument['command'],
  });
  expect(await beginCurrentEpoch('excluded')).toMatchObject({
    phases: expect.arrayContaining(['failover', 'commit']) as string[],
  });
  const change = async (phase: string, step: Partial<StepDocument>): Promise<void> => {
    const found = (await listSteps('excluded')).find((candidate) => candidate.phase === phase);
    if (!found || !(await transitionStep(found, step, now))) throw new Error(`No step of ${phase}.`);
  };
  await change('failover', { state: 'failed', endedAt: NOW });
  const opened = await openWhile('excluded', 'commit', () => change('commit', { waitsFor: 'something' }));
  expect(opened).toEqual({ superseded: false, open: [], unwritten: [] });
  expect(await statesOf('excluded', 'commit')).toEqual({ [vmId(3)]: ['skipped', 'EarlierPhaseFailed'] });
  await endJobs('excluded');
});
