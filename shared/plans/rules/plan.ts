// A recovery plan, as a person writes it: groups that wait for one another, each with replicated
// VMs, and what is done around them.
import * as z from 'zod';
import { RecoveryPointKind } from '../../siterecovery/recoveryPoint.ts';
import { NetworkId } from '../../enabling/rules/request/request.ts';
import { Actions, VmId } from './action.ts';
import { Minutes, StepRule } from './rule.ts';

/** Site Recovery's own plans end at 100 VMs and 7 groups. */
export const PLAN_LIMITS = {
  vms: 5000,
  groups: 200,
  /** As it is stored: a plan and its version are written at once. */ bytes: 850_000,
} as const;

export const PlanId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 small letters, digits and hyphens');
export const PlanGroupName = z.string().trim().min(1).max(100);

/** One way to choose a point in time; it is passed over when its point is missing or too old. */
export const RecoveryPointChoice = z.strictObject({
  kind: z.enum(RecoveryPointKind),
  notOlderThanMinutes: Minutes.optional(),
});
export type RecoveryPointChoice = z.infer<typeof RecoveryPointChoice>;

const ALWAYS_AVAILABLE_POINTS: readonly RecoveryPointKind[] = ['latest', 'latestProcessed'];
/**
 * The first choice that fits is taken, so the last one must always fit: nobody is to stand there
 * without a point on the day itself.
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

/** What is done around one VM of the group, and the rule for it when it is another than the group's. */
export const VmActions = z.strictObject({ before: Actions, after: Actions, rule: StepRule.optional() });
export type VmActions = z.infer<typeof VmActions>;

export const Group = z.strictObject({
  name: PlanGroupName,
  /** The names of the groups before it; those that do not wait for one another go side by side. */
  waitsFor: z.array(PlanGroupName).max(PLAN_LIMITS.groups).default([]),
  vms: z.array(VmId).max(PLAN_LIMITS.vms).default([]),
  before: Actions,
  after: Actions,
  /** By the VM's id. */
  perVm: z.record(VmId, VmActions).default({}),
  /**
   * The VMs keep step: none is failed over before all are ready for it, and nothing follows on one
   * before all are up. Else each goes its own way.
   */
  together: z.boolean().default(false),
  /** For each of its VMs. */
  rule: StepRule.default({ critical: true }),
  /** Left out: the latest point for a failover, the latest processed one for a drill. */
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

/** What is done depends on what the plan is run for. Left out: the failover's groups, as `runs.ts` says. */
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
  /** Where the test VMs come up; left out: connected to no network. */
  networkId: NetworkId.optional(),
  /** Done once all groups are up. */
  checks: Actions,
  /**
   * The test VMs are cleaned up so long after the newest of them is up, whatever waits then; null:
   * by hand.
   */
  cleanUpAfterMinutes: Minutes.nullable().default(60),
  /** The plan's policy: an alarm tells when no drill of the whole plan has ended well for so many days. */
  everyDays: z.int().min(1).max(730).optional(),
});
export type Drill = z.infer<typeof Drill>;

export const PlanTargets = z.strictObject({
  recoveryMinutes: Minutes.optional(),
  dataLossMinutes: Minutes.optional(),
});
export type PlanTargets = z.infer<typeof PlanTargets>;

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
