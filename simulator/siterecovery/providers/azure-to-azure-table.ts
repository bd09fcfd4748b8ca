// Azure to Azure, as a table. No state offers a planned failover or a reprotect of the item itself:
// its reprotect is an action of the container.
//
// The states after a failover and after its commit, and all names of tasks, are those seen from the
// real service; which operations are allowed after a failover, and all of a cancelled failover, are
// deduced from the other providers.

import { task, type OperationRow, type PlanPhases, type ProviderTable, type StateRow } from '../table.ts';

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
    then: { seconds: [900, 1140], change: { to: 'copied' }, needsSource: true },
  },
  copied: {
    protectionState: 'InitialReplicationRecoveryCompletionPending',
    protectionStateDescription: 'Waiting for first recovery point',
    activeLocation: 'Primary',
    allowedOperations: ['DisableProtection'],
    then: {
      seconds: [60, 240],
      change: { to: 'protected', does: 'becomeProtected' },
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
    then: { seconds: [300, 900], change: { to: 'protected' } },
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

type Common = 'jobDetails' | 'outcomeAtFirst';
const row = (given: Omit<OperationRow, Common> & Partial<Pick<OperationRow, Common>>): OperationRow => ({
  jobDetails: 'AsrJobDetails',
  outcomeAtFirst: {},
  ...given,
});

const enableTasks = (visible?: true) => [
  task('EnableProtectionPrerequisitesCheck', 'Prerequisites check for enabling replication', 5),
  task(
    'CreateProtectionTarget',
    'Installing Mobility Service and preparing target',
    60,
    visible && { change: { to: 'preparing' } },
  ),
  task('EnableProtection', 'Enable replication', 20),
  task('VmStartInitialReplication', 'Starting initial replication', 10),
  task('UpdateDraState', 'Updating the provider states', 5),
];

const enabled = {
  scenarioName: 'EnableDr',
  friendlyName: 'Enable replication',
  seconds: [310, 425],
  failsIn: 'EnableProtection',
} as const;

const replication = {
  enable: row({
    on: 'put',
    ...enabled,
    tasks: enableTasks(true),
    change: { to: 'copying', does: 'placeReplicas' },
    onFailure: { to: 'enablingFailed' },
    onRefusal: { does: 'forgetIfNew' },
  }),
  enableReplication: row({ on: 'service', ...enabled, tasks: enableTasks() }),
  finalizeProtection: row({
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
  update: row({
    on: 'patch',
    scenarioName: 'UpdateVmProperties',
    friendlyName: 'Update the virtual machine',
    seconds: [4, 20],
    failsIn: 'UpdateVmPropertiesTask',
    tasks: [task('UpdateVmPropertiesTask', 'Updating the virtual machine properties', 1)],
    change: { does: 'update' },
  }),
  addDisks: row({
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
    change: { does: 'addDisks' },
  }),
  removeDisks: row({
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
    change: { does: 'removeDisks' },
  }),
  remove: row({
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
    change: { does: 'forget' },
  }),
  purge: row({
    on: 'delete',
    scenarioName: 'PurgeVm',
    friendlyName: 'Remove the virtual machine from the vault',
    seconds: [95, 125],
    failsIn: 'PurgeVmTask',
    tasks: [task('PurgeVmTask', 'Removing the virtual machine', 1)],
    change: { does: 'forget' },
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

const testing = {
  testFailover: row({
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
        change: { does: 'bringUpTest' },
      }),
      task('VmTfoBootTestVm', 'Starting the test virtual machine', 20),
    ],
    change: { to: 'testing', does: 'noteTest' },
    onFailure: { does: 'cleanUpTest' },
  }),
  testFailoverCleanup: row({
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
    change: { to: 'tested', does: 'cleanUpTest' },
  }),
};

const shutDown = task('VmShutdownVmOnPrimary', 'Shut down the virtual machine', 25, {
  taskId: 'ShutdownVmOnPrimaryForUFO',
  skippedWhen: 'sourceIsLeftRunning',
  change: { does: 'shutDownSource' },
});
const failoverStart = [
  task('VmPrepareForUnPlannedFailover', 'Synchronizing the latest changes', 15),
  task('VmFailover', 'Start failover', 35),
];
const failoverBoot = task('VmFoStartVmOnSecondary', 'Start the replica virtual machine', 20, {
  change: { does: 'bringUp' },
});
const failover = {
  scenarioName: 'UnplannedFailover',
  friendlyName: 'Failover',
  failsIn: 'VmFailover',
  jobDetails: 'FailoverJobDetails',
  outcomeAtFirst: { protectedItemDetails: [] },
} as const;

const failing = {
  unplannedFailover: row({
    on: 'item',
    needs: 'UnplannedFailover',
    wholeGroup: true,
    ...failover,
    seconds: [139, 172],
    tasks: [
      task('VmUfoPrerequisitesCheck', 'Prerequisites check for failover', 5),
      shutDown,
      ...failoverStart,
      failoverBoot,
    ],
    change: { to: 'failedOver', does: 'failOver' },
    onFailure: { does: 'startSourceAgain' },
  }),
  applyRecoveryPoint: row({
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
      failoverBoot,
    ],
    change: { does: 'failOver' },
  }),
  failoverCommit: row({
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
    change: { to: 'committed' },
  }),
  failoverCancel: row({
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
    change: { to: 'protected', does: 'undoFailover' },
  }),
  switchprotection: row({
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
      // From here on the item lives under the other container.
      task('ProtectReplicaTask', 'Protecting the replica virtual machine', 75, {
        startsJob: 'enableReplication',
        change: { to: 'copying', does: 'reverse' },
      }),
    ],
  }),
};

/** What other providers do with an item and this one never offers: the job says so. */
const neverOffered = {
  plannedFailover: row({
    on: 'item',
    needs: 'PlannedFailover',
    scenarioName: 'PlannedFailover',
    friendlyName: 'Planned failover',
    seconds: [139, 172],
    failsIn: 'VmFailover',
    tasks: [
      task('VmPfoPrerequisitesCheck', 'Prerequisites check for planned failover', 5),
      { ...shutDown, taskId: 'VmShutdownVmOnPrimary' },
      task('VmPrepareForFailover', 'Preparing for failover', 15),
      task('VmFailover', 'Start failover', 35),
      failoverBoot,
    ],
  }),
  reProtect: row({
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
  repairReplication: row({
    on: 'item',
    needs: 'RepairReplication',
    scenarioName: 'RepairVMReplication',
    friendlyName: 'Resynchronize',
    seconds: [20, 60],
    failsIn: 'RepairVmReplicationTask',
    tasks: [task('RepairVmReplicationTask', 'Resynchronizing the virtual machine', 1)],
  }),
};

/** Within a plan each phase of a machine is a job of its own, with the same name as the whole. */
const inPlans = {
  shutDownInPlan: row({
    on: 'service',
    ...failover,
    seconds: [20, 60],
    tasks: [task('VmUfoPrerequisitesCheck', 'Prerequisites check for failover', 5), shutDown],
    failsIn: 'VmUfoPrerequisitesCheck',
  }),
  failOverInPlan: row({ on: 'service', ...failover, seconds: [80, 120], tasks: failoverStart }),
  bootInPlan: row({
    on: 'service',
    ...failover,
    seconds: [30, 60],
    tasks: [failoverBoot],
    failsIn: 'VmFoStartVmOnSecondary',
    change: { to: 'failedOver', does: 'failOver' },
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

export const azureToAzureTable = {
  states,
  operations: { ...replication, ...testing, ...failing, ...neverOffered, ...inPlans },
  planPhases,
} as const satisfies ProviderTable;
