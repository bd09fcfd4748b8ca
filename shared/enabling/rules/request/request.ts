// What a caller wants replicated, from where, to where: everything but source VMs and target region
// has a default.
import * as z from 'zod';
import { DeploymentModel } from '../../../azure/facts.ts';

const armIdSchema = (type: string, what: string) =>
  z
    .string()
    .max(500)
    .regex(
      new RegExp(
        `^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/${type.replaceAll('.', '\\.')}/[^/]+$`,
        'i',
      ),
      `must be the ARM id of ${what}`,
    );

export const Region = z
  .string()
  .trim()
  .regex(/^[a-z0-9]{3,40}$/, "must be a region's short name, such as southeastasia");
export const SubscriptionId = z.guid('must be the id of a subscription');
export const ResourceName = z.string().trim().min(1).max(80);
export const ResourceGroupName = z
  .string()
  .trim()
  .regex(
    /^[\w.()-]{0,89}[\w()-]$/,
    'must be the name of a resource group: letters, digits and -_.(), not ending in a dot',
  );
export const VaultId = armIdSchema('Microsoft.RecoveryServices/vaults', 'a Recovery Services vault');
const StorageAccountId = armIdSchema('Microsoft.Storage/storageAccounts', 'a storage account');
export const NetworkId = armIdSchema('Microsoft.Network/virtualNetworks', 'a virtual network');
const ClassicStorageAccountId = armIdSchema(
  'Microsoft.ClassicStorage/storageAccounts',
  'a classic storage account',
);
const ClassicNetworkId = armIdSchema('Microsoft.ClassicNetwork/virtualNetworks', 'a classic virtual network');
export const CloudServiceId = armIdSchema(
  'Microsoft.ClassicCompute/domainNames',
  'a cloud service of the classic model',
);
export const AvailabilitySetId = armIdSchema('Microsoft.Compute/availabilitySets', 'an availability set');
export const PlacementGroupId = armIdSchema(
  'Microsoft.Compute/proximityPlacementGroups',
  'a proximity placement group',
);
export const SourceVmId = z.union(
  [
    armIdSchema('Microsoft.Compute/virtualMachines', 'a virtual machine'),
    armIdSchema('Microsoft.ClassicCompute/virtualMachines', 'a classic virtual machine'),
  ],
  'must be the ARM id of a virtual machine',
);
export const DiskType = z.enum([
  'Standard_LRS',
  'StandardSSD_LRS',
  'Premium_LRS',
  'StandardSSD_ZRS',
  'Premium_ZRS',
]);
export const Zone = z.enum(['1', '2', '3']);

/** Which scenario is meant follows from this alone. */
export const ReplicationGoal = z.strictObject({
  protect: z.enum(['azureVm', 'vmwareVm', 'hyperVVm', 'hyperVVmInVmm']).default('azureVm'),
  to: z.enum(['azure', 'secondSite']).default('azure'),
  vmmServers: z.literal([1, 2]).optional(),
});
export type ReplicationGoal = z.infer<typeof ReplicationGoal>;

/**
 * An existing vault by its id, or one by name, made when it is not there. Left out:
 * `lifeboat-{target region}`.
 */
export const VaultRequest = z.union(
  [
    z.strictObject({ id: VaultId }),
    z.strictObject({
      name: z
        .string()
        .regex(
          /^[A-Za-z][A-Za-z0-9-]{1,49}$/,
          'must be 2 to 50 letters, digits and hyphens, beginning with a letter',
        ),
      subscription: SubscriptionId,
      resourceGroup: ResourceGroupName,
      region: Region.optional(),
    }),
  ],
  'must name a vault: {"id"}, or {"name", "subscription", "resourceGroup"} with an optional "region"',
);
export type VaultRequest = z.infer<typeof VaultRequest>;

export const SourceRequest = z.strictObject({
  region: Region,
  model: z.enum(DeploymentModel).default('resourceManager'),
  subscription: SubscriptionId,
  resourceGroup: ResourceGroupName.optional(),
  /** Of classic VMs. */
  cloudService: ResourceName.optional(),
});
export type SourceRequest = z.infer<typeof SourceRequest>;

