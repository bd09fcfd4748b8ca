// The scenarios that the kill tests play on single VMs: the environment, and the operations there
// and back.
import { hyperVEnvironment } from '../support/hyper-v-environment.ts';
import type { Replication } from '../support/lifeboat-client.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import type { KilledWrite } from './boundaries.ts';
import { commandFor, type KilledOperation, type SentCommand } from './run-with-kills.ts';

/** An operation with the write at whose boundaries the app dies. */
export interface OperationRun {
  readonly operation: KilledOperation;
  /** Null: the run only brings the VM into the state for the next run. */
  readonly write: KilledWrite | null;
}

export interface KillScenario {
  readonly start: (vms: number) => Promise<TestEnvironment>;
  /** In this order each run finds its VM in the right state. */
  readonly runs: readonly OperationRun[];
  /** The operations of a seed, in the same way. */
  readonly operationsOfSeed: (seed: number) => readonly KilledOperation[];
}

const simpleCommand =
  (operation: string, more: object = {}) =>
  ({ id }: Replication): SentCommand => ({ operation, vms: [id], ...more });

const write = (phase: string, verb: string, operation = verb): KilledWrite => ({ phase, verb, operation });

const runAt = (operation: KilledOperation, index = 0): OperationRun => {
  const found = operation.writes[index];
  if (!found) throw new Error(`${operation.name} has no write ${index}.`);
  return { operation, write: found };
};

const transit = (operation: KilledOperation): OperationRun => ({ operation, write: null });

const SHOP_OPERATIONS = [
  {
    name: 'failover',
    command: (vm) => commandFor('failover', [vm]),
    writes: [write('failover', 'unplannedFailover')],
    from: 'protected original',
    to: 'failedOver original',
  },
  {
    name: 'commit',
    command: (vm) => commandFor('commit', [vm]),
    writes: [write('commit', 'failoverCommit')],
    from: 'failedOver original',
    to: 'committed original',
  },
  {
    name: 'reprotect',
    command: (vm) => commandFor('reprotect', [vm]),
    writes: [write('reprotect', 'switchprotection')],
    from: 'committed original',
    to: 'protected reversed',
  },
] as const satisfies readonly KilledOperation[];

const update: KilledOperation = {
  name: 'updateReplication',
  command: simpleCommand('updateReplication', { change: { size: 'Standard_D4s_v5' } }),
  writes: [write('updateReplication', 'update')],
  from: 'protected original',
  to: 'protected original',
};
const testFailover: KilledOperation = {
  name: 'testFailover',
  command: simpleCommand('testFailover'),
  writes: [write('testFailover', 'testFailover')],
  from: 'protected original',
  to: 'testing original',
};
const cleanUp: KilledOperation = {
  name: 'cleanUpTestFailover',
  command: simpleCommand('cleanUpTestFailover'),
  writes: [write('cleanUpTestFailover', 'testFailoverCleanup')],
  from: 'testing original',
  to: 'protected original',
};
const failoverBy = (name: string, verb: string, more: object): KilledOperation => ({
  name,
  command: simpleCommand('failover', more),
  writes: [write('failover', verb)],
  from: 'protected original',
  to: 'failedOver reversed',
});
const failover = failoverBy('failover', 'unplannedFailover', {});
const plannedFailover = failoverBy('planned failover', 'plannedFailover', { kind: 'planned' });
const changePoint: KilledOperation = {
  name: 'changeRecoveryPoint',
  command: simpleCommand('changeRecoveryPoint', { recoveryPoint: 'latestProcessed' }),
  writes: [write('changeRecoveryPoint', 'applyRecoveryPoint')],
  from: 'failedOver reversed',
  to: 'failedOver reversed',
};
const commit: KilledOperation = {
  name: 'commit',
  command: simpleCommand('commit'),
  writes: [write('commit', 'failoverCommit')],
  from: 'failedOver reversed',
  to: 'committed reversed',
};
const failback: KilledOperation = {
  name: 'failback',
  command: simpleCommand('failback'),
  writes: [
    write('failover', 'plannedFailover', 'failback'),
    write('commit', 'failoverCommit', 'finalizeFailback'),
    write('reprotect', 'reProtect'),
  ],
  from: 'committed reversed',
  to: 'protected original',
};

const siteMachineNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `press-${String(index + 1).padStart(2, '0')}`);

/** The scenarios, by the names that `--scenario` takes. */
export const KILL_SCENARIOS = {
  azureToAzure: {
    start: (vms) => startTestEnvironment(vms),
    runs: SHOP_OPERATIONS.map((operation) => runAt(operation)),
    operationsOfSeed: () => SHOP_OPERATIONS,
  },
  hyperVToAzure: {
    start(vms) {
      const names = siteMachineNames(vms);
      return startTestEnvironment(names, {
        // The last machine of the site has two disks, and stays out.
        environment: hyperVEnvironment({ machines: [...names, 'spare'], replicated: names }),
      });
    },
    // A failback has three writes, so the VM comes home three times.
    runs: [
      runAt(update),
      runAt(testFailover),
      runAt(cleanUp),
      runAt(failover),
      runAt(changePoint),
      runAt(commit),
      runAt(failback),
      runAt(plannedFailover),
      transit(commit),
      runAt(failback, 1),
      transit(failover),
      transit(commit),
      runAt(failback, 2),
    ],
    operationsOfSeed: (seed) =>
      seed % 2 === 1
        ? [testFailover, cleanUp, failover, changePoint, commit, failback]
        : [update, plannedFailover, commit, failback],
  },
} as const satisfies Readonly<Record<string, KillScenario>>;
export type KillScenarioName = keyof typeof KILL_SCENARIOS;

/** The run of this operation in a scenario. */
export function runNamed(scenario: KillScenarioName, name: string): OperationRun {
  const found = KILL_SCENARIOS[scenario].runs.find(({ operation }) => operation.name === name);
  if (!found) throw new Error(`${scenario} plays no ${name}.`);
  return found;
}
