// The schema of a recovery plan, as a person writes it.
// A plan has groups of replicated VMs, an order of the groups, and actions around groups and VMs.

import * as z from 'zod';
import { RecoveryPointKind } from '../../siterecovery/recoveryPoint.ts';
import { Actions, VmId } from './action.ts';
import { Minutes, StepRule } from './rule.ts';
import { NetworkId } from '../../scenarios/enabling/requestFields.ts';

/** The limits of a plan. For comparison: a plan of Site Recovery has at most 100 VMs and 7 groups. */
export const PLAN_LIMITS = {
  vms: 5000,
  groups: 200,
  /** Stored size: one batch writes the plan and its version. */ bytes: 850_000,
} as const;

/** The id of a plan in a route path. */
export const PlanId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 small letters, digits and hyphens');
export const PlanGroupName = z.string().trim().min(1).max(100);

/** One choice of a recovery point. The rule skips the choice if its point is missing or too old. */
export const RecoveryPointChoice = z.strictObject({
  kind: z.enum(RecoveryPointKind),
  notOlderThanMinutes: Minutes.optional(),
});
export type RecoveryPointChoice = z.infer<typeof RecoveryPointChoice>;

const ALWAYS_AVAILABLE_POINTS: readonly RecoveryPointKind[] = ['latest', 'latestProcessed'];
/**
 * Choices in order; the first fitting choice wins. The last choice must always fit: a failover must
 * never lack a point.
 */
export const RecoveryPointRule = z
  .array(RecoveryPointChoice)
  .min(1)
  .max(10)
  .refine(
    (choices) => {
      const last = choices.at(-1);
      return (
        last !== undefined &&
        last.notOlderThanMinutes === undefined &&
        ALWAYS_AVAILABLE_POINTS.includes(last.kind)
      );
    },
    `must end in a choice that always exists: ${ALWAYS_AVAILABLE_POINTS.join(' or ')}, of any age`,
  );
export type RecoveryPointRule = z.infer<typeof RecoveryPointRule>;

/** The actions around one VM of a group, and its own rule if it differs from the group's rule. */
export const VmActions = z.strictObject({ before: Actions, after: Actions, rule: StepRule.optional() });
export type VmActions = z.infer<typeof VmActions>;

/** A group of VMs that start together or in parallel. */
export const Group = z.strictObject({
  name: PlanGroupName,
  /** The names of the groups before this group. Groups without such an order run in parallel. */
  waitsFor: z.array(PlanGroupName).max(PLAN_LIMITS.groups).default([]),
  vms: z.array(VmId).max(PLAN_LIMITS.vms).default([]),
  before: Actions,
  after: Actions,
  /** Actions by VM id. */
  perVm: z.record(VmId, VmActions).default({}),
  /**
   * True: the failovers begin after all VMs are ready, and later actions begin after all VMs are up.
   * False: each VM continues alone.
   */
  together: z.boolean().default(false),
  /** The rule of each VM in the group. */
  rule: StepRule.default({ critical: true }),
  /** Without this field: the latest point for a failover, the latest processed point for a drill. */
  recoveryPoint: RecoveryPointRule.optional(),
});
export type Group = z.infer<typeof Group>;

const Groups = z
  .array(Group)
  .min(1)
  .max(PLAN_LIMITS.groups)
  .refine(
    (groups) => groups.reduce((sum, { vms }) => sum + vms.length, 0) <= PLAN_LIMITS.vms,
    `must not have more than ${PLAN_LIMITS.vms} VMs in all`,
  );

/** The groups of each run. A run without groups uses the failover's groups (see `planRuns.ts`). */
export const Runs = z.strictObject({
  failover: Groups,
  testFailover: Groups.optional(),
  failback: Groups.optional(),
});

export const CommitWindow = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('wait') }),
  z.strictObject({ kind: z.literal('commit'), afterMinutes: Minutes }),
  z.strictObject({ kind: z.literal('cancel'), afterMinutes: Minutes }),
]);
export type CommitWindow = z.infer<typeof CommitWindow>;

export const Drill = z.strictObject({
  /** The network of the test VMs; without this field, the test VMs have no network. */
  networkId: NetworkId.optional(),
  /** Actions after all groups are up. */
  checks: Actions,
  /**
   * The drill cleans up the test VMs at this time after the newest test VM is up, even if steps still
   * wait. Null: a person cleans up.
   */
  cleanUpAfterMinutes: Minutes.nullable().default(60),
  /** The plan's policy: an alarm reports the lack of a successful drill of the whole plan in this time. */
  everyDays: z.int().min(1).max(730).optional(),
});
export type Drill = z.infer<typeof Drill>;

/** The targets of a plan: recovery time and data loss. */
export const PlanTargets = z.strictObject({
  recoveryMinutes: Minutes.optional(),
  dataLossMinutes: Minutes.optional(),
});
export type PlanTargets = z.infer<typeof PlanTargets>;

/** A recovery plan. */
export const Plan = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    description: z.string().trim().max(4000).default(''),
    runs: Runs,
    targets: PlanTargets.default({}),
    commitWindow: CommitWindow.default({ kind: 'wait' }),
    drill: Drill.default({ checks: [], cleanUpAfterMinutes: 60 }),
  })
  .superRefine((plan, context) => {
    const bytes = new TextEncoder().encode(JSON.stringify(plan)).length;
    if (bytes <= PLAN_LIMITS.bytes) return;
    context.addIssue({
      code: 'custom',
      message:
        `has ${bytes} bytes as it is stored, and at most ${PLAN_LIMITS.bytes} are possible; let long ` +
        'scripts be read from a reference',
    });
  });
export type Plan = z.infer<typeof Plan>;
