// What callers may ask by the query of a route, and the small bodies of routes that only read.
import * as z from 'zod';
import { Operation } from '../core/words.ts';
import { JobState } from '../core/states/job.ts';
import { StepState } from '../core/states/step.ts';
import { EnableWish, Region, SourceVmId } from '../enabling/rules/request/request.ts';

export const FirewallQuery = z.strictObject({
  cloud: z.enum(['public', 'germany', 'china'], 'must be public, germany or china').default('public'),
  region: Region,
  targetRegion: Region.optional(),
});
export type FirewallQuery = z.infer<typeof FirewallQuery>;

const MOST_VMS = 1000;
const VmId = z.string().regex(/^vm-[a-z2-7]{26}$/, 'must be an id that Lifeboat gave to a replicated VM');
export const ReplicatedVms = z.strictObject({
  vms: z
    .array(VmId)
    .min(1)
    .max(MOST_VMS)
    .refine((ids) => new Set(ids).size === ids.length, 'names a VM twice'),
});

/** VMs that are to be enabled, or VMs that replicate already. */
export const ReadinessRequest = z.union([EnableWish, ReplicatedVms]);

export const NetworkRulesWish = z.strictObject({
  vms: z
    .array(SourceVmId)
    .min(1)
    .max(MOST_VMS)
    .refine((ids) => new Set(ids.map((id) => id.toLowerCase())).size === ids.length, 'names a VM twice'),
  targetRegion: Region.optional(),
  /** Whether they are to share recovery points, for which they must reach one another. */
  multiVmGroup: z.boolean().default(false),
});

/** Several words with commas between them. */
const anyOf = <Word extends string>(words: Readonly<Record<string, Word>>) =>
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
const Time = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-01-05T08:00:00Z' })
  .transform((time) => new Date(time).toISOString());
const Asked = z.string().trim().min(1).max(500);

const pageOf = (usual: number) => ({
  limit: z.coerce.number().int().min(1).max(500).default(usual),
  /** `next` of the page before. */
  continuation: z.string().min(1).max(20_000).optional(),
});

export const JobsQuery = z.strictObject({
  state: anyOf(JobState).optional(),
  operation: anyOf(Operation).optional(),
  /** Lifeboat's id of a replicated VM, or the ARM id of one that was to be replicated. */
  vm: Asked.transform((vm) => (vm.startsWith('/') ? vm.toLowerCase() : vm)).optional(),
  plan: Asked.optional(),
  ticket: Asked.optional(),
  caller: Asked.optional(),
  since: Time.optional(),
  until: Time.optional(),
  ...pageOf(100),
});
export const StepsQuery = z.strictObject({
  state: anyOf(StepState).optional(),
  phase: Asked.optional(),
  ...pageOf(200),
});
export const PageQuery = z.strictObject(pageOf(200));
export const LogQuery = z.strictObject({
  order: z.enum(['newest', 'oldest'], 'must be newest or oldest').default('newest'),
  ...pageOf(200),
});
export const OccurrencesQuery = z.strictObject(pageOf(100));
export const AlarmsQuery = z.strictObject({
  state: z.enum(['open', 'all'], 'must be open or all').default('open'),
  plan: Asked.optional(),
});
export const DecisionsQuery = z.strictObject(pageOf(50));
/**
 * Proxies and load balancers cut a connection that is silent for longer, and no function runs for
 * long for nobody.
 */
const LONGEST_WAIT_SECONDS = 20;
export const EventsQuery = z.strictObject({
  /** The number of the last event that was heard. */
  after: z.coerce.number().int().min(0).max(1e9).default(0),
  /** So many seconds the answer may wait for the first event. */
  wait: z.coerce.number().int().min(0).max(LONGEST_WAIT_SECONDS).default(LONGEST_WAIT_SECONDS),
});
export const PlanQuery = z.strictObject({ version: z.coerce.number().int().min(1).optional() });
