// Plays one command while the runner kills the app. It restarts the dead app each time, and checks
// the result.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Simulator } from '../../simulator/simulator.ts';
import type { FaultRule } from '../../simulator/wire/fault.ts';
import type { Job, Replication } from '../support/lifeboat-client.ts';
import type { NewFaultRule, TestEnvironment } from '../support/test-environment.ts';
import type { KilledWrite } from './boundaries.ts';

/** Site Recovery's names for writes on VMs of Azure. */
export const ARM_VERBS = {
  failover: 'unplannedFailover',
  commit: 'failoverCommit',
  reprotect: 'switchprotection',
} as const;

/** The environment of a command. */
export type CommandEnvironment = Pick<TestEnvironment, 'simulator' | 'lifeboat'>;
export type SentCommand = {
  readonly operation: string;
  readonly vms?: readonly unknown[];
  readonly plan?: string;
};

/** An operation on one VM, in which the app may die. */
export interface KilledOperation {
  readonly name: string;
  readonly command: (vm: Replication) => SentCommand;
  /** Its writes, in order. Each is one step. */
  readonly writes: readonly KilledWrite[];
  /** State and direction of the VM, before and after. */
  readonly from: string;
  readonly to: string;
}

export interface KilledRun {
  readonly job: Job;
  readonly kills: number;
}

export interface RunOptions {
  /** The name of the sender. */
  readonly who?: string;
  /** Waits for the job's end, and meanwhile acts for the persons. */
  readonly waitForEnd?: (jobId: string) => Promise<Job>;
}

const cacheAccountOf = (vm: Replication): string =>
  `${vm.sites.reversed.resourceGroupId}/providers/Microsoft.Storage/storageAccounts/shopcachesoutheastasia`;

export const commandFor = (operation: keyof typeof ARM_VERBS, vms: readonly Replication[]) => ({
  operation,
  vms: vms.map((vm) => vm.id),
  ...(operation === 'reprotect' && vms[0] ? { cacheStorageAccountId: cacheAccountOf(vms[0]) } : {}),
});

/**
 * Acts like a ticketing system. It sends the same command with the same key until it gets an
 * answer, then it reads the job.
 */
export async function runWithFaults(
  environment: CommandEnvironment,
  command: SentCommand,
  rules: (pid: number) => readonly NewFaultRule[],
  { who = 'operator', waitForEnd }: RunOptions = {},
): Promise<KilledRun> {
  const { lifeboat } = environment;
  const key = randomUUID();
  const { result: job, kills } = await runWhileKilled(environment, rules, async () => {
    const { status, body } = await lifeboat.waitFor(async () => {
      const reply = await lifeboat.send(command, key, { principal: who });
      return reply.status < 500 ? reply : undefined;
    }, `an answer to ${command.operation}`);
    if (status !== 202) throw new Error(`Refused: ${JSON.stringify(body)}`);
    return (waitForEnd ?? ((id) => lifeboat.waitForJobEnd(id)))(body.id);
  });
  return { job, kills };
}

/** Returns the result of `work`, however often these rules kill the app meanwhile. */
export async function runWhileKilled<T>(
  environment: CommandEnvironment,
  rules: (pid: number) => readonly NewFaultRule[],
  act: () => Promise<T>,
): Promise<{ readonly result: T; readonly kills: number }> {
  const { simulator } = environment;
  const addedRules = rules(simulator.host.pid).map((rule): FaultRule => ({ ...rule, id: randomUUID() }));
  for (const rule of addedRules) await simulator.faults.add(rule);
  const watchdog = restartWhenDead(environment, addedRules);
  try {
    const result = await act();
    return { result, kills: await watchdog.stop() };
  } finally {
    await watchdog.stop();
    for (const { id } of addedRules) await simulator.faults.remove(id);
  }
}

/** A platform restarts a dead instance. Kills that have not struck yet go to the new process. */
function restartWhenDead(
  { simulator }: CommandEnvironment,
  addedRules: readonly FaultRule[],
): { stop(): Promise<number> } {
  let kills = 0;
  const stopping = new AbortController();
  const watch = (async () => {
    while (!stopping.signal.aborted) {
      if (!simulator.host.isRunning) {
        kills++;
        await simulator.host.start();
        await retargetKills(simulator, addedRules);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await watch;
      return kills;
    },
  };
}

async function retargetKills(simulator: Simulator, addedRules: readonly FaultRule[]): Promise<void> {
  const known = new Map((await simulator.faults.list()).map((rule) => [rule.id, rule]));
  for (const rule of addedRules) {
    // Reads the current rule: after a second restart its counters include both processes.
    const {
      acted = 0,
      seen = 0,
      skip = 0,
    } = known.get(rule.id) ?? (rule as Partial<FaultRule> & { acted?: number; seen?: number });
    // The exchanges that already passed the rule count for the new process too.
    if (rule.do.kind === 'kill' && acted === 0)
      await simulator.faults.add({
        ...rule,
        skip: Math.max(0, skip - seen),
        do: { kind: 'kill', pid: simulator.host.pid },
      });
  }
}

/** Site Recovery's count of writes that started a job, for one VM. */
export const writesOf = async ({ simulator }: CommandEnvironment, vm: Replication) =>
  (await simulator.siteRecovery.writes()).filter(({ itemName }) => itemName === itemNameOf(vm));
/** The last part of the item's id, which its writes name. */
const itemNameOf = ({ armId }: Replication): string => armId.slice(armId.lastIndexOf('/') + 1);

/**
 * The checks that must hold after any operation. Site Recovery's own count is the truth. `before`:
 * the number of writes on the VM before the command.
 */
export async function assertOperationOutcome(
  environment: CommandEnvironment,
  { writes: expectedWrites, to }: KilledOperation,
  vm: Replication,
  job: Job,
  before: number,
): Promise<void> {
  const writes = (await writesOf(environment, vm)).slice(before);
  const succeeded = writes.filter((write) => write.jobState !== 'Failed');
  const steps = expectedWrites.map(({ phase }) =>
    job.steps.find((step) => step.target === vm.id && step.phase === phase),
  );
  assert.deepEqual(
    {
      vm: vm.name,
      took: succeeded.map(({ operation }) => operation),
      steps: steps.map((step) => step?.state),
    },
    {
      vm: vm.name,
      took: expectedWrites.map(({ operation }) => operation),
      steps: expectedWrites.map(() => 'succeeded'),
    },
  );
  assert.deepEqual(
    steps.map((step) => step?.siteRecoveryJob),
    succeeded.map(({ jobId }) => jobId),
  );
  assert.equal(await stateOf(environment, vm), to);
}

/** State and direction of the VM, as Lifeboat knows it now. */
export async function stateOf({ lifeboat }: CommandEnvironment, vm: Replication): Promise<string> {
  const now = (await lifeboat.listReplications()).find((replication) => replication.id === vm.id);
  return `${now?.state} ${now?.direction}`;
}
