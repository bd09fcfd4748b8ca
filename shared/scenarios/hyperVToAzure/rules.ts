// How an item shows that an operation is allowed, under way, or has taken full effect.
// A planned failover and a failback bear other job names than the unplanned failover that stands here.
import type { PhaseOperation } from '../../core/words.ts';
import type { Item } from '../../siterecovery/item.ts';
import type { OperationRule } from '../operationRule.ts';
import { vmStateOf } from './lifecycle.ts';

const idle = (item: Item): boolean => item.allowedOperations.length > 0;
const isAt = (item: Item | undefined, location: 'Primary' | 'Recovery'): item is Item =>
  item?.activeLocation === location;
const isReady = (item: Item | undefined): boolean =>
  isAt(item, 'Primary') && item.protectionState === 'Protected' && idle(item);
const never = (): boolean => false;

export const rules: Readonly<Partial<Record<PhaseOperation, OperationRule>>> = {
  // An item that is not there allows nothing: its absence shows that the VM may be enabled.
  enableReplication: {
    allowedBy: [],
    jobScenario: 'EnableDr',
    mayBeAlreadySo: true,
    settled: isReady,
    underway: (item) => item.lifecycleId === null,
  },
  updateReplication: {
    allowedBy: ['UnplannedFailover', 'TestFailover', 'DisableProtection'],
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
    allowedBy: ['UnplannedFailover', 'PlannedFailover', 'Failback'],
    jobScenario: 'UnplannedFailover',
    mayBeAlreadySo: false,
    settled: (item, begunIn) => isAt(item, begunIn === 'original' ? 'Recovery' : 'Primary') && idle(item),
    underway: never,
  },
  changeRecoveryPoint: {
    allowedBy: ['ChangePit'],
    jobScenario: 'ChangePit',
    mayBeAlreadySo: false,
    settled: (item) => isAt(item, 'Recovery') && idle(item),
    underway: never,
  },
  commit: {
    allowedBy: ['Commit'],
    jobScenario: 'CommitFailover',
    mayBeAlreadySo: true,
    settled: (item) => item !== undefined && vmStateOf(item) === 'committed',
    underway: never,
  },
  reprotect: {
    allowedBy: ['ReverseReplicate'],
    jobScenario: 'ReprotectReplicationGroup',
    mayBeAlreadySo: true,
    settled: isReady,
    underway: (item) =>
      isAt(item, 'Primary') &&
      item.protectionState !== 'Protected' &&
      !item.allowedOperations.includes('ReverseReplicate'),
  },
};
