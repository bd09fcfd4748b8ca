// A small plan with the usual parts: a multi-VM group, ordered groups, a wait, a runbook and a
// script. It also has a signed request, a manual step, and a drill with a check and a clean-up. The
// checks here must hold after any operation on the plan.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { attemptGuidOf } from '../../shared/attempts/targets/attemptGuid.ts';
import type { PlanOperation } from '../../shared/plans/rules/graph.ts';
import type { LocalOptions } from '../../local/start-lifeboat.ts';
import type { Job, Step } from '../support/lifeboat-client.ts';
import { openDatabase, startEventEnvironment, type EventEnvironment } from '../support/event-environment.ts';
import { planBody, putPlan } from '../support/plans.ts';
import type { NewFaultRule } from '../support/test-environment.ts';
import { runWithFaults, type KilledRun } from './run-with-kills.ts';

export const VM_NAMES = ['orders-1', 'orders-2', 'app', 'web'];
export const SHOP_PLAN = 'shop';
/** The same VMs, with a drill that stays open. */
const OPEN_DRILL_PLAN = 'stays';

interface ExpectedOutcome {
  /** The final state of the VMs. */
  readonly state: string;
  readonly direction: string;
  /**
   * The number of targets in each phase. The members of a multi-VM group start as one target, or
   * each alone.
   */
  readonly steps: Readonly<Record<string, number>>;
  readonly actions: number;
}

const originalDirection = (state: string) => ({ state, direction: 'original', actions: 0 });
const EXPECTED_OUTCOMES: Readonly<Record<PlanOperation, ExpectedOutcome>> = {
  testFailover: {
    ...originalDirection('protected'),
    steps: { testFailover: 3, cleanUpTestFailover: 3 },
    actions: 2,
  },
  cleanUpTestFailover: { ...originalDirection('protected'), steps: { cleanUpTestFailover: 3 } },
  failover: { ...originalDirection('failedOver'), steps: { failover: 3 }, actions: 5 },
  changeRecoveryPoint: { ...originalDirection('failedOver'), steps: { changeRecoveryPoint: 4 } },
  cancelFailover: { ...originalDirection('protected'), steps: { cancelFailover: 4 } },
  commit: { ...originalDirection('committed'), steps: { commit: 4 } },
  reprotect: { state: 'protected', direction: 'reversed', steps: { reprotect: 3 }, actions: 0 },
  failback: { ...originalDirection('protected'), steps: { failover: 3, commit: 4, reprotect: 3 } },
};

const RUNBOOK =
  '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/contoso-recovery-services/providers/Microsoft.Automation/automationAccounts/contoso-automation/runbooks/Open-Shop';
const script = (on: string) => ({
  kind: 'script',
  name: 'Warm up',
  text: './warm',
  sha256: createHash('sha256').update('./warm').digest('hex'),
  on,
  shell: 'bash',
});

export async function startPlanEnvironment(options: Partial<LocalOptions> = {}): Promise<EventEnvironment> {
  const environment = await startEventEnvironment(VM_NAMES, {
    ...options,
    env: { LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '1' },
  });
  const [app, web] = ['app', 'web'].map(
    (text) => environment.vms.find(({ name }) => name === text)?.id ?? '',
  ) as [string, string];
  const request = {
    kind: 'http',
    name: 'Tell the front door',
    url: new URL('/door', environment.receiver.url).href,
    key: 'k1',
    body: '{"data":{},"to":"the other site"}',
  };
  const groups = [
    { name: 'data', vms: ['orders-1', 'orders-2'] },
    {
      name: 'app',
      vms: ['app'],
      before: [{ kind: 'wait', name: 'Let the data settle', minutes: 3 }],
      perVm: { [app]: { before: [], after: [request] } },
    },
    {
      name: 'web',
      vms: ['web'],
      before: [{ kind: 'runbook', name: 'Open the shop', runbookId: RUNBOOK }],
      perVm: { [web]: { before: [], after: [script(web)] } },
      after: [{ kind: 'manual', name: 'Look at the shop', instructions: 'Is it open?' }],
    },
  ];
  await putPlan(
    environment,
    SHOP_PLAN,
    planBody(environment, groups, {
      drill: { checks: [{ kind: 'wait', name: 'Let it warm up', minutes: 2 }], cleanUpAfterMinutes: 30 },
    }),
  );
  await putPlan(
    environment,
    OPEN_DRILL_PLAN,
    planBody(environment, groups, { drill: { checks: [], cleanUpAfterMinutes: null } }),
  );
  return environment;
}

type WaitForEnd = (environment: EventEnvironment, jobId: string) => Promise<Job>;
const waitForEndAndKills: WaitForEnd = (environment, id) =>
  answerUntilEnd(environment, id).then((job) => waitForKills(environment, job));

