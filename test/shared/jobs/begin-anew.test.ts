// A later walk of a job: it holds the VMs of the job's own steps, goes on with what has begun, and
// is refused only where nothing has.
import { raiseTimeOver } from '../../../shared/alarms/raise.ts';
import { advancePlan } from '../../../shared/runs/advance.ts';
import type { Item } from '../../../shared/siterecovery/item.ts';
import { ErrorKind } from '../../../shared/core/errors.ts';
import { beginJob } from '../../../shared/jobs/begin.ts';
import { closeJob } from '../../../shared/jobs/close.ts';
import { retry, skip, steer, takeOver } from '../../../shared/jobs/control.ts';
import { sweep, type Walks } from '../../../shared/jobs/sweep.ts';
import type { PlanOperation } from '../../../shared/plans/rules/graph.ts';
import { forgetItem, rememberItem } from '../../../shared/replications/items.ts';
import type { Plan } from '../../../shared/plans/rules/plan.ts';
import { batch } from '../../../shared/store/cosmos.ts';
import { readControl, saveControl } from '../../../shared/journal/control.ts';
import { SCHEMA } from '../../../shared/store/schema.ts';
import type { AnswerDocument, JobDocument, StepDocument } from '../../../shared/journal/documents.ts';
import type { Caller } from '../../../shared/access/caller.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import { createJob, moveJob, readJob } from '../../../shared/journal/job.ts';
import { logsOf } from '../../../shared/journal/log.ts';
import { saveStep } from '../../../shared/journal/saveStep.ts';
import { createSteps, stepsOf } from '../../../shared/journal/steps.ts';
import { savePlan } from '../../../shared/plans/store.ts';
import { addVm, freeLocks, locksOf, readVm, takeLocks } from '../../../shared/replications/registry.ts';
import { jobOf, stepOf } from '../../support/job-documents.ts';
import { simulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';
import { raiseSteps } from '../../../shared/journal/saveStep.ts';
import { moveStep } from '../../support/moves.ts';
import { groupOf, planOf, vmId } from '../plans/arbitrary.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const now = new Date(NOW);
const VAULT =
  '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v';
const site = (region: string) => ({
  region,
  resourceGroupId: '/subscriptions/s/resourceGroups/g',
  cacheStorageAccountId: 'cache',
});
const ADA: Caller = { id: 'ada', name: 'Ada', tenant: 't', roles: ['Contributor', 'Operator'], door: 'rest' };

const vm = (at: number): ReplicatedVmDocument => ({
  id: vmId(at),
  type: 'replicatedVm',
  schema: SCHEMA,
  vaultId: 'vault-1',
  vaultArmId: VAULT,
  scenario: 'azureToAzure',
  name: `web-${at}`,
  lifecycleId: vmId(at),
  armId: `${VAULT}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/${at}`,
  sourceVmId: vmId(at),
  direction: 'original',
  sites: { original: site('eastasia'), reversed: site('southeastasia') },
  movedBy: null,
  missingSince: null,
  settings: null,
  seen: {
    protectionState: 'Protected',
    activeLocation: 'Primary',
    allowedOperations: ['UnplannedFailover'],
    health: 'Normal',
    at: NOW,
  },
});

/** Each run has VMs of its own. */
const RUNS = { failover: 0, testFailover: 1, failback: 2 } as const;
type Run = keyof typeof RUNS;
const differing = planOf([groupOf('over', [RUNS.failover])], {
  runs: {
    testFailover: [groupOf('test', [RUNS.testFailover])],
    failback: [groupOf('back', [RUNS.failback])],
  },
});

let store: SimulatedStore;
beforeAll(async () => {
  store = await simulatedStore(3);
  for (let at = 0; at < 8; at++) await addVm(vm(at));
  await save('differing', differing);
});
afterAll(() => store.close());

const save = (planId: string, plan: Plan) =>
  savePlan(
    {
      id: 'plan',
      type: 'plan',
      schema: SCHEMA,
      planId,
      plan,
      version: 1,
      origin: { kind: 'own', by: ADA },
      savedAt: NOW,
      warnings: [],
      fingerprint: '',
    },
    undefined,
  );

const commandOf = (operation: PlanOperation, plan: string) =>
  ({
    operation,
    plan,
    leaveOut: [],
    adopt: false,
    kind: 'unplanned',
    shutDownSource: false,
  }) as unknown as JobDocument['command'];
const onPlan = (jobId: string, operation: PlanOperation, plan = 'differing') =>
  createJob({
    ...jobOf(jobId, NOW),
    command: commandOf(operation, plan),
    plan: { id: plan, version: 1, name: plan },
    vmCount: 1,
  });
const onVms = (jobId: string, vms: readonly number[], more: Partial<JobDocument> = {}) =>
  createJob({
    ...jobOf(jobId, NOW),
    command: { ...jobOf(jobId, NOW).command, vms: vms.map(vmId) } as JobDocument['command'],
    ...more,
  });

async function jobNow(jobId: string) {
  const job = await readJob(jobId);
  if (!job) throw new Error(`No job ${jobId}.`);
  return job;
}
const begin = async (jobId: string) => {
  const { epoch } = await jobNow(jobId);
  return beginJob({ jobId, epoch, run: `${jobId}-${epoch}` });
};
const heldBy = async (jobId: string) =>
  (await locksOf(jobId)).map(({ targetId, epoch }) => [targetId, epoch]).sort();
const linesOf = async (jobId: string) => (await logsOf(jobId, 100)).map(({ message }) => message).join('\n');

async function change(jobId: string, target: number, step: Partial<StepDocument>): Promise<void> {
  const found = (await stepsOf(jobId)).find(({ targetId }) => targetId === vmId(target));
  if (!found || !(await moveStep(found, step, now))) throw new Error(`No step of ${target}.`);
}
/** As if Site Recovery had taken it. */
async function started(jobId: string, target: number): Promise<void> {
  if ((await stepsOf(jobId)).find(({ targetId }) => targetId === vmId(target))?.state === 'planned')
    await change(jobId, target, { state: 'waiting' });
  await change(jobId, target, { state: 'started', armJobId: 'arm', attempt: 1 });
}
const ended = async (jobId: string, target: number, state: 'succeeded' | 'failed'): Promise<void> => {
  await started(jobId, target);
  await change(jobId, target, state === 'succeeded' ? { state: 'settling' } : {});
  await change(jobId, target, {
    state,
    endedAt: NOW,
    error:
      state === 'failed' ? { kind: ErrorKind.rejected, code: '150097', message: 'The disk is gone.' } : null,
  });
};

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

async function end(...jobIds: readonly string[]): Promise<void> {
  for (const jobId of jobIds) {
    await freeLocks(jobId, 9);
    const job = await jobNow(jobId);
    if (job.state === 'accepted') await moveJob(job, 'begin', { state: 'running' }, [], now);
    await moveJob(await jobNow(jobId), 'close', { state: 'failed' }, [], now);
  }
}

/** Another job that runs and holds VMs. */
async function holding(
  jobId: string,
  vms: readonly number[],
  operation: 'commit' | 'testFailover' = 'commit',
): Promise<void> {
  await createJob({
    ...jobOf(jobId, NOW),
    state: 'running',
    run: 'r',
    laidOut: true,
    command: { operation, vms: vms.map(vmId), adopt: false } as unknown as JobDocument['command'],
  });
  if (!(await takeLocks(vms.map(lockOf), jobId, 1, now))) throw new Error('Held already.');
}
const lockOf = (at: number) => ({ vaultId: 'vault-1', targetId: vmId(at) });

test('a job that lost a VM fails what has not begun there, follows what has, and goes on with the rest (A1) [OP-7] [OP-8]', async () => {
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

test('a retry that died half-way fails what another job holds by then, also a step that was skipped [OP-7] [OP-8]', async () => {
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

test('a step whose job somebody cancelled in Azure has failed: the job is not cancelled [OP-6]', async () => {
  await onVms('azure', [3]);
  await begin('azure');
  await started('azure', 3);
  const error = { kind: ErrorKind.rejected, code: 'JobCancelled', message: 'Cancelled in the portal.' };
  await change('azure', 3, { state: 'failed', endedAt: NOW, error });
  expect(await closeJob({ jobId: 'azure', epoch: 1 })).toBe('failed');
});

async function saysTryAgain(jobId: string, stepId: string, tries: number): Promise<void> {
  const said: AnswerDocument = {
    id: `answer:${stepId}:${tries}:failure`,
    type: 'answer',
    schema: SCHEMA,
    jobId,
    stepId,
    tries,
    word: 'tryAgain',
    by: ADA,
    reason: null,
    at: NOW,
    subject: null,
  };
  await batch('jobs', jobId, [{ create: said }]);
}

async function withOneLeft(jobId: string, good: number, bad: number): Promise<void> {
  await onVms(jobId, [good, bad]);
  await begin(jobId);
  await ended(jobId, good, 'succeeded');
  await ended(jobId, bad, 'failed');
  expect(await closeJob({ jobId, epoch: 1 })).toBe('completedWithExceptions');
}

test('a retry holds the VMs of the steps that are left over, and keeps the outcome until it has one (A5) [OP-6]', async () => {
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

test('a cancel of the retried job stands, though a second retry comes at the same time (A5) [OP-8]', async () => {
  await withOneLeft('steered', 3, 4);
  // The second retry has read the job as ended, and hangs before it reads what persons want of the job.
  const rule = {
    id: 'hangs',
    service: 'cosmos',
    method: 'GET',
    path: '/colls/jobs/docs/control',
    point: 'received',
    times: 1,
    do: { kind: 'hold' },
  } as const;
  await saveControl('steered', undefined, { wish: 'cancelled', by: ADA, reason: null }, now);
  await store.faults.add(rule);
  const second = retry('steered', ADA, 'Second.');
  await until(async () => (await store.faults.list()).find(({ id }) => id === rule.id)?.acted === 1);
  await retry('steered', ADA, 'First.');
  await steer('steered', 'cancelled', ADA, 'No.');
  await store.faults.remove(rule.id);
  await expect(second).rejects.toMatchObject({ code: 'NothingToRetry' });
  expect(await readControl('steered')).toMatchObject({ wish: 'cancelled', reason: 'No.' });
  await end('steered');
});

async function until(is: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; tried < 400; tried++) {
    if (await is()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('It did not come.');
}

test('nobody is asked to make way in vain, and VMs that are free are kept while a drill makes way (A1) [OP-7]', async () => {
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

test('a walk that lost the job while it laid out begins nothing and gives nothing back (A1) [OP-8]', async () => {
  await onVms('hung', [5, 6]);
  const rule = {
    id: 'laying',
    service: 'cosmos',
    path: '/colls/jobs/docs',
    body: '"jobId":"hung".*"laidOut":true',
    point: 'received',
    times: 1,
    do: { kind: 'hold' },
  } as const;
  await store.faults.add(rule);
  const old = begin('hung');
  await until(async () => (await store.faults.list()).find(({ id }) => id === rule.id)?.acted === 1);
  await takeOver('hung', ADA, 'It hangs.');
  expect(await begin('hung')).toMatchObject({ go: true });
  await store.faults.remove(rule.id);
  expect(await old).toMatchObject({ go: false });
  expect(await heldBy('hung')).toEqual([
    [vmId(5), 2],
    [vmId(6), 2],
  ]);
  await end('hung');
});

test('an older walk that is refused too late leaves the VMs of the newer one held (A1) [OP-8]', async () => {
  await holding('busy', [6]);
  await onVms('slow', [5, 6]);
  const rule = {
    id: 'refusing',
    service: 'cosmos',
    path: '/colls/jobs/docs',
    body: '"jobId":"slow".*"state":"failed"',
    point: 'received',
    times: 1,
    do: { kind: 'hold' },
  } as const;
  await store.faults.add(rule);
  const old = begin('slow');
  await until(async () => (await store.faults.list()).find(({ id }) => id === rule.id)?.acted === 1);
  await end('busy');
  await takeOver('slow', ADA, 'It hangs.');
  expect(await begin('slow')).toMatchObject({ go: true });
  await store.faults.remove(rule.id);
  expect(await old).toMatchObject({ go: false });
  expect(await jobNow('slow')).toMatchObject({ state: 'running', epoch: 2, error: null });
  expect(await heldBy('slow')).toEqual([
    [vmId(5), 2],
    [vmId(6), 2],
  ]);
  await end('slow');
});

test('closing a job frees what it holds since older epochs, in every vault, and nothing of a newer walk (A1) [OP-7]', async () => {
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

test('steps that an older walk laid out too late are no part of the job, which ends (A1) [OP-8]', async () => {
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

test('a step that failed before a take-over is tried again after that, and the walk goes on (A1) [OP-6] [OP-8]', async () => {
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

test('all steps of a target are left out, though the walk gives one of them up at the same time (A1) [OP-8]', async () => {
  const { command } = jobOf('skips', NOW);
  await createJob({
    ...jobOf('skips', NOW),
    command: { ...command, operation: 'failback', vms: [vmId(5)] } as JobDocument['command'],
  });
  await begin('skips');
  const rule = {
    id: 'skipping',
    service: 'cosmos',
    path: '/colls/jobs/docs',
    body: '"jobId":"skips".*"phase":"reprotect".*"state":"skipped"',
    point: 'received',
    times: 1,
    do: { kind: 'hold' },
  } as const;
  await store.faults.add(rule);
  const skipping = skip('skips', { target: vmId(5), reason: 'It is rebuilt by hand.' }, ADA);
  await until(async () => (await store.faults.list()).find(({ id }) => id === rule.id)?.acted === 1);
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
  await store.faults.remove(rule.id);
  await skipping;
  expect((await stepsOf('skips')).map(({ phase, error }) => [phase, error?.code]).sort()).toEqual([
    ['commit', 'SkippedByPerson'],
    ['failover', 'SkippedByPerson'],
    ['reprotect', 'EarlierPhaseFailed'],
  ]);
  await end('skips');
});
