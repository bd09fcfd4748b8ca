// Random kills by seed with faults on, while a plan goes one of its ways: over and back, over to
// another point and back, or over, committed, reprotected and home.
import { seededChance } from '../../simulator/wire/chance.ts';
import type { PlanOperation } from '../../shared/plans/rules/graph.ts';
import type { Job } from '../support/lifeboat.ts';
import type { Listening } from '../support/news.ts';
import { badManners, kills } from './faults.ts';
import { VERBS_OF_PLANS } from './plan-boundaries.ts';
import { endedWithAnswers, playOnPlan, retried } from './plan-stage.ts';
import { spared, type Told } from './random.ts';

const WAYS: readonly (readonly PlanOperation[])[] = [
  ['testFailover', 'failover', 'cancelFailover'],
  ['failover', 'changeRecoveryPoint', 'cancelFailover'],
  ['failover', 'commit', 'reprotect', 'failback'],
];
/** As many times as many exchanges as an operation on one VM has. */
const LONG = 6;
const MOST_RETRIES = 5;
/**
 * Where one member of a multi-VM group alone has failed, trying again is no way out: that is for a
 * person, and no story of chance.
 */
const ALONE = '^(app|web)$';

/** Plays the seed's way to its end, judged as every run of the plan is; throws with what was not true. */
export async function playSeedOnPlan(world: Listening, seed: number): Promise<Told> {
  const draw = seededChance(seed);
  const told = { seed, kills: 0, attempts: 0, failedByAzure: 0 };
  for (const operation of WAYS[seed % WAYS.length] ?? []) {
    const { job, kills: killed } = await playOnPlan(
      world,
      operation,
      (pid) => [...kills(draw, pid, LONG), ...badManners(draw, `(${VERBS_OF_PLANS})`, ALONE)],
      endedWhole,
    );
    told.kills += killed;
    told.attempts += job.steps.reduce((sum, { attempts }) => sum + attempts, 0);
    told.failedByAzure += job.steps.reduce((sum, { tries }) => sum + tries, 0);
  }
  return told;
}

/**
 * Where Azure's own jobs have failed, Lifeboat says so, asks or ends with it; and somebody has it
 * tried again until nothing is left over.
 */
async function endedWhole(world: Listening, id: string): Promise<Job> {
  let job = await endedWithAnswers(world, id);
  for (let tried = 0; job.state !== 'completed' && tried < MOST_RETRIES; tried++)
    job = await retried(world, job);
  return spared(world, job);
}
