// Random kills by seed with faults on. The run fails over, commits and reprotects a VM while the
// app dies and Azure answers with faults.
import { setTimeout } from 'node:timers/promises';
import { createSeededRandom } from '../../simulator/wire/seeded-random.ts';
import type { Job, Replication } from '../support/lifeboat-client.ts';
import type { TestEnvironment } from '../support/test-environment.ts';
import type { KilledOperation } from './boundaries.ts';
import { randomAzureFaults, randomKills } from './random-faults.ts';
import { commandFor, runWithFaults, ARM_VERBS } from './run-with-kills.ts';

const OPERATIONS: readonly KilledOperation[] = ['failover', 'commit', 'reprotect'];

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
): Promise<RunReport> {
  const draw = createSeededRandom(seed);
  const report = { seed, kills: 0, attempts: 0, failedByAzure: 0 };
  for (const operation of OPERATIONS) {
    for (;;) {
      const waitForEnd = (id: string): Promise<Job> =>
        environment.lifeboat.waitForJobEnd(id).then((job) => stopKills(environment, job));
      const { job, kills: killed } = await runWithFaults(
        environment,
        commandFor(operation, [vm]),
        (pid) => [...randomKills(draw, pid), ...randomAzureFaults(draw, ARM_VERBS[operation])],
        { waitForEnd },
      );
      report.kills += killed;
      report.attempts += job.steps[0]?.attempts ?? 0;
      await assertOutcome(environment, operation, vm, job);
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
 * Expects one accepted write per target, unless the first write's job failed. Azure must confirm
 * the outcome.
 */
async function assertOutcome(
  { simulator, lifeboat }: TestEnvironment,
  operation: KilledOperation,
  vm: Replication,
  job: Job,
): Promise<void> {
  const writes = (await simulator.siteRecovery.writes()).filter(
    (write) => write.itemName === vm.name && write.operation === ARM_VERBS[operation],
  );
  const succeededWrites = writes.filter((write) => write.jobState !== 'Failed');
  const step = job.steps.find((candidate) => candidate.target === vm.id);
  const state = (await lifeboat.listReplications()).find((replication) => replication.id === vm.id)?.state;
  const facts = {
    job: job.state,
    step: step?.state,
    took: succeededWrites.length,
    ours: succeededWrites[0]?.jobId === step?.siteRecoveryJob,
    state,
  };
  const expectedWhenCompleted = {
    job: 'completed',
    step: 'succeeded',
    took: 1,
    ours: true,
    state: { failover: 'failedOver', commit: 'committed', reprotect: 'protected' }[operation],
  };
  const expectedWhenFailed = { job: 'failed', step: 'failed', took: 0, ours: false };
  const expected =
    job.state === 'completed'
      ? expectedWhenCompleted
      : {
          ...expectedWhenFailed,
          state: { failover: 'protected', commit: 'failedOver', reprotect: 'committed' }[operation],
        };
  const matchesExpected = Object.entries(expected).every(
    ([key, value]) => facts[key as keyof typeof facts] === value,
  );
  const inOrder = writes
    .slice(0, -1)
    .every(
      (write, i) => write.jobState === 'Failed' && (write.endedAt ?? Infinity) <= (writes[i + 1]?.at ?? 0),
    );
  if (!matchesExpected || !inOrder)
    throw new Error(
      `${operation} of ${vm.name} has a wrong result: ` +
        JSON.stringify({ facts, expected, inOrder, writes, log: job.log }),
    );
}
