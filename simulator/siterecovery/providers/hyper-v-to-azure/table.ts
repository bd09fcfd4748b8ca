// The table of Hyper-V to Azure. Job names, tasks and their order come from recordings of the service
// (2017 to 2023). The tasks of a failback are deduced.

import { task, type OperationRow, type PlanPhases, type ProviderTable } from '../../provider-table.ts';
import { hyperVStates } from './states.ts';

type DefaultedFields = 'jobDetails' | 'outcomeAtFirst';
const defineOperation = (
  fields: Omit<OperationRow, DefaultedFields> & Partial<Pick<OperationRow, DefaultedFields>>,
): OperationRow => ({
  jobDetails: 'AsrJobDetails',
  outcomeAtFirst: {},
  ...fields,
});

const createTarget = (toState: string) =>
  task('CreateProtectionTarget', 'Identifying the replication target', 25, { change: { toState } });
const replicationTasks = [
  task('EnableProtection', 'Enable replication', 40),
  task('VmStartInitialReplication', 'Starting initial replication', 20),
];

const replicationOperations = {
  enable: defineOperation({
    on: 'put',
    scenarioName: 'EnableDr',
    friendlyName: 'Enable replication',
    seconds: [45, 75],
    failsIn: 'EnableProtection',
    tasks: [
      task('EnableProtectionPrerequisitesCheck', 'Prerequisites check for enabling protection', 10),
      createTarget('preparing'),
      ...replicationTasks,
      task('UpdateDraState', 'Updating the provider states', 5),
    ],
    change: { toState: 'copying', effect: 'placeReplicas' },
    onFailure: { toState: 'enablingFailed' },
    onRefusal: { effect: 'forgetIfNew' },
  }),
  finalizeProtection: defineOperation({
    on: 'service',
    scenarioName: 'IrCompletion',
    friendlyName: 'Finalize protection on the virtual machine',
    seconds: [60, 180],
    failsIn: 'CompleteInitialReplication',
    tasks: [
      task('CompleteInitialReplication', 'Completing initial replication', 40),
      task('FailWorkflowOnIRFailureTask', 'Checking initial replication', 10),
      task('ReplicaConfiguration', 'Configuring the replica', 40),
      task('UpdateDraState', 'Updating the provider states', 10),
    ],
  }),
  update: defineOperation({
    on: 'patch',
    scenarioName: 'UpdateVmProperties',
    friendlyName: 'Update the virtual machine',
    seconds: [4, 20],
    failsIn: 'UpdateVmPropertiesTask',
    tasks: [task('UpdateVmPropertiesTask', 'Updating the virtual machine properties', 1)],
    change: { effect: 'update' },
  }),
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
      task('UpdateDraState', 'Updating the provider states', 10),
    ],
    change: { effect: 'forget' },
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
    scenarioName: 'ReprotectReplicationGroup',
    friendlyName: 'Reverse replication',
    seconds: [60, 120],
    failsIn: 'EnableProtection',
    tasks: [task('CreateProtectionTarget', 'Identifying the replication target', 25), ...replicationTasks],
    change: { toState: 'resynchronizing', effect: 'reverse' },
  }),
};

const TEST_OUTCOME = {
  testFailoverStatus: null,
  comments: '',
  networkName: null,
  networkFriendlyName: null,
  networkType: null,
  protectedItemDetails: [],
};

