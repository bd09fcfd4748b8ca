// The query parameters of the routes, and the small bodies of read-only routes. Routes parse their
// input with these schemas.
import * as z from 'zod';
import { Operation } from '../core/operations.ts';
import { Scenario } from '../core/scenario.ts';
import { JobState } from '../core/states/job.ts';
import { StepState } from '../core/states/step.ts';
import {
  EnableRequest,
  MultiVmGroupRequest,
  PrepareRequest,
  SiteEnableRequest,
  VmwareEnableRequest,
  VmwarePrepareRequest,
  SitePrepareRequest,
  SourceVmIds,
} from '../scenarios/drivers.ts';
import { CLOUDS } from '../scenarios/enabling/clouds.ts';
import { VmState } from '../scenarios/lifecycle.ts';
import { Region, SourceVmId } from '../scenarios/enabling/requestFields.ts';

const MACHINES = ['azureVm', 'hyperVHost', 'vmmServer'] as const;
/** Query of the firewall route. */
export const FirewallQuery = z.strictObject({
  cloud: z
    .enum(CLOUDS, `must be of ${CLOUDS.join(', ')}`)
    .optional()
    .describe('The Azure cloud. Default: the cloud of the region.'),
  region: Region.describe('The short name of the source region.'),
  'target.region': Region.optional().describe(
    'The short name of the target region. Default: the source region.',
  ),
  machines: z
    .enum(MACHINES, `must be of ${MACHINES.join(', ')}`)
    .default('azureVm')
    .describe('VMM servers and Hyper-V hosts need other endpoints than Azure VMs. Default: azureVm.'),
});
/** Query of the firewall route. */
export type FirewallQuery = z.infer<typeof FirewallQuery>;

const MAX_VMS = 1000;
const VmId = z.string().regex(/^vm-[a-z2-7]{26}$/, 'must be an id that Lifeboat gave to a replicated VM');
/** A body with replicated VMs, by their Lifeboat ids. */
export const ReplicatedVms = z.strictObject({
  vms: z
    .array(VmId)
    .min(1)
    .max(MAX_VMS)
    .refine((ids) => new Set(ids).size === ids.length, 'names a VM twice')
    .describe("Replicated VMs, by Lifeboat's ids."),
});

/** A request for VMs in Azure, or for machines of a site on premises. */
export const EnablingPreviewRequest = z.union([PrepareRequest, SitePrepareRequest, VmwarePrepareRequest]);

/** VMs for enabling, or VMs with replication. */
export const ReadinessRequest = z.union([
  EnableRequest,
  SiteEnableRequest,
  VmwareEnableRequest,
  VmwarePrepareRequest,
  ReplicatedVms,
]);

/** Body of the network rules route. */
export const NetworkRulesRequest = z.strictObject({
  vms: SourceVmIds.min(1).max(MAX_VMS).describe('Source VMs, by their ARM ids.'),
  target: z
    .strictObject({ region: Region.describe('The short name of the region.') })
    .optional()
    .describe('The target region. Default: endpoints of the source region only.'),
  multiVmGroup: MultiVmGroupRequest.optional().describe(
    'The multi-VM group of the VMs: its members must reach one another. Default: none.',
  ),
});

/** A comma-separated list of words. */
const commaSeparated = <Word extends string>(words: Readonly<Record<string, Word>>) =>
  z
    .string()
    .transform((list) => list.split(',').map((word) => word.trim()))
    .pipe(
      z
        .array(z.enum(words, `must be of ${Object.values(words).join(', ')}`))
        .min(1)
        .max(50),
    );
/** Converts to UTC, like all stored times. */
const UtcTime = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-01-05T08:00:00Z' })
  .transform((time) => new Date(time).toISOString());
const FilterText = z.string().trim().min(1).max(500);

const pageParameters = (defaultLimit: number) => ({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .default(defaultLimit)
    .describe(`The largest number of entries on a page. Default: ${defaultLimit}.`),
  continuation: z
    .string()
    .min(1)
    .max(20_000)
    .optional()
    .describe('The value of "next" from the page before. Default: the first page.'),
});

