// The tables of VMware to Azure: one for each instance type. The names of tasks and jobs, and the
// states of a failback, come from recordings of 2021 and 2023.
//
// Deduced from other providers: the states after a commit, and the jobs of a commit. Nobody has seen
// a planned failover to Azure: only the way home has one, and only with the appliance.

import type { SecondsRange } from '../../ids.ts';
import type { OperationRow, PlanPhases, ProviderTable, StateRow, TaskRow } from '../../provider-table.ts';
import {
  CANCEL_TASKS,
  CHANGE_POINT_TASKS,
  CLEANUP_TASKS,
  COMMIT_TASKS,
  ENABLE_TASKS,
  FINALIZE_TASKS,
  HOME_FAILOVER_TASKS,
  PLANNED_HOME_TASKS,
  reprotectTasks,
  TEST_TASKS,
  failoverTasks,
} from './tasks.ts';

const enabling = {
  protectionState: 'UnprotectedStatesBegin',
  protectionStateDescription: 'Enabling protection',
  activeLocation: 'Primary',
} as const;
const isProtected = {
  protectionState: 'Protected',
  protectionStateDescription: 'Protected',
  activeLocation: 'Primary',
} as const;
const copying = {
  protectionState: 'InitialReplicationInProgress',
  protectionStateDescription: 'Initial replication is in progress',
  activeLocation: 'Primary',
  allowedOperations: ['DisableProtection'],
} as const;
const enablingFailed: StateRow = {
  protectionState: 'EnablingFailed',
  protectionStateDescription: 'Enabling protection failed',
  activeLocation: 'Primary',
  allowedOperations: ['DisableProtection'],
};
const WHEN_PROTECTED = ['UnplannedFailover', 'DisableProtection', 'TestFailover'];

const statesToAzure: Record<string, StateRow> = {
  enabling: { ...enabling, allowedOperations: [], hidden: true },
  preparing: { ...enabling, allowedOperations: [] },
  enablingFailed,
  copying: {
    ...copying,
    automaticChange: { seconds: [1200, 2400], change: { toState: 'copied' }, needsSource: true },
  },
  copied: {
    protectionState: 'InitialReplicationRecoveryCompletionPending',
    protectionStateDescription: 'Waiting for first recovery point',
    activeLocation: 'Primary',
    allowedOperations: ['DisableProtection'],
    automaticChange: {
      seconds: [120, 600],
      change: { toState: 'protected', effect: 'becomeProtected' },
      job: 'finalizeProtection',
    },
  },
  protected: { ...isProtected, allowedOperations: WHEN_PROTECTED },
  testing: {
    ...isProtected,
    allowedOperations: ['TestFailoverCleanup'],
    testFailover: { state: 'WaitingForCompletion', description: 'Waiting for user input' },
    keepsScenario: true,
  },
  tested: {
    ...isProtected,
    allowedOperations: WHEN_PROTECTED,
    testFailover: { state: 'MarkedForDeletion', description: 'Cleaning up test environment' },
    automaticChange: { seconds: [300, 900], change: { toState: 'protected' } },
  },
  failedOver: {
    protectionState: 'UnplannedFailoverCommitPendingStatesBegin',
    protectionStateDescription: 'Failover completed',
    activeLocation: 'Recovery',
    allowedOperations: ['CompleteMigration', 'Commit', 'DisableProtection', 'ChangePit', 'SwitchProtection'],
  },
  committed: {
    protectionState: 'UnplannedFailoverCommitted',
    protectionStateDescription: 'Failover committed',
    activeLocation: 'Recovery',
    allowedOperations: ['CompleteMigration', 'DisableProtection', 'SwitchProtection'],
  },
};

/** On the way home no first recovery point is waited for, and nothing can be tested. */
const copyingHome: StateRow = {
  ...copying,
  automaticChange: {
    seconds: [900, 1800],
    change: { toState: 'protected', effect: 'becomeProtected' },
    needsSource: true,
  },
};

const statesHome: Record<string, StateRow> = {
  enabling: { ...enabling, allowedOperations: [], hidden: true },
  preparing: { ...enabling, allowedOperations: [] },
  enablingFailed,
  copying: copyingHome,
  protected: { ...isProtected, allowedOperations: ['PlannedFailover', 'DisableProtection'] },
  failedOver: {
    protectionState: 'CommitPendingStatesBegin',
    protectionStateDescription: 'Planned failover finished',
    activeLocation: 'Recovery',
    allowedOperations: [
      'CompleteMigration',
      'Commit',
      'DisableProtection',
      'SwitchProtection',
      'CancelFailover',
    ],
  },
  committed: {
    protectionState: 'PlannedFailoverStatesBegin',
    protectionStateDescription: 'Planned failover committed',
    activeLocation: 'Recovery',
    allowedOperations: ['CompleteMigration', 'DisableProtection', 'SwitchProtection'],
  },
};

