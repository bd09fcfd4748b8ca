// A plan whose runs differ, steered by chance: taken over, its walk ended so that the sweep takes
// over, cancelled inside a wave, killed. Other jobs hold the VMs of its other runs all the while.
import assert from 'node:assert/strict';
import { seededChance } from '../../simulator/wire/chance.ts';
import type { Job, Step } from '../support/lifeboat.ts';
import { databaseOf } from '../support/news.ts';
import { planOf, savePlan, untilNeeds } from '../support/plans.ts';
import type { Scene } from '../support/story.ts';
import { jobs } from './boundaries.ts';
import { gentle, kills } from './faults.ts';
import { play } from './kill.ts';
import { isVm } from './plan-stage.ts';
import { spared, type Told } from './random.ts';

export const STEERED_VMS = 14;
const DIFFERS = 'differs';
/** As in a story on a plan. */
const LONG = 6;
const MOST_EVENTS = 3;
const SECONDS = 240;

const VERBS = { failover: 'unplannedFailover', testFailover: 'testFailover' } as const;
type Run = keyof typeof VERBS;

interface Story {
  readonly seed: number;
  readonly run: Run;
  /** The VMs of the run that is played. */
  readonly mine: readonly string[];
  /** What holds the VMs of the two other runs. */
  readonly others: readonly Job[];
  /**
   * So many of the first wave go on and the others hang before their claim, when the run is
   * cancelled; null: it is not.
   */
  readonly cancelAfter: number | null;
  readonly draw: () => number;
}

/** Plays the seed's story to its end; throws with what was not true. */
export async function playSteered(world: Scene, seed: number): Promise<Told> {
  const story = await begin(world, seed);
  const { run, draw, cancelAfter } = story;
  const before = new Set((await world.simulator.siteRecovery.writes()).map(({ jobId }) => jobId));
  const claimed = { most: Infinity };
  const holding =
    cancelAfter === null
      ? []
      : [
          {
            ...jobs('"type":"attempt".*"state":"prepared"'),
            point: 'received' as const,
            skip: cancelAfter,
            do: { kind: 'hold' as const },
          },
        ];
  const rules = (pid: number) => [
    ...holding,
    ...(cancelAfter === null ? kills(draw, pid, LONG) : []),
    ...gentle(seed),
  ];
  const { job, kills: killed } = await play(world, { operation: run, plan: DIFFERS }, rules, {
    ended: (id) => steered(world, story, id, claimed),
  });
  await judge(world, story, job, before, claimed.most);
  await others(world, story);
  return {
    seed,
    kills: killed,
    attempts: job.steps.reduce((sum, { attempts }) => sum + attempts, 0),
    failedByAzure: 0,
  };
}

const idOf = ({ vms }: Scene, name: string): string => vms.find((vm) => vm.name === name)?.id ?? '';
const LOOK = {
  kind: 'manual',
  name: 'Look',
  instructions: 'Is it as it should be?',
  alsoIn: ['testFailover'],
};

/**
 * The two other runs have a VM each: an ordinary job holds the one, a drill the other, and both
 * wait for a person.
 */
async function begin(world: Scene, seed: number): Promise<Story> {
  const draw = seededChance(seed);
  const names = world.vms.map(({ name }) => name).sort();
  const [ordinary = '', drilled = '', last = '', ...many] = names;
  const run: Run = draw() < 0.6 ? 'failover' : 'testFailover';
  const of = (vms: readonly string[]) => [{ name: 'all', vms: vms.map((name) => idOf(world, name)) }];
  const own = [
    { name: 'many', vms: many },
    { name: 'last', vms: [last], before: [LOOK] },
  ];
  const plan = planOf(world, run === 'failover' ? own : [{ name: 'all', vms: [ordinary] }]) as {
    runs: object;
  };
  const tested = { ...(planOf(world, own) as { runs: { failover: readonly object[] } }).runs }.failover;
  const runs = {
    ...plan.runs,
    testFailover: run === 'failover' ? of([ordinary]) : tested,
    failback: of([drilled]),
  };
  await savePlan(world, DIFFERS, { ...plan, runs, drill: { checks: [], cleanUpAfterMinutes: 10 } });
  const asking = (name: string) =>
    planOf(world, [{ name: 'one', vms: [name], before: [LOOK] }], {
      drill: { checks: [], cleanUpAfterMinutes: 10 },
    });
  await savePlan(world, 'ordinary', asking(ordinary));
  await savePlan(world, 'drilled', asking(drilled));
  const send = async (operation: string, named: string): Promise<Job> => {
    const { status, body } = await world.lifeboat.send({ operation, plan: named });
    if (status !== 202) throw new Error(`Refused: ${JSON.stringify(body)}`);
    return untilNeeds(world, body, 1, 'manual');
  };
  const holders = [await send('failover', 'ordinary'), await send('testFailover', 'drilled')];
  const cancelAfter = draw() < 0.5 ? Math.floor(draw() * 10) : null;
  return { seed, run, mine: [...many, last], others: holders, cancelAfter, draw };
}

/**
 * What persons and bad luck do to the run until it has ended. `claimed`: how many writes had their
 * claim when the cancel stood.
 */
async function steered(world: Scene, story: Story, id: string, claimed: { most: number }): Promise<Job> {
  const { lifeboat } = world;
  let events = 0;
  let isCancelled = story.cancelAfter === null;
  const job = await lifeboat.until(
    async () => {
      const now = await lifeboat.job(id);
      if (now.endedAt !== null) return now;
      if (!isCancelled) isCancelled = await cancelInWave(world, id, claimed);
      else if (events < MOST_EVENTS && story.draw() < 0.3) events += await happens(world, story, now);
      await answer(world, now);
      return undefined;
    },
    `the end of job ${id}`,
    SECONDS,
    () => lifeboat.job(id),
    100,
  );
  return spared(world, job);
}

