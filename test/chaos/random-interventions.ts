// Steers a plan by chance. A run may get a take-over, a cancel inside a wave, or a kill. The test
// may also end its orchestration so that the sweep takes over. Other jobs lock the VMs of the
// plan's other runs all the time.
import { HOST_KEY_HEADERS } from '../../simulator/simulator.ts';
import assert from 'node:assert/strict';
import { createSeededRandom } from '../../simulator/wire/seeded-random.ts';
import type { Job, Step } from '../support/lifeboat-client.ts';
import { openDatabase } from '../support/event-environment.ts';
import { planBody, putPlan, waitForQuestions } from '../support/plans.ts';
import type { TestEnvironment } from '../support/test-environment.ts';
import { jobsRequest } from './boundaries.ts';
import { harmlessFaults, randomKills } from './random-faults.ts';
import { runWithFaults } from './run-with-kills.ts';
import { isVmStep } from './plan-environment.ts';
import { stopKills, type RunReport } from './random-kills.ts';

export const INTERVENTION_VMS = 14;
const PLAN_ID = 'differs';
/** The same factor as in random kills on a plan. */
const LENGTH_FACTOR = 6;
const MAX_EVENTS = 3;
const TIMEOUT_SECONDS = 240;

const VERBS = { failover: 'unplannedFailover', testFailover: 'testFailover' } as const;
type Run = keyof typeof VERBS;

interface InterventionRun {
  readonly seed: number;
  readonly run: Run;
  /** The VMs of the played run. */
  readonly vmNames: readonly string[];
  /** The jobs that lock the VMs of the two other runs. */
  readonly otherJobs: readonly Job[];
  /**
   * This number of VMs of the first wave continues and the others hang before their claim when the
   * cancel comes. Null: the test does not cancel.
   */
  readonly cancelAfter: number | null;
  readonly draw: () => number;
}

/** Plays the seed to its end. Throws on a broken expectation. */
export async function runWithInterventions(environment: TestEnvironment, seed: number): Promise<RunReport> {
  const interventionRun = await startRun(environment, seed);
  const { run, draw, cancelAfter } = interventionRun;
  const before = new Set((await environment.simulator.siteRecovery.writes()).map(({ jobId }) => jobId));
  const claimed = { most: Infinity };
  const blockRules =
    cancelAfter === null
      ? []
      : [
          {
            ...jobsRequest('"type":"attempt".*"state":"prepared"'),
            point: 'received' as const,
            skip: cancelAfter,
            do: { kind: 'hold' as const },
          },
        ];
  const rules = (pid: number) => [
    ...blockRules,
    ...(cancelAfter === null ? randomKills(draw, pid, LENGTH_FACTOR) : []),
    ...harmlessFaults(seed),
  ];
  const { job, kills: killed } = await runWithFaults(environment, { operation: run, plan: PLAN_ID }, rules, {
    waitForEnd: (id) => interveneUntilEnd(environment, interventionRun, id, claimed),
  });
  await assertRunOutcome(environment, interventionRun, job, before, claimed.most);
  await assertOtherJobsUntouched(environment, interventionRun);
  return {
    seed,
    kills: killed,
    attempts: job.steps.reduce((sum, { attempts }) => sum + attempts, 0),
    failedByAzure: 0,
  };
}

const idOf = ({ vms }: TestEnvironment, name: string): string => vms.find((vm) => vm.name === name)?.id ?? '';
const MANUAL_STEP = {
  kind: 'manual',
  name: 'Look',
  instructions: 'Is it as it should be?',
  alsoIn: ['testFailover'],
};

/**
 * The two other runs have one VM each. An ordinary job locks one VM and a drill locks the other,
 * and both jobs wait for a person.
 */
