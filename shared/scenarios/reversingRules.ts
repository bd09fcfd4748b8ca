// The rules of each operation in scenarios whose reprotect reverses the direction. A rule decides
// from an item whether the operation may start, runs, or has taken full effect.
import type { Direction, PhaseOperation } from '../core/operations.ts';
import type { ReplicatedItem } from '../siterecovery/item.ts';
import type { OperationRule } from './operationRule.ts';

/** After a reprotect, the former recovery side is the primary side. */
const isReversed = (item: ReplicatedItem, begunIn: Direction): boolean =>
  item.activeLocation === 'Primary' && item.direction !== begunIn;
const isIdle = (item: ReplicatedItem): boolean => item.allowedOperations.length > 0;
const never = (): boolean => false;

/** The rules of the operations. */
export const reversingRules: Record<PhaseOperation, OperationRule> = {
  // A missing item lists no allowed operations. Its absence means that the VM may be enabled.
  enableReplication: {
    allowedBy: [],
    jobNames: ['EnableDr'],
    canBeAlreadyDone: true,
    isSettled: (item) => item?.protectionState === 'Protected' && isIdle(item),
    // The item gets its lifecycle id with the protected state.
    isUnderway: (item) => item.lifecycleId === null,
  },
  // Items do not list this operation. The item only must not be busy.
  updateReplication: {
    allowedBy: ['UnplannedFailover', 'TestFailover', 'DisableProtection', 'Commit', 'SwitchProtection'],
    jobNames: ['UpdateVmProperties'],
    canBeAlreadyDone: false,
    isSettled: (item) => item !== undefined && isIdle(item),
    isUnderway: never,
  },
  disableReplication: {
    allowedBy: ['DisableProtection'],
    jobNames: ['DisableDr'],
    canBeAlreadyDone: true,
    isSettled: (item) => item === undefined,
    isUnderway: never,
  },
  testFailover: {
    allowedBy: ['TestFailover'],
    jobNames: ['TestFailover'],
    canBeAlreadyDone: false,
    isSettled: (item) => item?.allowedOperations.includes('TestFailoverCleanup') === true,
    isUnderway: never,
  },
  cleanUpTestFailover: {
    allowedBy: ['TestFailoverCleanup'],
    jobNames: ['TestFailoverCleanup'],
    canBeAlreadyDone: true,
    isSettled: (item) =>
      item !== undefined && isIdle(item) && !item.allowedOperations.includes('TestFailoverCleanup'),
    isUnderway: never,
  },
  failover: {
    allowedBy: ['UnplannedFailover'],
    jobNames: ['UnplannedFailover'],
    canBeAlreadyDone: false,
    isSettled: (item) => item?.activeLocation === 'Recovery' && isIdle(item),
    isUnderway: never,
  },
  changeRecoveryPoint: {
    allowedBy: ['ChangePit'],
    jobNames: ['ChangePit'],
    canBeAlreadyDone: false,
    isSettled: (item) => item?.activeLocation === 'Recovery' && isIdle(item),
    isUnderway: never,
  },
  cancelFailover: {
    allowedBy: ['CancelFailover'],
    jobNames: ['CancelFailover'],
    canBeAlreadyDone: true,
    isSettled: (item) => item?.activeLocation === 'Primary' && isIdle(item),
    isUnderway: never,
  },
  commit: {
    allowedBy: ['Commit'],
    jobNames: ['CommitFailover'],
    canBeAlreadyDone: true,
    isSettled: (item) =>
      item?.activeLocation === 'Recovery' && isIdle(item) && !item.allowedOperations.includes('Commit'),
    isUnderway: never,
  },
  reprotect: {
    allowedBy: ['SwitchProtection'],
    jobNames: ['SwitchReplicationGroupProtection'],
    planJobNames: ['ReverseReplication'],
    canBeAlreadyDone: true,
    isSettled: (item, begunIn) =>
      item !== undefined && isReversed(item, begunIn) && item.protectionState === 'Protected' && isIdle(item),
    isUnderway: (item, begunIn) => isReversed(item, begunIn) && item.protectionState !== 'Protected',
  },
};