const testOperations = {
  testFailover: defineOperation({
    on: 'item',
    needs: 'TestFailover',
    scenarioName: 'TestFailover',
    friendlyName: 'Test failover',
    seconds: [240, 420],
    failsIn: 'VmTfoInitiateFailover',
    jobDetails: 'TestFailoverJobDetails',
    outcomeAtFirst: TEST_OUTCOME,
    tasks: [
      task('VmTfoPrerequisitesCheck', 'Prerequisites check for test failover', 5),
      task('VmTfoInitiateFailover', 'Create test virtual machine', 40),
      task('VmTfoPrepareTestVm', 'Preparing the virtual machine', 35, { change: { effect: 'bringUpTest' } }),
      task('VmTfoBootTestVm', 'Start the virtual machine', 20),
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
    outcomeAtFirst: TEST_OUTCOME,
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
const unplannedShutdown = task('VmShutdownVmOnPrimary', 'Shut down the virtual machine', 3, {
  taskId: 'ShutdownVmOnPrimaryForUFO',
  skippedWhen: 'sourceIsLeftRunning',
  change: { effect: 'shutDownSource' },
});
const unplannedPreparation = task('VmPrepareForUnPlannedFailover', 'Synchronizing the latest changes', 4);
const plannedCheck = task('VmPfoPrerequisitesCheck', 'Prerequisites check for planned failover', 6, {
  taskId: 'PlannedFailoverPreflightChecksTask',
});
/** A planned failover loses no data. So it ends when the source cannot be shut down. */
const plannedShutdown = task('VmShutdownVmOnPrimary', 'Shut down the virtual machine', 3, {
  taskId: 'ShutdownVmOnPrimary',
  change: { effect: 'shutDownSourceSurely' },
});
const plannedPreparation = task('VmPrepareForFailover', 'Preparing for failover', 3, {
  taskId: 'PrepareForFailoverTask',
  change: { effect: 'sendLastChanges' },
});
const start = task('VmFailover', 'Start failover', 85, { taskId: 'FailoverTask' });
const boot = task('VmFoStartVmOnSecondary', 'Start the replica virtual machine', 2, {
  taskId: 'StartVmOnSecondary',
  change: { effect: 'bringUp' },
});

const failoverOperations = {
  unplannedFailover: defineOperation({
    on: 'item',
    needs: 'UnplannedFailover',
    ...unplannedFields,
    seconds: [620, 660],
    tasks: [unplannedCheck, unplannedShutdown, unplannedPreparation, start, boot],
    change: { toState: 'failedOver', effect: 'failOver' },
    onFailure: { effect: 'startSourceAgain' },
  }),
  plannedFailover: defineOperation({
    on: 'item',
    needs: 'PlannedFailover',
    ...plannedFields,
    seconds: [560, 600],
    tasks: [plannedCheck, plannedShutdown, plannedPreparation, start, boot],
    change: { toState: 'plannedFailedOver', effect: 'failOver' },
    onFailure: { effect: 'startSourceAgain' },
  }),
  applyRecoveryPoint: defineOperation({
    on: 'item',
    needs: 'ChangePit',
    ...failoverJob,
    scenarioName: 'ChangePit',
    friendlyName: 'Change recovery point',
    seconds: [300, 500],
    tasks: [
      task('CancelFailoverRecovery', 'Cancelling the failover', 15),
      task('ChangePitPreflightCheck', 'Prerequisites check for changing the recovery point', 5),
      task('ShutdownVmRecovery', 'Shut down the virtual machine', 20),
      task('VmFailover', 'Start failover', 40),
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
  /** No state offers to cancel a failover. The job reports the refusal. */
  failoverCancel: defineOperation({
    on: 'item',
    needs: 'CancelFailover',
    scenarioName: 'CancelFailover',
    friendlyName: 'Cancel failover',
    seconds: [60, 150],
    failsIn: 'CancelFailoverRecovery',
    tasks: [task('CancelFailoverRecovery', 'Cancelling the failover', 1)],
  }),
};

/** A failback is a planned failover home, and its commit ends the machine in Azure. */
const failbackOperations = {
  failback: defineOperation({
    on: 'service',
    needs: 'Failback',
    ...failoverJob,
    scenarioName: 'Failback',
    friendlyName: 'Planned failover',
    failsIn: 'PrepareVmOnPremForFailback',
    seconds: [340, 690],
    tasks: [
      task('VmFailbackPrerequisitesCheck', 'Prerequisites check for planned failover', 5),
      task('PrepareVmOnPremForFailback', 'Data synchronization', 60, { change: { effect: 'findHome' } }),
      task('WaitForUserInputForFailback', 'Waiting for user input', 0, {
        skippedWhen: 'synchronizesInOneGo',
        waits: 'Complete the failover when the virtual machine in Azure may shut down.',
      }),
      task('VmShutdownVmOnSecondary', 'Shut down the virtual machine', 10, {
        change: { effect: 'shutDownRecovered' },
      }),
      task('VmFailback', 'Synchronizing the latest changes', 15),
      task('VmStartVmOnPrimary', 'Start the virtual machine', 10, { change: { effect: 'startHome' } }),
    ],
    change: { toState: 'failedBack', effect: 'failBack' },
    onFailure: { effect: 'startRecoveredAgain' },
  }),
  finalizeFailback: defineOperation({
    on: 'service',
    needs: 'FinalizeFailback',
    scenarioName: 'FinalizeFailback',
    friendlyName: 'Commit',
    seconds: [20, 60],
    failsIn: 'VmCommit',
    tasks: [
      task('VmCommitPrerequisitesCheck', 'Prerequisites check for commit', 1),
      task('VmCommit', 'Commit', 4),
    ],
    change: { toState: 'restored', effect: 'removeRecovered' },
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
    seconds: [520, 580],
    tasks: [unplannedPreparation, start],
  }),
  bootInPlan: defineOperation({
    on: 'service',
    ...unplannedFields,
    seconds: [30, 60],
    tasks: [boot],
    failsIn: 'VmFoStartVmOnSecondary',
    change: { toState: 'failedOver', effect: 'failOver' },
    onFailure: { effect: 'startSourceAgain' },
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
    seconds: [520, 580],
    tasks: [plannedPreparation, start],
    onFailure: { effect: 'startSourceAgain' },
  }),
  bootInPlannedPlan: defineOperation({
    on: 'service',
    ...plannedFields,
    seconds: [30, 60],
    tasks: [boot],
    failsIn: 'VmFoStartVmOnSecondary',
    change: { toState: 'plannedFailedOver', effect: 'failOver' },
    onFailure: { effect: 'startSourceAgain' },
  }),
};

const planPhases: Record<string, PlanPhases> = {
  unplannedFailover: { shutdown: 'shutDownInPlan', failover: 'failOverInPlan', boot: 'bootInPlan' },
  plannedFailover: {
    shutdown: 'shutDownInPlannedPlan',
    failover: 'failOverInPlannedPlan',
    boot: 'bootInPlannedPlan',
  },
  failback: { failover: 'failback' },
  testFailover: { failover: 'testFailover' },
  testFailoverCleanup: { failover: 'testFailoverCleanup' },
  failoverCommit: { failover: 'failoverCommit' },
  finalizeFailback: { failover: 'finalizeFailback' },
  reProtect: { failover: 'reProtect' },
};

/** The complete table of Hyper-V to Azure. */
export const hyperVTable = {
  states: hyperVStates,
  operations: {
    ...replicationOperations,
    ...testOperations,
    ...failoverOperations,
    ...failbackOperations,
    ...planOperations,
  },
  planPhases,
} as const satisfies ProviderTable;
