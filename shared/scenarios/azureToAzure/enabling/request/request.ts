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
  region: Region,
  model: z.enum(DeploymentModel).default('resourceManager'),
  subscription: SubscriptionId,
  resourceGroup: ResourceGroupName.optional(),
  /** For classic VMs only. */
  cloudService: ResourceName.optional(),
});
/** The source of a request. */
export type SourceRequest = z.infer<typeof SourceRequest>;

const availabilityFields = {
  /** The default follows the source VM. */
  availability: z.enum(['single', 'set', 'zone']).optional(),
  zone: Zone.optional(),
  availabilitySetId: AvailabilitySetId.optional(),
  /** Null: no placement group, even when the source VM has one. */
  placementGroupId: PlacementGroupId.nullable().optional(),
};
const targetFields = {
  /** The name of a group in the target subscription; Lifeboat creates a missing group. */
  resourceGroup: ResourceGroupName.optional(),
  networkId: z.union([NetworkId, ClassicNetworkId], 'must be the ARM id of a virtual network').optional(),
  /**
   * The subnet of the primary network interface. Each other interface uses the name of its source
   * subnet.
   */
  subnet: ResourceName.optional(),
  size: z.string().trim().min(1).max(60).optional(),
  cacheStorageAccountId: StorageAccountId.optional(),
  /** For VMs with unmanaged disks. */
  diskStorageAccountId: z
    .union([StorageAccountId, ClassicStorageAccountId], 'must be the ARM id of a storage account')
    .optional(),
  /** The target cloud service of classic VMs. */
  cloudServiceId: CloudServiceId.optional(),
  replicaDiskType: DiskType.optional(),
  targetDiskType: DiskType.optional(),
  ...availabilityFields,
};

/** The target settings for all VMs of a request. */
export const TargetRequest = z.strictObject({
  region: Region,
  subscription: SubscriptionId.optional(),
  ...targetFields,
});
/** The target settings for all VMs of a request. */
export type TargetRequest = z.infer<typeof TargetRequest>;

const DiskRequest = z.strictObject({
  /** The name or ARM id of a managed disk, or the blob address of an unmanaged disk. */
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

/** The settings of one VM. Missing settings come from the target. */
export const VmSettingsRequest = z.strictObject({
  disks: z.array(DiskRequest).max(65).default([]),
  ...targetFields,
});
/** The settings of one VM. */
export type VmSettingsRequest = z.infer<typeof VmSettingsRequest>;

/** The requested replication policy. */
export const PolicyRequest = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,89}$/, 'must be letters, digits and hyphens')
    .optional(),
  retentionHours: z.int().min(1).max(72).default(24),
  /** Whole hours, or "off". */
  appConsistentHours: z
    .union([z.int().min(1).max(12), z.literal('off')], 'must be 1 to 12, or "off"')
    .default(1),
});
/** The requested replication policy. */
export type PolicyRequest = z.infer<typeof PolicyRequest>;

const MAX_VMS = 5000;
const commonFields = {
  goal: ReplicationGoal.default({ protect: 'azureVm', to: 'azure' }),
  vault: VaultRequest.optional(),
  /** Optional when the request names VMs: the location of the VMs then counts. */
  source: SourceRequest.optional(),
  target: TargetRequest,
  policy: PolicyRequest.default({ retentionHours: 24, appConsistentHours: 1 }),
};
/** Source VMs by their ARM ids. */
export const SourceVmIds = z.array(SourceVmId).max(MAX_VMS).refine(namesNoIdTwice, 'names a VM twice');
/** VMs that share recovery points, at most 16. */
export const MultiVmGroupRequest = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, hyphens and underscores'),
});

/** The fields of a request to enable replication, without the checks across fields. */
export const EnableFields = z.strictObject({
  ...commonFields,
  vms: SourceVmIds.min(1),
  /** Settings by VM id, for VMs that differ from the target settings. */
  perVm: z.record(SourceVmId, VmSettingsRequest).default({}),
  multiVmGroup: MultiVmGroupRequest.optional(),
  /**
   * The proxy between the VMs and the internet, if the caller knows one. Site Recovery does not
   * support an authenticating proxy.
   */
  proxy: z.strictObject({ authenticates: z.boolean() }).optional(),
  /** Readiness checks that may fail without a refusal of the VM. */
  allowFailedChecks: z
    .array(z.string().regex(/^PRE-\d+$/, 'must be the id of a check, such as PRE-4'))
    .max(10)
    .default([]),
  /**
   * After this many hours of simulated time Lifeboat stops waiting for a VM without protection. The
   * replication itself continues.
   */
  followHours: z
    .number()
    .min(0.1)
    .max(24 * 14)
    .default(72),
});
/** The same fields with optional VMs. */
export const PrepareFields = EnableFields.omit({ vms: true }).extend({ vms: SourceVmIds.default([]) });

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
