// What callers may ask of Azure by the routes that read it.
import { z } from 'zod';
import { DeploymentModel } from '../domain/enabling/facts.ts';
import { Region, SourceVmId, SubscriptionId } from '../domain/enabling/wish.ts';

const GroupName = z.string().trim().min(1).max(90);

export const SourcesQuery = z.strictObject({
  subscription: SubscriptionId,
  region: Region,
  resourceGroup: GroupName.optional(),
  model: z.enum(DeploymentModel, 'must be resourceManager or classic').default('resourceManager'),
  cloudService: z.string().trim().min(1).max(80).optional(),
});
export type SourcesQuery = z.infer<typeof SourcesQuery>;

export const ChoicesQuery = z.strictObject({ subscription: SubscriptionId, region: Region, targetSubscription: SubscriptionId.optional(), targetRegion: Region.optional() });
export type ChoicesQuery = z.infer<typeof ChoicesQuery>;

export const FirewallQuery = z.strictObject({ cloud: z.enum(['public', 'germany', 'china'], 'must be public, germany or china').default('public'), region: Region, targetRegion: Region.optional() });
export type FirewallQuery = z.infer<typeof FirewallQuery>;

const MOST_VMS = 1000;
const VmId = z.string().regex(/^vm-[a-z2-7]{26}$/, 'must be an id that Lifeboat gave to a replicated VM');
export const ReplicatedVms = z.strictObject({ vms: z.array(VmId).min(1).max(MOST_VMS).refine((ids) => new Set(ids).size === ids.length, 'names a VM twice') });

export const NetworkRulesWish = z.strictObject({
  vms: z.array(SourceVmId).min(1).max(MOST_VMS),
  targetRegion: Region.optional(),
  /** Whether they are to share recovery points, for which they must reach one another. */
  multiVmGroup: z.boolean().default(false),
});