async function startRun(environment: TestEnvironment, seed: number): Promise<InterventionRun> {
  const draw = createSeededRandom(seed);
  const names = environment.vms.map(({ name }) => name).sort();
  const [ordinary = '', drilled = '', last = '', ...many] = names;
  const run: Run = draw() < 0.6 ? 'failover' : 'testFailover';
  const of = (vms: readonly string[]) => [{ name: 'all', vms: vms.map((name) => idOf(environment, name)) }];
  const own = [
    { name: 'many', vms: many },
    { name: 'last', vms: [last], before: [MANUAL_STEP] },
  ];
  const plan = planBody(environment, run === 'failover' ? own : [{ name: 'all', vms: [ordinary] }]) as {
    runs: object;
  };
  const tested = { ...(planBody(environment, own) as { runs: { failover: readonly object[] } }).runs }
    .failover;
  const runs = {
    ...plan.runs,
    testFailover: run === 'failover' ? of([ordinary]) : tested,
    failback: of([drilled]),
  };
  await putPlan(environment, PLAN_ID, { ...plan, runs, drill: { checks: [], cleanUpAfterMinutes: 10 } });
  const asking = (name: string) =>
    planBody(environment, [{ name: 'one', vms: [name], before: [MANUAL_STEP] }], {
      drill: { checks: [], cleanUpAfterMinutes: 10 },
    });
  await putPlan(environment, 'ordinary', asking(ordinary));
  await putPlan(environment, 'drilled', asking(drilled));
  const send = async (operation: string, named: string): Promise<Job> => {
    const { status, body } = await environment.lifeboat.send({ operation, plan: named });
    if (status !== 202) throw new Error(`Refused: ${JSON.stringify(body)}`);
    return waitForQuestions(environment, body, 1, 'manual');
  };
  const lockingJobs = [await send('failover', 'ordinary'), await send('testFailover', 'drilled')];
  const cancelAfter = draw() < 0.5 ? Math.floor(draw() * 10) : null;
  return { seed, run, vmNames: [...many, last], otherJobs: lockingJobs, cancelAfter, draw };
}

/**
 * Acts for persons and faults until the run has ended. `claimed`: the number of writes with a claim
 * when the app stored the cancel.
 */
async function interveneUntilEnd(
  environment: TestEnvironment,
  interventionRun: InterventionRun,
  id: string,
  claimed: { most: number },
): Promise<Job> {
  const { lifeboat } = environment;
  let events = 0;
  let isCancelled = interventionRun.cancelAfter === null;
  const job = await lifeboat.waitFor(
    async () => {
      const now = await lifeboat.readJob(id);
      if (now.endedAt !== null) return now;
      if (!isCancelled) isCancelled = await cancelInWave(environment, id, claimed);
      else if (events < MAX_EVENTS && interventionRun.draw() < 0.3)
        events += await intervene(environment, interventionRun, now);
      await answerQuestions(environment, now);
      return undefined;
    },
    `the end of job ${id}`,
    TIMEOUT_SECONDS,
    () => lifeboat.readJob(id),
    100,
  );
  return stopKills(environment, job);
}

async function answerQuestions({ lifeboat }: TestEnvironment, { questions }: Job): Promise<void> {
  for (const question of questions)
    if (question.kind === 'manual') await lifeboat.answer(question, 'done', { principal: 'operator' });
}

/**
 * A person takes over the run, or its orchestration ends in the middle, with or without its plan's
 * orchestration.
 */
async function intervene(
  { lifeboat, simulator }: TestEnvironment,
  { draw }: InterventionRun,
  { id, epoch }: Job,
): Promise<number> {
  if (draw() < 0.5)
    return (
      await lifeboat.call(`/api/v1/jobs/${id}/take-over`, {
        method: 'POST',
        body: { reason: 'It hangs.' },
        principal: 'contributor',
      })
    ).status === 202
      ? 1
      : 0;
  const instanceId = `${id}-${epoch}`;
  for (const text of draw() < 0.5 ? [instanceId] : [instanceId, `${instanceId}-plan`])
    await fetch(
      new URL(`/runtime/webhooks/durabletask/instances/${text}/terminate?reason=dead`, simulator.host.url),
      { method: 'POST', headers: HOST_KEY_HEADERS },
    );
  return 1;
}

/** Cancels the run while some VMs of the wave hang, then lets these VMs continue. */
async function cancelInWave(
  { lifeboat, simulator }: TestEnvironment,
  id: string,
  claimed: { most: number },
): Promise<boolean> {
  const hanging = (await simulator.faults.list()).find((rule) => rule.do.kind === 'hold' && rule.acted > 0);
  if (!hanging) return false;
  const { status } = await lifeboat.call(`/api/v1/jobs/${id}/cancel`, {
    method: 'POST',
    body: { reason: 'False alarm.' },
    principal: 'operator',
  });
  assert.equal(status, 200);
  claimed.most = await countClaims(simulator, id);
  await simulator.faults.remove(hanging.id);
  return true;
}

