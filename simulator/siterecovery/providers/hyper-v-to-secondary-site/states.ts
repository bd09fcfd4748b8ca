// The states of a machine that replicates between two clouds, with the allowed operations. No
// recording shows the states after a failover.

import type { StateRow } from '../../provider-table.ts';

const enabling = {
  protectionState: 'UnprotectedStatesBegin',
  protectionStateDescription: 'Enabling protection',
  activeLocation: 'Primary',
} as const;
const copying = {
  protectionState: 'InitialReplicationInProgress',
  protectionStateDescription: 'Initial replication is in progress',
  activeLocation: 'Primary',
  allowedOperations: ['DisableProtection'],
} as const;
const isProtected = {
  protectionState: 'Protected',
  protectionStateDescription: 'Protected',
  activeLocation: 'Primary',
} as const;
const WHEN_PROTECTED = ['PlannedFailover', 'UnplannedFailover', 'DisableProtection', 'TestFailover'];

const replicationStates: Record<string, StateRow> = {
  enabling: { ...enabling, allowedOperations: [], hidden: true },
  preparing: { ...enabling, allowedOperations: [] },
  enablingFailed: {
    ...enabling,
    protectionState: 'EnablingFailed',
    protectionStateDescription: 'Enabling protection failed',
    allowedOperations: ['DisableProtection'],
  },
  /** The policy has a time of day for the first copy. */
  scheduled: {
    ...copying,
    protectionState: 'InitialReplicationPending',
    protectionStateDescription: 'Waiting for the start of the initial replication',
    automaticChange: { seconds: [60, 120], change: { toState: 'copying' }, needsSource: true },
  },
  /** Somebody carries the exported disks to the other site. The simulator needs hours for it. */
  carrying: {
    ...copying,
    automaticChange: { seconds: [14_400, 28_800], change: { toState: 'copied' }, needsSource: true },
  },
  copying: {
    ...copying,
    automaticChange: { seconds: [600, 1500], change: { toState: 'copied' }, needsSource: true },
  },
  copied: {
    ...copying,
    protectionState: 'InitialReplicationRecoveryCompletionPending',
    protectionStateDescription: 'Waiting for first recovery point',
    automaticChange: { seconds: [60, 240], change: { toState: 'finalizingSource' }, needsSource: true },
  },
  /** Two jobs of the service end the first copy: one for each side. */
  finalizingSource: {
    ...isProtected,
    allowedOperations: [],
    automaticChange: {
      seconds: [60, 120],
      change: { toState: 'finalizingReplica' },
      job: 'finalizeSource',
    },
  },
  finalizingReplica: {
    ...isProtected,
    allowedOperations: [],
    automaticChange: {
      seconds: [60, 120],
      change: { toState: 'protected', effect: 'becomeProtected' },
      job: 'finalizeReplica',
    },
  },
  /** After a reverse replication only the changes are copied. */
  resynchronizing: {
    ...copying,
    automaticChange: {
      seconds: [120, 420],
      change: { toState: 'protected', effect: 'becomeProtected' },
      needsSource: true,
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
    allowedOperations: ['Commit', 'DisableProtection', 'ChangePit', 'ReverseReplicate'],
  },
  plannedFailedOver: {
    protectionState: 'PlannedFailoverCommitRequired',
    protectionStateDescription: 'Planned failover finished',
    activeLocation: 'Recovery',
    allowedOperations: ['Commit', 'DisableProtection', 'ReverseReplicate'],
  },
  committed: {
    protectionState: 'UnplannedFailoverStatesBegin',
    protectionStateDescription: 'Unplanned failover committed',
    activeLocation: 'Recovery',
    allowedOperations: ['DisableProtection', 'ReverseReplicate'],
  },
  plannedCommitted: {
    protectionState: 'PlannedFailoverStatesBegin',
    protectionStateDescription: 'Planned failover committed',
    activeLocation: 'Recovery',
    allowedOperations: ['DisableProtection', 'ReverseReplicate'],
  },
};

export const cloudStates = { ...replicationStates, ...failoverStates };
