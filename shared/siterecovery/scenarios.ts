// The scenarios Lifeboat drives, each behind the same interface. Another one is another file, and a line here.
import type { ReplicationProtectedItemsUnplannedFailoverOptionalParams, SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import type { OperationRule } from '../domain/attempt.ts';
import type { Item } from '../domain/item.ts';
import type { PhaseOperation, Scenario } from '../domain/words.ts';
import { azureToAzure } from './azureToAzure.ts';
import type { WriteRequest } from './port.ts';

export type Write = (
  client: SiteRecoveryManagementClient,
  at: { readonly vault: string; readonly resourceGroup: string },
  request: WriteRequest,
  options: ReplicationProtectedItemsUnplannedFailoverOptionalParams,
) => Promise<unknown>;

export interface ScenarioFile {
  readonly rules: Record<PhaseOperation, OperationRule>;
  readonly writes: Record<PhaseOperation, Write>;
  /** Where a reprotect will put the item, when its job does not say. */
  readonly movedItemId: (item: Pick<Item, 'recoveryContainerId' | 'name'>) => string;
}

export const scenarios: Record<Scenario, ScenarioFile> = { azureToAzure };