/** Plays one operation on the plan with faults. Throws on a broken expectation. */
export async function runOnPlan(
  environment: EventEnvironment,
  operation: PlanOperation,
  rules: (pid: number) => readonly NewFaultRule[],
  waitForEnd = waitForEndAndKills,
): Promise<KilledRun> {
  if (operation === 'cleanUpTestFailover')
    await environment.lifeboat.waitForJobEnd(
      (await sendAccepted(environment, { operation: 'testFailover', plan: OPEN_DRILL_PLAN })).id,
    );
  const before = await readWriteJobIds(environment);
  const command = {
    operation,
    plan: operation === 'cleanUpTestFailover' ? OPEN_DRILL_PLAN : SHOP_PLAN,
    ...(operation === 'changeRecoveryPoint' ? { recoveryPoint: 'latestProcessed' } : {}),
  };
  const killedRun = await runWithFaults(environment, command, rules, {
    waitForEnd: (id) => waitForEnd(environment, id),
  });
  await assertPlanOutcome(environment, operation, killedRun.job, before);
  return killedRun;
}

export async function sendAccepted({ lifeboat }: EventEnvironment, command: object): Promise<Job> {
  const { status, body } = await lifeboat.send(command);
  if (status !== 202) throw new Error(`Refused: ${JSON.stringify(body)}`);
  return body;
}

const KILL_TIMEOUT_SECONDS = 15;

/** The app may also die at its work after a job's end. The test must then stay to restart the app. */
export async function waitForKills({ simulator, lifeboat }: EventEnvironment, job: Job): Promise<Job> {
  const missing = async (): Promise<boolean> =>
    (await simulator.faults.list()).some((rule) => rule.do.kind === 'kill' && rule.acted === 0);
  await lifeboat
    .waitFor(async () => ((await missing()) ? undefined : true), 'the last kill', KILL_TIMEOUT_SECONDS)
    .catch(() => undefined);
  // A killed process is not gone at once.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await lifeboat.waitFor(
    () => Promise.resolve(simulator.host.isRunning || undefined),
    'the app',
    KILL_TIMEOUT_SECONDS,
  );
  return job;
}

/** Returns the ids of the Site Recovery jobs that the writes started. */
export const readWriteJobIds = async ({ simulator }: EventEnvironment): Promise<ReadonlySet<string>> =>
  new Set((await simulator.siteRecovery.writes()).map(({ jobId }) => jobId));

const TIMEOUT_SECONDS = 240;

/** The answer for each kind of question. A kind that is missing here gets no answer. */
export type AnswersByKind = Partial<Record<Job['questions'][number]['kind'], string>>;

/** Answers every question of the job, and repeats each answer until the app accepts it. */
export const answerUntilEnd = (
  { lifeboat }: EventEnvironment,
  id: string,
  answersByKind: AnswersByKind = { manual: 'done', failure: 'tryAgain' },
): Promise<Job> =>
  lifeboat.waitFor(
    async () => {
      const job = await lifeboat.readJob(id);
      for (const need of job.questions) {
        const answer = answersByKind[need.kind];
        if (answer) await lifeboat.answer(need, answer, { principal: 'operator' });
      }
      return job.endedAt === null ? undefined : job;
    },
    `the end of job ${id}`,
    TIMEOUT_SECONDS,
    () => lifeboat.readJob(id),
  );

/** Repeats a call until the app accepts it, because the app may be dead. */
export function sendUntilTrue(
  { lifeboat }: EventEnvironment,
  id: string,
  what: string,
  body: object,
  isTrue: (job: Job) => boolean,
): Promise<Job> {
  return lifeboat.waitFor(
    async () => {
      const job = await lifeboat.readJob(id);
      if (isTrue(job)) return job;
      await lifeboat.call(`/api/v1/jobs/${id}/${what}`, { method: 'POST', body, principal: 'operator' });
      return undefined;
    },
    `${what} of job ${id}`,
    60,
    () => lifeboat.readJob(id),
  );
}

/** Retries the remaining work with the same job. */
export async function retryAndWait(
  environment: EventEnvironment,
  { id, state, epoch: before }: Job,
  words?: AnswersByKind,
): Promise<Job> {
  assert.notEqual(state, 'completed');
  await sendUntilTrue(environment, id, 'retry', {}, ({ epoch }) => epoch > before);
  return answerUntilEnd(environment, id, words);
}

export const isVmStep = ({ kind }: Step): boolean => kind === 'replicatedVm' || kind === 'multiVmGroup';

/**
 * Site Recovery's own count is the truth: the accepted writes since the start match the job's
 * steps, one to one.
 */
