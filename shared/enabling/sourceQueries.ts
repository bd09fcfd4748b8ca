// Query parameters of the source and options routes.

import * as z from 'zod';
import { DeploymentModel } from '../azure/facts.ts';
import {
  Region,
  ResourceGroupName,
  ResourceName,
  SubscriptionId,
} from '../scenarios/enabling/requestFields.ts';

const ModelFilter = z.enum(DeploymentModel, 'must be resourceManager or classic').default('resourceManager');

/** Query of the source VMs route. */
export const SourcesQuery = z.strictObject({
  subscription: SubscriptionId,
  region: Region,
  resourceGroup: ResourceGroupName.optional(),
  model: ModelFilter,
  cloudService: ResourceName.optional(),
});
/** Query of the source VMs route. */
export type SourcesQuery = z.infer<typeof SourcesQuery>;
/** Query of the options route. */
export const OptionsQuery = z.strictObject({
  subscription: SubscriptionId,
  region: Region,
  model: ModelFilter,
  /** The target has the names of the field in a request. */
  'target.subscription': SubscriptionId.optional(),
  'target.region': Region.optional(),
});
/** Query of the options route. */
export type OptionsQuery = z.infer<typeof OptionsQuery>;
