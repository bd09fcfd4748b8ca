// Query parameters of the source and options routes.

import * as z from 'zod';
import { DeploymentModel } from '../azure/facts.ts';
import { SubscriptionId, Region } from './rules/request/request.ts';

const ResourceGroupFilter = z.string().trim().min(1).max(90);
const ModelFilter = z.enum(DeploymentModel, 'must be resourceManager or classic').default('resourceManager');

/** Query of the source VMs route. */
export const SourcesQuery = z.strictObject({
  subscription: SubscriptionId,
  region: Region,
  resourceGroup: ResourceGroupFilter.optional(),
  model: z.enum(DeploymentModel, 'must be resourceManager or classic').default('resourceManager'),
  cloudService: z.string().trim().min(1).max(80).optional(),
});
/** Query of the source VMs route. */
export type SourcesQuery = z.infer<typeof SourcesQuery>;
/** Query of the options route. */
export const OptionsQuery = z.strictObject({
  subscription: SubscriptionId,
  region: Region,
  model: ModelFilter,
  targetSubscription: SubscriptionId.optional(),
  targetRegion: Region.optional(),
});
/** Query of the options route. */
export type OptionsQuery = z.infer<typeof OptionsQuery>;
