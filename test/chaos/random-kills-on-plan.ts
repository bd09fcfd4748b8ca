// Random kills by seed with faults on, while a plan runs one of its routes. The routes are: over
// and back, over to another point and back, or over, committed, reprotected and home.
import { createSeededRandom } from '../../simulator/wire/seeded-random.ts';
import type { PlanOperation } from '../../shared/plans/rules/graph.ts';
import type { Job } from '../support/lifeboat-client.ts';
import type { EventEnvironment } from '../support/event-environment.ts';
import { randomAzureFaults, randomKills } from './random-faults.ts';
import { PLAN_VERBS } from './plan-boundaries.ts';
import { answerUntilEnd, runOnPlan, retryAndWait } from './plan-environment.ts';
import { stopKills, type RunReport } from './random-kills.ts';

const OPERATION_SEQUENCES: readonly (readonly PlanOperation[])[] = [
  ['testFailover', 'failover', 'cancelFailover'],
  ['failover', 'changeRecoveryPoint', 'cancelFailover'],
  ['failover', 'commit', 'reprotect', 'failback'],
];
/** The number of exchanges, relative to an operation on one VM. */
const LENGTH_FACTOR = 6;
const MAX_RETRIES = 5;
/**
 * When only one member of a multi-VM group fails, a retry does not help. A person must decide, so
 * the random runs leave this case out.
 */
const VMS_WITHOUT_GROUP = '^(app|web)$';

/** Plays the seed's route to its end with the checks of every plan run. Throws on a broken expectation. */
export async function runSeedOnPlan(environment: EventEnvironment, seed: number): Promise<RunReport> {
  const draw = createSeededRandom(seed);
  const report = { seed, kills: 0, attempts: 0, failedByAzure: 0 };
  for (const operation of OPERATION_SEQUENCES[seed % OPERATION_SEQUENCES.length] ?? []) {
    const { job, kills: killed } = await runOnPlan(
      environment,
      operation,
      (pid) => [
        ...randomKills(draw, pid, LENGTH_FACTOR),
        ...randomAzureFaults(draw, `(${PLAN_VERBS})`, VMS_WITHOUT_GROUP),
      ],
      retryUntilCompleted,
    );
    report.kills += killed;
    report.attempts += job.steps.reduce((sum, { attempts }) => sum + attempts, 0);
    report.failedByAzure += job.steps.reduce((sum, { tries }) => sum + tries, 0);
  }
  return report;
}

/**
 * When Azure's own jobs fail, Lifeboat reports this, asks, or ends the job. The test then retries
 * the job until no work remains.
 */
async function retryUntilCompleted(environment: EventEnvironment, id: string): Promise<Job> {
  let job = await answerUntilEnd(environment, id);
  for (let tried = 0; job.state !== 'completed' && tried < MAX_RETRIES; tried++)
    job = await retryAndWait(environment, job);
  return stopKills(environment, job);
}
