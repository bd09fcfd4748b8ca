// The schema of a request to enable replication. Everything except source VMs and target region has
// a default. Routes and commands parse their input with it.
import * as z from 'zod';
import { DeploymentModel } from '../../../../azure/facts.ts';
import {
  AvailabilitySetId,
  ClassicNetworkId,
  ClassicStorageAccountId,
  CloudServiceId,
  DiskType,
  NetworkId,
  PlacementGroupId,
  Region,
  ReplicationGoal,
  ResourceGroupName,
  ResourceName,
  SourceVmId,
  StorageAccountId,
  SubscriptionId,
  VaultRequest,
  Zone,
  namesNoIdTwice,
  withCheckedSettings,
} from '../../../enabling/requestFields.ts';

/** The source of a request. */
export const SourceRequest = z.strictObject({
  region: Region.describe('The short name of the source region.'),
  model: z
    .enum(DeploymentModel)
    .default('resourceManager')
    .describe('The deployment model. Default: resourceManager.'),
  subscription: SubscriptionId.describe('The id of the source subscription.'),
  resourceGroup: ResourceGroupName.optional().describe(
    'Only VMs of this resource group. Default: all groups.',
  ),
  cloudService: ResourceName.optional().describe(
    'Only classic VMs of this cloud service. Default: all cloud services.',
  ),
});
/** The source of a request. */
export type SourceRequest = z.infer<typeof SourceRequest>;

const availabilityFields = {
  availability: z
    .enum(['single', 'set', 'zone'])
    .optional()
    .describe('The availability type after a failover. Default: as the source VM.'),
  zone: Zone.optional().describe('The target zone. Default: the number of the source zone.'),
  availabilitySetId: AvailabilitySetId.optional().describe(
    'The ARM id of the target availability set. Default: the source name with "-asr".',
  ),
  placementGroupId: PlacementGroupId.nullable()
    .optional()
    .describe('The ARM id of the target placement group; null: none. Default: one if the source VM has one.'),
};
const targetFields = {
  resourceGroup: ResourceGroupName.optional().describe(
    'The name of the target resource group, created if missing. Default: the source name with "-asr".',
  ),
  networkId: z
    .union([NetworkId, ClassicNetworkId], 'must be the ARM id of a virtual network')
    .optional()
    .describe('The ARM id of the target network. Default: the mapped one, or a new one with "-asr".'),
  subnet: ResourceName.optional().describe(
    'The target subnet of the primary interface. Default: the same name, else the first subnet.',
  ),
  size: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .optional()
    .describe('The size after a failover. Default: the size of the source VM.'),
  cacheStorageAccountId: StorageAccountId.optional().describe(
    'The ARM id of the cache account in the source region. Default: one is reused or created.',
  ),
  diskStorageAccountId: z
    .union([StorageAccountId, ClassicStorageAccountId], 'must be the ARM id of a storage account')
    .optional()
    .describe('The ARM id of the account for unmanaged disks. Default: one is reused or created.'),
  cloudServiceId: CloudServiceId.optional().describe(
    'Classic VMs only: the ARM id of the target cloud service. Required for them.',
  ),
  replicaDiskType: DiskType.optional().describe(
    "The type of replica disks. Default: the source disk's type.",
  ),
  targetDiskType: DiskType.optional().describe(
    "The type of disks after a failover. Default: the source disk's type.",
  ),
  ...availabilityFields,
};

/** The target settings for all VMs of a request. */
export const TargetRequest = z.strictObject({
  region: Region.describe('The short name of the target region.'),
  subscription: SubscriptionId.optional().describe(
    'The id of the target subscription. Default: the source subscription.',
  ),
  ...targetFields,
});
/** The target settings for all VMs of a request. */
export type TargetRequest = z.infer<typeof TargetRequest>;

const DiskRequest = z.strictObject({
  disk: z
    .string()
    .min(1)
    .max(1000)
    .describe('The name or ARM id of a managed disk, or the blob address of an unmanaged disk.'),
  exclude: z.boolean().default(false).describe('True: the disk is not replicated. Default: false.'),
  replicaType: DiskType.optional().describe('The type of the replica. Default: as for the VM.'),
  targetType: DiskType.optional().describe('The type after a failover. Default: as for the VM.'),
  cacheStorageAccountId: StorageAccountId.optional().describe(
    'The ARM id of the cache account. Default: as for the VM.',
  ),
  resourceGroup: ResourceGroupName.optional().describe(
    'The resource group of the replica. Default: as for the VM.',
  ),
  storageAccountId: z
    .union([StorageAccountId, ClassicStorageAccountId], 'must be the ARM id of a storage account')
    .optional()
    .describe('Unmanaged disks only: the ARM id of the target account. Default: as for the VM.'),
});

