// The attempt protocol in the test's own process, against Site Recovery and Cosmos DB in the
// simulator. The tests check each sent and each forbidden write.
import { setTimeout as sleep } from 'node:timers/promises';
import { generateEnvironment } from '../../../simulator/environments/generate.ts';
import type { FaultRule } from '../../../simulator/wire/fault.ts';
import { addSeconds } from '../../../shared/core/clock.ts';
import { newGuid } from '../../../shared/core/ids.ts';
import { refreshVaults } from '../../../shared/replications/refreshVaults.ts';
import { siteRecoveryClientFor } from '../../../shared/scenarios/adapter.ts';
import { startStepOfTarget } from '../../../shared/attempts/startStep.ts';
import { pollPhase } from '../../../shared/attempts/pollPhase.ts';
import { saveMembers } from '../../../shared/attempts/targets/groupTarget.ts';
import { readControl, saveControl } from '../../../shared/journal/control.ts';
import type { StepDocument } from '../../../shared/journal/documents.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import { nextAttemptOf, proveAttempt, readNewestAttempt } from '../../../shared/journal/attempts.ts';
import { createJob } from '../../../shared/journal/job.ts';
import { listLogLines } from '../../../shared/journal/log.ts';
import { saveStep, retryFields } from '../../../shared/journal/saveStep.ts';
import { createSteps, readStep } from '../../../shared/journal/steps.ts';
import { readAllVms, releaseLocks, readVm } from '../../../shared/replications/registry.ts';
import { takeLock } from '../../support/locks.ts';
import { readExchanges } from '../../support/arm-trace.ts';
import { makeJobDocument, makeStepDocument } from '../../support/job-documents.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';
import { transitionStep } from '../../support/transitions.ts';

let store: SimulatedStore;
let vms: readonly ReplicatedVmDocument[];
beforeAll(async () => {
  store = await startSimulatedStore(
    1,
    { LIFEBOAT_SEND_TIMEOUT_SECONDS: '1' },
    { trace: true, environment: generateEnvironment({ vms: 12 }) },
  );
  await refreshVaults();
  vms = await readAllVms();
});
afterAll(() => store.close());
afterEach(() => jest.restoreAllMocks());

let used = 0;
/** A VM that no other test has used. */
function takeVm(): ReplicatedVmDocument {
  const vm = vms[used++];
  if (!vm) throw new Error('The environment is used up.');
  return vm;
}
const ADA = { id: 'ada', name: 'ada', roles: ['Operator'], door: 'rest' } as const;
const WRITE = '/unplannedFailover';
const claim = {
  service: 'cosmos',
  method: 'POST',
  path: '/colls/jobs/docs',
  body: '"state":"sending"',
} as const;
const writesOf = ({ name }: Pick<ReplicatedVmDocument, 'name'>) =>
  readExchanges(store.trace).filter(
    ({ method, path }) => method === 'POST' && path.includes(`/${name}${WRITE}`),
  );

async function withFault<T>(rule: Omit<FaultRule, 'id'>, act: () => Promise<T>): Promise<T> {
  await store.faults.add({ ...rule, id: 'one' });
  return act().finally(() => store.faults.remove('one'));
}

/** One step of a job that fails one VM over. */
class OneStep {
  readonly jobId: string;
  readonly vm: ReplicatedVmDocument;
  constructor(jobId: string) {
    this.jobId = jobId;
    this.vm = takeVm();
  }

  async begin(change: Partial<StepDocument> = {}): Promise<this> {
    const now = (await store.now()).toISOString();
    await createJob({ ...makeJobDocument(this.jobId, now), state: 'running', run: 'r', laidOut: true });
    await createSteps(this.jobId, [
      {
        ...makeStepDocument(this.jobId, this.vm.id),
        targetName: this.vm.name,
        vaultId: this.vm.vaultId,
        ...change,
      },
    ]);
    return this;
  }

