// The schema of a request to enable replication of VMs of a vCenter.
import * as z from 'zod';
import {
  allowFailedChecks,
  commonFields,
  followHours,
  goalOf,
  MAX_MACHINES,
  mergeSettings,
  ownFields,
  PolicyName,
  SiteVault,
  targetFields,
} from '../../enabling/onPremises/requestFields.ts';
import { DiskType, ResourceName, namesNoIdTwice, withCheckedSettings } from '../../enabling/requestFields.ts';
import { NicUpdate } from '../../enabling/updateRequest.ts';

/** A machine by its name, or by its id, as GET /api/v1/sources/sites lists both. */
const MachineName = z.string().trim().min(1).max(1000);

/** The type of managed disks that the request does not name. */
export const DEFAULT_DISK_TYPE = 'StandardSSD_LRS';
const diskType = DiskType.optional().describe('The type of the managed disks. Default: StandardSSD_LRS.');

/** The target settings of one VM of a vCenter. */
export const VmwareVmSettings = z.strictObject({
  ...ownFields,
  ...commonFields,
  diskType,
  excludeDisks: z
    .array(z.string().trim().min(1).max(1000))
    .min(1)
    .max(64)
    .optional()
    .describe('Disks to leave out, by name or id. Requires osDisk. Default: none.'),
  nics: z
    .array(NicUpdate)
    .min(1)
    .max(8)
    .optional()
    .describe('Settings of network interfaces, sent after the enabling. Default: none.'),
});
/** The target settings of one VM of a vCenter. */
export type VmwareVmSettings = z.infer<typeof VmwareVmSettings>;

const vms = z.array(MachineName).max(MAX_MACHINES).refine(namesNoIdTwice, 'names a VM twice');

const VCenterRequest = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/, 'must be the name of a vCenter')
    .describe('The name of the vCenter in the vault.'),
  address: z.string().trim().min(1).max(255).describe('The name or the address of the vCenter.'),
  port: z.int().min(1).max(65_535).default(443).describe('The port of the vCenter. Default: 443.'),
  account: ResourceName.describe('The name of the account that reads the vCenter.'),
});

const sourceFields = {
  site: ResourceName.describe('The name of the site: the fabric of the appliances.'),
  account: ResourceName.optional().describe(
    'The name of the account that installs the agent. Default: the agent is installed already.',
  ),
  vCenter: VCenterRequest.optional().describe('A vCenter to add to a configuration server. Default: none.'),
};

/** The fields of a request to enable VMs of a vCenter, without the checks across fields. */
export const VmwareEnableFields = z.strictObject({
  goal: goalOf('vmwareVm'),
  vault: SiteVault,
  source: z
    .strictObject({
      ...sourceFields,
      server: ResourceName.describe('The name of the appliance or of the process server.'),
    })
    .describe('The site with the servers of the replication.'),
  target: z.strictObject({ ...targetFields, diskType }).describe('The target settings of all machines.'),
  policy: z
    .strictObject({
      name: PolicyName,
      retentionHours: z
        .int()
        .min(1)
        .max(360)
        .default(24)
        .describe('How long recovery points stay, in hours. Default: 24.'),
      appConsistentHours: z
        .union([z.int().min(1).max(24), z.literal('off')], 'must be 1 to 24, or "off"')
        .default('off')
        .describe('Hours between app-consistent points, or "off". Default: off.'),
    })
    .default({ retentionHours: 24, appConsistentHours: 'off' })
    .describe('The replication policy. Default: 24 hours of points, no app-consistent ones.'),
  multiVmGroup: ResourceName.optional().describe(
    'The name of the multi-VM group of all machines. Default: none.',
  ),
  vms: vms.min(1).describe('The machines, by their names or ids.'),
  perVm: z
    .record(MachineName, VmwareVmSettings)
    .default({})
    .describe('Settings by machine, where they differ from the target settings. Default: none.'),
  allowFailedChecks: allowFailedChecks(/^(PRE|V2A)-\d+$/, 'V2A-6'),
  followHours,
});
/** The same fields with optional VMs. */
export const VmwarePrepareFields = VmwareEnableFields.omit({ vms: true }).extend({
  source: z
    .strictObject({
      ...sourceFields,
      server: ResourceName.optional().describe(
        'The name of the appliance or of the process server. Required with machines. Default: none.',
      ),
    })
    .describe('The site with the servers of the replication.'),
  vms: vms.default([]).describe('The machines, by their names or ids. Default: none.'),
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
  return { diskType: target.diskType ?? DEFAULT_DISK_TYPE, ...mergeSettings(target, own) };
};
