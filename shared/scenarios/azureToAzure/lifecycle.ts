// The lifecycle of a VM in this scenario. The tables list the allowed operations in each state, the
// resulting states and the typical durations.
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
  // A failover in a disaster must not wait for the end of a drill. The same job first cleans up the
  // test.
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
  // An operation of any actor runs on the item. A new operation may wait for it or adopt it.
  // Lifeboat sees the allowed operations only after its end.
  busy: {
    original: ['failover', 'commit', 'reprotect', 'disableReplication'],
    reversed: ['failback', 'commit', 'reprotect', 'disableReplication'],
  },
};

/** The effects of each operation. Only a reprotect reverses the direction. */
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