const availabilityFields = {
  /** The default follows from the source VM. */
  availability: z.enum(['single', 'set', 'zone']).optional(),
  zone: Zone.optional(),
  availabilitySetId: AvailabilitySetId.optional(),
  /** Null: none, though the source VM is in one. */
  placementGroupId: PlacementGroupId.nullable().optional(),
};
const targetFields = {
  /** By name, in the target subscription; made when it is not there. */
  resourceGroup: ResourceGroupName.optional(),
  networkId: z.union([NetworkId, ClassicNetworkId], 'must be the ARM id of a virtual network').optional(),
  /** Of the primary network interface; each other one goes by the name of its own source subnet. */
  subnet: ResourceName.optional(),
  size: z.string().trim().min(1).max(60).optional(),
  cacheStorageAccountId: StorageAccountId.optional(),
  /** For the disks of VMs whose disks are not managed. */
  diskStorageAccountId: z
    .union([StorageAccountId, ClassicStorageAccountId], 'must be the ARM id of a storage account')
    .optional(),
  /** In which VMs of the classic model come up. */
  cloudServiceId: CloudServiceId.optional(),
  replicaDiskType: DiskType.optional(),
  targetDiskType: DiskType.optional(),
  ...availabilityFields,
};

export const TargetRequest = z.strictObject({
  region: Region,
  subscription: SubscriptionId.optional(),
  ...targetFields,
});
export type TargetRequest = z.infer<typeof TargetRequest>;

const DiskRequest = z.strictObject({
  /** A managed disk's name or ARM id, an unmanaged one's blob address. */
  disk: z.string().min(1).max(1000),
  exclude: z.boolean().default(false),
  replicaType: DiskType.optional(),
  targetType: DiskType.optional(),
  cacheStorageAccountId: StorageAccountId.optional(),
  resourceGroup: ResourceGroupName.optional(),
  storageAccountId: z
    .union([StorageAccountId, ClassicStorageAccountId], 'must be the ARM id of a storage account')
    .optional(),
});

/** One VM, and what is special about it; what is not said here is as the target says. */
export const VmRequest = z.strictObject({
  id: SourceVmId,
  disks: z.array(DiskRequest).max(65).default([]),
  ...targetFields,
});
export type VmRequest = z.infer<typeof VmRequest>;

export const PolicyRequest = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,89}$/, 'must be letters, digits and hyphens')
    .optional(),
  retentionHours: z.int().min(1).max(72).default(24),
  /** Whole hours, or off. */
  appConsistentHours: z
    .union([z.int().min(1).max(12), z.literal('off')], 'must be 1 to 12, or "off"')
    .default(1),
});
export type PolicyRequest = z.infer<typeof PolicyRequest>;

const MAX_VMS = 5000;
const commonFields = {
  goal: ReplicationGoal.default({ protect: 'azureVm', to: 'azure' }),
  vault: VaultRequest.optional(),
  /** May be left out when VMs are named: it is theirs. */
  source: SourceRequest.optional(),
  target: TargetRequest,
  policy: PolicyRequest.default({ retentionHours: 24, appConsistentHours: 1 }),
};
const vmsField = z
  .array(VmRequest)
  .max(MAX_VMS)
  .refine((list) => new Set(list.map((vm) => vm.id.toLowerCase())).size === list.length, 'names a VM twice');

export const EnableRequest = z.strictObject({
  ...commonFields,
  vms: vmsField.min(1),
  /** VMs that share recovery points, at most 16. */
  multiVmGroup: z
    .strictObject({
      name: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, hyphens and underscores'),
    })
    .optional(),
  /**
   * What stands between the VMs and the internet, when the caller knows: an authenticating proxy is
   * not supported.
   */
  proxy: z.strictObject({ authenticates: z.boolean() }).optional(),
  /** Checks of the readiness report that may fail without refusing the VM. */
  allowFailedChecks: z
    .array(z.string().regex(/^PRE-\d+$/, 'must be the id of a check, such as PRE-4'))
    .max(10)
    .default([]),
  /**
   * Hours of story time after which a VM that is not yet protected is no longer waited for; its
   * replication goes on.
   */
  followHours: z
    .number()
    .min(0.1)
    .max(24 * 14)
    .default(72),
});
export type EnableRequest = z.infer<typeof EnableRequest>;

/**
 * The same, without VMs: the vault is prepared, and targets made for the VMs that are named, but
 * nothing is replicated.
 */
export const PrepareRequest = EnableRequest.omit({ vms: true }).extend({ vms: vmsField.default([]) });
export type PrepareRequest = z.infer<typeof PrepareRequest>;
