// A command: one request for an operation, the same JSON whichever door it comes through.
import * as z from 'zod';
import { VmId } from '../plans/rules/action.ts';
import { UpdateRequest } from '../enabling/rules/update/updateContext.ts';
import { EnableRequest, NetworkId, PrepareRequest } from '../enabling/rules/request/request.ts';
import { PlanId } from '../plans/rules/plan.ts';
import { RecoveryPointKind, RecoveryPointRequest } from '../siterecovery/recoveryPoint.ts';
import { Operation } from '../core/operations.ts';

const STORAGE_ACCOUNT =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i;
const MAX_VMS = 5000;

const ticketAndReason = {
  ticket: z.string().trim().min(1).max(200).optional(),
  reason: z.string().trim().min(1).max(1000).optional(),
};

/**
 * Lifeboat's ids of replicated VMs; that of one which is only being enabled is told apart from what
 * is no id at all.
 */
const vmIds = z
  .array(
    z
      .string()
      .regex(
        /^(vm|source)-[a-z2-7]{26}$/,
        "must be one of Lifeboat's ids, as GET /api/v1/replications lists them",
      ),
  )
  .min(1)
  .max(MAX_VMS)
  .refine((ids) => new Set(ids).size === ids.length, 'names a VM twice');

const EnableCommand = EnableRequest.extend({
  operation: z.literal(Operation.enableReplication),
  ...ticketAndReason,
});
const PrepareVaultCommand = PrepareRequest.extend({
  operation: z.literal(Operation.prepareVault),
  ...ticketAndReason,
});
const UpdateCommand = z.strictObject({
  operation: z.literal(Operation.updateReplication),
  vms: vmIds,
  change: UpdateRequest,
  ...ticketAndReason,
});
const vmCommandFields = {
  vms: vmIds,
  /** Follow an operation of the same kind that somebody else has begun, instead of waiting for its end. */
  adopt: z.boolean().default(false),
  ...ticketAndReason,
};
/**
 * For a reprotect: the cache storage account in the region that is now the source. It goes before
 * the one that is remembered; without either one is made.
 */
const cacheStorageAccountId = z
  .string()
  .regex(STORAGE_ACCOUNT, 'must be the ARM id of a storage account')
  .optional();

const SimpleVmCommand = z.strictObject({
  operation: z.enum([Operation.disableReplication, Operation.commit, Operation.cancelFailover]),
  ...vmCommandFields,
});
const Reprotect = z.strictObject({
  operation: z.literal(Operation.reprotect),
  ...vmCommandFields,
  cacheStorageAccountId,
});
const failoverFields = {
  ...vmCommandFields,
  kind: z.enum(['unplanned', 'planned']).default('unplanned'),
  recoveryPoint: RecoveryPointRequest.default('latest'),
  /** When it still answers. */
  shutDownSource: z.boolean().default(false),
};
const Failover = z.strictObject({ operation: z.literal(Operation.failover), ...failoverFields });
const Failback = z.strictObject({
  operation: z.literal(Operation.failback),
  ...failoverFields,
  cacheStorageAccountId,
});
const TestFailover = z.strictObject({
  operation: z.literal(Operation.testFailover),
  ...vmCommandFields,
  recoveryPoint: RecoveryPointRequest.default('latestProcessed'),
  /** Where the test VMs come up; left out: connected to no network. */
  networkId: NetworkId.optional(),
});
const CleanUpCommand = z.strictObject({
  operation: z.literal(Operation.cleanUpTestFailover),
  ...vmCommandFields,
  notes: z.string().trim().max(1000).default(''),
});
const ChangeRecoveryPointCommand = z.strictObject({
  operation: z.literal(Operation.changeRecoveryPoint),
  ...vmCommandFields,
  recoveryPoint: RecoveryPointRequest,
});

const CommandNamingVms = z.discriminatedUnion('operation', [
  SimpleVmCommand,
  Failover,
  Failback,
  TestFailover,
  CleanUpCommand,
  ChangeRecoveryPointCommand,
  Reprotect,
  UpdateCommand,
  EnableCommand,
  PrepareVaultCommand,
]);

const planCommandFields = {
  plan: PlanId,
  /**
   * The version that was read: should the plan be another by now, nothing is started. Left out: as
   * it is now.
   */
  planVersion: z.int().min(1).optional(),
  /** The run goes without these. */
  exclude: z.array(VmId).max(MAX_VMS).default([]),
  adopt: z.boolean().default(false),
  ...ticketAndReason,
};
/** For all VMs, in place of their groups' rules; one point by its id is one VM's and no plan's. */
const planRecoveryPoint = z.enum(RecoveryPointKind).optional();
const planFailoverFields = {
  ...planCommandFields,
  kind: failoverFields.kind,
  shutDownSource: failoverFields.shutDownSource,
  recoveryPoint: planRecoveryPoint,
};

/** The same operations on all VMs of a plan, in its order and with what it does around them. */
export const PlanCommand = z.discriminatedUnion('operation', [
  z.strictObject({ operation: z.literal(Operation.failover), ...planFailoverFields }),
  z.strictObject({ operation: z.literal(Operation.failback), ...planFailoverFields }),
  z.strictObject({
    operation: z.literal(Operation.testFailover),
    ...planCommandFields,
    recoveryPoint: planRecoveryPoint,
    networkId: NetworkId.optional(),
  }),
  z.strictObject({
    operation: z.literal(Operation.cleanUpTestFailover),
    ...planCommandFields,
    notes: z.string().trim().max(1000).default(''),
  }),
  z.strictObject({
    operation: z.literal(Operation.changeRecoveryPoint),
    ...planCommandFields,
    recoveryPoint: planRecoveryPoint,
  }),
  z.strictObject({
    operation: z.enum([Operation.commit, Operation.cancelFailover, Operation.reprotect]),
    ...planCommandFields,
  }),
]);
export type PlanCommand = z.infer<typeof PlanCommand>;

export const Command = z.union([CommandNamingVms, PlanCommand]);
export type Command = z.infer<typeof Command>;
export type EnablingCommand = z.infer<typeof EnableCommand> | z.infer<typeof PrepareVaultCommand>;
export type ReplicatedVmCommand = Exclude<z.infer<typeof CommandNamingVms>, EnablingCommand>;

/** Which of the two a body means to be: what is wrong with it is told in the words of that one. */
export const commandSchemaFor = (body: unknown): z.ZodType<Command> =>
  typeof body === 'object' && body !== null && 'plan' in body ? PlanCommand : CommandNamingVms;

export const isPlanCommand = (command: Command): command is PlanCommand => 'plan' in command;
/** How many VMs a command names by itself. */
export const namedVmCount = (command: Command): number => ('vms' in command ? command.vms.length : 0);

export const isEnablingCommand = (command: Command): command is EnablingCommand =>
  command.operation === 'enableReplication' || command.operation === 'prepareVault';

export const IdempotencyKey = z.string().trim().min(1).max(200);
