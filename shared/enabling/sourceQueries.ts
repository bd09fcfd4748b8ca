// Query parameters of the source and options routes.

import * as z from 'zod';
import { DeploymentModel } from '../azure/facts.ts';
import {
  Region,
  ResourceGroupName,
  ResourceName,
  SubscriptionId,
  VaultId,
} from '../scenarios/enabling/requestFields.ts';

const ModelFilter = z
  .enum(DeploymentModel, 'must be resourceManager or classic')
  .default('resourceManager')
  .describe('The deployment model. Default: resourceManager.');

/** Query of the source VMs route. */
export const SourcesQuery = z.strictObject({
  subscription: SubscriptionId.describe('The id of the source subscription.'),
  region: Region.describe('The short name of the source region.'),
  resourceGroup: ResourceGroupName.optional().describe('Only VMs of this resource group. Default: all.'),
  model: ModelFilter,
  cloudService: ResourceName.optional().describe('Only classic VMs of this cloud service. Default: all.'),
});
/** Query of the source VMs route. */
export type SourcesQuery = z.infer<typeof SourcesQuery>;
/** Query of the options route. */
export const OptionsQuery = z.strictObject({
  subscription: SubscriptionId.describe('The id of the source subscription.'),
  region: Region.describe('The short name of the source region.'),
  model: ModelFilter,
  // The target has the names of the field in a request.
  'target.subscription': SubscriptionId.optional().describe(
    'The id of the target subscription. Default: the source subscription.',
  ),
  'target.region': Region.optional().describe(
    'The short name of the target region. Default: no choices of a target.',
  ),
});
/** Query of the options route. */
export type OptionsQuery = z.infer<typeof OptionsQuery>;
/** Query of the sites route. */
export const SitesQuery = z.strictObject({
  vault: VaultId.optional().describe('Only the vault with this ARM id. Default: all known vaults.'),
  site: ResourceName.optional().describe('Only the site with this name. Default: all.'),
});
/** Query of the sites route. */
export type SitesQuery = z.infer<typeof SitesQuery>;
