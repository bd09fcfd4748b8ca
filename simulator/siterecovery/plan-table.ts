// Recovery plans as a table: what a plan offers when, and its jobs. What each machine goes through
// in them stands in its provider's table.

import type { SecondsRange } from './ids.ts';
import { operationRow, task, type OperationRow } from './provider-table.ts';

export interface PlanStateRow {
  /** Beside those that the machines' providers have for a plan that waits for nothing. */
  readonly additionalOperations: readonly string[];
  readonly onlyOperations?: readonly string[];
}

export interface PlanRow extends OperationRow {
  /** What stands in the plan's `allowedOperations`, if it must. */
  readonly needs?: string;
  /** The operation that a machine must be ready for, as its provider's table calls it. */
  readonly memberOperation?: string;
  /** It goes on with those machines that are ready for it. */
  readonly allowsPartial?: true;
  readonly to?: string;
  /** The network of a test is made first. */
  readonly createsNetwork?: true;
  readonly groupName?: string;
  /** How the plan says that it has done this. */
  readonly status?: readonly [status: string, description: string];
}

const saveOperation = (
  scenarioName: string,
  friendlyName: string,
  seconds: SecondsRange,
  does: string,
): PlanRow => ({
  on: 'service',
  scenarioName,
  friendlyName,
  seconds,
  tasks: [task(`${scenarioName}Task`, friendlyName, 1)],
  failsIn: `${scenarioName}Task`,
  jobDetails: 'AsrJobDetails',
  outcomeAtFirst: {},
  change: { effect: does },
});

const runOperation = (scenarioName: string, friendlyName: string, more: Partial<PlanRow>): PlanRow => ({
  on: 'service',
  scenarioName,
  friendlyName,
  seconds: [5, 10],
  tasks: [],
  failsIn: 'RpSrsPrerequisitesCheck',
  jobDetails: 'AsrJobDetails',
  outcomeAtFirst: {},
  change: { effect: 'endRun' },
  onFailure: { effect: 'endRun' },
  onRefusal: { effect: 'noRun' },
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
    ready: { additionalOperations: [] },
    testing: { additionalOperations: [], onlyOperations: ['TestFailoverCleanup'] },
    failedOver: { additionalOperations: ['Commit'] },
  },
  operations: {
    savePlan: saveOperation('SaveRecoveryPlan', 'Save a recovery plan', [1, 5], 'put'),
    updatePlan: saveOperation('UpdateRecoveryPlan', 'Save a recovery plan', [1, 5], 'put'),
    deletePlan: saveOperation('DeleteRecoveryPlan', 'Delete a recovery plan', [1, 5], 'remove'),
    testFailover: runOperation('TestFailover', 'Test failover', {
      ...testOutcome,
      needs: 'TestFailover',
      memberOperation: 'testFailover',
      to: 'testing',
      createsNetwork: true,
      groupName: 'Recovery plan test failover',
      status: ['Suspended', 'WaitingForStopTestFailover'],
    }),
    testFailoverCleanup: runOperation('TestFailoverCleanup', 'Test failover cleanup', {
      ...testOutcome,
      needs: 'TestFailoverCleanup',
      memberOperation: 'testFailoverCleanup',
      allowsPartial: true,
      to: 'ready',
      groupName: 'Recovery plan test failover cleanup',
    }),
    unplannedFailover: runOperation('UnplannedFailover', 'Failover', {
      ...failoverOutcome,
      needs: 'UnplannedFailover',
      memberOperation: 'unplannedFailover',
      to: 'failedOver',
      groupName: 'Recovery plan failover',
    }),
    plannedFailover: runOperation('PlannedFailover', 'Planned failover', {
      ...failoverOutcome,
      needs: 'PlannedFailover',
      memberOperation: 'plannedFailover',
      to: 'failedOver',
      groupName: 'Recovery plan failover',
    }),
    failoverCommit: runOperation('CommitFailover', 'Commit', {
      needs: 'Commit',
      memberOperation: 'failoverCommit',
      allowsPartial: true,
      to: 'ready',
      groupName: 'Recovery plan commit',
    }),
    failoverCancel: runOperation('CancelFailover', 'Cancel failover', {
      needs: 'Commit',
      memberOperation: 'failoverCancel',
      allowsPartial: true,
      to: 'ready',
      groupName: 'Recovery plan cancel failover',
    }),
    reProtect: runOperation('ReverseReplication', 'Reverse replication', {
      memberOperation: 'switchprotection',
      allowsPartial: true,
      to: 'ready',
      groupName: 'Recovery plan reprotect',
    }),
  },
};

export const planRow = (operation: string): PlanRow => operationRow(planTable, operation);

export function findPlanOperation(action: string): string | undefined {
  return Object.entries(planTable.operations).find(
    ([name, { memberOperation }]) =>
      memberOperation !== undefined && name.toLowerCase() === action.toLowerCase(),
  )?.[0];
}
