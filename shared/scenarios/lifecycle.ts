// The states of a replicated VM, and the rules that all scenarios share for reading them from an
// item.
import { ENABLING_FAILED, type ReplicatedItem } from '../siterecovery/item.ts';
import type { Direction, Operation, PhaseOperation } from '../core/operations.ts';

/** The lifecycle states of a replicated VM. The state decides the allowed operations. */
export const VmState = {
  protected: 'protected',
  testing: 'testing',
  failedOver: 'failedOver',
  committed: 'committed',
  synchronising: 'synchronising',
  enablingFailed: 'enablingFailed',
  busy: 'busy',
} as const;
export type VmState = (typeof VmState)[keyof typeof VmState];

/** The allowed operations for each state and direction. */
export type Lifecycle = Readonly<Record<VmState, Readonly<Record<Direction, readonly Operation[]>>>>;

/** The VM's state after an operation. `reversesDirection`: replication then runs the other way. */
export interface OperationEffect {
  readonly state: VmState;
  readonly reversesDirection: boolean;
}
/** The effect of each operation. `gone`: Site Recovery no longer replicates the VM. */
export type OperationEffects = Readonly<Partial<Record<PhaseOperation, OperationEffect | 'gone'>>>;

/** The fields of an item that decide the VM's state. */
export type ItemState = Pick<ReplicatedItem, 'protectionState' | 'activeLocation' | 'allowedOperations'>;

export const inBothDirections = (
  ...operations: readonly Operation[]
): Record<Direction, readonly Operation[]> => ({
  original: operations,
  reversed: operations,
});

export const keepsDirection = (state: VmState): OperationEffect => ({ state, reversesDirection: false });
export const reversesDirection = (state: VmState): OperationEffect => ({ state, reversesDirection: true });

/** Returns the state from fields that all scenarios share. */
export function commonStateOf(seen: ItemState): VmState {
  // Check this state before `busy`, also during a disabling: the item will never allow another
  // operation.
  if (seen.protectionState === ENABLING_FAILED) return VmState.enablingFailed;
  if (seen.allowedOperations.length === 0) return VmState.busy;
  if (seen.allowedOperations.includes('TestFailoverCleanup')) return VmState.testing;
  if (seen.activeLocation === 'Recovery')
    return seen.allowedOperations.includes('Commit') ? VmState.failedOver : VmState.committed;
  return seen.protectionState === 'Protected' ? VmState.protected : VmState.synchronising;
}
