// The schema of a request to enable replication of VMs of a Hyper-V site.
import * as z from 'zod';
import {
  AvailabilitySetId,
  NetworkId,
  PlacementGroupId,
  Region,
  ResourceGroupName,
  ResourceName,
  StorageAccountId,
  SubscriptionId,
  VaultId,
  namesNoIdTwice,
  withCheckedSettings,
} from '../../enabling/requestFields.ts';

const MAX_VMS = 5000;
const ProtectableItemId = z
  .string()
  .max(1000)
  .regex(
    // The JSON schema has no flag for case, and Azure varies the casing.
    /^\/[A-Za-z]+\/[0-9A-Fa-f-]{36}\/.+\/[A-Za-z]+\/[^/]+$/,
    'must be the ARM id of a protectable item, as GET /api/v1/sources/sites lists them',
  );

const ownFields = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/, 'must be a name of a VM in Azure')
    .optional()
    .describe('The name of the VM in Azure. Default: the name of the machine.'),
  osDisk: z
    .string()
    .trim()
    .min(1)
    .max(1000)
    .optional()
    .describe('The name or id of the disk with the operating system. Required with more than one disk.'),
};
const commonFields = {
  osType: z
    .enum(['Windows', 'Linux'])
    .optional()
    .describe('The operating system. Default: the one that Site Recovery shows, if any.'),
  resourceGroup: ResourceGroupName.optional().describe(
    'The name of a group in the target subscription, created if missing.',
  ),
  networkId: NetworkId.optional().describe('The ARM id of the target network.'),
  subnet: ResourceName.optional().describe('The name of the target subnet. Default: the first subnet.'),
  size: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .optional()
    .describe('The size of the VM in Azure. Default: Site Recovery chooses one from the machine.'),
  storageAccountId: StorageAccountId.optional().describe(
    'The ARM id of the account that receives the changes.',
  ),
  managedDisks: z
    .boolean()
    .optional()
    .describe('False: the VM in Azure keeps its disks in the storage account, and can fail back.'),
  availabilitySetId: AvailabilitySetId.optional().describe(
    'The ARM id of an availability set in the target region. Default: none.',
  ),
  placementGroupId: PlacementGroupId.optional().describe(
    'The ARM id of a proximity placement group in the target region. Default: none.',
  ),
};

/** The target settings of a VM on premises. */
export const SiteVmSettings = z.strictObject({ ...ownFields, ...commonFields });
/** The target settings of a VM on premises. */
export type SiteVmSettings = z.infer<typeof SiteVmSettings>;

const vms = z.array(ProtectableItemId).max(MAX_VMS).refine(namesNoIdTwice, 'names a VM twice');

/** The fields of a request to enable VMs of a site, without the checks across fields. */
export const SiteEnableFields = z.strictObject({
  goal: z
    .strictObject({
      protect: z.literal('hyperVVm').describe('The kind of source.'),
      to: z.literal('azure').default('azure').describe('The kind of target. Default: azure.'),
    })
    .describe('What to protect, and where.'),
  vault: z
    .strictObject({ id: VaultId.describe('The ARM id of the vault.') })
    .describe('The vault of the site.'),
  source: z
    .strictObject({ site: ResourceName.describe('The name of the site.') })
    .describe('The site of the hosts.'),
  target: z
    .strictObject({
      region: Region.describe('The region of the vault, where the machines replicate to.'),
      subscription: SubscriptionId.optional().describe(
        'The id of the target subscription. Default: the subscription of the vault.',
      ),
      ...commonFields,
    })
    .describe('The target settings of all machines.'),
  policy: z
    .strictObject({
      name: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,89}$/, 'must be letters, digits and hyphens')
        .optional()
        .describe('The name of the policy, created if missing. Default: a name from the values.'),
      retentionHours: z
        .int()
        .min(1)
        .max(24)
        .default(24)
        .describe('How long recovery points stay, in hours. Default: 24.'),
      appConsistentHours: z
        .union([z.int().min(1).max(12), z.literal('off')], 'must be 1 to 12, or "off"')
        .default(1)
        .describe('Hours between app-consistent points, or "off". Default: 1.'),
    })
    .default({ retentionHours: 24, appConsistentHours: 1 })
    .describe('The replication policy. Default: 24 hours of points, app-consistent ones every hour.'),
  vms: vms.min(1).describe('The machines, by the ARM ids of their protectable items.'),
  perVm: z
    .record(ProtectableItemId, SiteVmSettings)
    .default({})
    .describe('Settings by machine, where they differ from the target settings. Default: none.'),
  allowFailedChecks: z
    .array(z.string().regex(/^(PRE|H2A)-\d+$/, 'must be the id of a check, such as H2A-7'))
    .max(10)
    .default([])
    .describe('Readiness checks that may fail without a refusal of the machine. Default: none.'),
  followHours: z
    .number()
    .min(0.1)
    .max(24 * 14)
    .default(72)
    .describe('Hours in which Lifeboat waits for the protection of a machine. Default: 72.'),
});
/** The same fields with optional VMs. */
export const SitePrepareFields = SiteEnableFields.omit({ vms: true }).extend({
  vms: vms.default([]).describe('The machines, by the ARM ids of their protectable items. Default: none.'),
});
/** Request to enable replication of VMs of a site. */
export const SiteEnableRequest = withCheckedSettings(SiteEnableFields);
/** The same request with optional VMs, without any start of a replication. */
export const SitePrepareRequest = withCheckedSettings(SitePrepareFields);
/** Request to prepare a vault for a site, with any number of its VMs. */
export type SitePrepareRequest = z.infer<typeof SitePrepareFields>;

/** The settings of one VM: its own first, then the target settings of the request. */
export function settingsOf({ target, perVm }: SitePrepareRequest, id: string): SiteVmSettings {
  const own = Object.entries(perVm).find(([key]) => key.toLowerCase() === id.toLowerCase())?.[1] ?? {};
  const { osType, resourceGroup, networkId, subnet, size, storageAccountId, managedDisks } = target;
  const { availabilitySetId, placementGroupId } = target;
  // A subnet belongs to its network. The subnet of the target does not apply to another network.
  return {
    osType,
    resourceGroup,
    networkId,
    size,
    storageAccountId,
    managedDisks,
    availabilitySetId,
    placementGroupId,
    ...(own.networkId === undefined && subnet !== undefined ? { subnet } : {}),
    ...own,
  };
}
