// The table of Hyper-V between VMM clouds. Job names and tasks come from recordings of 2017, the
// durations from Hyper-V to Azure.

import { guidOf } from '../../ids.ts';
import {
  task,
  type OperationRow,
  type PlanPhases,
  type ProviderTable,
  type TaskRow,
} from '../../provider-table.ts';
import { cloudStates } from './states.ts';

type DefaultedFields = 'jobDetails' | 'outcomeAtFirst';
const defineOperation = (
  fields: Omit<OperationRow, DefaultedFields> & Partial<Pick<OperationRow, DefaultedFields>>,
): OperationRow => ({
  jobDetails: 'AsrJobDetails',
  outcomeAtFirst: {},
  ...fields,
});

const updateStates = (weight: number): TaskRow =>
  task('UpdateDraState', 'Updating the provider states', weight);
const finalizing = (scenarioName: string, side: string): OperationRow =>
  defineOperation({
    on: 'service',
    scenarioName,
    friendlyName: `Finalize protection on the ${side} virtual machine`,
    seconds: [60, 120],
    failsIn: 'CompleteInitialReplication',
    tasks: [
      task('CompleteInitialReplication', 'Completing initial replication', 40),
      task('FailWorkflowOnIRFailureTask', 'Checking initial replication', 10),
      task('ReplicaConfiguration', 'Configuring the replica', 40),
      updateStates(10),
    ],
  });

/** A recorded reverse replication has GUIDs as the ids of its tasks. */
const reverseTask = (name: string, friendlyName: string, weight: number, more: Partial<TaskRow> = {}) =>
  task(name, friendlyName, weight, { taskId: guidOf('reverse replication', name), ...more });

const replicationOperations = {
  enable: defineOperation({
    on: 'put',
    scenarioName: 'EnableDr',
    friendlyName: 'Enable replication',
    seconds: [45, 75],
    failsIn: 'EnableProtection',
    tasks: [
      task('EnableProtectionPrerequisitesCheck', 'Prerequisites check for enabling protection', 10),
      task('CreateProtectionTarget', 'Identifying the replication target', 25, {
        change: { toState: 'preparing' },
      }),
      task('EnableProtection', 'Enable replication', 40),
      task('VmStartInitialReplication', 'Starting initial replication', 20),
      updateStates(5),
    ],
    change: { effect: 'startCopy' },
    onFailure: { toState: 'enablingFailed' },
    onRefusal: { effect: 'forgetIfNew' },
  }),
  finalizeSource: finalizing('PrimaryIrCompletion', 'primary'),
  finalizeReplica: finalizing('SecondaryIrCompletion', 'recovery'),
  repairReplication: defineOperation({
    on: 'item',
    needs: 'UnplannedFailover',
    scenarioName: 'RepairVMReplication',
    friendlyName: 'Resynchronize',
    seconds: [20, 60],
    failsIn: 'RepairVmReplicationTask',
    tasks: [task('RepairVmReplicationTask', 'Resynchronizing the virtual machine', 1)],
  }),
  remove: defineOperation({
    on: 'item',
    needs: 'DisableProtection',
    scenarioName: 'DisableDr',
    friendlyName: 'Disable replication',
    seconds: [11, 68],
    failsIn: 'DisableProtectionOnPrimary',
    tasks: [
      task('DisableProtectionOnPrimary', 'Disabling protection on the primary virtual machine', 50),
      task('DisableProtectionOnSecondary', 'Disabling protection on the recovery side', 40),
      updateStates(10),
    ],
    change: { effect: 'letGo' },
  }),
  purge: defineOperation({
    on: 'delete',
    scenarioName: 'PurgeVm',
    friendlyName: 'Remove the virtual machine from the vault',
    seconds: [10, 30],
    failsIn: 'PurgeVmTask',
    tasks: [task('PurgeVmTask', 'Removing the virtual machine', 1)],
    change: { effect: 'forget' },
  }),
  reProtect: defineOperation({
    on: 'item',
    needs: 'ReverseReplicate',
    scenarioName: 'ReverseReplication',
    friendlyName: 'Reverse replication',
    seconds: [60, 120],
    failsIn: 'VmInitiateReverseReplication',
    tasks: [
      reverseTask(
        'VmReverseReplicationPrerequisitesCheck',
        'Prerequisites check for reverse replication',
        10,
      ),
      reverseTask('VmCommit', 'Commit', 10, { skippedWhen: 'isCommitted' }),
      reverseTask('VmShutdownVmOnSecondary', 'Shut down the virtual machine', 10, {
        skippedWhen: 'sourceIsOff',
      }),
      reverseTask('VmPrepareForReverseReplication', 'Preparing for reverse replication', 20),
      reverseTask('VmInitiateReverseReplication', 'Reversing the replication', 40),
      reverseTask('VmStartInitialReplication', 'Starting initial replication', 5, {
        skippedWhen: 'copiesOnlyChanges',
      }),
      reverseTask('UpdateDraState', 'Updating the provider states', 5),
    ],
    change: { toState: 'resynchronizing', effect: 'reverse' },
  }),
};

