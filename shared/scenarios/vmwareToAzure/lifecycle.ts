// The lifecycle of a VM in this scenario: the allowed operations, the resulting states and the
// typical durations.
// A reprotect reverses the direction. On the way home there is no test, and no recovery point.
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
    reversed: ['failback', 'disableReplication'],
  },
  testing: { original: ['cleanUpTestFailover', 'failover'], reversed: [] },
  failedOver: {
    original: ['changeRecoveryPoint', 'commit', 'reprotect', 'disableReplication'],
    reversed: ['commit', 'cancelFailover', 'reprotect', 'disableReplication'],
  },
  committed: inBothDirections('reprotect', 'disableReplication'),
  synchronising: inBothDirections('disableReplication'),
  enablingFailed: { original: ['disableReplication'], reversed: [] },
  busy: {
    original: ['failover', 'commit', 'reprotect', 'disableReplication'],
    reversed: ['failback', 'commit', 'reprotect', 'disableReplication'],
  },
};

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
  enableReplication: { job: 1650, settle: 2400 },
  updateReplication: { job: 15, settle: 10 },
  disableReplication: { job: 50, settle: 10 },
  testFailover: { job: 550, settle: 10 },
  cleanUpTestFailover: { job: 100, settle: 10 },
  failover: { job: 640, settle: 10 },
  changeRecoveryPoint: { job: 560, settle: 10 },
  cancelFailover: { job: 450, settle: 10 },
  commit: { job: 40, settle: 10 },
  reprotect: { job: 720, settle: 1500 },
};