  start() {
    return startStepOfTarget({
      jobId: this.jobId,
      epoch: 1,
      phase: 'failover',
      vaultId: this.vm.vaultId,
      targetId: this.vm.id,
    });
  }

  follow() {
    return pollPhase({
      jobId: this.jobId,
      epoch: 1,
      phase: 'failover',
      vaultId: this.vm.vaultId,
      vaultArmId: this.vm.vaultArmId,
    });
  }

  async step() {
    const step = await readStep(this.jobId, `step:failover:${this.vm.id}`);
    if (!step) throw new Error('No step.');
    return step;
  }

  async attempt() {
    const attempt = await readNewestAttempt(await this.step());
    if (!attempt) throw new Error('No attempt.');
    return attempt;
  }

  async say(control: 'paused' | 'running' | 'cancelled'): Promise<void> {
    const controlDocument = { wish: control, by: ADA, reason: null };
    expect(
      await saveControl(this.jobId, await readControl(this.jobId), controlDocument, await store.now()),
    ).toBe(true);
  }

  async log(): Promise<string> {
    return (await listLogLines(this.jobId, 50)).map(({ message }) => message).join('\n');
  }
}

let jobs = 0;
const oneStep = (change?: Partial<StepDocument>) => new OneStep(`attempts-${++jobs}`).begin(change);

test('a paused job starts nothing, and an unsent intention waits again [OP-8]', async () => {
  const paused = await oneStep();
  await paused.say('paused');
  expect(await paused.start()).toBe('later');
  expect(await paused.step()).toMatchObject({ state: 'waiting', attempt: 0, lines: 0 });
  await paused.say('running');
  const forbidden = {
    kind: 'status',
    status: 403,
    body: { code: 'Forbidden', message: 'The store is away.' },
  } as const;
  await withFault({ ...claim, point: 'received', do: forbidden }, () =>
    expect(paused.start()).rejects.toThrow(),
  );
  expect(await paused.step()).toMatchObject({ state: 'started', attempt: 1 });
  await paused.say('cancelled');
  expect(await paused.start()).toBe('later');
  expect(await paused.step()).toMatchObject({ state: 'waiting', attempt: 1 });
  expect(await paused.follow()).toMatchObject({ open: 0 });
  expect(await paused.step()).toMatchObject({ state: 'skipped', error: { code: 'JobCancelled' } });
  expect(writesOf(paused.vm)).toEqual([]);
});

test('a cancel between the claim and the write takes the claim back [OP-8]', async () => {
  const stepUnderTest = await oneStep();
  await store.faults.add({ ...claim, point: 'applied', do: { kind: 'hold' }, id: 'held' });
  const started = stepUnderTest.start();
  while (((await store.faults.list()).find(({ id }) => id === 'held')?.acted ?? 0) === 0) await store.now();
  await stepUnderTest.say('cancelled');
  await store.faults.remove('held');
  expect(await started).toBe('later');
  expect(await stepUnderTest.step()).toMatchObject({ state: 'waiting', waitsFor: null });
  expect(await stepUnderTest.attempt()).toMatchObject({ state: 'notAccepted', answer: { code: 'NotSent' } });
  expect(await stepUnderTest.log()).toContain('Attempt 1 was not sent.');
  expect(writesOf(stepUnderTest.vm)).toEqual([]);
});

test('a sender past its deadline sends nothing, and the next attempt sends [OP-6]', async () => {
  const stepUnderTest = await oneStep();
  await withFault(
    { ...claim, point: 'applied', times: 1, do: { kind: 'delay', milliseconds: 1200 } },
    async () => {
      expect(await stepUnderTest.start()).toBe('later');
    },
  );
  expect(writesOf(stepUnderTest.vm)).toEqual([]);
  expect(await stepUnderTest.attempt()).toMatchObject({
    state: 'notAccepted',
    answer: { status: null, code: 'NotSent' },
  });
  expect(await stepUnderTest.step()).toMatchObject({
    state: 'waiting',
    waitsFor: expect.stringContaining('too late to be sent') as string,
  });
  await store.advance(31);
  expect(await stepUnderTest.start()).toBe('started');
  expect(await stepUnderTest.step()).toMatchObject({ attempt: 2 });
  expect(writesOf(stepUnderTest.vm)).toMatchObject([{ status: 202 }]);
});

