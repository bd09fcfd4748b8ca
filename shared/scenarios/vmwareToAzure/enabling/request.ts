// The schema of a request to enable replication of VMs of a vCenter.
import * as z from 'zod';
import {
  allowFailedChecks,
  commonFields,
  followHours,
  MAX_MACHINES,
  mergeSettings,
  ownFields,
  PolicyName,
  targetFields,
} from '../../enabling/onPremises/requestFields.ts';
import {
  DiskType,
  ResourceName,
  VaultId,
  namesNoIdTwice,
  withCheckedSettings,
} from '../../enabling/requestFields.ts';
import { NicUpdate } from '../../enabling/updateRequest.ts';

/** A machine by its name, or by its id, as GET /api/v1/sources/sites lists both. */
const MachineName = z.string().trim().min(1).max(1000);

/** The target settings of one VM of a vCenter. */
export const VmwareVmSettings = z.strictObject({
  ...ownFields,
  ...commonFields,
  diskType: DiskType.optional(),
  /** The disks to leave out, by name or id. Name the disk with the operating system too. */
  excludeDisks: z.array(z.string().trim().min(1).max(1000)).min(1).max(64).optional(),
  /** Subnets and addresses of single network interfaces. An update sets them after the enabling. */
  nics: z.array(NicUpdate).min(1).max(8).optional(),
});
/** The target settings of one VM of a vCenter. */
export type VmwareVmSettings = z.infer<typeof VmwareVmSettings>;

const vms = z.array(MachineName).max(MAX_MACHINES).refine(namesNoIdTwice, 'names a VM twice');

/** The fields of a request to enable VMs of a vCenter, without the checks across fields. */
export const VmwareEnableFields = z.strictObject({
  goal: z.strictObject({ protect: z.literal('vmwareVm'), to: z.literal('azure').default('azure') }),
  vault: z.strictObject({ id: VaultId }),
  source: z.strictObject({
    /** The fabric of the appliances, or of the configuration server, by its name. */
    site: ResourceName,
    /** The appliance or the process server, by its name. */
    server: ResourceName,
    /** The account that installs the agent, by its name. Default: the agent is installed already. */
    account: ResourceName.optional(),
    /**
     * For a configuration server: a vCenter to add, with the account that reads it. An appliance
     * gets its vCenter in its own setup.
     */
    vCenter: z
      .strictObject({
        name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/, 'must be the name of a vCenter'),
        address: z.string().trim().min(1).max(255),
        port: z.int().min(1).max(65_535).default(443),
        account: ResourceName,
      })
      .optional(),
  }),
  /** `diskType`: the type of the managed disks in Azure. */
  target: z.strictObject({ ...targetFields, diskType: DiskType.default('StandardSSD_LRS') }),
  policy: z
    .strictObject({
      name: PolicyName,
      retentionHours: z.int().min(1).max(360).default(24),
      appConsistentHours: z
        .union([z.int().min(1).max(24), z.literal('off')], 'must be 1 to 24, or "off"')
        .default('off'),
    })
    .default({ retentionHours: 24, appConsistentHours: 'off' }),
  /** The multi-VM group of all VMs of the request. */
  multiVmGroup: ResourceName.optional(),
  vms: vms.min(1),
  /** Settings by the name or the id of a VM, as "vms" names it. */
  perVm: z.record(MachineName, VmwareVmSettings).default({}),
  /** Readiness checks that may fail without a refusal of the VM. */
  allowFailedChecks: allowFailedChecks(/^(PRE|V2A)-\d+$/, 'V2A-6'),
  followHours,
});
/** The same fields with optional VMs. */
export const VmwarePrepareFields = VmwareEnableFields.omit({ vms: true }).extend({
  source: VmwareEnableFields.shape.source.partial({ server: true }),
  vms: vms.default([]),
});
/** Request to enable replication of VMs of a vCenter. */
export const VmwareEnableRequest = withCheckedSettings(VmwareEnableFields);
/** The same request with optional VMs, without any start of a replication. */
export const VmwarePrepareRequest = withCheckedSettings(VmwarePrepareFields);
/** Request to prepare a vault for VMs of a vCenter, with any number of them. */
export type VmwarePrepareRequest = z.infer<typeof VmwarePrepareFields>;

/** The settings of one VM: its own first, then the target settings of the request. */
export const settingsOf = (
  { target, perVm }: VmwarePrepareRequest,
  names: readonly string[],
): VmwareVmSettings => {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const own = Object.entries(perVm).find(([key]) => wanted.has(key.toLowerCase()))?.[1] ?? {};
  return { diskType: target.diskType, ...mergeSettings(target, own) };
};
