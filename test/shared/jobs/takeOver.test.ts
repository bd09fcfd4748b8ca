// A job at a later epoch, after a take-over or by the sweep. It locks the VMs of its own steps, and
// continues started work. It fails only where nothing has started.
import { raiseTimeToLiveAlarm } from '../../../shared/alarms/raise.ts';
import { advancePlan } from '../../../shared/runs/advancePlan.ts';
import type { ReplicatedItem } from '../../../shared/siterecovery/item.ts';
import { ErrorKind } from '../../../shared/core/errors.ts';
import { closeJob } from '../../../shared/jobs/closeJob.ts';
import { skipOpenSteps, takeOver } from '../../../shared/jobs/controlJob.ts';
import { sweep, type Orchestrations } from '../../../shared/jobs/sweep.ts';
import { removeEndedItem, saveItemState } from '../../../shared/replications/items.ts';
import { readControl } from '../../../shared/journal/control.ts';
import type { JobDocument } from '../../../shared/journal/documents.ts';
import { createJob } from '../../../shared/journal/job.ts';
import { saveStep } from '../../../shared/journal/saveStep.ts';
import { createSteps, listSteps } from '../../../shared/journal/steps.ts';
import { releaseLocks, readVm, createLocks } from '../../../shared/replications/registry.ts';
import { makeJobDocument, makeStepDocument } from '../../support/job-documents.ts';
import {
  ADA,
  NOW,
  RUN_VMS,
  beginCurrentEpoch,
  changeStep,
  planCommand,
  endJobs,
  markStepEnded,
  lockedTargetsOf,
  createJobWithLocks,
  readJobOrFail,
  readLogText,
  now,
  createPlanJob,
  createVmJob,
  savePlanDocument,
  saveTryAgainAnswer,
  markStepStarted,
  startStoreWithVms,
  whileRequestHeld,
  type RunKind,
} from '../../support/job-fixtures.ts';
import type { SimulatedStore } from '../../support/simulated-store.ts';
import { makeGroup, makePlan, vmId } from '../plans/arbitrary.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startStoreWithVms();
});
afterAll(() => store.close());

/** A durable client on which the first orchestration of a job has ended. */
const orchestrationGone = (gone: string): Orchestrations => ({
  state: (jobId, epoch) => Promise.resolve(jobId === gone && epoch === 1 ? 'ended' : 'alive'),
  start: () => Promise.resolve(),
});

const LOCKING_OPERATIONS = { 'an ordinary job': 'commit', 'a drill': 'testFailover' } as const;
const ways = (Object.keys(RUN_VMS) as RunKind[]).flatMap((run) =>
  (['take-over', 'sweep'] as const).flatMap((way) =>
    (Object.keys(LOCKING_OPERATIONS) as (keyof typeof LOCKING_OPERATIONS)[]).map(
      (holder) => [way, run, holder] as const,
    ),
  ),
);

test.each(ways)(
  'the %s of a %s locks only the VMs of its own run, whatever %s locks of another [OP-8]',
  async (way, run, holder) => {
    const [jobId, other] = [`${way}-${run}-${holder.length}`, `other-${way}-${run}-${holder.length}`];
    await createPlanJob(jobId, run);
    expect(await beginCurrentEpoch(jobId)).toMatchObject({ go: true, runsPlan: true });
    await markStepStarted(jobId, RUN_VMS[run]);
    const elsewhere = Object.values(RUN_VMS).filter((at) => at !== RUN_VMS[run]);
    await createJob({
      ...makeJobDocument(other, NOW),
      state: 'running',
      run: 'r',
      laidOut: true,
      command: {
        ...planCommand(LOCKING_OPERATIONS[holder], 'x'),
        vms: elsewhere.map(vmId),
      },
    });
    await createLocks(
      elsewhere.map((at) => ({ vaultId: 'vault-1', targetId: vmId(at) })),
      other,
      1,
      now,
    );

    if (way === 'take-over') await takeOver(jobId, ADA, 'It hangs.');
    else expect((await sweep(orchestrationGone(jobId), () => undefined)).repaired).toBe(1);
    expect(await beginCurrentEpoch(jobId)).toMatchObject({ go: true, runsPlan: true });
    expect(await readJobOrFail(jobId)).toMatchObject({ state: 'running', epoch: 2, error: null });
    expect(await lockedTargetsOf(jobId)).toEqual([[vmId(RUN_VMS[run]), 2]]);
    expect((await listSteps(jobId)).map(({ epoch, state }) => [epoch, state])).toContainEqual([2, 'started']);
    expect(await lockedTargetsOf(other)).toEqual(elsewhere.map((at) => [vmId(at), 1]));
    expect(await readControl(other)).toBeUndefined();
    for (const text of [jobId, other]) await endJobs(text);
  },
);