export async function assertPlanOutcome(
  environment: EventEnvironment,
  operation: PlanOperation,
  job: Job,
  before: ReadonlySet<string>,
): Promise<void> {
  const { state, direction, steps, actions } = EXPECTED_OUTCOMES[operation];
  assert.deepEqual(
    { operation, state: job.state, exceptions: job.exceptions, error: job.error },
    { operation, state: 'completed', exceptions: [], error: null },
  );
  const ofVms = job.steps.filter(isVmStep);
  assert.deepEqual(
    Object.fromEntries(
      [...Map.groupBy(ofVms, ({ phase }) => phase)].map(([phase, batch]) => [phase, batch.length]),
    ),
    steps,
  );
  assert.deepEqual(
    [...new Set(job.steps.map(({ state }) => state))].filter((state) => state !== 'alreadySo'),
    ['succeeded'],
  );
  const succeededWrites = (await environment.simulator.siteRecovery.writes()).filter(
    ({ jobId, jobState, operation: what }) =>
      !before.has(jobId) && jobState !== 'Failed' && what !== 'savePlan',
  );
  assert.deepEqual(
    succeededWrites.map(({ jobId }) => jobId).sort(),
    ofVms.map(({ siteRecoveryJob }) => siteRecoveryJob).sort(),
    `${operation}: one write for each step, ${JSON.stringify(succeededWrites)}`,
  );
  assert.equal(job.steps.filter(({ phase }) => phase === 'action').length, actions);
  assert.deepEqual(
    [
      ...new Set(
        (await environment.lifeboat.listReplications())
          .filter(({ name }) => VM_NAMES.includes(name))
          .map((vm) => `${vm.state} ${vm.direction}`),
      ),
    ],
    [`${state} ${direction}`],
  );
  assertOrder(job);
  assertRequestedOnce(environment, job);
  await assertStartedOnce(environment, job);
  await assertNoLocks(environment, job);
  await assertCompleteJobEvents(environment, job);
}

/** The VMs of a group start after the groups before them are up. */
function assertOrder(job: Job): void {
  for (const phase of ['testFailover', 'failover']) {
    const ofPhase = job.steps.filter((step) => step.phase === phase && isVmStep(step));
    const at = (name: string): Step | undefined =>
      ofPhase.find((step) => step.name === name || step.vms?.some((vm) => vm.name === name));
    for (const [earlier, later] of [
      ['orders-1', 'app'],
      ['app', 'web'],
    ] as const) {
      const [first, second] = [at(earlier), at(later)];
      if (first && second)
        assert.ok(
          (first.endedAt ?? '') <= (second.startedAt ?? ''),
          `${later} began before ${earlier} was up`,
        );
    }
  }
}

/** However often the request was on the wire, it had one request id. */
function assertRequestedOnce({ receiver }: EventEnvironment, job: Job): void {
  const ids = receiver.calls
    .map(({ headers }) => String(headers['webhook-id']))
    .filter((id) => id.startsWith(`${job.id}:step:action`));
  assert.equal(new Set(ids).size, job.steps.filter(({ name }) => name === 'Tell the front door').length);
}

/**
 * Azure's own count: the attempts of a step could have used several names, and Azure has exactly
 * one of them.
 */
async function assertStartedOnce({ simulator }: EventEnvironment, job: Job): Promise<void> {
  const started = [
    ...(await simulator.arm.runbooks()).map(({ name }) => name),
    ...(await simulator.arm.commands()).map(({ commandId }) =>
      commandId.replace('runCommands/lifeboat-', ''),
    ),
  ];
  for (const { name, target, attempts } of job.steps.filter(
    ({ name }) => name === 'Open the shop' || name === 'Warm up',
  )) {
    const names = new Set(
      Array.from({ length: attempts }, (_, at) =>
        attemptGuidOf({ jobId: job.id, id: `step:action:${target}` }, { number: at + 1 }),
      ),
    );
    assert.equal(started.filter((text) => names.has(text)).length, 1, `${name} was started once`);
  }
}

export async function assertNoLocks({ simulator }: EventEnvironment, job: Job): Promise<void> {
  const { resources } = await openDatabase(simulator)
    .container('registry')
    .items.query({ query: "SELECT * FROM c WHERE c.type = 'lock'" })
    .fetchAll();
  assert.deepEqual({ job: job.id, locks: resources }, { job: job.id, locks: [] });
}

/**
 * The events of the job are in order and without a gap. They report the start, the end, and each
 * end of each step.
 */
export async function assertCompleteJobEvents(environment: EventEnvironment, job: Job): Promise<void> {
  const byId = new Map<string, string>();
  // A retried job has ended before.
  const all = await environment.lifeboat.waitFor(() => {
    const events = environment.receiver.acceptedEvents(job.id);
    return Promise.resolve(
      events.some(({ type, data }) => type === 'lifeboat.job.ended' && data['epoch'] === job.epoch)
        ? events
        : undefined,
    );
  }, `the event that job ${job.id} has ended at epoch ${job.epoch}`);
  for (const event of all) {
    const text = JSON.stringify(event);
    assert.equal(byId.get(event.id) ?? text, text, 'a duplicate is the same event again');
    byId.set(event.id, text);
  }
  const uniqueEvents = [...byId.values()].map(
    (text) => JSON.parse(text) as { type: string; data: Record<string, unknown> },
  );
  assert.deepEqual(
    uniqueEvents.map(({ data }) => data['number']),
    uniqueEvents.map((_, index) => index + 1),
  );
  assert.equal(uniqueEvents[0]?.type, 'lifeboat.job.accepted');
  assert.equal(uniqueEvents.at(-1)?.type, 'lifeboat.job.ended');
  for (const step of job.steps.filter(isVmStep)) {
    const ends = uniqueEvents.filter(
      ({ type, data }) =>
        type === 'lifeboat.step.ended' && data['target'] === step.target && data['phase'] === step.phase,
    );
    assert.equal(ends.length, 1 + step.tries, `the end of ${step.phase} of ${step.name} has an event`);
  }
}
