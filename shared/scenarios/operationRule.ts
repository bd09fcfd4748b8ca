// The rule of one operation in one scenario. The attempt protocol reads items through these rules.
import type { ReplicatedItem } from '../siterecovery/item.ts';
import type { Direction } from '../core/operations.ts';

/** The facts that the attempt protocol needs about one operation. */
export interface OperationRule {
  /** The names in `allowedOperations` that allow the operation. */
  readonly allowedBy: readonly string[];
  /** The scenario names of the operation's Site Recovery jobs: one for each kind of the operation. */
  readonly jobNames: readonly string[];
  /** The job names for a native plan, when they differ. */
  readonly planJobNames?: readonly string[];
  /**
   * True when an item in the resulting state counts as done. Never true for an operation with a
   * choice of recovery point.
   */
  readonly canBeAlreadyDone: boolean;
  /**
   * True when the item shows the operation's full effect, including work after its job. `begunIn`:
   * the direction at the operation's start.
   */
  readonly isSettled: (item: ReplicatedItem | undefined, begunIn: Direction) => boolean;
  /**
   * True when the operation's job has ended and the item is still changing, no matter which actor
   * began it.
   */
  readonly isUnderway: (item: ReplicatedItem, begunIn: Direction) => boolean;
}
