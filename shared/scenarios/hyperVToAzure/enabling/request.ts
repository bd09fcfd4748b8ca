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
  /** The name of the VM in Azure. Default: the name of the machine. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/, 'must be a name of a VM in Azure')
    .optional(),
  /** The name or id of the disk with the operating system. Needed with more than one disk. */
  osDisk: z.string().trim().min(1).max(1000).optional(),
};
const commonFields = {
  /** The operating system. Default: the one that Site Recovery shows, if any. */
  osType: z.enum(['Windows', 'Linux']).optional(),
  /** The name of a group in the target subscription; Lifeboat creates a missing group. */
  resourceGroup: ResourceGroupName.optional(),
  networkId: NetworkId.optional(),
  subnet: ResourceName.optional(),
  /** Without a size, Site Recovery chooses one from the machine. */
  size: z.string().trim().min(1).max(60).optional(),
  /** The account that receives the changes. */
  storageAccountId: StorageAccountId.optional(),
  /** False: the VM in Azure keeps its disks in the storage account, and can fail back. */
  managedDisks: z.boolean().optional(),
  availabilitySetId: AvailabilitySetId.optional(),
  placementGroupId: PlacementGroupId.optional(),
};

/** The target settings of a VM on premises. */
export const SiteVmSettings = z.strictObject({ ...ownFields, ...commonFields });
/** The target settings of a VM on premises. */
export type SiteVmSettings = z.infer<typeof SiteVmSettings>;

const vms = z.array(ProtectableItemId).max(MAX_VMS).refine(namesNoIdTwice, 'names a VM twice');

/** The fields of a request to enable VMs of a site, without the checks across fields. */
export const SiteEnableFields = z.strictObject({
  goal: z.strictObject({ protect: z.literal('hyperVVm'), to: z.literal('azure').default('azure') }),
  vault: z.strictObject({ id: VaultId }),
  /** The site of the hosts, by its name. */
  source: z.strictObject({ site: ResourceName }),
  /** `region`: the region of the vault, where the machines replicate to. */
  target: z.strictObject({ region: Region, subscription: SubscriptionId.optional(), ...commonFields }),
  policy: z
    .strictObject({
      name: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,89}$/, 'must be letters, digits and hyphens')
        .optional(),
      retentionHours: z.int().min(1).max(24).default(24),
      appConsistentHours: z
        .union([z.int().min(1).max(12), z.literal('off')], 'must be 1 to 12, or "off"')
        .default(1),
    })
    .default({ retentionHours: 24, appConsistentHours: 1 }),
  vms: vms.min(1),
  /** Settings by VM id, for VMs that differ from the target settings. */
  perVm: z.record(ProtectableItemId, SiteVmSettings).default({}),
  /** Readiness checks that may fail without a refusal of the VM. */
  allowFailedChecks: z
    .array(z.string().regex(/^(PRE|H2A)-\d+$/, 'must be the id of a check, such as H2A-7'))
    .max(10)
    .default([]),
  followHours: z
    .number()
    .min(0.1)
    .max(24 * 14)
    .default(72),
});
/** The same fields with optional VMs. */
export const SitePrepareFields = SiteEnableFields.omit({ vms: true }).extend({ vms: vms.default([]) });
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