test('a process that stands still before its request sends nothing [OP-6]', async () => {
  const vm = takeVm();
  const siteRecovery = await siteRecoveryClientFor(vm.vaultArmId);
  const item = await siteRecovery.readItem(vm.armId);
  if (!item) throw new Error('No item.');
  const failOver = () =>
    siteRecovery.sendWrite(
      { operation: 'failover', item, recoveryPointId: null, shutDownSource: false, planned: false },
      newGuid(),
      addSeconds(new Date(), 20),
    );
  const real = Date.now.bind(Date);
  // The code reads the clock first before it calls the SDK.
  jest
    .spyOn(Date, 'now')
    .mockImplementationOnce(real)
    .mockImplementation(() => real() + 60_000);
  expect(await failOver()).toMatchObject({ status: null, code: 'NotSent' });
  jest.restoreAllMocks();
  expect(writesOf(vm)).toEqual([]);
  expect(await failOver()).toMatchObject({ status: 202 });
});

test('a step with an unsent intention can end as already done [OP-4] [OP-6]', async () => {
  const stepUnderTest = await oneStep();
  const step = await stepUnderTest.step();
  const now = await store.now();
  const intention = nextAttemptOf(step, 'prepared', now);
  const change = { state: 'started', attempt: 1, startedAt: now.toISOString() } as const;
  const saved = await saveStep(step, { step: change, attempt: intention }, now);
  // The app sent nothing: only the step says so.
  expect(
    saved && (await saveStep(saved, { step: { state: 'alreadySo', endedAt: now.toISOString() } }, now)),
  ).toMatchObject({ state: 'alreadySo' });
  expect(await stepUnderTest.attempt()).toMatchObject({ state: 'prepared', clientRequestId: null });
});

test('the job log and the caller get an accepted answer of a lost step [OP-6]', async () => {
  const stepUnderTest = await oneStep();
  await store.faults.add({
    point: 'applied',
    method: 'POST',
    path: `/${stepUnderTest.vm.name}${WRITE}`,
    do: { kind: 'delay', milliseconds: 300 },
    id: 'slow',
  });
  const started = stepUnderTest.start();
  while (((await store.faults.list()).find(({ id }) => id === 'slow')?.acted ?? 0) === 0) await store.now();
  const step = await stepUnderTest.step();
  const unknown = proveAttempt(await stepUnderTest.attempt(), 'unknown', {
    unknownSince: (await store.now()).toISOString(),
  });
  expect(await saveStep(step, { attempt: unknown }, await store.now())).toBeDefined();
  await expect(started).rejects.toMatchObject({ kind: 'Ambiguous', code: 'AnswerLost' });
  await store.faults.remove('slow');
  expect(await stepUnderTest.log()).toMatch(/Azure accepted attempt 1 at failover of .*request id/);
  // The proof finds the fact that the answer lacks.
  await store.advance(60);
  await stepUnderTest.follow();
  expect(await stepUnderTest.attempt()).toMatchObject({ state: 'accepted' });
});

