// The table of recovery plans: the allowed operations of each state, and the jobs. The provider's
// table defines the steps of each machine.

import type { SecondsRange } from './ids.ts';
import { operationRow, task, type OperationRow, type ProviderTable } from './provider-table.ts';

export interface PlanStateRow {
  /** Operations in addition to the ones that the providers offer for an idle plan. */
  readonly additionalOperations: readonly string[];
  readonly onlyOperations?: readonly string[];
}

export interface PlanRow extends OperationRow {
  /** The entry that `allowedOperations` of the plan must contain. Undefined: none. */
  readonly needs?: string;
  /**
   * The operation that every machine must allow. `planMembers` of the provider's table can name
   * another operation.
   */
  readonly memberOperation?: string;
  /** The run continues with the machines that allow the operation. */
  readonly allowsPartial?: true;
  readonly to?: string;
  /** The run first creates the network of a test. */
  readonly createsNetwork?: true;
  readonly groupName?: string;
  /** A provider's variant of another operation. No client can call it by its name. */
  readonly isVariant?: true;
  /** The plan's status after this operation. */
  readonly status?: readonly [status: string, description: string];
}

const saveOperation = (
  scenarioName: string,
  friendlyName: string,
  seconds: SecondsRange,
  effect: string,
): PlanRow => ({
  on: 'service',
  scenarioName,
  friendlyName,
  seconds,
  tasks: [task(`${scenarioName}Task`, friendlyName, 1)],
  failsIn: `${scenarioName}Task`,
  jobDetails: 'AsrJobDetails',
  outcomeAtFirst: {},
  change: { effect },
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
    failback: runOperation('Failback', 'Planned failover', {
      ...failoverOutcome,
      isVariant: true,
      memberOperation: 'failback',
      to: 'failedOver',
      groupName: 'Data synchronization',
    }),
    finalizeFailback: runOperation('FinalizeFailback', 'Commit', {
      needs: 'Commit',
      isVariant: true,
      memberOperation: 'finalizeFailback',
      allowsPartial: true,
      to: 'ready',
      groupName: 'Recovery plan commit',
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
      memberOperation: 'reProtect',
      allowsPartial: true,
      to: 'ready',
      groupName: 'Recovery plan reprotect',
    }),
  },
};

export const planRow = (operation: string): PlanRow => operationRow(planTable, operation);

/** Returns the operation that a machine of this provider performs for the plan. */
export const memberOperationOf = (operation: string, { planMembers }: ProviderTable): string =>
  planMembers?.[operation] ?? planRow(operation).memberOperation ?? operation;

export function findPlanOperation(action: string): string | undefined {
  return Object.entries(planTable.operations).find(
    ([name, { memberOperation, isVariant }]) =>
      memberOperation !== undefined && !isVariant && name.toLowerCase() === action.toLowerCase(),
  )?.[0];
}