/** The older way home is an unplanned failover. */
const statesHomeClassic: Record<string, StateRow> = {
  ...statesHome,
  protected: { ...isProtected, allowedOperations: ['UnplannedFailover', 'DisableProtection'] },
  failedOver: {
    protectionState: 'UnplannedFailoverCommitPendingStatesBegin',
    protectionStateDescription: 'Failover completed',
    activeLocation: 'Recovery',
    allowedOperations: ['Commit', 'DisableProtection'],
  },
  committed: {
    protectionState: 'UnplannedFailoverCommitted',
    protectionStateDescription: 'Failover committed',
    activeLocation: 'Recovery',
    allowedOperations: ['DisableProtection', 'SwitchProtection'],
  },
};

type DefaultedFields = 'jobDetails' | 'outcomeAtFirst';
const defineOperation = (
  fields: Omit<OperationRow, DefaultedFields> & Partial<Pick<OperationRow, DefaultedFields>>,
): OperationRow => ({ jobDetails: 'AsrJobDetails', outcomeAtFirst: {}, ...fields });

const plainOperation = (
  on: OperationRow['on'],
  scenarioName: string,
  friendlyName: string,
  seconds: SecondsRange,
  tasks: readonly TaskRow[],
  more: Partial<OperationRow> = {},
): OperationRow =>
  defineOperation({
    on,
    scenarioName,
    friendlyName,
    seconds,
    tasks,
    failsIn: tasks.at(-1)?.name ?? '',
    ...more,
  });

const oneTask = (name: string, friendlyName: string): TaskRow[] => [
  { taskId: name, name, friendlyName, weight: 1 },
];

const replicationOperations = {
  enable: plainOperation('put', 'EnableDr', 'Enable replication', [1500, 1800], ENABLE_TASKS, {
    failsIn: 'CreateProtectionTarget',
    change: { toState: 'copying', effect: 'placeReplicas' },
    onFailure: { toState: 'enablingFailed' },
    onRefusal: { effect: 'forgetIfNew' },
  }),
  finalizeProtection: plainOperation(
    'service',
    'IrCompletion',
    'Finalize protection on the virtual machine',
    [120, 600],
    FINALIZE_TASKS,
    { failsIn: 'CompleteInitialReplication' },
  ),
  update: plainOperation(
    'patch',
    'UpdateVmProperties',
    'Update the virtual machine',
    [4, 20],
    oneTask('UpdateVmPropertiesTask', 'Updating the virtual machine properties'),
    { change: { effect: 'update' } },
  ),
  updateAppliance: plainOperation(
    'item',
    'SwitchAppliance',
    'Switch appliance',
    [120, 300],
    oneTask('SwitchApplianceTask', 'Moving the virtual machine to another appliance'),
    { needs: 'UnplannedFailover', change: { effect: 'switchAppliance' } },
  ),
  repairReplication: plainOperation(
    'item',
    'RepairVMReplication',
    'Resynchronize',
    [20, 60],
    oneTask('RepairVmReplicationTask', 'Resynchronizing the virtual machine'),
    { needs: 'RepairReplication' },
  ),
  remove: plainOperation(
    'item',
    'DisableDr',
    'Disable replication',
    [30, 68],
    [
      ...oneTask('DisableProtectionOnPrimary', 'Disabling replication on the primary'),
      ...oneTask('DisableProtectionOnSecondary', 'Disabling replication on the recovery side'),
      ...oneTask('UpdateDraState', 'Updating the provider states'),
    ],
    { needs: 'DisableProtection', failsIn: 'DisableProtectionOnPrimary', change: { effect: 'forget' } },
  ),
  purge: plainOperation(
    'delete',
    'PurgeVm',
    'Remove the virtual machine from the vault',
    [11, 40],
    oneTask('PurgeVmTask', 'Removing the virtual machine'),
    { change: { effect: 'forget' } },
  ),
};

const testDetails = {
  jobDetails: 'TestFailoverJobDetails',
  outcomeAtFirst: {
    testFailoverStatus: null,
    comments: null,
    networkName: null,
    networkFriendlyName: null,
    networkType: null,
    protectedItemDetails: [],
  },
} as const;
const failoverDetails = {
  jobDetails: 'FailoverJobDetails',
  outcomeAtFirst: { protectedItemDetails: [] },
} as const;

const testOperations = {
  testFailover: plainOperation('item', 'TestFailover', 'Test failover', [400, 700], TEST_TASKS, {
    ...testDetails,
    needs: 'TestFailover',
    wholeGroup: true,
    failsIn: 'VmTfoInitiateFailover',
    change: { toState: 'testing', effect: 'noteTest' },
    onFailure: { effect: 'cleanUpTest' },
  }),
  testFailoverCleanup: plainOperation(
    'item',
    'TestFailoverCleanup',
    'Test failover cleanup',
    [60, 150],
    CLEANUP_TASKS,
    {
      ...testDetails,
      needs: 'TestFailoverCleanup',
      failsIn: 'VmTfoDeleteTestVm',
      change: { toState: 'tested', effect: 'cleanUpTest' },
    },
  ),
};

const unplanned = { scenarioName: 'UnplannedFailover', friendlyName: 'Failover' } as const;

