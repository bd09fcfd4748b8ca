// Which operation is allowed when, where each leads, and how long each usually takes.
import type { PhaseOperation } from '../../core/operations.ts';
import type { PhasesByOperation, TypicalSeconds } from '../driver.ts';
import {
  inBothDirections,
  VmState,
  keepsDirection,
  reversesDirection,
  type OperationEffects,
  type Lifecycle,
} from '../lifecycle.ts';

export const lifecycle: Lifecycle = {
  protected: {
    original: ['testFailover', 'failover', 'updateReplication', 'disableReplication'],
    reversed: ['testFailover', 'failback', 'updateReplication', 'disableReplication'],
  },
  // A disaster does not wait for the end of a drill: the test is cleaned up first, in the same job.
  testing: { original: ['cleanUpTestFailover', 'failover'], reversed: ['cleanUpTestFailover', 'failback'] },
  failedOver: inBothDirections(
    'changeRecoveryPoint',
    'commit',
    'cancelFailover',
    'reprotect',
    'disableReplication',
  ),
  committed: inBothDirections('reprotect', 'disableReplication'),
  synchronising: inBothDirections('disableReplication'),
  enablingFailed: inBothDirections('disableReplication'),
  // Somebody's operation runs. Ours may wait for it, or follow it: what is allowed then is seen
  // when it has ended.
  busy: {
    original: ['failover', 'commit', 'reprotect', 'disableReplication'],
    reversed: ['failback', 'commit', 'reprotect', 'disableReplication'],
  },
};

/** A reprotect, and nothing else, turns the direction. */
export const effects: OperationEffects = {
  enableReplication: keepsDirection(VmState.protected),
  updateReplication: keepsDirection(VmState.protected),
  disableReplication: 'gone',
  testFailover: keepsDirection(VmState.testing),
  cleanUpTestFailover: keepsDirection(VmState.protected),
  failover: keepsDirection(VmState.failedOver),
  changeRecoveryPoint: keepsDirection(VmState.failedOver),
  cancelFailover: keepsDirection(VmState.protected),
  commit: keepsDirection(VmState.committed),
  reprotect: reversesDirection(VmState.protected),
};

export const phases: PhasesByOperation = {
  updateReplication: ['updateReplication'],
  disableReplication: ['disableReplication'],
  testFailover: ['testFailover'],
  cleanUpTestFailover: ['cleanUpTestFailover'],
  failover: ['failover'],
  changeRecoveryPoint: ['changeRecoveryPoint'],
  cancelFailover: ['cancelFailover'],
  commit: ['commit'],
  reprotect: ['reprotect'],
  failback: ['failover', 'commit', 'reprotect'],
};

export const typicalSeconds: Record<PhaseOperation, TypicalSeconds> = {
  enableReplication: { job: 360, settle: 1200 },
  updateReplication: { job: 30, settle: 10 },
  disableReplication: { job: 200, settle: 10 },
  testFailover: { job: 160, settle: 10 },
  cleanUpTestFailover: { job: 85, settle: 10 },
  failover: { job: 150, settle: 10 },
  changeRecoveryPoint: { job: 200, settle: 10 },
  cancelFailover: { job: 105, settle: 10 },
  commit: { job: 20, settle: 10 },
  reprotect: { job: 450, settle: 1200 },
};
