// The queries about a source: its VMs, and the options for a target.

import * as z from 'zod';
import { DeploymentModel } from '../azure/facts.ts';
import { SubscriptionId, Region } from './rules/request/request.ts';

const ResourceGroupFilter = z.string().trim().min(1).max(90);
const ModelFilter = z.enum(DeploymentModel, 'must be resourceManager or classic').default('resourceManager');

export const SourcesQuery = z.strictObject({
  subscription: SubscriptionId,
  region: Region,
  resourceGroup: ResourceGroupFilter.optional(),
  model: z.enum(DeploymentModel, 'must be resourceManager or classic').default('resourceManager'),
  cloudService: z.string().trim().min(1).max(80).optional(),
});
export type SourcesQuery = z.infer<typeof SourcesQuery>;
export const OptionsQuery = z.strictObject({
  subscription: SubscriptionId,
  region: Region,
  model: ModelFilter,
  targetSubscription: SubscriptionId.optional(),
  targetRegion: Region.optional(),
});
export type OptionsQuery = z.infer<typeof OptionsQuery>;
