// The schema of a request to enable replication of VMs of a Hyper-V site.
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
import { ResourceName, namesNoIdTwice, withCheckedSettings } from '../../enabling/requestFields.ts';

const ProtectableItemId = z
  .string()
  .max(1000)
  .regex(
    // The JSON schema has no flag for case, and Azure varies the casing.
    /^\/[A-Za-z]+\/[0-9A-Fa-f-]{36}\/.+\/[A-Za-z]+\/[^/]+$/,
    'must be the ARM id of a protectable item, as GET /api/v1/sources/sites lists them',
  );

/** The target settings of a VM on premises. */
export const SiteVmSettings = z.strictObject({ ...ownFields, ...commonFields });
/** The target settings of a VM on premises. */
export type SiteVmSettings = z.infer<typeof SiteVmSettings>;

const vms = z.array(ProtectableItemId).max(MAX_MACHINES).refine(namesNoIdTwice, 'names a VM twice');

/** The fields of a request to enable VMs of a site, without the checks across fields. */
export const SiteEnableFields = z.strictObject({
  goal: goalOf('hyperVVm'),
  vault: SiteVault,
  source: z
    .strictObject({ site: ResourceName.describe('The name of the site.') })
    .describe('The site of the hosts.'),
  target: z.strictObject(targetFields).describe('The target settings of all machines.'),
  policy: z
    .strictObject({
      name: PolicyName,
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
  allowFailedChecks: allowFailedChecks(/^(PRE|H2A)-\d+$/, 'H2A-7'),
  followHours,
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
export const settingsOf = ({ target, perVm }: SitePrepareRequest, id: string): SiteVmSettings =>
  mergeSettings(
    target,
    Object.entries(perVm).find(([key]) => key.toLowerCase() === id.toLowerCase())?.[1] ?? {},
  );