test("ten lost writes end a step, and a person's retry resets the count [OP-6]", async () => {
  const stepUnderTest = await oneStep({ lost: 9 });
  const cut = {
    point: 'received',
    method: 'POST',
    path: `/${stepUnderTest.vm.name}${WRITE}`,
    times: 1,
    do: { kind: 'cut' },
  } as const;
  expect(await withFault(cut, () => stepUnderTest.start())).toBe('later');
  await store.advance(200);
  await stepUnderTest.follow();
  expect(await stepUnderTest.attempt()).toMatchObject({ state: 'unknown' });
  await store.advance(101);
  await stepUnderTest.follow();
  expect(await stepUnderTest.step()).toMatchObject({ state: 'waiting', lost: 10 });
  expect(await stepUnderTest.start()).toBe('ended');
  expect(await stepUnderTest.step()).toMatchObject({
    state: 'failed',
    attempt: 1,
    error: { code: 'TooManyAttempts' },
  });
  const planned = await transitionStep(
    await stepUnderTest.step(),
    retryFields(await stepUnderTest.step()),
    await store.now(),
  );
  expect(planned && (await transitionStep(planned, { state: 'waiting' }, await store.now()))).toBeDefined();
  expect(await withFault(cut, () => stepUnderTest.start())).toBe('later');
  expect(await stepUnderTest.step()).toMatchObject({ state: 'started', attempt: 2, lost: 0 });
  expect(writesOf(stepUnderTest.vm).filter(({ status }) => status === 202)).toEqual([]);
});

test('an answer to a claimed write stays when another write only changed its step meanwhile [OP-6]', async () => {
  const stepUnderTest = await oneStep();
  await store.faults.add({
    point: 'received',
    method: 'POST',
    path: `/${stepUnderTest.vm.name}${WRITE}`,
    do: { kind: 'delay', milliseconds: 300 },
    id: 'slow',
  });
  const started = stepUnderTest.start();
  while (((await store.faults.list()).find(({ id }) => id === 'slow')?.acted ?? 0) === 0) await store.now();
  expect(
    await saveStep(await stepUnderTest.step(), { log: 'A person has said something.' }, await store.now()),
  ).toBeDefined();
  expect(await started).toBe('started');
  await store.faults.remove('slow');
  expect(await stepUnderTest.attempt()).toMatchObject({ state: 'accepted' });
});

test('a write without an answer from Azure ends at its deadline with no result [OP-6]', async () => {
  const vm = takeVm();
  const siteRecovery = await siteRecoveryClientFor(vm.vaultArmId);
  const item = await siteRecovery.readItem(vm.armId);
  if (!item) throw new Error('No item.');
  const blockCommit = {
    point: 'received',
    method: 'POST',
    path: '/failoverCommit',
    do: { kind: 'hold' },
  } as const;
  await store.faults.add({ ...blockCommit, id: 'held' });
  const sent = siteRecovery.sendWrite({ operation: 'commit', item }, newGuid(), addSeconds(new Date(), 1));
  // Azure answers after the deadline: no sender waits for that answer any more.
  await sleep(3000);
  await store.faults.remove('held');
  expect(await sent).toMatchObject({ status: null, code: 'NoAnswer' });
}, 20_000);

test('only the job with the locks stores group members, at its own epoch [OP-7]', async () => {
  const vm = takeVm();
  const item = await (await siteRecoveryClientFor(vm.vaultArmId)).readItem(vm.armId);
  const step = { ...makeStepDocument('group-job', 'group-orders'), vaultId: vm.vaultId };
  const members = [{ vmId: vm.id, name: vm.name, item, arrived: false }];
  const now = addSeconds(await store.now(), 60);
  const remember = () => saveMembers({ jobId: 'group-job', epoch: 1 }, step, members, now);
  const before = await readVm(vm.vaultId, vm.id);
  const lockKey = { vaultId: vm.vaultId, targetId: vm.id };
  await takeLock(lockKey, 'group-job', 2, now);
  expect(await remember()).toBe(false);
  await releaseLocks('group-job', 2);
  // A job that lost a member still ends: the member's new owner writes the location of the member.
  await takeLock(lockKey, 'other-job', 1, now);
  expect(await remember()).toBe(true);
  expect(await readVm(vm.vaultId, vm.id)).toEqual(before);
  await releaseLocks('other-job', 1);
  await takeLock(lockKey, 'group-job', 1, now);
  expect(await remember()).toBe(true);
  expect(await readVm(vm.vaultId, vm.id)).toMatchObject({ seen: { at: now.toISOString() } });
});
