// What the attempt protocol must know about one operation of a scenario.

import type { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import type { Item } from '../siterecovery/item.ts';
import type { Direction, PhaseOperation } from '../core/words.ts';
import type { SendOptions } from '../azure/send.ts';
import type { RequestFor } from '../siterecovery/port.ts';

/** What of a scenario the protocol has to know, per operation. */
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
export type At = { readonly vault: string; readonly resourceGroup: string };
export type Write<Operation extends PhaseOperation> = (
  client: SiteRecoveryManagementClient,
  at: At,
  request: RequestFor<Operation>,
  options: SendOptions,
) => Promise<unknown>;
export interface ScenarioFile {
  readonly rules: Record<PhaseOperation, OperationRule>;
  readonly writes: {
    readonly [Operation in PhaseOperation]: Write<Operation>;
  };
  /** Where a reprotect will put the item, when its job does not say. */
  readonly movedItemId: (item: Pick<Item, 'recoveryContainerId' | 'name'>) => string;
}
