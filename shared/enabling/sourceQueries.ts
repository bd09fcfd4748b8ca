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
/** Query of the sites route. */
export const SitesQuery = z.strictObject({
  /** Only this vault. Default: all vaults that Lifeboat knows. */
  vault: VaultId.optional(),
  /** Only the site with this name. */
  site: ResourceName.optional(),
});
/** Query of the sites route. */
export type SitesQuery = z.infer<typeof SitesQuery>;
