// How an item shows that an operation is allowed, under way, or has taken full effect.
import type { Direction, PhaseOperation } from '../../core/operations.ts';
import type { ReplicatedItem } from '../../siterecovery/item.ts';
import type { OperationRule } from '../operationRule.ts';

/** After a reprotect, what was the recovery side is the primary one. */
const isReversed = (item: ReplicatedItem, begunIn: Direction): boolean =>
  item.activeLocation === 'Primary' && item.direction !== begunIn;
const isIdle = (item: ReplicatedItem): boolean => item.allowedOperations.length > 0;
const never = (): boolean => false;

export const rules: Record<PhaseOperation, OperationRule> = {
  // What is not there yet allows nothing: whether it may be enabled is seen by its absence.
  enableReplication: {
    allowedBy: [],
    jobName: 'EnableDr',
    canBeAlreadyDone: true,
    isSettled: (item) => item?.protectionState === 'Protected' && isIdle(item),
    // Its lifecycle id comes with the protected state.
    isUnderway: (item) => item.lifecycleId === null,
  },
  // Not one of the operations that an item lists; it only must not be busy.
  updateReplication: {
    allowedBy: ['UnplannedFailover', 'TestFailover', 'DisableProtection', 'Commit', 'SwitchProtection'],
    jobName: 'UpdateVmProperties',
    canBeAlreadyDone: false,
    isSettled: (item) => item !== undefined && isIdle(item),
    isUnderway: never,
  },
  disableReplication: {
    allowedBy: ['DisableProtection'],
    jobName: 'DisableDr',
    canBeAlreadyDone: true,
    isSettled: (item) => item === undefined,
    isUnderway: never,
  },
  testFailover: {
    allowedBy: ['TestFailover'],
    jobName: 'TestFailover',
    canBeAlreadyDone: false,
    isSettled: (item) => item?.allowedOperations.includes('TestFailoverCleanup') === true,
    isUnderway: never,
  },
  cleanUpTestFailover: {
    allowedBy: ['TestFailoverCleanup'],
    jobName: 'TestFailoverCleanup',
    canBeAlreadyDone: true,
    isSettled: (item) =>
      item !== undefined && isIdle(item) && !item.allowedOperations.includes('TestFailoverCleanup'),
    isUnderway: never,
  },
  failover: {
    allowedBy: ['UnplannedFailover'],
    jobName: 'UnplannedFailover',
    canBeAlreadyDone: false,
    isSettled: (item) => item?.activeLocation === 'Recovery' && isIdle(item),
    isUnderway: never,
  },
  changeRecoveryPoint: {
    allowedBy: ['ChangePit'],
    jobName: 'ChangePit',
    canBeAlreadyDone: false,
    isSettled: (item) => item?.activeLocation === 'Recovery' && isIdle(item),
    isUnderway: never,
  },
  cancelFailover: {
    allowedBy: ['CancelFailover'],
    jobName: 'CancelFailover',
    canBeAlreadyDone: true,
    isSettled: (item) => item?.activeLocation === 'Primary' && isIdle(item),
    isUnderway: never,
  },
  commit: {
    allowedBy: ['Commit'],
    jobName: 'CommitFailover',
    canBeAlreadyDone: true,
    isSettled: (item) =>
      item?.activeLocation === 'Recovery' && isIdle(item) && !item.allowedOperations.includes('Commit'),
    isUnderway: never,
  },
  reprotect: {
    allowedBy: ['SwitchProtection'],
    jobName: 'SwitchReplicationGroupProtection',
    planJobName: 'ReverseReplication',
    canBeAlreadyDone: true,
    isSettled: (item, begunIn) =>
      item !== undefined && isReversed(item, begunIn) && item.protectionState === 'Protected' && isIdle(item),
    isUnderway: (item, begunIn) => isReversed(item, begunIn) && item.protectionState !== 'Protected',
  },
};

/** A reprotect moves the item under the other container, where it gets another ARM id. */
export const itemIdAfterReprotect = (item: Pick<ReplicatedItem, 'recoveryContainerId' | 'name'>): string =>
  `${item.recoveryContainerId}/replicationProtectedItems/${item.name}`;
