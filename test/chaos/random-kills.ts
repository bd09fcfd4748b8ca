// Random kills by seed with faults on. The run takes a VM through the operations of its scenario
// while the app dies and Azure answers with faults.
import { setTimeout } from 'node:timers/promises';
import { createSeededRandom } from '../../simulator/wire/seeded-random.ts';
import type { Job, Replication } from '../support/lifeboat-client.ts';
import type { TestEnvironment } from '../support/test-environment.ts';
import { KILL_SCENARIOS, type KillScenarioName } from './kill-scenarios.ts';
import { randomAzureFaults, randomKills } from './random-faults.ts';
import { runWithFaults, stateOf, writesOf, type KilledOperation } from './run-with-kills.ts';

export interface RunReport {
  readonly seed: number;
  readonly kills: number;
  readonly attempts: number;
  readonly failedByAzure: number;
}

/** Plays the seed's operations to their end. Throws on a broken expectation. */
export async function runSeed(
  environment: TestEnvironment,
  seed: number,
  vm: Replication,
  scenario: KillScenarioName = 'azureToAzure',
): Promise<RunReport> {
  const draw = createSeededRandom(seed);
  const report = { seed, kills: 0, attempts: 0, failedByAzure: 0 };
  const operations: readonly KilledOperation[] = KILL_SCENARIOS[scenario].operationsOfSeed(seed);
  for (const operation of operations) {
    for (;;) {
      const { length: before } = await writesOf(environment, vm);
      const waitForEnd = (id: string): Promise<Job> =>
        environment.lifeboat.waitForJobEnd(id).then((job) => stopKills(environment, job));
      const { job, kills: killed } = await runWithFaults(
        environment,
        operation.command(vm),
        // Azure fails the first write only: a job that fails later leaves the VM in between.
        (pid) => [...randomKills(draw, pid), ...randomAzureFaults(draw, operation.writes[0]?.verb ?? '')],
        { waitForEnd, who: 'contributor' },
      );
      report.kills += killed;
      report.attempts += job.steps[0]?.attempts ?? 0;
      await assertOutcome(environment, operation, vm, job, before);
      if (job.state === 'completed') break;
      // Azure's own job failed and Lifeboat reported this, so the test sends the command again.
      report.failedByAzure++;
    }
  }
  return report;
}

/** Removes all pending kills, and waits until the app runs again. */
export async function stopKills<T>({ simulator, lifeboat }: TestEnvironment, job: T): Promise<T> {
  for (const rule of await simulator.faults.list())
    if (rule.do.kind === 'kill') await simulator.faults.remove(rule.id);
  // A killed process is not gone at once.
  await setTimeout(300);
  await lifeboat.waitFor(() => Promise.resolve(simulator.host.isRunning || undefined), 'the app');
  return job;
}

/**
 * Expects one accepted write for each step, unless the first write's job failed. Azure must confirm
 * the outcome.
 */
async function assertOutcome(
  environment: TestEnvironment,
  { name, writes: expectedWrites, from, to }: KilledOperation,
  vm: Replication,
  job: Job,
  before: number,
): Promise<void> {
  const writes = (await writesOf(environment, vm)).slice(before);
  const succeeded = writes.filter((write) => write.jobState !== 'Failed');
  const steps = expectedWrites.map(({ phase }) =>
    job.steps.find((step) => step.target === vm.id && step.phase === phase),
  );
  const facts = {
    job: job.state,
    steps: steps.map((step) => step?.state),
    took: succeeded.map(({ operation }) => operation),
    ours: succeeded.every(({ jobId }, index) => steps[index]?.siteRecoveryJob === jobId),
    state: await stateOf(environment, vm),
  };
  const expected =
    job.state === 'completed'
      ? {
          job: 'completed',
          steps: expectedWrites.map(() => 'succeeded'),
          took: expectedWrites.map(({ operation }) => operation),
          ours: true,
          state: to,
        }
      : {
          job: 'failed',
          steps: expectedWrites.map((_write, index) => (index === 0 ? 'failed' : 'skipped')),
          took: [],
          ours: true,
          state: from,
        };
  const inOrder = [...Map.groupBy(writes, ({ operation }) => operation).values()].every((ofVerb) =>
    ofVerb
      .slice(0, -1)
      .every(
        (write, index) =>
          write.jobState === 'Failed' && (write.endedAt ?? Infinity) <= (ofVerb[index + 1]?.at ?? 0),
      ),
  );
  if (JSON.stringify(facts) !== JSON.stringify(expected) || !inOrder)
    throw new Error(
      `${name} of ${vm.name} has a wrong result: ` +
        JSON.stringify({ facts, expected, inOrder, writes, log: job.log }),
    );
}
