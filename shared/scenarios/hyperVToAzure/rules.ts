// The rules of each operation. A rule decides from an item whether the operation may start, runs,
// or has taken full effect.
import type { PhaseOperation } from '../../core/operations.ts';
import type { ReplicatedItem } from '../../siterecovery/item.ts';
import type { OperationRule } from '../operationRule.ts';
import { vmStateOf } from './lifecycle.ts';

const isIdle = (item: ReplicatedItem): boolean => item.allowedOperations.length > 0;
const isActiveAt = (
  item: ReplicatedItem | undefined,
  location: 'Primary' | 'Recovery',
): item is ReplicatedItem => item?.activeLocation === location;
const isProtectedAndIdle = (item: ReplicatedItem | undefined): boolean =>
  isActiveAt(item, 'Primary') && item.protectionState === 'Protected' && isIdle(item);
const never = (): boolean => false;

export const rules: Readonly<Partial<Record<PhaseOperation, OperationRule>>> = {
  // A missing item lists no allowed operations. Its absence means that the VM may be enabled.
  enableReplication: {
    allowedBy: [],
    jobNames: ['EnableDr'],
    canBeAlreadyDone: true,
    isSettled: isProtectedAndIdle,
    isUnderway: (item) => item.lifecycleId === null,
  },
  updateReplication: {
    allowedBy: ['UnplannedFailover', 'TestFailover', 'DisableProtection'],
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
    allowedBy: ['UnplannedFailover', 'PlannedFailover', 'Failback'],
    // A failback is a planned failover in the other direction.
    jobNames: ['UnplannedFailover', 'PlannedFailover', 'Failback'],
    canBeAlreadyDone: false,
    isSettled: (item, begunIn) =>
      isActiveAt(item, begunIn === 'original' ? 'Recovery' : 'Primary') && isIdle(item),
    isUnderway: never,
  },
  changeRecoveryPoint: {
    allowedBy: ['ChangePit'],
    jobNames: ['ChangePit'],
    canBeAlreadyDone: false,
    isSettled: (item) => isActiveAt(item, 'Recovery') && isIdle(item),
    isUnderway: never,
  },
  commit: {
    // The commit of a failback has a name of its own.
    allowedBy: ['Commit', 'FinalizeFailback'],
    jobNames: ['CommitFailover', 'FinalizeFailback'],
    canBeAlreadyDone: true,
    isSettled: (item) => item !== undefined && vmStateOf(item) === 'committed',
    isUnderway: never,
  },
  reprotect: {
    allowedBy: ['ReverseReplicate'],
    jobNames: ['ReprotectReplicationGroup'],
    canBeAlreadyDone: true,
    isSettled: isProtectedAndIdle,
    isUnderway: (item) =>
      isActiveAt(item, 'Primary') &&
      item.protectionState !== 'Protected' &&
      !item.allowedOperations.includes('ReverseReplicate'),
  },
};
