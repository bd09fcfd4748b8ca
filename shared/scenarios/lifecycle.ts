// The words of a lifecycle, and how the state of a VM is read where scenarios do not differ.
import { ENABLING_FAILED, type ReplicatedItem } from '../siterecovery/item.ts';
import type { Direction, Operation, PhaseOperation } from '../core/operations.ts';

/** The moments in the life of a replicated VM that decide what may be done with it. */
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

/** Which operation is allowed in which state. */
export type Lifecycle = Readonly<Record<VmState, Readonly<Record<Direction, readonly Operation[]>>>>;

/** The state that an operation on a VM leads to; `turns`: in the other direction. */
export interface OperationEffect {
  readonly state: VmState;
  readonly reversesDirection: boolean;
}
/** `gone`: the VM is not replicated any more. */
export type OperationEffects = Readonly<Partial<Record<PhaseOperation, OperationEffect | 'gone'>>>;

export type ItemState = Pick<ReplicatedItem, 'protectionState' | 'activeLocation' | 'allowedOperations'>;

export const inBothDirections = (
  ...operations: readonly Operation[]
): Record<Direction, readonly Operation[]> => ({
  original: operations,
  reversed: operations,
});

export const keepsDirection = (state: VmState): OperationEffect => ({ state, reversesDirection: false });
export const reversesDirection = (state: VmState): OperationEffect => ({ state, reversesDirection: true });

/** From the fields that the items of all scenarios have. */
export function commonStateOf(seen: ItemState): VmState {
  // Also while replication is being disabled: nothing else will ever be allowed.
  if (seen.protectionState === ENABLING_FAILED) return VmState.enablingFailed;
  if (seen.allowedOperations.length === 0) return VmState.busy;
  if (seen.allowedOperations.includes('TestFailoverCleanup')) return VmState.testing;
  if (seen.activeLocation === 'Recovery')
    return seen.allowedOperations.includes('Commit') ? VmState.failedOver : VmState.committed;
  return seen.protectionState === 'Protected' ? VmState.protected : VmState.synchronising;
}
