// Azure to Azure, as a table. It has no planned failover, and its reprotect is an action of the container.
//
// The states after a failover and after its commit, and all names of tasks, are those seen from the real service; which operations
// are allowed after a failover is deduced from the other providers.

import type { OperationRow, ProviderTable, StateRow, TaskRow } from '../table.ts';

const states: Record<string, StateRow> = {
  copying: {
    protectionState: 'InitialReplicationInProgress',
    protectionStateDescription: 'Initial replication is in progress',
    activeLocation: 'Primary',
    allowedOperations: ['DisableProtection'],
    then: { seconds: [900, 1140], change: { to: 'copied' } },
  },
  copied: {
    protectionState: 'InitialReplicationRecoveryCompletionPending',
    protectionStateDescription: 'Waiting for first recovery point',
    activeLocation: 'Primary',
    allowedOperations: ['DisableProtection'],
    then: { seconds: [60, 240], change: { to: 'protected', does: 'becomeProtected' } },
  },
  protected: {
    protectionState: 'Protected',
    protectionStateDescription: 'Protected',
    activeLocation: 'Primary',
    allowedOperations: ['UnplannedFailover', 'DisableProtection', 'TestFailover'],
  },
  failedOver: {
    protectionState: 'UnplannedFailoverCommitPendingStatesBegin',
    protectionStateDescription: 'Failover completed',
    activeLocation: 'Recovery',
    allowedOperations: ['Commit', 'DisableProtection', 'ChangePit', 'SwitchProtection'],
  },
  committed: {
    protectionState: 'UnplannedFailoverCommitted',
    protectionStateDescription: 'Failover committed',
    activeLocation: 'Recovery',
    allowedOperations: ['DisableProtection', 'SwitchProtection'],
  },
};

const task = (name: string, friendlyName: string, weight: number, more: Partial<TaskRow> = {}): TaskRow => ({ taskId: name, name, friendlyName, weight, ...more });

const unplannedFailover: OperationRow = {
  on: 'item',
  needs: 'UnplannedFailover',
  scenarioName: 'UnplannedFailover',
  friendlyName: 'Failover',
  seconds: [139, 172],
  tasks: [
    task('VmUfoPrerequisitesCheck', 'Prerequisites check for failover', 5),
    task('VmShutdownVmOnPrimary', 'Shut down the virtual machine', 25, { taskId: 'ShutdownVmOnPrimaryForUFO', skippedWhen: 'sourceIsLeftRunning' }),
    task('VmPrepareForUnPlannedFailover', 'Synchronizing the latest changes', 15),
    task('VmFailover', 'Start failover', 35),
    task('VmFoStartVmOnSecondary', 'Start the replica virtual machine', 20),
  ],
  failsIn: 'VmFailover',
  jobDetails: 'FailoverJobDetails',
  outcomeAtFirst: { protectedItemDetails: [] },
  change: { to: 'failedOver', does: 'failOver' },
};

const failoverCommit: OperationRow = {
  on: 'item',
  needs: 'Commit',
  scenarioName: 'CommitFailover',
  friendlyName: 'Commit',
  seconds: [1, 37],
  tasks: [
    task('VmCommitPrerequisitesCheck', 'Prerequisites check for commit', 1),
    task('VmCommit', 'Commit', 3),
  ],
  failsIn: 'VmCommit',
  jobDetails: 'AsrJobDetails',
  outcomeAtFirst: {},
  change: { to: 'committed' },
};

const switchprotection: OperationRow = {
  on: 'container',
  needs: 'SwitchProtection',
  scenarioName: 'SwitchReplicationGroupProtection',
  friendlyName: 'Reprotect',
  seconds: [413, 505],
  tasks: [
    task('SwitchReplicationGroupProtectionPreflightTask', 'Prerequisites check for reprotect', 5),
    task('VmCommitFailover', 'Commit', 5, { skippedWhen: 'failoverIsCommitted' }),
    task('DiscoverReplicaTask', 'Discovering the replica virtual machine', 5),
    task('GetSwitchProtectionRequirementsTask', 'Preparing to reprotect', 10),
    // From here on the item lives under the other container.
    task('ProtectReplicaTask', 'Protecting the replica virtual machine', 75, { startsJob: 'enableReplication', change: { to: 'copying', does: 'reverse' } }),
  ],
  failsIn: 'GetSwitchProtectionRequirementsTask',
  jobDetails: 'SwitchProtectionJobDetails',
  outcomeAtFirst: { newReplicationProtectedItemId: null },
  change: { to: 'copying' },
};

const enableReplication: OperationRow = {
  on: 'service',
  needs: '',
  scenarioName: 'EnableDr',
  friendlyName: 'Enable replication',
  seconds: [310, 425],
  tasks: [
    task('EnableProtectionPrerequisitesCheck', 'Prerequisites check for enabling replication', 5),
    task('CreateProtectionTarget', 'Installing Mobility Service and preparing target', 60),
    task('EnableProtection', 'Enable replication', 20),
    task('VmStartInitialReplication', 'Starting initial replication', 10),
    task('UpdateDraState', 'Updating the provider states', 5),
  ],
  failsIn: 'EnableProtection',
  jobDetails: 'AsrJobDetails',
  outcomeAtFirst: {},
};

export const azureToAzureTable = {
  states,
  operations: { unplannedFailover, failoverCommit, switchprotection, enableReplication },
} as const satisfies ProviderTable;
