// A small plan with what plans have: a multi-VM group, groups in order, a wait, a runbook, a
// script, a signed request, a manual step, a drill with a check and its clean-up;
// and what must hold after any operation on it, however it went.
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
/** The same VMs, drilled without an end. */
const OPEN_DRILL_PLAN = 'stays';

interface ExpectedOutcome {
  /** Where it leads. */
  readonly state: string;
  readonly direction: string;
  /** How many targets each of its phases has: the members of a multi-VM group go as one, or each alone. */
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
    (one) => environment.vms.find(({ name }) => name === one)?.id ?? '',
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

/** Plays one operation on the plan with what goes wrong, and throws with what was not true. */
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

/**
 * What the app does after a job's end may be what it dies of: somebody has to be there and start it
 * again.
 */
export async function waitForKills({ simulator, lifeboat }: EventEnvironment, job: Job): Promise<Job> {
  const missing = async (): Promise<boolean> =>
    (await simulator.faults.list()).some((rule) => rule.do.kind === 'kill' && rule.acted === 0);
  await lifeboat
    .waitFor(async () => ((await missing()) ? undefined : true), 'the last kill', KILL_TIMEOUT_SECONDS)
    .catch(() => undefined);
  // A process that was killed is not gone at once.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await lifeboat.waitFor(
    () => Promise.resolve(simulator.host.isRunning || undefined),
    'the app',
    KILL_TIMEOUT_SECONDS,
  );
  return job;
}

/** By the jobs of Site Recovery that they have started. */
export const readWriteJobIds = async ({ simulator }: EventEnvironment): Promise<ReadonlySet<string>> =>
  new Set((await simulator.siteRecovery.writes()).map(({ jobId }) => jobId));

const TIMEOUT_SECONDS = 240;

/** What is said to each kind of question; to what is not here nothing is said. */
export type AnswersByKind = Partial<Record<Job['questions'][number]['kind'], string>>;

/** Somebody stands by: what the job asks is answered, as often as it takes until the answer is heard. */
export const answerUntilEnd = (
  { lifeboat }: EventEnvironment,
  id: string,
  words: AnswersByKind = { manual: 'done', failure: 'tryAgain' },
): Promise<Job> =>
  lifeboat.waitFor(
    async () => {
      const job = await lifeboat.readJob(id);
      for (const need of job.questions) {
        const word = words[need.kind];
        if (word)
          await lifeboat.call(`/api/v1/jobs/${id}/answers`, {
            method: 'POST',
            body: { step: need.stepId, tries: need.tries, word },
            principal: 'operator',
          });
      }
      return job.endedAt === null ? undefined : job;
    },
    `the end of job ${id}`,
    TIMEOUT_SECONDS,
    () => lifeboat.readJob(id),
  );

/** Said until it is heard: whoever was to hear it may be dead. */
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

/** What was left over, tried again by the same job. */
export async function retryAndWait(
  environment: EventEnvironment,
  { id, state, epoch: before }: Job,
  words?: AnswersByKind,
): Promise<Job> {
  assert.notEqual(state, 'completed');
  await sendUntilTrue(environment, id, 'retry', {}, ({ epoch }) => epoch > before);
  return answerUntilEnd(environment, id, words);
}

export const isVmStep = ({ kind }: Step): boolean => kind === 'replicatedVm' || kind === 'group';

/**
 * The truth is Site Recovery's own count: of the writes since before, those that took are the job's
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
      [...Map.groupBy(ofVms, ({ phase }) => phase)].map(([phase, some]) => [phase, some.length]),
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

/** A group's VMs are begun once those before it are up. */
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

/** However often it was on the wire, it was one request by its id. */
function assertRequestedOnce({ receiver }: EventEnvironment, job: Job): void {
  const ids = receiver.calls
    .map(({ headers }) => String(headers['webhook-id']))
    .filter((id) => id.startsWith(`${job.id}:step:action`));
  assert.equal(new Set(ids).size, job.steps.filter(({ name }) => name === 'Tell the front door').length);
}

/** Azure's own count: of all the names that the attempts of a step could have had, one stands there. */
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
    assert.equal(started.filter((one) => names.has(one)).length, 1, `${name} was started once`);
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
 * The news of the job: in order, without a gap, its begin, its end, and the end of each step as
 * often as it had one.
 */
export async function assertCompleteJobEvents(environment: EventEnvironment, job: Job): Promise<void> {
  const byId = new Map<string, string>();
  // One that was tried again has ended before.
  const all = await environment.lifeboat.waitFor(() => {
    const events = environment.receiver.acceptedEvents(job.id);
    return Promise.resolve(
      events.some(({ type, data }) => type === 'lifeboat.job.ended' && data['epoch'] === job.epoch)
        ? events
        : undefined,
    );
  }, `the news that job ${job.id} has ended at epoch ${job.epoch}`);
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
    assert.equal(ends.length, 1 + step.tries, `the end of ${step.phase} of ${step.name} is told`);
  }
}
