// Plays the operations of a plan in this process with faults on. The app dies at one boundary after
// another. Each run meets the same checks as all other runs.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { PlanOperation } from '../../../shared/plans/rules/graph.ts';
import type { Job } from '../../support/lifeboat-client.ts';
import type { Mutation } from '../../support/mutant.ts';
import { openDatabase, type EventEnvironment } from '../../support/event-environment.ts';
import { harmlessFaults } from '../random-faults.ts';
import {
  assertPlanOutcome,
  startPlanEnvironment,
  sendAccepted,
  SHOP_PLAN,
  readWriteJobIds,
} from '../plan-environment.ts';
import { bundleApp } from './app-bundle.ts';
import { KillSchedule, type KillOptions } from './kill-schedule.ts';
import { createAppInstances, type AppInstances } from './in-process-simulator.ts';
import { interceptRequests } from './app-instance.ts';

/** The result of one run. */
export interface InProcessRun {
  readonly operation: PlanOperation;
  readonly boundaryCount: number;
  readonly killedAt: readonly string[];
  readonly remainingMoments: readonly string[];
  readonly seconds: number;
  /** CPU seconds. */
  readonly cpuSeconds: number;
  /** The broken expectation. */
  readonly failure: string | null;
}

export interface InProcessOptions extends KillOptions {
  readonly operations: readonly PlanOperation[];
  readonly mutation: Mutation | undefined;
}

/** A time-out for a busy machine. */
const TIMEOUT_SECONDS = 900;
/** A plan with a drill that does not end by itself. */
const OPEN_DRILL_PLAN = 'stays';

/** Plays one operation after the other until an expectation breaks. Call this once in a process. */
export async function runInProcess(
  { operations, mutation, ...mortality }: InProcessOptions,
  report: (run: InProcessRun) => void,
): Promise<void> {
  interceptRequests();
  const killSchedule = new KillSchedule(mortality);
  const instances = createAppInstances(await bundleApp(mutation), (request) =>
    killSchedule.nextKillMoment(request),
  );
  const startOptions = { start: instances.start };
  const environment = await startPlanEnvironment({ clock: 'jumping', ...startOptions });
  try {
    for (const operation of operations) {
      const run = await runOperation(environment, instances, killSchedule, operation);
      report(run);
      if (run.failure !== null) return;
    }
  } finally {
    await environment.stop();
  }
}

async function runOperation(
  environment: EventEnvironment,
  instances: AppInstances,
  killSchedule: KillSchedule,
  operation: PlanOperation,
): Promise<InProcessRun> {
  const [began, cpuBefore, instancesBefore] = [performance.now(), process.cpuUsage().user, instances.count];
  let failure: string | null = null;
  try {
    await runWithKills(environment, instances, killSchedule, operation);
    assert.equal(
      instances.count - instancesBefore,
      killSchedule.killedAt.length,
      'each death was followed by a life',
    );
  } catch (error) {
    failure =
      `${error instanceof Error ? error.message : String(error)}\nDied last ` +
      `at:\n${killSchedule.killedAt.slice(-10).join('\n')}\nLog:\n${instances.log.slice(-20).join('\n')}`;
  }
  const { boundaryCount, killedAt, left } = killSchedule;
  killSchedule.stopKilling();
  return {
    operation,
    boundaryCount,
    killedAt,
    remainingMoments: left,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (process.cpuUsage().user - cpuBefore) / 1e6,
    failure,
  };
}

async function runWithKills(
  environment: EventEnvironment,
  instances: AppInstances,
  killSchedule: KillSchedule,
  operation: PlanOperation,
): Promise<void> {
  const plan = operation === 'cleanUpTestFailover' ? OPEN_DRILL_PLAN : SHOP_PLAN;
  if (operation === 'cleanUpTestFailover')
    await answerUntilEnd(
      environment,
      killSchedule,
      await sendAccepted(environment, { operation: 'testFailover', plan }),
    );
  const before = await readWriteJobIds(environment);
  const faults = harmlessFaults(operation.length).map((rule) => ({ ...rule, id: randomUUID() }));
  for (const fault of faults) await environment.simulator.faults.add(fault);
  killSchedule.startOperation(operation);
  const job = await answerUntilEnd(
    environment,
    killSchedule,
    await sendUntilAccepted(environment, {
      operation,
      plan,
      ...(operation === 'changeRecoveryPoint' ? { recoveryPoint: 'latestProcessed' } : {}),
    }),
  );
  assert.deepEqual(
    { state: job.state, questions: job.questions, exceptions: job.exceptions },
    { state: 'completed', questions: [], exceptions: [] },
  );
  // The app may also die at its work after a job's end.
  await environment.waitForJobEvents(job.id);
  killSchedule.stopKilling();
  await instances.endDoomedInstance();
  for (const { id } of faults) await environment.simulator.faults.remove(id);
  await assertPlanOutcome(environment, operation, job, before);
  await assertNoOpenAttempts(environment, job);
}

/** Sends the same command with the same key until it gets an answer, as a ticketing system does. */
async function sendUntilAccepted({ lifeboat }: EventEnvironment, command: object): Promise<Job> {
  const key = randomUUID();
  const { status, body } = await lifeboat.waitFor(async () => {
    const reply = await lifeboat.send(command, key);
    return reply.status < 500 ? reply : undefined;
  }, 'an answer to the command');
  if (status !== 202) throw new Error(`Refused: ${JSON.stringify(body)}`);
  return body;
}

/** Answers every question of the job, and repeats each answer until the app accepts it. */
const answerUntilEnd = (
  { lifeboat }: EventEnvironment,
  killSchedule: KillSchedule,
  { id }: Job,
): Promise<Job> =>
  lifeboat.waitFor(
    async () => {
      const job = await lifeboat.readJob(id);
      for (const need of job.questions) {
        if (need.kind === 'manual') await lifeboat.answer(need, 'done');
      }
      // The VMs have no fault, so a question about a failure shows that the app lost something.
      if (job.endedAt !== null || job.questions.some(({ kind }) => kind === 'failure')) return job;
      await killSchedule.pause();
      return undefined;
    },
    `the end of job ${id}`,
    TIMEOUT_SECONDS,
    () => lifeboat.readJob(id),
  );

/**
 * However many senders died, every write has a known result. A repeated request to others keeps its
 * own id after any result of the first try.
 */
async function assertNoOpenAttempts({ simulator }: EventEnvironment, job: Job): Promise<void> {
  const open = {
    query:
      "SELECT c.id, c.state FROM c WHERE c.jobId = @job AND c.type = 'attempt' AND c.state IN " +
      "('prepared', 'sending', 'unknown') AND NOT STARTSWITH(c.stepId, 'step:action')",
    parameters: [{ name: '@job', value: job.id }],
  };
  const { resources } = await openDatabase(simulator)
    .container('jobs')
    .items.query(open, { partitionKey: job.id })
    .fetchAll();
  assert.deepEqual(resources, [], 'no attempt is left open');
}
