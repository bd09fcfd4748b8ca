// What callers may ask by the query of a route, and the small bodies of routes that only read.
import * as z from 'zod';
import { Operation } from '../core/operations.ts';
import { JobState } from '../core/states/job.ts';
import { StepState } from '../core/states/step.ts';
import { EnableRequest, Region, SourceVmId } from '../enabling/rules/request/request.ts';

export const FirewallQuery = z.strictObject({
  cloud: z.enum(['public', 'germany', 'china'], 'must be public, germany or china').default('public'),
  region: Region,
  targetRegion: Region.optional(),
});
export type FirewallQuery = z.infer<typeof FirewallQuery>;

const MAX_VMS = 1000;
const VmId = z.string().regex(/^vm-[a-z2-7]{26}$/, 'must be an id that Lifeboat gave to a replicated VM');
export const ReplicatedVms = z.strictObject({
  vms: z
    .array(VmId)
    .min(1)
    .max(MAX_VMS)
    .refine((ids) => new Set(ids).size === ids.length, 'names a VM twice'),
});

/** VMs that are to be enabled, or VMs that replicate already. */
export const ReadinessRequest = z.union([EnableRequest, ReplicatedVms]);

export const NetworkRulesRequest = z.strictObject({
  vms: z
    .array(SourceVmId)
    .min(1)
    .max(MAX_VMS)
    .refine((ids) => new Set(ids.map((id) => id.toLowerCase())).size === ids.length, 'names a VM twice'),
  targetRegion: Region.optional(),
  /** Whether they are to share recovery points, for which they must reach one another. */
  multiVmGroup: z.boolean().default(false),
});

/** Several words with commas between them. */
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
/** In UTC, as all times that are stored. */
const UtcTime = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-01-05T08:00:00Z' })
  .transform((time) => new Date(time).toISOString());
const FilterText = z.string().trim().min(1).max(500);

const pageParameters = (defaultLimit: number) => ({
  limit: z.coerce.number().int().min(1).max(500).default(defaultLimit),
  /** `next` of the page before. */
  continuation: z.string().min(1).max(20_000).optional(),
});

export const JobsQuery = z.strictObject({
  state: commaSeparated(JobState).optional(),
  operation: commaSeparated(Operation).optional(),
  /** Lifeboat's id of a replicated VM, or the ARM id of one that was to be replicated. */
  vm: FilterText.transform((vm) => (vm.startsWith('/') ? vm.toLowerCase() : vm)).optional(),
  plan: FilterText.optional(),
  ticket: FilterText.optional(),
  caller: FilterText.optional(),
  since: UtcTime.optional(),
  until: UtcTime.optional(),
  ...pageParameters(100),
});
export const StepsQuery = z.strictObject({
  state: commaSeparated(StepState).optional(),
  phase: FilterText.optional(),
  ...pageParameters(200),
});
export const PageQuery = z.strictObject(pageParameters(200));
export const LogQuery = z.strictObject({
  order: z.enum(['newest', 'oldest'], 'must be newest or oldest').default('newest'),
  ...pageParameters(200),
});
export const OccurrencesQuery = z.strictObject(pageParameters(100));
export const AlarmsQuery = z.strictObject({
  state: z.enum(['open', 'all'], 'must be open or all').default('open'),
  plan: FilterText.optional(),
});
export const DecisionsQuery = z.strictObject(pageParameters(50));
/**
 * Proxies and load balancers cut a connection that is silent for longer, and no function runs for
 * long for nobody.
 */
const MAX_WAIT_SECONDS = 20;
export const EventsQuery = z.strictObject({
  /** The number of the last event that was heard. */
  after: z.coerce.number().int().min(0).max(1e9).default(0),
  /** So many seconds the answer may wait for the first event. */
  wait: z.coerce.number().int().min(0).max(MAX_WAIT_SECONDS).default(MAX_WAIT_SECONDS),
});
export const PlanQuery = z.strictObject({ version: z.coerce.number().int().min(1).optional() });