async function answer({ lifeboat }: Scene, { id, questions }: Job): Promise<void> {
  for (const { stepId, tries } of questions)
    await lifeboat.call(`/api/v1/jobs/${id}/answers`, {
      method: 'POST',
      body: { step: stepId, tries, answer: 'done' },
      who: 'operator',
    });
}

/** A person takes the run over, or its walk ends in the middle, with or without the walk of its plan. */
async function happens({ lifeboat, simulator }: Scene, { draw }: Story, { id, epoch }: Job): Promise<number> {
  if (draw() < 0.5)
    return (
      await lifeboat.call(`/api/v1/jobs/${id}/take-over`, {
        method: 'POST',
        body: { reason: 'It hangs.' },
        who: 'contributor',
      })
    ).status === 202
      ? 1
      : 0;
  const walk = `${id}-${epoch}`;
  for (const one of draw() < 0.5 ? [walk] : [walk, `${walk}-plan`])
    await fetch(
      new URL(`/runtime/webhooks/durabletask/instances/${one}/terminate?reason=dead`, simulator.host.url),
      { method: 'POST' },
    );
  return 1;
}

/** Once some of the wave hang, the run is cancelled; then they go on. */
async function cancelInWave(
  { lifeboat, simulator }: Scene,
  id: string,
  claimed: { most: number },
): Promise<boolean> {
  const hanging = (await simulator.faults.list()).find((rule) => rule.do.kind === 'hold' && rule.acted > 0);
  if (!hanging) return false;
  const { status } = await lifeboat.call(`/api/v1/jobs/${id}/cancel`, {
    method: 'POST',
    body: { reason: 'False alarm.' },
    who: 'operator',
  });
  assert.equal(status, 200);
  claimed.most = await claims(simulator, id);
  await simulator.faults.remove(hanging.id);
  return true;
}

/** Attempts whose sending was claimed. */
async function claims(simulator: Scene['simulator'], jobId: string): Promise<number> {
  const query = "SELECT VALUE COUNT(1) FROM c WHERE c.type = 'attempt' AND c.state != 'prepared'";
  return (
    (
      await databaseOf(simulator)
        .container('jobs')
        .items.query<number>(query, { partitionKey: jobId })
        .fetchAll()
    ).resources[0] ?? 0
  );
}

/**
 * The truth is Site Recovery's own count: no VM twice, each step by what was written for it,
 * nothing begun left open, nothing more after a cancel than what was claimed.
 */
async function judge(
  world: Scene,
  { run, mine, cancelAfter }: Story,
  job: Job,
  before: ReadonlySet<string>,
  mostWrites: number,
): Promise<void> {
  const took = (await world.simulator.siteRecovery.writes()).filter(
    ({ jobId, jobState, operation }) =>
      !before.has(jobId) && jobState !== 'Failed' && operation === VERBS[run],
  );
  const written = new Map(took.map(({ itemName, jobId }) => [itemName, jobId]));
  assert.equal(written.size, took.length, 'No VM was written for twice.');
  const main = job.steps.filter((step) => step.phase === run && isVm(step));
  assert.deepEqual(main.map(({ name }) => name).sort(), [...mine].sort());
  const facts = (step: Step) => ({ name: step.name, state: step.state, job: step.siteRecoveryJob });
  const truth = main.map(({ name }) => ({
    name,
    state: written.has(name) ? 'succeeded' : 'skipped',
    job: written.get(name) ?? null,
  }));
  assert.deepEqual(main.map(facts), truth, 'Each step tells what was written for it.');
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
      took.length <= mostWrites,
      `${took.length} writes went out, and ${mostWrites} had their claim when the cancel stood.`,
    );
  }
  const cleaned = job.steps.filter(
    (step) => step.phase === 'cleanUpTestFailover' && step.state === 'succeeded',
  ).length;
  assert.equal(
    cleaned,
    run === 'testFailover' ? took.length : 0,
    'Each test is cleaned up, also in a run that was cancelled.',
  );
  await nothingHeldBy(world, job);
}

async function nothingHeldBy({ simulator }: Scene, { id }: Job): Promise<void> {
  const { resources } = await databaseOf(simulator)
    .container('registry')
    .items.query({
      query: "SELECT * FROM c WHERE c.type = 'lock' AND c.jobId = @id",
      parameters: [{ name: '@id', value: id }],
    })
    .fetchAll();
  assert.deepEqual(resources, []);
}

/** Nobody has touched the jobs that held VMs of the other runs: they go on when they are answered. */
async function others(world: Scene, { others: holders, run, mine }: Story): Promise<void> {
  for (const { id } of holders) {
    const waiting = await world.lifeboat.job(id);
    assert.deepEqual(
      {
        state: waiting.state,
        control: waiting.control,
        questions: waiting.questions.length,
        epoch: waiting.epoch,
      },
      { state: 'running', control: null, questions: 1, epoch: 1 },
    );
    await answer(world, waiting);
    const { state, exceptions } = await world.lifeboat.ended(id, SECONDS);
    assert.deepEqual({ state, exceptions }, { state: 'completed', exceptions: [] });
  }
  const standing = new Map((await world.lifeboat.replications()).map(({ name, state }) => [name, state]));
  if (run === 'testFailover')
    assert.deepEqual([...new Set(mine.map((name) => standing.get(name)))], ['protected']);
}
