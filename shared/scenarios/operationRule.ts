// What the attempt protocol must know about one operation of a scenario.
import type { ReplicatedItem } from '../siterecovery/item.ts';
import type { Direction } from '../core/operations.ts';

export interface OperationRule {
  /** The names in `allowedOperations` that allow it. */
  readonly allowedBy: readonly string[];
  /** The scenario name of its Site Recovery job. */
  readonly jobName: string;
  /** Where a plan of Site Recovery calls its job otherwise. */
  readonly planJobName?: string;
  /**
   * Whether an item found already where the operation leads counts as done; never for what makes a
   * recovery point choice.
   */
  readonly canBeAlreadyDone: boolean;
  /**
   * The item shows that the operation, begun while replication ran this way, has taken full effect:
   * also what goes on after its job.
   */
  readonly isSettled: (item: ReplicatedItem | undefined, begunIn: Direction) => boolean;
  /** Its job has done its part and the item is on its way, whoever began it. */
  readonly isUnderway: (item: ReplicatedItem, begunIn: Direction) => boolean;
}
