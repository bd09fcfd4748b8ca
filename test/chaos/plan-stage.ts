// A small plan with what plans have: a multi-VM group, groups in order, a wait, a runbook, a
// script, a signed request, a manual step, a drill with a check and its clean-up;
// and what must hold after any operation on it, however it went.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { guidOfAttempt } from '../../shared/attempts/targets/names.ts';
import type { PlanOperation } from '../../shared/plans/rules/graph.ts';
import type { LocalOptions } from '../../local/lifeboat.ts';
import type { Job, Step } from '../support/lifeboat.ts';
import { databaseOf, listening, type Listening } from '../support/news.ts';
import { planOf, savePlan } from '../support/plans.ts';
import type { Rule } from '../support/story.ts';
import { play, type Played } from './kill.ts';

export const NAMES = ['orders-1', 'orders-2', 'app', 'web'];
export const SHOP = 'shop';
/** The same VMs, drilled without an end. */
const STAYS = 'stays';

interface Told {
  /** Where it leads. */
  readonly state: string;
  readonly direction: string;
  /** How many targets each of its phases has: the members of a multi-VM group go as one, or each alone. */
  readonly steps: Readonly<Record<string, number>>;
  readonly actions: number;
}

const home = (state: string) => ({ state, direction: 'original', actions: 0 });
const OUTCOMES: Readonly<Record<PlanOperation, Told>> = {
  testFailover: { ...home('protected'), steps: { testFailover: 3, cleanUpTestFailover: 3 }, actions: 2 },
  cleanUpTestFailover: { ...home('protected'), steps: { cleanUpTestFailover: 3 } },
  failover: { ...home('failedOver'), steps: { failover: 3 }, actions: 5 },
  changeRecoveryPoint: { ...home('failedOver'), steps: { changeRecoveryPoint: 4 } },
  cancelFailover: { ...home('protected'), steps: { cancelFailover: 4 } },
  commit: { ...home('committed'), steps: { commit: 4 } },
  reprotect: { state: 'protected', direction: 'reversed', steps: { reprotect: 3 }, actions: 0 },
  failback: { ...home('protected'), steps: { failover: 3, commit: 4, reprotect: 3 } },
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

export async function planStage(options: Partial<LocalOptions> = {}): Promise<Listening> {
  const world = await listening(NAMES, { ...options, env: { LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '1' } });
  const [app, web] = ['app', 'web'].map((one) => world.vms.find(({ name }) => name === one)?.id ?? '') as [
    string,
    string,
  ];
  const request = {
    kind: 'http',
    name: 'Tell the front door',
    url: new URL('/door', world.receiver.url).href,
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
  await savePlan(
    world,
    SHOP,
    planOf(world, groups, {
      drill: { checks: [{ kind: 'wait', name: 'Let it warm up', minutes: 2 }], cleanUpAfterMinutes: 30 },
    }),
  );
  await savePlan(world, STAYS, planOf(world, groups, { drill: { checks: [], cleanUpAfterMinutes: null } }));
  return world;
}

type Ended = (world: Listening, jobId: string) => Promise<Job>;
const endedAndStruck: Ended = (world, id) => endedWithAnswers(world, id).then((job) => allStruck(world, job));

/** Plays one operation on the plan with what goes wrong, and throws with what was not true. */
export async function playOnPlan(
  world: Listening,
  operation: PlanOperation,
  rules: (pid: number) => readonly Rule[],
  ended = endedAndStruck,
): Promise<Played> {
  if (operation === 'cleanUpTestFailover')
    await world.lifeboat.ended((await send(world, { operation: 'testFailover', plan: STAYS })).id);
  const before = await writesSoFar(world);
  const command = {
    operation,
    plan: operation === 'cleanUpTestFailover' ? STAYS : SHOP,
    ...(operation === 'changeRecoveryPoint' ? { recoveryPoint: 'latestProcessed' } : {}),
  };
  const played = await play(world, command, rules, { ended: (id) => ended(world, id) });
  await judgeOnPlan(world, operation, played.job, before);
  return played;
}

export async function send({ lifeboat }: Listening, command: object): Promise<Job> {
  const { status, body } = await lifeboat.send(command);
  if (status !== 202) throw new Error(`Refused: ${JSON.stringify(body)}`);
  return body;
}

const STRIKES_WITHIN = 15;

/**
 * What the app does after a job's end may be what it dies of: somebody has to be there and start it
 * again.
 */
export async function allStruck({ simulator, lifeboat }: Listening, job: Job): Promise<Job> {
  const missing = async (): Promise<boolean> =>
    (await simulator.faults.list()).some((rule) => rule.do.kind === 'kill' && rule.acted === 0);
  await lifeboat
    .until(async () => ((await missing()) ? undefined : true), 'the last kill', STRIKES_WITHIN)
    .catch(() => undefined);
  // A process that was killed is not gone at once.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await lifeboat.until(() => Promise.resolve(simulator.host.running || undefined), 'the app', STRIKES_WITHIN);
  return job;
}

/** By the jobs of Site Recovery that they have started. */
export const writesSoFar = async ({ simulator }: Listening): Promise<ReadonlySet<string>> =>
  new Set((await simulator.siteRecovery.writes()).map(({ jobId }) => jobId));

const SECONDS = 240;

/** What is said to each kind of question; to what is not here nothing is said. */
export type Words = Partial<Record<Job['questions'][number]['kind'], string>>;

/** Somebody stands by: what the job asks is answered, as often as it takes until the answer is heard. */
export const endedWithAnswers = (
  { lifeboat }: Listening,
  id: string,
  words: Words = { manual: 'done', failure: 'tryAgain' },
): Promise<Job> =>
  lifeboat.until(
    async () => {
      const job = await lifeboat.job(id);
      for (const need of job.questions) {
        const word = words[need.kind];
        if (word)
          await lifeboat.call(`/api/v1/jobs/${id}/answers`, {
            method: 'POST',
            body: { step: need.stepId, tries: need.tries, word },
            who: 'operator',
          });
      }
      return job.endedAt === null ? undefined : job;
    },
    `the end of job ${id}`,
    SECONDS,
    () => lifeboat.job(id),
  );

/** Said until it is heard: whoever was to hear it may be dead. */
export function said(
  { lifeboat }: Listening,
  id: string,
  what: string,
  body: object,
  heard: (job: Job) => boolean,
): Promise<Job> {
  return lifeboat.until(
    async () => {
      const job = await lifeboat.job(id);
      if (heard(job)) return job;
      await lifeboat.call(`/api/v1/jobs/${id}/${what}`, { method: 'POST', body, who: 'operator' });
      return undefined;
    },
    `${what} of job ${id}`,
    60,
    () => lifeboat.job(id),
  );
}

/** What was left over, tried again by the same job. */
export async function retried(
  world: Listening,
  { id, state, epoch: before }: Job,
  words?: Words,
): Promise<Job> {
  assert.notEqual(state, 'completed');
  await said(world, id, 'retry', {}, ({ epoch }) => epoch > before);
  return endedWithAnswers(world, id, words);
}

export const isVm = ({ kind }: Step): boolean => kind === 'replicatedVm' || kind === 'group';

/**
 * The truth is Site Recovery's own count: of the writes since before, those that took are the job's
 * steps, one to one.
 */
export async function judgeOnPlan(
  world: Listening,
  operation: PlanOperation,
  job: Job,
  before: ReadonlySet<string>,
): Promise<void> {
  const { state, direction, steps, actions } = OUTCOMES[operation];
  assert.deepEqual(
    { operation, state: job.state, exceptions: job.exceptions, error: job.error },
    { operation, state: 'completed', exceptions: [], error: null },
  );
  const ofVms = job.steps.filter(isVm);
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
  const took = (await world.simulator.siteRecovery.writes()).filter(
    ({ jobId, jobState, operation: what }) =>
      !before.has(jobId) && jobState !== 'Failed' && what !== 'savePlan',
  );
  assert.deepEqual(
    took.map(({ jobId }) => jobId).sort(),
    ofVms.map(({ siteRecoveryJob }) => siteRecoveryJob).sort(),
    `${operation}: one write for each step, ${JSON.stringify(took)}`,
  );
  assert.equal(job.steps.filter(({ phase }) => phase === 'action').length, actions);
  assert.deepEqual(
    [
      ...new Set(
        (await world.lifeboat.replications())
          .filter(({ name }) => NAMES.includes(name))
          .map((vm) => `${vm.state} ${vm.direction}`),
      ),
    ],
    [`${state} ${direction}`],
  );
  inOrder(job);
  requestedOnce(world, job);
  await startedOnce(world, job);
  await nothingHeld(world, job);
  await toldWhole(world, job);
}

/** A group's VMs are begun once those before it are up. */
function inOrder(job: Job): void {
  for (const phase of ['testFailover', 'failover']) {
    const mine = job.steps.filter((step) => step.phase === phase && isVm(step));
    const at = (name: string): Step | undefined =>
      mine.find((step) => step.name === name || step.vms?.some((vm) => vm.name === name));
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
function requestedOnce({ receiver }: Listening, job: Job): void {
  const ids = receiver.calls
    .map(({ headers }) => String(headers['webhook-id']))
    .filter((id) => id.startsWith(`${job.id}:step:action`));
  assert.equal(new Set(ids).size, job.steps.filter(({ name }) => name === 'Tell the front door').length);
}

/** Azure's own count: of all the names that the attempts of a step could have had, one stands there. */
async function startedOnce({ simulator }: Listening, job: Job): Promise<void> {
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
        guidOfAttempt({ jobId: job.id, id: `step:action:${target}` }, { number: at + 1 }),
      ),
    );
    assert.equal(started.filter((one) => names.has(one)).length, 1, `${name} was started once`);
  }
}

export async function nothingHeld({ simulator }: Listening, job: Job): Promise<void> {
  const { resources } = await databaseOf(simulator)
    .container('registry')
    .items.query({ query: "SELECT * FROM c WHERE c.type = 'lock'" })
    .fetchAll();
  assert.deepEqual({ job: job.id, locks: resources }, { job: job.id, locks: [] });
}

/**
 * The news of the job: in order, without a gap, its begin, its end, and the end of each step as
 * often as it had one.
 */
export async function toldWhole(world: Listening, job: Job): Promise<void> {
  const byId = new Map<string, string>();
  // One that was tried again has ended before.
  const all = await world.lifeboat.until(() => {
    const events = world.receiver.taken(job.id);
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
  const told = [...byId.values()].map(
    (text) => JSON.parse(text) as { type: string; data: Record<string, unknown> },
  );
  assert.deepEqual(
    told.map(({ data }) => data['number']),
    told.map((_, index) => index + 1),
  );
  assert.equal(told[0]?.type, 'lifeboat.job.accepted');
  assert.equal(told.at(-1)?.type, 'lifeboat.job.ended');
  for (const step of job.steps.filter(isVm)) {
    const ends = told.filter(
      ({ type, data }) =>
        type === 'lifeboat.step.ended' && data['target'] === step.target && data['phase'] === step.phase,
    );
    assert.equal(ends.length, 1 + step.tries, `the end of ${step.phase} of ${step.name} is told`);
  }
}