/** Query of the list of confirmed checks. */
export const ConfirmationsQuery = z.strictObject({
  vm: SourceVmId.transform((id) => id.toLowerCase())
    .optional()
    .describe('Only confirmations of the VM with this ARM id. Default: all.'),
  ...pageParameters(200),
});

/** Query of the job list. */
export const JobsQuery = z.strictObject({
  state: commaSeparated(JobState).optional().describe('Only jobs in one of these states. Default: all.'),
  operation: commaSeparated(Operation).optional().describe('Only these operations. Default: all.'),
  vm: FilterText.transform((vm) => (vm.startsWith('/') ? vm.toLowerCase() : vm))
    .optional()
    .describe("Only jobs of this VM: Lifeboat's id, or the ARM id of a VM that was enabled. Default: all."),
  plan: FilterText.optional().describe('Only jobs of the plan with this id. Default: all.'),
  ticket: FilterText.optional().describe('Only jobs of this ticket. Default: all.'),
  caller: FilterText.optional().describe('Only jobs of the caller with this id. Default: all.'),
  since: UtcTime.optional().describe('Only jobs accepted at this time or later. Default: all.'),
  until: UtcTime.optional().describe('Only jobs accepted before this time. Default: all.'),
  ...pageParameters(100),
});
const HEALTHS = { normal: 'normal', warning: 'warning', critical: 'critical', none: 'none' } as const;
/** Query of the list of replicated VMs. */
export const ReplicationsQuery = z.strictObject({
  name: FilterText.optional().describe('Only VMs with this part in their names. Default: all.'),
  vault: FilterText.optional().describe('Only VMs of the vault with this name or ARM id. Default: all.'),
  state: commaSeparated(VmState).optional().describe('Only VMs in one of these states. Default: all.'),
  scenario: commaSeparated(Scenario).optional().describe('Only these scenarios. Default: all.'),
  region: Region.optional().describe('Only VMs that run in this region now. Default: all.'),
  health: z
    .string()
    .toLowerCase()
    .pipe(commaSeparated(HEALTHS))
    .optional()
    .describe('Only VMs with this replication health. Default: all.'),
  ...pageParameters(200),
});
/** Query of the step list. */
export const StepsQuery = z.strictObject({
  state: commaSeparated(StepState).optional().describe('Only steps in one of these states. Default: all.'),
  phase: FilterText.optional().describe('Only steps of this phase. Default: all.'),
  ...pageParameters(200),
});
/** Query of a paged list without filters. */
export const PageQuery = z.strictObject(pageParameters(200));
/** Query of the inbox. */
export const InboxQuery = z.strictObject(pageParameters(100));
/** Query of the job log. */
export const LogQuery = z.strictObject({
  order: z
    .enum(['newest', 'oldest'], 'must be newest or oldest')
    .default('newest')
    .describe('Which lines come first. Default: newest.'),
  ...pageParameters(200),
});
/** Query of the occurrence list. */
export const OccurrencesQuery = z.strictObject(pageParameters(100));
/** Query of the alarm list. */
export const AlarmsQuery = z.strictObject({
  state: z
    .enum(['open', 'all'], 'must be open or all')
    .default('open')
    .describe('Open alarms, or all. Default: open.'),
  plan: FilterText.optional().describe('Only alarms of the plan with this id. Default: all.'),
});
/** Query of the decision list. */
export const DecisionsQuery = z.strictObject(pageParameters(50));
/**
 * Proxies and load balancers cut a connection that is silent for longer. Also, no function should
 * wait long for a caller that has left.
 */
const MAX_WAIT_SECONDS = 20;
/** Query of the event stream. */
export const EventsQuery = z.strictObject({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(1e9)
    .default(0)
    .describe('The number of the last event that the listener has received. Default: 0.'),
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_WAIT_SECONDS)
    .default(MAX_WAIT_SECONDS)
    .describe(`Seconds that the answer may wait for the first event. Default: ${MAX_WAIT_SECONDS}.`),
});
/** Query of a plan. */
export const PlanQuery = z.strictObject({
  version: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('The number of a version. Default: the present one.'),
});
