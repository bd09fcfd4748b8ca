// A job at a later epoch, after a take-over or by the sweep: it holds the VMs of its own steps, goes
// on with what has begun, and is refused only where nothing has.
import { raiseTimeOver } from '../../../shared/alarms/raise.ts';
import { advancePlan } from '../../../shared/runs/advance.ts';
import type { Item } from '../../../shared/siterecovery/item.ts';
import { ErrorKind } from '../../../shared/core/errors.ts';
import { closeJob } from '../../../shared/jobs/close.ts';
import { skip, takeOver } from '../../../shared/jobs/control.ts';
import { sweep, type Walks } from '../../../shared/jobs/sweep.ts';
import { forgetItem, rememberItem } from '../../../shared/replications/items.ts';
import { readControl } from '../../../shared/journal/control.ts';
import type { JobDocument } from '../../../shared/journal/documents.ts';
import { createJob } from '../../../shared/journal/job.ts';
import { saveStep } from '../../../shared/journal/saveStep.ts';
import { stepsOf } from '../../../shared/journal/steps.ts';
import { freeLocks, readVm, takeLocks } from '../../../shared/replications/registry.ts';
import { jobOf } from '../../support/job-documents.ts';
import {
  ADA,
  NOW,
  RUNS,
  begin,
  commandOf,
  end,
  ended,
  heldBy,
  holding,
  jobNow,
  linesOf,
  now,
  onPlan,
  onVms,
  save,
  saysTryAgain,
  started,
  startJobStage,
  whileHeld,
  type Run,
} from '../../support/job-stage.ts';
import type { SimulatedStore } from '../../support/simulated-store.ts';
import { groupOf, planOf, vmId } from '../plans/arbitrary.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startJobStage();
});
afterAll(() => store.close());

/** A durable client on which the first walk of a job has ended. */
const walkGone = (gone: string): Walks => ({
  state: (jobId, epoch) => Promise.resolve(jobId === gone && epoch === 1 ? 'ended' : 'alive'),
  start: () => Promise.resolve(),
});

const HOLDERS = { 'an ordinary job': 'commit', 'a drill': 'testFailover' } as const;
const ways = (Object.keys(RUNS) as Run[]).flatMap((run) =>
  (['take-over', 'sweep'] as const).flatMap((way) =>
    (Object.keys(HOLDERS) as (keyof typeof HOLDERS)[]).map((holder) => [way, run, holder] as const),
  ),
);

test.each(ways)(
  'the %s of a %s holds only the VMs of its own run, whatever %s holds of another (A1) [OP-8]',
  async (way, run, holder) => {
    const [jobId, other] = [`${way}-${run}-${holder.length}`, `other-${way}-${run}-${holder.length}`];
    await onPlan(jobId, run);
    expect(await begin(jobId)).toMatchObject({ go: true, runsPlan: true });
    await started(jobId, RUNS[run]);
    const elsewhere = Object.values(RUNS).filter((at) => at !== RUNS[run]);
    await createJob({
      ...jobOf(other, NOW),
      state: 'running',
      run: 'r',
      laidOut: true,
      command: {
        ...commandOf(HOLDERS[holder], 'x'),
        vms: elsewhere.map(vmId),
      } as unknown as JobDocument['command'],
    });
    await takeLocks(
      elsewhere.map((at) => ({ vaultId: 'vault-1', targetId: vmId(at) })),
      other,
      1,
      now,
    );

    if (way === 'take-over') await takeOver(jobId, ADA, 'It hangs.');
    else expect((await sweep(walkGone(jobId), () => undefined)).repaired).toBe(1);
    expect(await begin(jobId)).toMatchObject({ go: true, runsPlan: true });
    expect(await jobNow(jobId)).toMatchObject({ state: 'running', epoch: 2, error: null });
    expect(await heldBy(jobId)).toEqual([[vmId(RUNS[run]), 2]]);
    expect((await stepsOf(jobId)).map(({ epoch, state }) => [epoch, state])).toContainEqual([2, 'started']);
    expect(await heldBy(other)).toEqual(elsewhere.map((at) => [vmId(at), 1]));
    expect(await readControl(other)).toBeUndefined();
    for (const one of [jobId, other]) await end(one);
  },
);

