// How an item shows that an operation is allowed, under way, or has taken full effect.
import type { Direction, PhaseOperation } from '../../core/words.ts';
import type { Item } from '../../siterecovery/item.ts';
import type { OperationRule } from '../operationRule.ts';

/** After a reprotect, what was the recovery side is the primary one. */
const turned = (item: Item, begunIn: Direction): boolean =>
  item.activeLocation === 'Primary' && item.direction !== begunIn;
const idle = (item: Item): boolean => item.allowedOperations.length > 0;
const never = (): boolean => false;

export const rules: Record<PhaseOperation, OperationRule> = {
  // What is not there yet allows nothing: whether it may be enabled is seen by its absence.
  enableReplication: {
    allowedBy: [],
    jobScenario: 'EnableDr',
    mayBeAlreadySo: true,
    settled: (item) => item?.protectionState === 'Protected' && idle(item),
    // Its lifecycle id comes with the protected state.
    underway: (item) => item.lifecycleId === null,
  },
  // Not one of the operations that an item lists; it only must not be busy.
  updateReplication: {
    allowedBy: ['UnplannedFailover', 'TestFailover', 'DisableProtection', 'Commit', 'SwitchProtection'],
    jobScenario: 'UpdateVmProperties',
    mayBeAlreadySo: false,
    settled: (item) => item !== undefined && idle(item),
    underway: never,
  },
  disableReplication: {
    allowedBy: ['DisableProtection'],
    jobScenario: 'DisableDr',
    mayBeAlreadySo: true,
    settled: (item) => item === undefined,
    underway: never,
  },
  testFailover: {
    allowedBy: ['TestFailover'],
    jobScenario: 'TestFailover',
    mayBeAlreadySo: false,
    settled: (item) => item?.allowedOperations.includes('TestFailoverCleanup') === true,
    underway: never,
  },
  cleanUpTestFailover: {
    allowedBy: ['TestFailoverCleanup'],
    jobScenario: 'TestFailoverCleanup',
    mayBeAlreadySo: true,
    settled: (item) =>
      item !== undefined && idle(item) && !item.allowedOperations.includes('TestFailoverCleanup'),
    underway: never,
  },
  failover: {
    allowedBy: ['UnplannedFailover'],
    jobScenario: 'UnplannedFailover',
    mayBeAlreadySo: false,
    settled: (item) => item?.activeLocation === 'Recovery' && idle(item),
    underway: never,
  },
  changeRecoveryPoint: {
    allowedBy: ['ChangePit'],
    jobScenario: 'ChangePit',
    mayBeAlreadySo: false,
    settled: (item) => item?.activeLocation === 'Recovery' && idle(item),
    underway: never,
  },
  cancelFailover: {
    allowedBy: ['CancelFailover'],
    jobScenario: 'CancelFailover',
    mayBeAlreadySo: true,
    settled: (item) => item?.activeLocation === 'Primary' && idle(item),
    underway: never,
  },
  commit: {
    allowedBy: ['Commit'],
    jobScenario: 'CommitFailover',
    mayBeAlreadySo: true,
    settled: (item) =>
      item?.activeLocation === 'Recovery' && idle(item) && !item.allowedOperations.includes('Commit'),
    underway: never,
  },
  reprotect: {
    allowedBy: ['SwitchProtection'],
    jobScenario: 'SwitchReplicationGroupProtection',
    jobScenarioOfPlan: 'ReverseReplication',
    mayBeAlreadySo: true,
    settled: (item, begunIn) =>
      item !== undefined && turned(item, begunIn) && item.protectionState === 'Protected' && idle(item),
    underway: (item, begunIn) => turned(item, begunIn) && item.protectionState !== 'Protected',
  },
};

/** A reprotect moves the item under the other container, where it gets another ARM id. */
export const movedItemId = (item: Pick<Item, 'recoveryContainerId' | 'name'>): string =>
  `${item.recoveryContainerId}/replicationProtectedItems/${item.name}`;