test('a job that lost a VM fails unstarted steps there, and polls started ones [OP-7] [OP-8]', async () => {
  await savePlanDocument('three', makePlan([makeGroup('all', [3, 4, 5])]));
  await createPlanJob('lost', 'failover', 'three');
  await beginCurrentEpoch('lost');
  await markStepStarted('lost', 3);
  await releaseLocks('lost', 1);
  await createJobWithLocks('thief', [3, 4]);
  await takeOver('lost', ADA, 'It hangs.');
  expect(await beginCurrentEpoch('lost')).toMatchObject({ go: true });
  const states = Object.fromEntries(
    (await listSteps('lost')).map(({ targetId, state, epoch, error }) => [
      targetId,
      [state, epoch, error?.code ?? null],
    ]),
  );
  expect(states).toEqual({
    [vmId(3)]: ['started', 2, null],
    [vmId(4)]: ['failed', 2, 'VmHeld'],
    [vmId(5)]: ['planned', 2, null],
  });
  expect(await lockedTargetsOf('lost')).toEqual([[vmId(5), 2]]);
  expect(await readLogText('lost')).toContain('web-4 is locked by job thief');
  await expect(closeJob({ jobId: 'lost', epoch: 2 })).rejects.toThrow('of its steps are open');
  expect(await readJobOrFail('lost')).toMatchObject({ state: 'running', error: null });

  // The other job writes the state of the VM: the step of this job ends without it.
  const before = await readVm('vault-1', vmId(3));
  const item = { ...before?.seen, armId: 'elsewhere', sourceVmId: vmId(3) } as unknown as ReplicatedItem;
  const step = { id: 'step', vaultId: 'vault-1', targetId: vmId(3) };
  expect(await saveItemState({ jobId: 'lost', epoch: 2 }, step, item, now)).toBe(true);
  expect(await removeEndedItem({ jobId: 'lost', epoch: 2 }, step)).toBe(true);
  expect(await readVm('vault-1', vmId(3))).toEqual(before);

  // A retry while the other job locks the VM fails the step again. Once the VM is free, the job
  // locks it first.
  const fourth = async () => (await listSteps('lost')).find(({ targetId }) => targetId === vmId(4));
  await saveTryAgainAnswer('lost', `step:failover:${vmId(4)}`, 0);
  await advancePlan({ jobId: 'lost', epoch: 2 }, raiseTimeToLiveAlarm);
  expect(await fourth()).toMatchObject({ state: 'failed', tries: 1, error: { code: 'VmHeld' } });
  await endJobs('thief');
  await saveTryAgainAnswer('lost', `step:failover:${vmId(4)}`, 1);
  await advancePlan({ jobId: 'lost', epoch: 2 }, raiseTimeToLiveAlarm);
  expect(await fourth()).toMatchObject({ state: 'waiting', tries: 2, error: null });
  expect(await lockedTargetsOf('lost')).toEqual([
    [vmId(4), 2],
    [vmId(5), 2],
  ]);
  await endJobs('lost');
});

test('a drill yields only to a job that can start then, and free VMs stay locked [OP-7]', async () => {
  await createJobWithLocks('drill', [5], 'testFailover');
  await createJobWithLocks('commit', [7]);
  await createVmJob('hopeless', [5, 6, 7]);
  expect(await beginCurrentEpoch('hopeless')).toMatchObject({ go: false });
  expect(await readJobOrFail('hopeless')).toMatchObject({
    state: 'failed',
    error: { code: 'VmHeld', message: expect.stringContaining('web-7 is locked by job commit') as string },
  });
  expect([await readControl('drill'), await lockedTargetsOf('hopeless')]).toEqual([undefined, []]);

  await createVmJob('waits', [5, 6]);
  const testStep = { ...makeStepDocument('drill', vmId(5)), phase: 'testFailover' } as const;
  await createSteps('drill', [{ ...testStep, state: 'settling', vaultId: 'vault-1' }]);
  expect(await beginCurrentEpoch('waits')).toMatchObject({ go: 'later' });
  expect(await readControl('drill')).toMatchObject({
    wish: 'cancelled',
    yields: [{ vmId: vmId(5), jobId: 'waits' }],
  });
  expect(await lockedTargetsOf('waits')).toEqual([[vmId(6), 1]]);
  expect(await beginCurrentEpoch('waits')).toMatchObject({ go: 'later' });
  expect(await lockedTargetsOf('drill')).toEqual([[vmId(5), 1]]);
  // The test of the VM has ended. The drill itself still runs.
  await changeStep('drill', 5, { state: 'succeeded', endedAt: NOW });
  expect(await beginCurrentEpoch('waits')).toMatchObject({ go: true });
  expect(await lockedTargetsOf('waits')).toEqual([
    [vmId(5), 1],
    [vmId(6), 1],
  ]);
  await endJobs('waits', 'drill', 'commit');
});

