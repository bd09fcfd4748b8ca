// The tasks of the VMware jobs, with their recorded ids, names and friendly names.

import type { Change, TaskRow } from '../../provider-table.ts';

const task = (
  taskId: string,
  name: string,
  friendlyName: string,
  weight: number,
  more: Partial<TaskRow> = {},
): TaskRow => ({ taskId, name, friendlyName, weight, ...more });

const change = (effect: string, toState?: string): { readonly change: Change } => ({
  change: { effect, ...(toState !== undefined && { toState }) },
});

export const ENABLE_TASKS: readonly TaskRow[] = [
  task(
    'EnableProtectionPreflightChecksTask',
    'EnableProtectionPrerequisitesCheck',
    'Prerequisites check for enabling protection',
    2,
  ),
  task(
    'CreateProtectionTargetTask',
    'CreateProtectionTarget',
    'Installing Mobility Service and enabling replication',
    80,
    { change: { toState: 'preparing' } },
  ),
  task('EnableProtectionTask', 'EnableProtection', 'Enable replication', 10),
  task('StartInitialReplicationTask', 'VmStartInitialReplication', 'Starting initial replication', 5),
  task('UpdateDraStateTask', 'UpdateDraState', 'Updating the provider states', 3),
];

export const FINALIZE_TASKS: readonly TaskRow[] = [
  task('CompleteInitialReplication', 'CompleteInitialReplication', 'Completing initial replication', 70),
  task('FailWorkflowOnIRFailureTask', 'FailWorkflowOnIRFailureTask', 'Checking initial replication', 10),
  task('ReplicaConfiguration', 'ReplicaConfiguration', 'Configuring the replica', 10),
  task('UpdateDraState', 'UpdateDraState', 'Updating the provider states', 10),
];

export const TEST_TASKS: readonly TaskRow[] = [
  task(
    'TestFailoverPreflightChecksTask',
    'VmTfoPrerequisitesCheck',
    'Prerequisites check for test failover',
    2,
  ),
  task('BeginTestFailoverTask', 'VmTfoInitiateFailover', 'Starting test failover', 60, change('beginTest')),
  task(
    'PrepareTestProtectedEntitiesTask',
    'VmTfoPrepareTestVm',
    'Creating test virtual machine',
    25,
    change('bringUpTest'),
  ),
  task('BootTestProtectedEntitiesTask', 'VmTfoBootTestVm', 'Start the virtual machine', 13),
];

export const CLEANUP_TASKS: readonly TaskRow[] = [
  task(
    'TestFailoverCleanupPreflightChecksTask',
    'VmTfoCleanupPreflightsCheck',
    'Prerequisites check for test failover cleanup',
    5,
  ),
  task('EndTestFailoverTask', 'VmTfoEndFailover', 'Ending the test failover', 25),
  task('DeleteTestProtectedEntitiesTask', 'VmTfoDeleteTestVm', 'Deleting the test virtual machine', 70),
];

const FAILOVER_TASKS: readonly TaskRow[] = [
  task(
    'UnplannedFailoverPreflightChecksTask',
    'VmUfoPrerequisitesCheck',
    'Prerequisites check for failover',
    2,
  ),
  task('ShutdownVmOnPrimaryForUFO', 'VmShutdownVmOnPrimary', 'Shut down the virtual machine', 15, {
    skippedWhen: 'sourceIsLeftRunning',
    ...change('shutDownSource'),
  }),
  task('FailoverTask', 'VmFailover', 'Start failover', 55),
  task(
    'StartVmOnSecondary',
    'VmFoStartVmOnSecondary',
    'Starting Azure virtual machine',
    28,
    change('bringUp'),
  ),
];

/** Returns these tasks of a failover to Azure, by default all. In a plan each phase has its own. */
export const failoverTasks = (...names: readonly string[]): readonly TaskRow[] =>
  FAILOVER_TASKS.filter(({ name }) => names.length === 0 || names.includes(name));

export const CHANGE_POINT_TASKS: readonly TaskRow[] = [
  task('CancelFailoverRecovery', 'CancelFailoverRecovery', 'Cancel failover recovery', 15),
  task(
    'ChangePitPreflightCheck',
    'ChangePitPreflightCheck',
    'Prerequisites check for changing the recovery point',
    5,
  ),
  task('ShutdownVmRecovery', 'ShutdownVmRecovery', 'Shutting down the recovered virtual machine', 10),
  ...failoverTasks('VmFailover', 'VmFoStartVmOnSecondary'),
];

const homeTasks = (check: TaskRow): readonly TaskRow[] => [
  check,
  task('PrepareForFailoverTask', 'VmPrepareForFailover', 'Start failover', 20),
  task(
    'FailoverTask',
    'VmFailover',
    'Shut down the Azure virtual machine',
    30,
    change('shutDownAzureMachine'),
  ),
  task(
    'PrepareProtectedEntitiesTask',
    'VmPrepareProtectedEntitiesTask',
    'Preparing on-premise virtual machine',
    30,
  ),
  task(
    'StartVmOnSecondary',
    'VmFoStartVmOnSecondary',
    'Starting on-premise virtual machine',
    18,
    change('startOnPremises'),
  ),
];

export const PLANNED_HOME_TASKS = homeTasks(
  task(
    'PlannedFailoverPreflightChecksTask',
    'VmPfoPrerequisitesCheck',
    'Prerequisites check for planned failover',
    2,
  ),
);
export const HOME_FAILOVER_TASKS = homeTasks(
  task(
    'UnplannedFailoverPreflightChecksTask',
    'VmUfoPrerequisitesCheck',
    'Prerequisites check for failover',
    2,
  ),
);

export const COMMIT_TASKS: readonly TaskRow[] = [
  task('CommitFailoverPreflightChecksTask', 'VmCommitPrerequisitesCheck', 'Prerequisite check', 1),
  task('CommitFailoverTask', 'VmCommit', 'Commit', 3),
];

export const CANCEL_TASKS: readonly TaskRow[] = [
  task(
    'CancelFailoverPreflightChecksTask',
    'CancelFailoverPreflightChecksTask',
    'Prerequisites check for cancel failover',
    2,
  ),
  task('CancelFailoverRecovery', 'CancelFailoverRecovery', 'Cancel failover recovery', 40),
  task('CancelFailoverPrimary', 'CancelFailoverPrimaryTask', 'Cancel failover primary', 40),
  task('StartVmOnPrimary', 'StartVmOnPrimary', 'Starting the virtual machine', 18),
];

/** The last task turns the direction. Then the data of the other side are copied. */
export const reprotectTasks = (turn: string): readonly TaskRow[] => [
  task(
    'SwitchReplicationGroupProtectionPreflightTask',
    'SwitchReplicationGroupProtectionPreflightTask',
    'Prerequisite check',
    2,
  ),
  task('CommitFailoverTask', 'VmCommitFailover', 'Committing failover', 5, {
    skippedWhen: 'failoverIsCommitted',
  }),
  task('DiscoverReplicaTask', 'DiscoverReplicaTask', 'Discovering replica virtual machine', 10),
  task(
    'GetSwitchProtectionRequirementsTask',
    'GetSwitchProtectionRequirementsTask',
    'Getting reprotection requirements',
    8,
  ),
  task(
    'ProtectReplicaTask',
    'ProtectReplicaTask',
    'Reprotecting virtual machine',
    75,
    change(turn, 'copying'),
  ),
];