/** Counts the attempts with a sending claim. */
async function countClaims(simulator: TestEnvironment['simulator'], jobId: string): Promise<number> {
  const query = "SELECT VALUE COUNT(1) FROM c WHERE c.type = 'attempt' AND c.state != 'prepared'";
  return (
    (
      await openDatabase(simulator)
        .container('jobs')
        .items.query<number>(query, { partitionKey: jobId })
        .fetchAll()
    ).resources[0] ?? 0
  );
}

/**
 * Site Recovery's own count is the truth. No VM starts twice, each step matches its write, and no
 * started step stays open. After a cancel only claimed writes go out.
 */
async function assertRunOutcome(
  environment: TestEnvironment,
  { run, vmNames, cancelAfter }: InterventionRun,
  job: Job,
  before: ReadonlySet<string>,
  maxWrites: number,
): Promise<void> {
  const succeededWrites = (await environment.simulator.siteRecovery.writes()).filter(
    ({ jobId, jobState, operation }) =>
      !before.has(jobId) && jobState !== 'Failed' && operation === VERBS[run],
  );
  const written = new Map(succeededWrites.map(({ itemName, jobId }) => [itemName, jobId]));
  assert.equal(written.size, succeededWrites.length, 'No VM was written for twice.');
  const main = job.steps.filter((step) => step.phase === run && isVmStep(step));
  assert.deepEqual(main.map(({ name }) => name).sort(), [...vmNames].sort());
  const facts = (step: Step) => ({ name: step.name, state: step.state, job: step.siteRecoveryJob });
  const expected = main.map(({ name }) => ({
    name,
    state: written.has(name) ? 'succeeded' : 'skipped',
    job: written.get(name) ?? null,
  }));
  assert.deepEqual(main.map(facts), expected, 'Each step matches its write.');
  assert.deepEqual(
    job.steps.filter(({ state }) => !['succeeded', 'alreadySo', 'skipped'].includes(state)).map(facts),
    [],
  );
  if (cancelAfter === null)
    assert.deepEqual(
      { state: job.state, exceptions: job.exceptions, error: job.error },
      { state: 'completed', exceptions: [], error: null },
    );
  else {
    assert.equal(job.state, 'cancelled');
    assert.ok(
      succeededWrites.length <= maxWrites,
      `${succeededWrites.length} writes went out, and ${maxWrites} had their claim when the cancel stood.`,
    );
  }
  const cleaned = job.steps.filter(
    (step) => step.phase === 'cleanUpTestFailover' && step.state === 'succeeded',
  ).length;
  assert.equal(
    cleaned,
    run === 'testFailover' ? succeededWrites.length : 0,
    'Each test is cleaned up, also in a run that was cancelled.',
  );
  await assertNoLocks(environment, job);
}

async function assertNoLocks({ simulator }: TestEnvironment, { id }: Job): Promise<void> {
  const { resources } = await openDatabase(simulator)
    .container('registry')
    .items.query({
      query: "SELECT * FROM c WHERE c.type = 'lock' AND c.jobId = @id",
      parameters: [{ name: '@id', value: id }],
    })
    .fetchAll();
  assert.deepEqual(resources, []);
}

/** Nobody changed the jobs that lock the VMs of the other runs: they continue after an answer. */
async function assertOtherJobsUntouched(
  environment: TestEnvironment,
  { otherJobs: lockingJobs, run, vmNames }: InterventionRun,
): Promise<void> {
  for (const { id } of lockingJobs) {
    const waiting = await environment.lifeboat.readJob(id);
    assert.deepEqual(
      {
        state: waiting.state,
        control: waiting.control,
        questions: waiting.questions.length,
        epoch: waiting.epoch,
      },
      { state: 'running', control: null, questions: 1, epoch: 1 },
    );
    await answerQuestions(environment, waiting);
    const { state, exceptions } = await environment.lifeboat.waitForJobEnd(id, TIMEOUT_SECONDS);
    assert.deepEqual({ state, exceptions }, { state: 'completed', exceptions: [] });
  }
  const states = new Map(
    (await environment.lifeboat.listReplications()).map(({ name, state }) => [name, state]),
  );
  if (run === 'testFailover')
    assert.deepEqual([...new Set(vmNames.map((name) => states.get(name)))], ['protected']);
}