/** The settings of one VM. Missing settings come from the target. */
export const VmSettingsRequest = z.strictObject({
  disks: z.array(DiskRequest).max(65).default([]).describe('Settings of single disks. Default: none.'),
  ...targetFields,
});
/** The settings of one VM. */
export type VmSettingsRequest = z.infer<typeof VmSettingsRequest>;

/** The requested replication policy. */
export const PolicyRequest = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,89}$/, 'must be letters, digits and hyphens')
    .optional()
    .describe('The name of the policy, created if missing. Default: a name from the values.'),
  retentionHours: z
    .int()
    .min(1)
    .max(72)
    .default(24)
    .describe('How long recovery points stay, in hours. Default: 24.'),
  appConsistentHours: z
    .union([z.int().min(1).max(12), z.literal('off')], 'must be 1 to 12, or "off"')
    .default(1)
    .describe('Hours between app-consistent points, or "off". Default: 1.'),
});
/** The requested replication policy. */
export type PolicyRequest = z.infer<typeof PolicyRequest>;

const MAX_VMS = 5000;
const commonFields = {
  goal: ReplicationGoal.default({ protect: 'azureVm', to: 'azure' }).describe(
    'What to protect, and where. Default: VMs in Azure to Azure.',
  ),
  vault: VaultRequest.optional().describe(
    'An existing vault by id, or a vault by name. Default: lifeboat-{target region}.',
  ),
  source: SourceRequest.optional().describe(
    'Where the VMs are. Default: the location of the named VMs; required without VMs.',
  ),
  target: TargetRequest.describe('The target settings of all VMs.'),
  policy: PolicyRequest.default({ retentionHours: 24, appConsistentHours: 1 }).describe(
    'The replication policy. Default: 24 hours of points, app-consistent ones every hour.',
  ),
};
/** Source VMs by their ARM ids. */
export const SourceVmIds = z.array(SourceVmId).max(MAX_VMS).refine(namesNoIdTwice, 'names a VM twice');
/** VMs that share recovery points, at most 16. */
export const MultiVmGroupRequest = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, hyphens and underscores')
    .describe('The name of the group, new or existing. It has at most 16 members.'),
});

/** The fields of a request to enable replication, without the checks across fields. */
export const EnableFields = z.strictObject({
  ...commonFields,
  vms: SourceVmIds.min(1).describe('The source VMs, by their ARM ids.'),
  perVm: z
    .record(SourceVmId, VmSettingsRequest)
    .default({})
    .describe('Settings by VM id, for VMs that differ from the target settings. Default: none.'),
  multiVmGroup: MultiVmGroupRequest.optional().describe(
    'VMs that share recovery points, and fail over together. Default: no group.',
  ),
  proxy: z
    .strictObject({
      authenticates: z
        .boolean()
        .describe('True: the proxy asks for a name and password, which Site Recovery does not support.'),
    })
    .optional()
    .describe('The proxy between the VMs and the internet. Default: not known.'),
  allowFailedChecks: z
    .array(z.string().regex(/^PRE-\d+$/, 'must be the id of a check, such as PRE-4'))
    .max(10)
    .default([])
    .describe('Readiness checks that may fail without a refusal of the VM. Default: none.'),
  followHours: z
    .number()
    .min(0.1)
    .max(24 * 14)
    .default(72)
    .describe('Hours in which Lifeboat waits for the protection of a VM. Default: 72.'),
});
/** The same fields with optional VMs. */
export const PrepareFields = EnableFields.omit({ vms: true }).extend({
  vms: SourceVmIds.default([]).describe('The source VMs, by their ARM ids. Default: none.'),
});

/** Request to enable replication of VMs. */
export const EnableRequest = withCheckedSettings(EnableFields);
/** Request to enable replication of VMs. */
export type EnableRequest = z.infer<typeof EnableRequest>;

/**
 * The same request with optional VMs. It prepares the vault and the targets of the named VMs, but
 * starts no replication.
 */
export const PrepareRequest = withCheckedSettings(PrepareFields);
/** The same request with optional VMs, without any start of a replication. */
export type PrepareRequest = z.infer<typeof PrepareRequest>;