const testOperations = {
  testFailover: defineOperation({
    on: 'item',
    needs: 'TestFailover',
    scenarioName: 'TestFailover',
    friendlyName: 'Test failover',
    seconds: [120, 240],
    failsIn: 'VmTfoInitiateFailover',
    jobDetails: 'TestFailoverJobDetails',
    outcomeAtFirst: {
      testFailoverStatus: null,
      comments: '',
      networkName: null,
      networkFriendlyName: null,
      networkType: null,
      protectedItemDetails: [],
    },
    tasks: [
      task('VmTfoPrerequisitesCheck', 'Prerequisites check for test failover', 5),
      task('VmTfoInitiateFailover', 'Create test virtual machine', 40),
      task('VmTfoPrepareTestVm', 'Preparing the virtual machine', 35),
      task('VmTfoBootTestVm', 'Start the virtual machine', 20, { change: { effect: 'bringUpTest' } }),
    ],
    change: { toState: 'testing', effect: 'noteTest' },
    onFailure: { effect: 'cleanUpTest' },
  }),
  testFailoverCleanup: defineOperation({
    on: 'item',
    needs: 'TestFailoverCleanup',
    scenarioName: 'TestFailoverCleanup',
    friendlyName: 'Test failover cleanup',
    seconds: [60, 110],
    failsIn: 'VmTfoDeleteTestVm',
    jobDetails: 'TestFailoverJobDetails',
    outcomeAtFirst: {
      testFailoverStatus: null,
      comments: '',
      networkName: null,
      networkFriendlyName: null,
      networkType: null,
      protectedItemDetails: [],
    },
    tasks: [
      task('VmTfoCleanupPreflightsCheck', 'Prerequisites check for test failover cleanup', 5),
      task('VmTfoEndFailover', 'Complete test failover', 25),
      task('VmTfoDeleteTestVm', 'Delete test virtual machine', 70),
    ],
    change: { toState: 'tested', effect: 'cleanUpTest' },
  }),
};

const failoverJob = {
  failsIn: 'VmFailover',
  jobDetails: 'FailoverJobDetails',
  outcomeAtFirst: { protectedItemDetails: [] },
} as const;
const unplannedFields = {
  ...failoverJob,
  scenarioName: 'UnplannedFailover',
  friendlyName: 'Failover',
} as const;
const plannedFields = {
  ...failoverJob,
  scenarioName: 'PlannedFailover',
  friendlyName: 'Planned failover',
} as const;

const unplannedCheck = task('VmUfoPrerequisitesCheck', 'Prerequisites check for failover', 5);
const unplannedShutdown = task('VmShutdownVmOnPrimary', 'Shut down the virtual machine', 10, {
  taskId: 'ShutdownVmOnPrimaryForUFO',
  skippedWhen: 'sourceIsLeftRunning',
  change: { effect: 'shutDownSource' },
});
const unplannedPreparation = task('VmPrepareForUnPlannedFailover', 'Synchronizing the latest changes', 15);
const plannedCheck = task('VmPfoPrerequisitesCheck', 'Prerequisites check for planned failover', 5, {
  taskId: 'PlannedFailoverPreflightChecksTask',
});
/** A planned failover loses no data. So it ends when the source cannot be shut down. */
const plannedShutdown = task('VmShutdownVmOnPrimary', 'Shut down the virtual machine', 10, {
  taskId: 'ShutdownVmOnPrimary',
  change: { effect: 'shutDownSourceSurely' },
});
const plannedPreparation = task('VmPrepareForFailover', 'Preparing for failover', 15, {
  taskId: 'PrepareForFailoverTask',
  change: { effect: 'sendLastChanges' },
});
const start = task('VmFailover', 'Start failover', 50, { taskId: 'FailoverTask' });
const boot = task('VmFoStartVmOnSecondary', 'Start the replica virtual machine', 20, {
  taskId: 'StartVmOnSecondary',
  change: { effect: 'bringUp' },
});
const unplannedEnd = {
  change: { toState: 'failedOver', effect: 'failOver' },
  onFailure: { effect: 'startSourceAgain' },
} as const;
const plannedEnd = {
  change: { toState: 'plannedFailedOver', effect: 'failOver' },
  onFailure: { effect: 'startSourceAgain' },
} as const;

