// Plays what a plan can be run for in this process, with faults on, while the app dies at boundary
// after boundary; and judges each run as all runs are judged.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { PlanOperation } from '../../../shared/plans/rules/graph.ts';
import type { Job } from '../../support/lifeboat.ts';
import type { Mutation } from '../../support/mutant.ts';
import { databaseOf, type Listening } from '../../support/news.ts';
import { gentle } from '../faults.ts';
import { judgeOnPlan, planStage, send, SHOP, writesSoFar } from '../plan-stage.ts';
import { buildOnce } from './app.ts';
import { Deaths, type Mortality } from './deaths.ts';
import { livesOf, type Lives } from './simulator.ts';
import { watchRequests } from './life.ts';

/** What became of one run. */
export interface PlayedRun {
  readonly operation: PlanOperation;
  readonly boundaries: number;
  readonly died: readonly string[];
  readonly left: readonly string[];
  readonly seconds: number;
  /** Of the processor. */
  readonly worked: number;
  /** What was not true. */
  readonly wrong: string | null;
}

export interface Played extends Mortality {
  readonly operations: readonly PlanOperation[];
  readonly mutation: Mutation | undefined;
}

/** Of a machine that has much else to do. */
const SECONDS = 900;
/** A plan whose drill does not end by itself. */
const STAYS = 'stays';

/** One after the other, until something was wrong. Once in a process. */
export async function playInProcess(
  { operations, mutation, ...mortality }: Played,
  tell: (run: PlayedRun) => void,
): Promise<void> {
  watchRequests();
  const deaths = new Deaths(mortality);
  const lives = livesOf(await buildOnce(mutation), (asked) => deaths.momentOf(asked));
  const here = { start: lives.start };
  const world = await planStage({ clock: 'jumping', ...here });
  try {
    for (const operation of operations) {
      const run = await playOne(world, lives, deaths, operation);
      tell(run);
      if (run.wrong !== null) return;
    }
  } finally {
    await world.stop();
  }
}

async function playOne(
  world: Listening,
  lives: Lives,
  deaths: Deaths,
  operation: PlanOperation,
): Promise<PlayedRun> {
  const [began, worked, lived] = [performance.now(), process.cpuUsage().user, lives.count];
  let wrong: string | null = null;
  try {
    await die(world, lives, deaths, operation);
    assert.equal(lives.count - lived, deaths.died.length, 'each death was followed by a life');
  } catch (error) {
    wrong =
      `${error instanceof Error ? error.message : String(error)}\nDied last ` +
      `at:\n${deaths.died.slice(-10).join('\n')}\nLog:\n${lives.log.slice(-20).join('\n')}`;
  }
  const { boundaries, died, left } = deaths;
  deaths.spare();
  return {
    operation,
    boundaries,
    died,
    left,
    seconds: (performance.now() - began) / 1000,
    worked: (process.cpuUsage().user - worked) / 1e6,
    wrong,
  };
}

async function die(world: Listening, lives: Lives, deaths: Deaths, operation: PlanOperation): Promise<void> {
  const plan = operation === 'cleanUpTestFailover' ? STAYS : SHOP;
  if (operation === 'cleanUpTestFailover')
    await ended(world, deaths, await send(world, { operation: 'testFailover', plan }));
  const before = await writesSoFar(world);
  const faults = gentle(operation.length).map((rule) => ({ ...rule, id: randomUUID() }));
  for (const fault of faults) await world.simulator.faults.add(fault);
  deaths.begin(operation);
  const job = await ended(
    world,
    deaths,
    await accepted(world, {
      operation,
      plan,
      ...(operation === 'changeRecoveryPoint' ? { recoveryPoint: 'latestProcessed' } : {}),
    }),
  );
  assert.deepEqual(
    { state: job.state, questions: job.questions, exceptions: job.exceptions },
    { state: 'completed', questions: [], exceptions: [] },
  );
  // What the app does after a job's end may be what it dies of.
  await world.told(job.id);
  deaths.spare();
  await lives.settle();
  for (const { id } of faults) await world.simulator.faults.remove(id);
  await judgeOnPlan(world, operation, job, before);
  await nothingLeftOpen(world, job);
}

/** As a ticketing system does it: the same command with the same key, until it is answered. */
async function accepted({ lifeboat }: Listening, command: object): Promise<Job> {
  const key = randomUUID();
  const { status, body } = await lifeboat.until(async () => {
    const reply = await lifeboat.send(command, key);
    return reply.status < 500 ? reply : undefined;
  }, 'an answer to the command');
  if (status !== 202) throw new Error(`Refused: ${JSON.stringify(body)}`);
  return body;
}

/** Somebody stands by: what the job asks is answered, as often as it takes until the answer is heard. */
const ended = ({ lifeboat }: Listening, deaths: Deaths, { id }: Job): Promise<Job> =>
  lifeboat.until(
    async () => {
      const job = await lifeboat.job(id);
      for (const need of job.questions) {
        if (need.kind === 'manual')
          await lifeboat.call(`/api/v1/jobs/${id}/answers`, {
            method: 'POST',
            body: { step: need.stepId, tries: need.tries, answer: 'done' },
          });
      }
      // Nothing is wrong with the VMs: whoever asks what to do about a failure has lost something.
      if (job.endedAt !== null || job.questions.some(({ kind }) => kind === 'failure')) return job;
      await deaths.pause();
      return undefined;
    },
    `the end of job ${id}`,
    SECONDS,
    () => lifeboat.job(id),
  );

/**
 * However many senders died: of each write it is known what came of it. A request to others is made
 * again under its own id, whatever came of the one before.
 */
async function nothingLeftOpen({ simulator }: Listening, job: Job): Promise<void> {
  const open = {
    query:
      "SELECT c.id, c.state FROM c WHERE c.jobId = @job AND c.type = 'attempt' AND c.state IN " +
      "('prepared', 'sending', 'unknown') AND NOT STARTSWITH(c.stepId, 'step:action')",
    parameters: [{ name: '@job', value: job.id }],
  };
  const { resources } = await databaseOf(simulator)
    .container('jobs')
    .items.query(open, { partitionKey: job.id })
    .fetchAll();
  assert.deepEqual(resources, [], 'no attempt is left open');
}
