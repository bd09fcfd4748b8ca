// The states of a replicated Hyper-V machine, with the allowed operations in the recorded order. Two
// states are deduced: after the commit of an unplanned failover, and between a failback and its end.

import type { StateRow } from '../../provider-table.ts';

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
const WHEN_PROTECTED = ['PlannedFailover', 'UnplannedFailover', 'DisableProtection', 'TestFailover'];
const WHEN_FAILED_OVER = ['CompleteMigration', 'Commit', 'DisableProtection', 'ChangePit'];
const WHEN_COMMITTED = ['CompleteMigration', 'DisableProtection', 'Failback'];

const replicationStates: Record<string, StateRow> = {
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
    automaticChange: { seconds: [600, 1500], change: { toState: 'copied' }, needsSource: true },
  },
  /** After a reverse replication only the changes since the failback are copied. */
  resynchronizing: {
    protectionState: 'InitialReplicationInProgress',
    protectionStateDescription: 'Initial replication is in progress',
    activeLocation: 'Primary',
    allowedOperations: ['DisableProtection'],
    automaticChange: { seconds: [120, 420], change: { toState: 'copied' }, needsSource: true },
  },
  copied: {
    protectionState: 'InitialReplicationRecoveryCompletionPending',
    protectionStateDescription: 'Waiting for first recovery point',
    activeLocation: 'Primary',
    allowedOperations: ['DisableProtection'],
    automaticChange: { seconds: [60, 240], change: { toState: 'finalizing' }, needsSource: true },
  },
  /** Readers see a protected item. It allows no operation before its Finalize protection job ends. */
  finalizing: {
    ...isProtected,
    allowedOperations: [],
    automaticChange: {
      seconds: [60, 180],
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
};

const failoverStates: Record<string, StateRow> = {
  failedOver: {
    protectionState: 'UnplannedFailoverCommitPendingStatesBegin',
    protectionStateDescription: 'Failover completed',
    activeLocation: 'Recovery',
    allowedOperations: WHEN_FAILED_OVER,
  },
  plannedFailedOver: {
    protectionState: 'PlannedFailoverCommitRequired',
    protectionStateDescription: 'Planned failover finished',
    activeLocation: 'Recovery',
    allowedOperations: WHEN_FAILED_OVER,
  },
  committed: {
    protectionState: 'UnplannedFailoverStatesBegin',
    protectionStateDescription: 'Unplanned failover committed',
    activeLocation: 'Recovery',
    allowedOperations: WHEN_COMMITTED,
  },
  plannedCommitted: {
    protectionState: 'PlannedFailoverStatesBegin',
    protectionStateDescription: 'Planned failover committed',
    activeLocation: 'Recovery',
    allowedOperations: WHEN_COMMITTED,
  },
  failedBack: {
    protectionState: 'RestoreCommitRequired',
    protectionStateDescription: 'Failback finished',
    activeLocation: 'Primary',
    allowedOperations: ['FinalizeFailback', 'DisableProtection'],
  },
  restored: {
    protectionState: 'RestoreFinalized',
    protectionStateDescription: 'Failback finalized',
    activeLocation: 'Primary',
    allowedOperations: ['ReverseReplicate', 'DisableProtection'],
  },
};

export const hyperVStates = { ...replicationStates, ...failoverStates };
