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
  kind: z.enum(RecoveryPointKind).describe('The kind of recovery point.'),
  notOlderThanMinutes: Minutes.optional().describe(
    'The largest age of the point, in minutes. Default: any age.',
  ),
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
export const VmActions = z.strictObject({
  before: Actions.describe('Actions before the VM starts, one after the other. Default: none.'),
  after: Actions.describe('Actions after the VM is up, one after the other. Default: none.'),
  rule: StepRule.optional().describe("The rule of this VM. Default: the group's rule."),
});
export type VmActions = z.infer<typeof VmActions>;

/** A group of VMs that start together or in parallel. */
export const Group = z.strictObject({
  name: PlanGroupName.describe('The name of the group, unique in its run.'),
  waitsFor: z
    .array(PlanGroupName)
    .max(PLAN_LIMITS.groups)
    .default([])
    .describe('The names of the groups that must end before. Default: none, so the group starts at once.'),
  vms: z
    .array(VmId)
    .max(PLAN_LIMITS.vms)
    .default([])
    .describe("The VMs of the group, by Lifeboat's ids. Default: none."),
  before: Actions.describe('Actions before the group, one after the other. Default: none.'),
  after: Actions.describe('Actions after the group, one after the other. Default: none.'),
  perVm: z
    .record(VmId, VmActions)
    .default({})
    .describe('Actions and rules of single VMs, by VM id. Default: none.'),
  together: z
    .boolean()
    .default(false)
    .describe('True: the VMs start when all are ready, and go on when all are up. Default: each VM alone.'),
  rule: StepRule.default({ critical: true }).describe(
    'The rule of each VM of the group. Default: critical, and a person is asked after a failure.',
  ),
  recoveryPoint: RecoveryPointRule.optional().describe(
    'Choices in order; the first that fits counts. Default: latest; for a drill latestProcessed.',
  ),
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
  failover: Groups.describe('The groups of a failover.'),
  testFailover: Groups.optional().describe("The groups of a drill. Default: the failover's groups."),
  failback: Groups.optional().describe("The groups of a failback. Default: the failover's groups."),
});

const windowKind = <Kind extends string>(kind: Kind) =>
  z.literal(kind).describe('wait: commit by a command. commit, cancel: done by the run after some minutes.');
const afterMinutes = Minutes.describe('Minutes after the end of the failover, in which a person may decide.');
export const CommitWindow = z.discriminatedUnion('kind', [
  z.strictObject({ kind: windowKind('wait') }),
  z.strictObject({ kind: windowKind('commit'), afterMinutes }),
  z.strictObject({ kind: windowKind('cancel'), afterMinutes }),
]);
export type CommitWindow = z.infer<typeof CommitWindow>;

export const Drill = z.strictObject({
  networkId: NetworkId.optional().describe('The ARM id of the network of the test VMs. Default: no network.'),
  checks: Actions.describe('Actions after all groups are up. Default: none.'),
  cleanUpAfterMinutes: Minutes.nullable()
    .default(60)
    .describe('Minutes from the newest test VM to the clean-up; null: a person cleans up. Default: 60.'),
  everyDays: z
    .int()
    .min(1)
    .max(730)
    .optional()
    .describe('An alarm comes after this many days without a good drill. Default: no alarm.'),
});
export type Drill = z.infer<typeof Drill>;

/** The targets of a plan: recovery time and data loss. */
export const PlanTargets = z.strictObject({
  recoveryMinutes: Minutes.optional().describe('The wanted recovery time, in minutes. Default: none.'),
  dataLossMinutes: Minutes.optional().describe('The wanted limit of data loss, in minutes. Default: none.'),
});
export type PlanTargets = z.infer<typeof PlanTargets>;

/** A recovery plan. */
export const Plan = z
  .strictObject({
    name: z.string().trim().min(1).max(200).describe('The name of the plan, for people.'),
    description: z.string().trim().max(4000).default('').describe('A text for people. Default: empty.'),
    runs: Runs.describe('The groups of each run.'),
    targets: PlanTargets.default({}).describe(
      'Wanted times. They raise alarms and stop nothing. Default: none.',
    ),
    commitWindow: CommitWindow.default({ kind: 'wait' }).describe(
      'What follows a failover: its commit, its cancellation, or nothing. Default: wait.',
    ),
    drill: Drill.default({ checks: [], cleanUpAfterMinutes: 60 }).describe(
      'The settings of drills. Default: no checks, clean-up after 60 minutes.',
    ),
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
