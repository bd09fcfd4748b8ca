// Recovery plans as a table: what a plan offers when, and its jobs. What each machine goes through
// in them stands in its provider's table.

import type { Range } from './ids.ts';
import { operationRow, task, type OperationRow } from './table.ts';

export interface PlanStateRow {
  /** Beside those that the machines' providers have for a plan that waits for nothing. */
  readonly also: readonly string[];
  readonly only?: readonly string[];
}

export interface PlanRow extends OperationRow {
  /** What stands in the plan's `allowedOperations`, if it must. */
  readonly needs?: string;
  /** The operation that a machine must be ready for, as its provider's table calls it. */
  readonly member?: string;
  /** It goes on with those machines that are ready for it. */
  readonly takesSome?: true;
  readonly to?: string;
  /** The network of a test is made first. */
  readonly makesNetwork?: true;
  readonly groupName?: string;
  /** How the plan says that it has done this. */
  readonly status?: readonly [status: string, description: string];
}

const save = (scenarioName: string, friendlyName: string, seconds: Range, does: string): PlanRow => ({
  on: 'service',
  scenarioName,
  friendlyName,
  seconds,
  tasks: [task(`${scenarioName}Task`, friendlyName, 1)],
  failsIn: `${scenarioName}Task`,
  jobDetails: 'AsrJobDetails',
  outcomeAtFirst: {},
  change: { does },
});

const run = (scenarioName: string, friendlyName: string, more: Partial<PlanRow>): PlanRow => ({
  on: 'service',
  scenarioName,
  friendlyName,
  seconds: [5, 10],
  tasks: [],
  failsIn: 'RpSrsPrerequisitesCheck',
  jobDetails: 'AsrJobDetails',
  outcomeAtFirst: {},
  change: { does: 'endRun' },
  onFailure: { does: 'endRun' },
  onRefusal: { does: 'noRun' },
  status: ['Succeeded', 'Completed'],
  ...more,
});

const failoverOutcome = {
  jobDetails: 'FailoverJobDetails',
  outcomeAtFirst: { protectedItemDetails: [] },
} as const;
const testOutcome = {
  jobDetails: 'TestFailoverJobDetails',
  outcomeAtFirst: {
    testFailoverStatus: null,
    comments: '',
    networkName: null,
    networkFriendlyName: null,
    networkType: null,
    protectedItemDetails: [],
  },
} as const;

export const planTable: {
  readonly operations: Readonly<Record<string, PlanRow>>;
  readonly states: Readonly<Record<string, PlanStateRow>>;
} = {
  states: {
    ready: { also: [] },
    testing: { also: [], only: ['TestFailoverCleanup'] },
    failedOver: { also: ['Commit'] },
  },
  operations: {
    savePlan: save('SaveRecoveryPlan', 'Save a recovery plan', [1, 5], 'put'),
    updatePlan: save('UpdateRecoveryPlan', 'Save a recovery plan', [1, 5], 'put'),
    deletePlan: save('DeleteRecoveryPlan', 'Delete a recovery plan', [1, 5], 'remove'),
    testFailover: run('TestFailover', 'Test failover', {
      ...testOutcome,
      needs: 'TestFailover',
      member: 'testFailover',
      to: 'testing',
      makesNetwork: true,
      groupName: 'Recovery plan test failover',
      status: ['Suspended', 'WaitingForStopTestFailover'],
    }),
    testFailoverCleanup: run('TestFailoverCleanup', 'Test failover cleanup', {
      ...testOutcome,
      needs: 'TestFailoverCleanup',
      member: 'testFailoverCleanup',
      takesSome: true,
      to: 'ready',
      groupName: 'Recovery plan test failover cleanup',
    }),
    unplannedFailover: run('UnplannedFailover', 'Failover', {
      ...failoverOutcome,
      needs: 'UnplannedFailover',
      member: 'unplannedFailover',
      to: 'failedOver',
      groupName: 'Recovery plan failover',
    }),
    plannedFailover: run('PlannedFailover', 'Planned failover', {
      ...failoverOutcome,
      needs: 'PlannedFailover',
      member: 'plannedFailover',
      to: 'failedOver',
      groupName: 'Recovery plan failover',
    }),
    failoverCommit: run('CommitFailover', 'Commit', {
      needs: 'Commit',
      member: 'failoverCommit',
      takesSome: true,
      to: 'ready',
      groupName: 'Recovery plan commit',
    }),
    failoverCancel: run('CancelFailover', 'Cancel failover', {
      needs: 'Commit',
      member: 'failoverCancel',
      takesSome: true,
      to: 'ready',
      groupName: 'Recovery plan cancel failover',
    }),
    reProtect: run('ReverseReplication', 'Reverse replication', {
      member: 'switchprotection',
      takesSome: true,
      to: 'ready',
      groupName: 'Recovery plan reprotect',
    }),
  },
};

export const planRow = (operation: string): PlanRow => operationRow(planTable, operation);

export function planOperationNamed(action: string): string | undefined {
  return Object.entries(planTable.operations).find(
    ([name, { member }]) => member !== undefined && name.toLowerCase() === action.toLowerCase(),
  )?.[0];
}
