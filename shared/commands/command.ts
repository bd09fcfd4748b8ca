// A command: one request for an operation, the same JSON whichever door it comes through.
import * as z from 'zod';
import { VmId } from '../plans/rules/action.ts';
import { UpdateWish } from '../enabling/rules/update/updateCase.ts';
import { EnableWish, NetworkId, PrepareWish } from '../enabling/rules/request/request.ts';
import { PlanId } from '../plans/rules/plan.ts';
import { RecoveryPointKind, RecoveryPointWish } from '../siterecovery/recoveryPoint.ts';
import { Operation } from '../core/words.ts';

const STORAGE_ACCOUNT =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i;
const MOST_VMS = 5000;

const why = {
  ticket: z.string().trim().min(1).max(200).optional(),
  reason: z.string().trim().min(1).max(1000).optional(),
};

/**
 * Lifeboat's ids of replicated VMs; that of one which is only being enabled is told apart from what
 * is no id at all.
 */
const vms = z
  .array(
    z
      .string()
      .regex(
        /^(vm|source)-[a-z2-7]{26}$/,
        "must be one of Lifeboat's ids, as GET /api/v1/replications lists them",
      ),
  )
  .min(1)
  .max(MOST_VMS)
  .refine((ids) => new Set(ids).size === ids.length, 'names a VM twice');

const Enable = EnableWish.extend({ operation: z.literal(Operation.enableReplication), ...why });
const Prepare = PrepareWish.extend({ operation: z.literal(Operation.prepareVault), ...why });
const Update = z.strictObject({
  operation: z.literal(Operation.updateReplication),
  vms,
  change: UpdateWish,
  ...why,
});
const onVms = {
  vms,
  /** Follow an operation of the same kind that somebody else has begun, instead of waiting for its end. */
  adopt: z.boolean().default(false),
  ...why,
};
/**
 * For a reprotect: the cache storage account in the region that is now the source. It goes before
 * the one that is remembered; without either one is made.
 */
const cacheStorageAccountId = z
  .string()
  .regex(STORAGE_ACCOUNT, 'must be the ARM id of a storage account')
  .optional();

const OnVms = z.strictObject({
  operation: z.enum([Operation.disableReplication, Operation.commit, Operation.cancelFailover]),
  ...onVms,
});
const Reprotect = z.strictObject({
  operation: z.literal(Operation.reprotect),
  ...onVms,
  cacheStorageAccountId,
});
const failingOver = {
  ...onVms,
  kind: z.enum(['unplanned', 'planned']).default('unplanned'),
  recoveryPoint: RecoveryPointWish.default('latest'),
  /** When it still answers. */
  shutDownSource: z.boolean().default(false),
};
const Failover = z.strictObject({ operation: z.literal(Operation.failover), ...failingOver });
const Failback = z.strictObject({
  operation: z.literal(Operation.failback),
  ...failingOver,
  cacheStorageAccountId,
});
const TestFailover = z.strictObject({
  operation: z.literal(Operation.testFailover),
  ...onVms,
  recoveryPoint: RecoveryPointWish.default('latestProcessed'),
  /** Where the test VMs come up; left out: connected to no network. */
  networkId: NetworkId.optional(),
});
const CleanUp = z.strictObject({
  operation: z.literal(Operation.cleanUpTestFailover),
  ...onVms,
  notes: z.string().trim().max(1000).default(''),
});
const ChangePoint = z.strictObject({
  operation: z.literal(Operation.changeRecoveryPoint),
  ...onVms,
  recoveryPoint: RecoveryPointWish,
});

const CommandWithVms = z.discriminatedUnion('operation', [
  OnVms,
  Failover,
  Failback,
  TestFailover,
  CleanUp,
  ChangePoint,
  Reprotect,
  Update,
  Enable,
  Prepare,
]);

const onPlan = {
  plan: PlanId,
  /**
   * The version that was read: should the plan be another by now, nothing is started. Left out: as
   * it is now.
   */
  planVersion: z.int().min(1).optional(),
  /** The run goes without these. */
  exclude: z.array(VmId).max(MOST_VMS).default([]),
  adopt: z.boolean().default(false),
  ...why,
};
/** For all VMs, in place of their groups' rules; one point by its id is one VM's and no plan's. */
const recoveryPoint = z.enum(RecoveryPointKind).optional();
const overByPlan = {
  ...onPlan,
  kind: failingOver.kind,
  shutDownSource: failingOver.shutDownSource,
  recoveryPoint,
};

/** The same operations on all VMs of a plan, in its order and with what it does around them. */
export const PlanCommand = z.discriminatedUnion('operation', [
  z.strictObject({ operation: z.literal(Operation.failover), ...overByPlan }),
  z.strictObject({ operation: z.literal(Operation.failback), ...overByPlan }),
  z.strictObject({
    operation: z.literal(Operation.testFailover),
    ...onPlan,
    recoveryPoint,
    networkId: NetworkId.optional(),
  }),
  z.strictObject({
    operation: z.literal(Operation.cleanUpTestFailover),
    ...onPlan,
    notes: z.string().trim().max(1000).default(''),
  }),
  z.strictObject({ operation: z.literal(Operation.changeRecoveryPoint), ...onPlan, recoveryPoint }),
  z.strictObject({
    operation: z.enum([Operation.commit, Operation.cancelFailover, Operation.reprotect]),
    ...onPlan,
  }),
]);
export type PlanCommand = z.infer<typeof PlanCommand>;

export const Command = z.union([CommandWithVms, PlanCommand]);
export type Command = z.infer<typeof Command>;
export type EnablingCommand = z.infer<typeof Enable> | z.infer<typeof Prepare>;
export type CommandOnVms = Exclude<z.infer<typeof CommandWithVms>, EnablingCommand>;

/** Which of the two a body means to be: what is wrong with it is told in the words of that one. */
export const commandSchemaFor = (body: unknown): z.ZodType<Command> =>
  typeof body === 'object' && body !== null && 'plan' in body ? PlanCommand : CommandWithVms;

export const isOnPlan = (command: Command): command is PlanCommand => 'plan' in command;
/** How many VMs a command names by itself. */
export const vmsNamed = (command: Command): number => ('vms' in command ? command.vms.length : 0);

export const isEnabling = (command: Command): command is EnablingCommand =>
  command.operation === 'enableReplication' || command.operation === 'prepareVault';

export const IdempotencyKey = z.string().trim().min(1).max(200);