test('a job that lost a VM fails what has not begun there, and follows what has (A1) [OP-7] [OP-8]', async () => {
  await save('three', planOf([groupOf('all', [3, 4, 5])]));
  await onPlan('lost', 'failover', 'three');
  await begin('lost');
  await started('lost', 3);
  await freeLocks('lost', 1);
  await holding('thief', [3, 4]);
  await takeOver('lost', ADA, 'It hangs.');
  expect(await begin('lost')).toMatchObject({ go: true });
  const states = Object.fromEntries(
    (await stepsOf('lost')).map(({ targetId, state, epoch, error }) => [
      targetId,
      [state, epoch, error?.code ?? null],
    ]),
  );
  expect(states).toEqual({
    [vmId(3)]: ['started', 2, null],
    [vmId(4)]: ['failed', 2, 'VmHeld'],
    [vmId(5)]: ['planned', 2, null],
  });
  expect(await heldBy('lost')).toEqual([[vmId(5), 2]]);
  expect(await linesOf('lost')).toContain('web-4 is held by job thief');
  await expect(closeJob({ jobId: 'lost', epoch: 2 })).rejects.toThrow('of its steps are open');
  expect(await jobNow('lost')).toMatchObject({ state: 'running', error: null });

  // What is seen of the VM is the other job's to write down: the step of this one ends without it.
  const before = await readVm('vault-1', vmId(3));
  const item = { ...before?.seen, armId: 'elsewhere', sourceVmId: vmId(3) } as unknown as Item;
  const step = { id: 'step', vaultId: 'vault-1', targetId: vmId(3) };
  expect(await rememberItem({ jobId: 'lost', epoch: 2 }, step, item, now)).toBe(true);
  expect(await forgetItem({ jobId: 'lost', epoch: 2 }, step)).toBe(true);
  expect(await readVm('vault-1', vmId(3))).toEqual(before);

  // Tried again while the other job has the VM, the step fails anew; once the VM is free, the job
  // holds it first.
  const fourth = async () => (await stepsOf('lost')).find(({ targetId }) => targetId === vmId(4));
  await saysTryAgain('lost', `step:failover:${vmId(4)}`, 0);
  await advancePlan({ jobId: 'lost', epoch: 2 }, raiseTimeOver);
  expect(await fourth()).toMatchObject({ state: 'failed', tries: 1, error: { code: 'VmHeld' } });
  await end('thief');
  await saysTryAgain('lost', `step:failover:${vmId(4)}`, 1);
  await advancePlan({ jobId: 'lost', epoch: 2 }, raiseTimeOver);
  expect(await fourth()).toMatchObject({ state: 'waiting', tries: 2, error: null });
  expect(await heldBy('lost')).toEqual([
    [vmId(4), 2],
    [vmId(5), 2],
  ]);
  await end('lost');
});

test('a drill makes way only for a job that can begin then, and free VMs stay held (A1) [OP-7]', async () => {
  await holding('drill', [5], 'testFailover');
  await holding('commit', [7]);
  await onVms('hopeless', [5, 6, 7]);
  expect(await begin('hopeless')).toMatchObject({ go: false });
  expect(await jobNow('hopeless')).toMatchObject({
    state: 'failed',
    error: { code: 'VmHeld', message: expect.stringContaining('web-7 is held by job commit') as string },
  });
  expect([await readControl('drill'), await heldBy('hopeless')]).toEqual([undefined, []]);

  await onVms('waits', [5, 6]);
  expect(await begin('waits')).toMatchObject({ go: 'later' });
  expect(await readControl('drill')).toMatchObject({ wish: 'cancelled', yieldTo: 'waits' });
  expect(await heldBy('waits')).toEqual([[vmId(6), 1]]);
  expect(await begin('waits')).toMatchObject({ go: 'later' });
  await freeLocks('drill', 1);
  expect(await begin('waits')).toMatchObject({ go: true });
  expect(await heldBy('waits')).toEqual([
    [vmId(5), 1],
    [vmId(6), 1],
  ]);
  await end('waits', 'drill', 'commit');
});

