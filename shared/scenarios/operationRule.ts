// What the attempt protocol must know about one operation of a scenario.
import type { Item } from '../siterecovery/item.ts';
import type { Direction } from '../core/words.ts';

export interface OperationRule {
  /** The names in `allowedOperations` that allow it. */
  readonly allowedBy: readonly string[];
  /** The scenario name of its Site Recovery job. */
  readonly jobScenario: string;
  /** Where a plan of Site Recovery calls its job otherwise. */
  readonly jobScenarioOfPlan?: string;
  /**
   * Whether an item found already where the operation leads counts as done; never for what makes a
   * recovery point choice.
   */
  readonly mayBeAlreadySo: boolean;
  /**
   * The item shows that the operation, begun while replication ran this way, has taken full effect:
   * also what goes on after its job.
   */
  readonly settled: (item: Item | undefined, begunIn: Direction) => boolean;
  /** Its job has done its part and the item is on its way, whoever began it. */
  readonly underway: (item: Item, begunIn: Direction) => boolean;
}
