// The table of Azure to Azure. No state offers a planned failover or a reprotect of the item
// itself: reprotect is an action of the container.
//
// The states after a failover and after its commit, and all task names, come from the real service.
// Two parts are deduced from the other providers: the allowed operations after a failover, and
// everything about a cancelled failover.

import {
  task,
  type OperationRow,
  type PlanPhases,
  type ProviderTable,
  type StateRow,
} from '../../provider-table.ts';

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
const WHEN_PROTECTED = ['UnplannedFailover', 'DisableProtection', 'TestFailover'];

const states: Record<string, StateRow> = {
  enabling: { ...enabling, allowedOperations: [], hidden: true },
  preparing: { ...enabling, allowedOperations: [] },
  enablingFailed: {
    protectionState: 'EnablingFailed',
    protectionStateDescription: 'Enabling protection failed',
    activeLocation: 'Primary',
    allowedOperations: ['DisableProtection'],
  },
  copying: {
    protectionState: 'InitialReplicationInProgress',
    protectionStateDescription: 'Initial replication is in progress',
    activeLocation: 'Primary',
    allowedOperations: ['DisableProtection'],
    automaticChange: { seconds: [900, 1140], change: { toState: 'copied' }, needsSource: true },
  },
  copied: {
    protectionState: 'InitialReplicationRecoveryCompletionPending',
    protectionStateDescription: 'Waiting for first recovery point',
    activeLocation: 'Primary',
    allowedOperations: ['DisableProtection'],
    automaticChange: {
      seconds: [60, 240],
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
    allowedOperations: ['Commit', 'DisableProtection', 'ChangePit', 'SwitchProtection', 'CancelFailover'],
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
): OperationRow => ({
  jobDetails: 'AsrJobDetails',
  outcomeAtFirst: {},
  ...fields,
});

const enableTasks = (visible?: true) => [
  task('EnableProtectionPrerequisitesCheck', 'Prerequisites check for enabling replication', 5),
  task(
    'CreateProtectionTarget',
    'Installing Mobility Service and preparing target',
    60,
    visible && { change: { toState: 'preparing', effect: 'configureAgent', canBeCancelled: true } },
  ),
  task('EnableProtection', 'Enable replication', 20),
  task('VmStartInitialReplication', 'Starting initial replication', 10),
  task('UpdateDraState', 'Updating the provider states', 5),
];

const enableFields = {
  scenarioName: 'EnableDr',
  friendlyName: 'Enable replication',
  seconds: [310, 425],
  failsIn: 'EnableProtection',
} as const;

const replicationOperations = {
  enable: defineOperation({
    on: 'put',
    ...enableFields,
    tasks: enableTasks(true),
    change: { toState: 'copying', effect: 'placeReplicas' },
    onFailure: { toState: 'enablingFailed' },
    onRefusal: { effect: 'forgetIfNew' },
  }),
  enableReplication: defineOperation({ on: 'service', ...enableFields, tasks: enableTasks() }),
  finalizeProtection: defineOperation({
    on: 'service',
    scenarioName: 'IrCompletion',
    friendlyName: 'Finalize protection on the virtual machine',
    seconds: [60, 240],
    failsIn: 'CompleteInitialReplication',
    tasks: [
      task('CompleteInitialReplication', 'Completing initial replication', 70),
      task('FailWorkflowOnIRFailureTask', 'Checking initial replication', 10),
      task('ReplicaConfiguration', 'Configuring the replica', 10),
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
  addDisks: defineOperation({
    on: 'item',
    needs: 'UnplannedFailover',
    scenarioName: 'AddDisks',
    friendlyName: 'Add disks',
    seconds: [90, 180],
    failsIn: 'AddDisksTask',
    tasks: [
      task('AddDisksPrerequisitesCheck', 'Prerequisites check for adding disks', 1),
      task('AddDisksTask', 'Adding disks', 4),
    ],
    change: { effect: 'addDisks' },
  }),
  removeDisks: defineOperation({
    on: 'item',
    needs: 'UnplannedFailover',
    scenarioName: 'RemoveDisks',
    friendlyName: 'Remove disks',
    seconds: [30, 90],
    failsIn: 'RemoveDisksTask',
    tasks: [
      task('RemoveDisksPrerequisitesCheck', 'Prerequisites check for removing disks', 1),
      task('RemoveDisksTask', 'Removing disks', 4),
    ],
    change: { effect: 'removeDisks' },
  }),
  remove: defineOperation({
    on: 'item',
    needs: 'DisableProtection',
    scenarioName: 'DisableDr',
    friendlyName: 'Disable replication',
    seconds: [180, 220],
    failsIn: 'DisableProtectionOnPrimary',
    tasks: [
      task('DisableProtectionOnPrimary', 'Disabling replication on the primary', 50),
      task('DisableProtectionOnSecondary', 'Disabling replication on the recovery side', 40),
      task('UpdateDraState', 'Updating the provider states', 10),
    ],
    change: { effect: 'forget' },
  }),
  purge: defineOperation({
    on: 'delete',
    scenarioName: 'PurgeVm',
    friendlyName: 'Remove the virtual machine from the vault',
    seconds: [95, 125],
    failsIn: 'PurgeVmTask',
    tasks: [task('PurgeVmTask', 'Removing the virtual machine', 1)],
    change: { effect: 'forget' },
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
    wholeGroup: true,
    scenarioName: 'TestFailover',
    friendlyName: 'Test failover',
    seconds: [130, 190],
    failsIn: 'VmTfoInitiateFailover',
    jobDetails: 'TestFailoverJobDetails',
    outcomeAtFirst: TEST_OUTCOME,
    tasks: [
      task('VmTfoPrerequisitesCheck', 'Prerequisites check for test failover', 5),
      task('VmTfoInitiateFailover', 'Starting test failover', 40),
      task('VmTfoPrepareTestVm', 'Creating the test virtual machine', 35, {
        change: { effect: 'bringUpTest' },
      }),
      task('VmTfoBootTestVm', 'Starting the test virtual machine', 20),
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
      task('VmTfoCleanupPreflightsCheck', 'Prerequisites check for cleaning up', 5),
      task('VmTfoEndFailover', 'Ending the test failover', 25),
      task('VmTfoDeleteTestVm', 'Deleting the test virtual machine', 70),
    ],
    change: { toState: 'tested', effect: 'cleanUpTest' },
  }),
};

const shutDownTask = task('VmShutdownVmOnPrimary', 'Shut down the virtual machine', 25, {
  taskId: 'ShutdownVmOnPrimaryForUFO',
  skippedWhen: 'sourceIsLeftRunning',
  change: { effect: 'shutDownSource' },
});
const failoverStartTasks = [
  task('VmPrepareForUnPlannedFailover', 'Synchronizing the latest changes', 15),
  task('VmFailover', 'Start failover', 35),
];
const failoverBootTask = task('VmFoStartVmOnSecondary', 'Start the replica virtual machine', 20, {
  change: { effect: 'bringUp' },
});
const failoverFields = {
  scenarioName: 'UnplannedFailover',
  friendlyName: 'Failover',
  failsIn: 'VmFailover',
  jobDetails: 'FailoverJobDetails',
  outcomeAtFirst: { protectedItemDetails: [] },
} as const;

const failoverOperations = {
  unplannedFailover: defineOperation({
    on: 'item',
    needs: 'UnplannedFailover',
    wholeGroup: true,
    ...failoverFields,
    seconds: [139, 172],
    tasks: [
      task('VmUfoPrerequisitesCheck', 'Prerequisites check for failover', 5),
      shutDownTask,
      ...failoverStartTasks,
      failoverBootTask,
    ],
    change: { toState: 'failedOver', effect: 'failOver' },
    onFailure: { effect: 'startSourceAgain' },
  }),
  applyRecoveryPoint: defineOperation({
    on: 'item',
    needs: 'ChangePit',
    scenarioName: 'ChangePit',
    friendlyName: 'Change recovery point',
    seconds: [150, 240],
    failsIn: 'VmFailover',
    jobDetails: 'FailoverJobDetails',
    outcomeAtFirst: { protectedItemDetails: [] },
    tasks: [
      task('CancelFailoverRecovery', 'Undoing the failover', 15),
      task('ChangePitPreflightCheck', 'Prerequisites check for changing the recovery point', 5),
      task('ShutdownVmRecovery', 'Shutting down the recovered virtual machine', 20),
      task('VmFailover', 'Start failover', 40),
      failoverBootTask,
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
    change: { toState: 'committed' },
  }),
  failoverCancel: defineOperation({
    on: 'item',
    needs: 'CancelFailover',
    scenarioName: 'CancelFailover',
    friendlyName: 'Cancel failover',
    seconds: [60, 150],
    failsIn: 'CancelFailoverRecovery',
    tasks: [
      task('VmCancelFailoverPrerequisitesCheck', 'Prerequisites check for cancelling the failover', 1),
      task('CancelFailoverRecovery', 'Undoing the failover', 4),
    ],
    change: { toState: 'protected', effect: 'undoFailover' },
  }),
  switchprotection: defineOperation({
    on: 'container',
    needs: 'SwitchProtection',
    wholeGroup: true,
    scenarioName: 'SwitchReplicationGroupProtection',
    friendlyName: 'Reprotect',
    seconds: [413, 505],
    failsIn: 'GetSwitchProtectionRequirementsTask',
    jobDetails: 'SwitchProtectionJobDetails',
    outcomeAtFirst: { newReplicationProtectedItemId: null },
    tasks: [
      task('SwitchReplicationGroupProtectionPreflightTask', 'Prerequisites check for reprotect', 5),
      task('VmCommitFailover', 'Commit', 5, { skippedWhen: 'failoverIsCommitted' }),
      task('DiscoverReplicaTask', 'Discovering the replica virtual machine', 5),
      task('GetSwitchProtectionRequirementsTask', 'Preparing to reprotect', 10),
      // From here on the item is in the other container.
      task('ProtectReplicaTask', 'Protecting the replica virtual machine', 75, {
        startsJob: 'enableReplication',
        change: { toState: 'copying', effect: 'reverse' },
      }),
    ],
  }),
};

/** Operations of other providers that this provider never offers. The job reports the refusal. */
const unsupportedOperations = {
  plannedFailover: defineOperation({
    on: 'item',
    needs: 'PlannedFailover',
    scenarioName: 'PlannedFailover',
    friendlyName: 'Planned failover',
    seconds: [139, 172],
    failsIn: 'VmFailover',
    tasks: [
      task('VmPfoPrerequisitesCheck', 'Prerequisites check for planned failover', 5),
      { ...shutDownTask, taskId: 'VmShutdownVmOnPrimary' },
      task('VmPrepareForFailover', 'Preparing for failover', 15),
      task('VmFailover', 'Start failover', 35),
      failoverBootTask,
    ],
  }),
  reProtect: defineOperation({
    on: 'item',
    needs: 'ReverseReplicate',
    scenarioName: 'ReverseReplication',
    friendlyName: 'Reverse replication',
    seconds: [413, 505],
    failsIn: 'VmInitiateReverseReplication',
    tasks: [
      task('VmReverseReplicationPrerequisitesCheck', 'Prerequisites check for reverse replication', 1),
      task('VmInitiateReverseReplication', 'Starting reverse replication', 4),
    ],
  }),
  repairReplication: defineOperation({
    on: 'item',
    needs: 'RepairReplication',
    scenarioName: 'RepairVMReplication',
    friendlyName: 'Resynchronize',
    seconds: [20, 60],
    failsIn: 'RepairVmReplicationTask',
    tasks: [task('RepairVmReplicationTask', 'Resynchronizing the virtual machine', 1)],
  }),
};

/**
 * Within a plan, each phase of a machine is a separate job with the name of the whole operation.
 */
const planOperations = {
  shutDownInPlan: defineOperation({
    on: 'service',
    ...failoverFields,
    seconds: [20, 60],
    tasks: [task('VmUfoPrerequisitesCheck', 'Prerequisites check for failover', 5), shutDownTask],
    failsIn: 'VmUfoPrerequisitesCheck',
  }),
  failOverInPlan: defineOperation({
    on: 'service',
    ...failoverFields,
    seconds: [80, 120],
    tasks: failoverStartTasks,
  }),
  bootInPlan: defineOperation({
    on: 'service',
    ...failoverFields,
    seconds: [30, 60],
    tasks: [failoverBootTask],
    failsIn: 'VmFoStartVmOnSecondary',
    change: { toState: 'failedOver', effect: 'failOver' },
  }),
};

const planPhases: Record<string, PlanPhases> = {
  unplannedFailover: { shutdown: 'shutDownInPlan', failover: 'failOverInPlan', boot: 'bootInPlan' },
  testFailover: { failover: 'testFailover' },
  testFailoverCleanup: { failover: 'testFailoverCleanup' },
  failoverCommit: { failover: 'failoverCommit' },
  failoverCancel: { failover: 'failoverCancel' },
  reProtect: { failover: 'switchprotection' },
};

/** The complete table of Azure to Azure. */
export const azureToAzureTable = {
  states,
  operations: {
    ...replicationOperations,
    ...testOperations,
    ...failoverOperations,
    ...unsupportedOperations,
    ...planOperations,
  },
  planPhases,
  planMembers: { reProtect: 'switchprotection' },
} as const satisfies ProviderTable;