test('an orchestration that lost the job begins nothing and frees nothing (A1) [OP-8]', async () => {
  await onVms('hung', [5, 6]);
  const old = whileHeld(
    store,
    { path: '/colls/jobs/docs', body: '"jobId":"hung".*"laidOut":true' },
    () => begin('hung'),
    async () => {
      await takeOver('hung', ADA, 'It hangs.');
      expect(await begin('hung')).toMatchObject({ go: true });
    },
  );
  expect(await old).toMatchObject({ go: false });
  expect(await heldBy('hung')).toEqual([
    [vmId(5), 2],
    [vmId(6), 2],
  ]);
  await end('hung');
});

test('a late refusal of an older epoch leaves the VMs of the newer epoch held (A1) [OP-8]', async () => {
  await holding('busy', [6]);
  await onVms('slow', [5, 6]);
  const old = whileHeld(
    store,
    { path: '/colls/jobs/docs', body: '"jobId":"slow".*"state":"failed"' },
    () => begin('slow'),
    async () => {
      await end('busy');
      await takeOver('slow', ADA, 'It hangs.');
      expect(await begin('slow')).toMatchObject({ go: true });
    },
  );
  expect(await old).toMatchObject({ go: false });
  expect(await jobNow('slow')).toMatchObject({ state: 'running', epoch: 2, error: null });
  expect(await heldBy('slow')).toEqual([
    [vmId(5), 2],
    [vmId(6), 2],
  ]);
  await end('slow');
});

test('a step that failed before a take-over can be tried again afterwards (A1) [OP-6] [OP-8]', async () => {
  await save('asks', planOf([groupOf('all', [3, 4])]));
  await onPlan('asks', 'failover', 'asks');
  await begin('asks');
  await ended('asks', 3, 'failed');
  await takeOver('asks', ADA, 'It hangs.');
  await begin('asks');
  await saysTryAgain('asks', `step:failover:${vmId(3)}`, 0);
  expect(await advancePlan({ jobId: 'asks', epoch: 2 }, raiseTimeOver)).toMatchObject({
    superseded: false,
    over: false,
    turns: [{ startable: expect.arrayContaining([vmId(3)]) as unknown }],
  });
  expect((await stepsOf('asks')).map(({ epoch, state, tries }) => [epoch, state, tries]).sort()).toEqual([
    [2, 'waiting', 0],
    [2, 'waiting', 1],
  ]);
  await end('asks');
});

test('a person leaves out all steps of a VM, also while one of them is skipped (A1) [OP-8]', async () => {
  const { command } = jobOf('skips', NOW);
  await createJob({
    ...jobOf('skips', NOW),
    command: { ...command, operation: 'failback', vms: [vmId(5)] } as JobDocument['command'],
  });
  await begin('skips');
  const skipping = whileHeld(
    store,
    { path: '/colls/jobs/docs', body: '"jobId":"skips".*"phase":"reprotect".*"state":"skipped"' },
    () => skip('skips', { target: vmId(5), reason: 'It is rebuilt by hand.' }, ADA),
    async () => {
      const last = (await stepsOf('skips')).find(({ phase }) => phase === 'reprotect');
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
  expect((await stepsOf('skips')).map(({ phase, error }) => [phase, error?.code]).sort()).toEqual([
    ['commit', 'SkippedByPerson'],
    ['failover', 'SkippedByPerson'],
    ['reprotect', 'EarlierPhaseFailed'],
  ]);
  await end('skips');
});