const failoverToAzure = (more: Partial<OperationRow>): OperationRow =>
  defineOperation({
    on: 'item',
    ...unplanned,
    ...failoverDetails,
    seconds: [560, 700],
    tasks: failoverTasks(),
    failsIn: 'VmFailover',
    wholeGroup: true,
    change: { toState: 'failedOver', effect: 'failOver' },
    onFailure: { effect: 'startSourceAgain' },
    ...more,
  });

const failoverHome = (
  scenarioName: string,
  friendlyName: string,
  tasks: readonly TaskRow[],
  more: Partial<OperationRow>,
): OperationRow =>
  plainOperation('item', scenarioName, friendlyName, [1100, 1400], tasks, {
    ...failoverDetails,
    wholeGroup: true,
    failsIn: 'VmFailover',
    change: { toState: 'failedOver', effect: 'failHome' },
    onFailure: { effect: 'undoFailHome' },
    ...more,
  });
const PLANNED = ['PlannedFailover', 'Planned failover', PLANNED_HOME_TASKS] as const;

const reprotect = (effect: string): OperationRow =>
  plainOperation(
    'item',
    'SwitchReplicationGroupProtection',
    'Reprotect',
    [660, 780],
    reprotectTasks(effect),
    {
      needs: 'SwitchProtection',
      wholeGroup: true,
      jobDetails: 'SwitchProtectionJobDetails',
      outcomeAtFirst: { newReplicationProtectedItemId: null },
      failsIn: 'GetSwitchProtectionRequirementsTask',
    },
  );

const commit = plainOperation('item', 'CommitFailover', 'Commit', [10, 90], COMMIT_TASKS, {
  needs: 'Commit',
  change: { toState: 'committed' },
});
const cancel = plainOperation(
  'item',
  'CancelFailover',
  'Cancel failover and resume replication',
  [300, 600],
  CANCEL_TASKS,
  {
    needs: 'CancelFailover',
    failsIn: 'CancelFailoverRecovery',
    change: { toState: 'protected', effect: 'undoFailHome' },
  },
);
const changePoint = plainOperation(
  'item',
  'ChangePit',
  'Change recovery point',
  [420, 700],
  CHANGE_POINT_TASKS,
  { ...failoverDetails, needs: 'ChangePit', failsIn: 'VmFailover', change: { effect: 'failOver' } },
);

/**
 * Both directions know the same operations, because a restart of an old job meets the item in
 * either direction. An operation that no state offers is refused by its job.
 */
const operationsToAzure = {
  ...replicationOperations,
  ...testOperations,
  unplannedFailover: failoverToAzure({ needs: 'UnplannedFailover' }),
  plannedFailover: failoverHome(...PLANNED, { needs: 'PlannedFailover' }),
  applyRecoveryPoint: changePoint,
  failoverCommit: commit,
  failoverCancel: cancel,
  reProtect: reprotect('turnHome'),
  shutDownInPlan: failoverToAzure({
    on: 'service',
    seconds: [20, 60],
    tasks: failoverTasks('VmUfoPrerequisitesCheck', 'VmShutdownVmOnPrimary'),
    failsIn: 'VmUfoPrerequisitesCheck',
    change: {},
  }),
  failOverInPlan: failoverToAzure({
    on: 'service',
    seconds: [240, 420],
    tasks: failoverTasks('VmFailover'),
    change: {},
  }),
  bootInPlan: failoverToAzure({
    on: 'service',
    seconds: [120, 200],
    tasks: failoverTasks('VmFoStartVmOnSecondary'),
    failsIn: 'VmFoStartVmOnSecondary',
  }),
} satisfies Record<string, OperationRow>;

const operationsHome: Record<string, OperationRow> = {
  ...operationsToAzure,
  unplannedFailover: failoverHome(unplanned.scenarioName, unplanned.friendlyName, HOME_FAILOVER_TASKS, {
    needs: 'UnplannedFailover',
  }),
  reProtect: reprotect('turnToAzure'),
};

const phasesToAzure: Record<string, PlanPhases> = {
  unplannedFailover: { shutdown: 'shutDownInPlan', failover: 'failOverInPlan', boot: 'bootInPlan' },
  testFailover: { failover: 'testFailover' },
  testFailoverCleanup: { failover: 'testFailoverCleanup' },
  failoverCommit: { failover: 'failoverCommit' },
  reProtect: { failover: 'reProtect' },
};
const phasesHome = (failover: 'plannedFailover' | 'unplannedFailover'): Record<string, PlanPhases> => ({
  [failover]: { failover },
  failoverCommit: { failover: 'failoverCommit' },
  failoverCancel: { failover: 'failoverCancel' },
  reProtect: { failover: 'reProtect' },
});

export const toAzureTable: ProviderTable = {
  states: statesToAzure,
  operations: operationsToAzure,
  planPhases: phasesToAzure,
};
export const homeTable: ProviderTable = {
  states: statesHome,
  operations: operationsHome,
  planPhases: phasesHome('plannedFailover'),
};
export const classicHomeTable: ProviderTable = {
  states: statesHomeClassic,
  operations: operationsHome,
  planPhases: phasesHome('unplannedFailover'),
};
