// The lifecycle of a VM in this scenario: the allowed operations, the resulting states and the
// typical durations.
// Replication itself never runs backwards, so the direction follows the active location. A failback
// copies the data back in its own job. Then a reprotect restarts the replication to Azure.
import type { PhaseOperation } from '../../core/operations.ts';
import type { PhasesByOperation, TypicalSeconds } from '../driver.ts';
import {
  commonStateOf,
  VmState,
  keepsDirection,
  reversesDirection,
  type OperationEffects,
  type Lifecycle,
  type ItemState,
} from '../lifecycle.ts';

export const lifecycle: Lifecycle = {
  protected: {
    original: ['testFailover', 'failover', 'updateReplication', 'disableReplication'],
    reversed: [],
  },
  testing: { original: ['cleanUpTestFailover', 'failover'], reversed: [] },
  // Direction original: a failback has moved the VM back, and the VM waits for a commit.
  failedOver: {
    original: ['commit', 'disableReplication'],
    reversed: ['changeRecoveryPoint', 'commit', 'disableReplication'],
  },
  committed: { original: ['reprotect', 'disableReplication'], reversed: ['failback', 'disableReplication'] },
  synchronising: { original: ['disableReplication'], reversed: [] },
  enablingFailed: { original: ['disableReplication'], reversed: [] },
  busy: {
    original: ['failover', 'commit', 'reprotect', 'disableReplication'],
    reversed: ['failback', 'commit', 'disableReplication'],
  },
};

export const effects: OperationEffects = {
  enableReplication: keepsDirection(VmState.protected),
  updateReplication: keepsDirection(VmState.protected),
  disableReplication: 'gone',
  testFailover: keepsDirection(VmState.testing),
  cleanUpTestFailover: keepsDirection(VmState.protected),
  failover: reversesDirection(VmState.failedOver),
  changeRecoveryPoint: keepsDirection(VmState.failedOver),
  commit: keepsDirection(VmState.committed),
  reprotect: keepsDirection(VmState.protected),
};

/**
 * After a failback Site Recovery does not protect the item. The allowed operations show its
 * progress.
 */
export function vmStateOf(seen: ItemState): VmState {
  const state = commonStateOf(seen);
  if (state !== VmState.synchronising) return state;
  if (seen.allowedOperations.includes('FinalizeFailback') || seen.allowedOperations.includes('Commit'))
    return VmState.failedOver;
  return seen.allowedOperations.includes('ReverseReplicate') ? VmState.committed : state;
}

export const phases: PhasesByOperation = {
  updateReplication: ['updateReplication'],
  disableReplication: ['disableReplication'],
  testFailover: ['testFailover'],
  cleanUpTestFailover: ['cleanUpTestFailover'],
  failover: ['failover'],
  changeRecoveryPoint: ['changeRecoveryPoint'],
  cancelFailover: [],
  commit: ['commit'],
  reprotect: ['reprotect'],
  failback: ['failover', 'commit', 'reprotect'],
};

export const typicalSeconds: Record<PhaseOperation, TypicalSeconds> = {
  enableReplication: { job: 60, settle: 3600 },
  updateReplication: { job: 30, settle: 10 },
  disableReplication: { job: 60, settle: 10 },
  testFailover: { job: 300, settle: 10 },
  cleanUpTestFailover: { job: 120, settle: 10 },
  failover: { job: 650, settle: 10 },
  changeRecoveryPoint: { job: 300, settle: 10 },
  cancelFailover: { job: 0, settle: 0 },
  commit: { job: 40, settle: 10 },
  reprotect: { job: 360, settle: 1200 },
};