test('an orchestration that lost the job starts nothing and unlocks nothing [OP-8]', async () => {
  await createVmJob('hung', [5, 6]);
  const old = whileRequestHeld(
    store,
    { path: '/colls/jobs/docs', body: '"jobId":"hung".*"laidOut":true' },
    () => beginCurrentEpoch('hung'),
    async () => {
      await takeOver('hung', ADA, 'It hangs.');
      expect(await beginCurrentEpoch('hung')).toMatchObject({ go: true });
    },
  );
  expect(await old).toMatchObject({ go: false });
  expect(await lockedTargetsOf('hung')).toEqual([
    [vmId(5), 2],
    [vmId(6), 2],
  ]);
  await endJobs('hung');
});

test('a late refusal of an older epoch leaves the VMs of the newer epoch locked [OP-8]', async () => {
  await createJobWithLocks('busy', [6]);
  await createVmJob('slow', [5, 6]);
  const old = whileRequestHeld(
    store,
    { path: '/colls/jobs/docs', body: '"jobId":"slow".*"state":"failed"' },
    () => beginCurrentEpoch('slow'),
    async () => {
      await endJobs('busy');
      await takeOver('slow', ADA, 'It hangs.');
      expect(await beginCurrentEpoch('slow')).toMatchObject({ go: true });
    },
  );
  expect(await old).toMatchObject({ go: false });
  expect(await readJobOrFail('slow')).toMatchObject({ state: 'running', epoch: 2, error: null });
  expect(await lockedTargetsOf('slow')).toEqual([
    [vmId(5), 2],
    [vmId(6), 2],
  ]);
  await endJobs('slow');
});

test('a person can retry a failed step after a take-over [OP-6] [OP-8]', async () => {
  await savePlanDocument('asks', makePlan([makeGroup('all', [3, 4])]));
  await createPlanJob('asks', 'failover', 'asks');
  await beginCurrentEpoch('asks');
  await markStepEnded('asks', 3, 'failed');
  await takeOver('asks', ADA, 'It hangs.');
  await beginCurrentEpoch('asks');
  await saveTryAgainAnswer('asks', `step:failover:${vmId(3)}`, 0);
  expect(await advancePlan({ jobId: 'asks', epoch: 2 }, raiseTimeToLiveAlarm)).toMatchObject({
    superseded: false,
    over: false,
    turns: [{ startable: expect.arrayContaining([vmId(3)]) as unknown }],
  });
  expect((await listSteps('asks')).map(({ epoch, state, tries }) => [epoch, state, tries]).sort()).toEqual([
    [2, 'waiting', 0],
    [2, 'waiting', 1],
  ]);
  await endJobs('asks');
});

test('a person skips all steps of a VM, also while another skip is in progress [OP-8]', async () => {
  const { command } = makeJobDocument('skips', NOW);
  await createJob({
    ...makeJobDocument('skips', NOW),
    command: { ...command, operation: 'failback', vms: [vmId(5)] } as JobDocument['command'],
  });
  await beginCurrentEpoch('skips');
  const skipping = whileRequestHeld(
    store,
    { path: '/colls/jobs/docs', body: '"jobId":"skips".*"phase":"reprotect".*"state":"skipped"' },
    () => skipOpenSteps('skips', { target: vmId(5), reason: 'It is rebuilt by hand.' }, ADA),
    async () => {
      const last = (await listSteps('skips')).find(({ phase }) => phase === 'reprotect');
      if (last)
        await saveStep(
          last,
          {
            step: {
              state: 'skipped',
              endedAt: NOW,
              error: { kind: ErrorKind.rejected, code: 'EarlierPhaseFailed', message: 'Skipped.' },
            },
          },
          now,
        );
    },
  );
  await skipping;
  expect((await listSteps('skips')).map(({ phase, error }) => [phase, error?.code]).sort()).toEqual([
    ['commit', 'SkippedByPerson'],
    ['failover', 'SkippedByPerson'],
    ['reprotect', 'EarlierPhaseFailed'],
  ]);
  await endJobs('skips');
});