const failoverOperations = {
  unplannedFailover: defineOperation({
    on: 'item',
    needs: 'UnplannedFailover',
    ...unplannedFields,
    seconds: [240, 420],
    tasks: [unplannedCheck, unplannedShutdown, unplannedPreparation, start, boot],
    ...unplannedEnd,
  }),
  plannedFailover: defineOperation({
    on: 'item',
    needs: 'PlannedFailover',
    ...plannedFields,
    seconds: [240, 420],
    tasks: [plannedCheck, plannedShutdown, plannedPreparation, start, boot],
    ...plannedEnd,
  }),
  applyRecoveryPoint: defineOperation({
    on: 'item',
    needs: 'ChangePit',
    ...failoverJob,
    scenarioName: 'ChangePit',
    friendlyName: 'Change recovery point',
    seconds: [120, 240],
    tasks: [
      task('CancelFailoverRecovery', 'Cancelling the failover', 15),
      task('ChangePitPreflightCheck', 'Prerequisites check for changing the recovery point', 5),
      task('ShutdownVmRecovery', 'Shut down the virtual machine', 20),
      start,
      boot,
    ],
    change: { effect: 'failOver' },
  }),
  failoverCommit: defineOperation({
    on: 'item',
    needs: 'Commit',
    scenarioName: 'CommitFailover',
    friendlyName: 'Commit',
    seconds: [1, 37],
    failsIn: 'VmCommit',
    tasks: [
      task('VmCommitPrerequisitesCheck', 'Prerequisites check for commit', 1),
      task('VmCommit', 'Commit', 3),
    ],
    change: { effect: 'commit' },
  }),
};

/** Within a plan, each phase of a machine is a separate job with the name of the whole operation. */
const planOperations = {
  shutDownInPlan: defineOperation({
    on: 'service',
    ...unplannedFields,
    seconds: [20, 60],
    tasks: [unplannedCheck, unplannedShutdown],
    failsIn: 'VmUfoPrerequisitesCheck',
  }),
  failOverInPlan: defineOperation({
    on: 'service',
    ...unplannedFields,
    seconds: [180, 300],
    tasks: [unplannedPreparation, start],
  }),
  bootInPlan: defineOperation({
    on: 'service',
    ...unplannedFields,
    seconds: [30, 60],
    tasks: [boot],
    failsIn: 'VmFoStartVmOnSecondary',
    ...unplannedEnd,
  }),
  shutDownInPlannedPlan: defineOperation({
    on: 'service',
    ...plannedFields,
    seconds: [20, 60],
    tasks: [plannedCheck, plannedShutdown],
    failsIn: 'VmPfoPrerequisitesCheck',
    onFailure: { effect: 'startSourceAgain' },
  }),
  failOverInPlannedPlan: defineOperation({
    on: 'service',
    ...plannedFields,
    seconds: [180, 300],
    tasks: [plannedPreparation, start],
    onFailure: { effect: 'startSourceAgain' },
  }),
  bootInPlannedPlan: defineOperation({
    on: 'service',
    ...plannedFields,
    seconds: [30, 60],
    tasks: [boot],
    failsIn: 'VmFoStartVmOnSecondary',
    ...plannedEnd,
  }),
};

const planPhases: Record<string, PlanPhases> = {
  unplannedFailover: { shutdown: 'shutDownInPlan', failover: 'failOverInPlan', boot: 'bootInPlan' },
  plannedFailover: {
    shutdown: 'shutDownInPlannedPlan',
    failover: 'failOverInPlannedPlan',
    boot: 'bootInPlannedPlan',
  },
  testFailover: { failover: 'testFailover' },
  testFailoverCleanup: { failover: 'testFailoverCleanup' },
  failoverCommit: { failover: 'failoverCommit' },
  reProtect: { failover: 'reProtect' },
};

/** The complete table of Hyper-V between VMM clouds. */
export const cloudTable = {
  states: cloudStates,
  operations: { ...replicationOperations, ...testOperations, ...failoverOperations, ...planOperations },
  planPhases,
} as const satisfies ProviderTable;
