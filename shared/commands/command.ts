// The schemas of a command. A command is one request for one operation. The REST route, the queues,
// the schedules and the alert rules all use the same JSON.
import * as z from 'zod';
import { VmId } from '../plans/rules/action.ts';
import { PlanId } from '../plans/rules/plan.ts';
import { RecoveryPointKind, RecoveryPointRequest } from '../siterecovery/recoveryPoint.ts';
import { Operation } from '../core/operations.ts';
import { UpdateRequest } from '../scenarios/enabling/updateRequest.ts';
import {
  EnableFields,
  isSiteRequest,
  PrepareFields,
  SiteEnableFields,
  SitePrepareFields,
} from '../scenarios/drivers.ts';
import {
  NetworkId,
  PlacementGroupId,
  ResourceGroupName,
  withCheckedSettings,
} from '../scenarios/enabling/requestFields.ts';

const STORAGE_ACCOUNT =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i;
const MAX_VMS = 5000;

const ticketAndReason = {
  ticket: z.string().trim().min(1).max(200).optional(),
  reason: z.string().trim().min(1).max(1000).optional(),
};

/**
 * Lifeboat's ids of VMs. The pattern also accepts the `source-` id of a VM that is still enabling:
 * that case has its own error.
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

const EnableCommand = withCheckedSettings(
  EnableFields.extend({ operation: z.literal(Operation.enableReplication), ...ticketAndReason }),
);
const PrepareVaultCommand = withCheckedSettings(
  PrepareFields.extend({ operation: z.literal(Operation.prepareVault), ...ticketAndReason }),
);
const UpdateCommand = z.strictObject({
  operation: z.literal(Operation.updateReplication),
  vms: vmIds,
  change: UpdateRequest,
  ...ticketAndReason,
});
/** A change of target settings, for a preview. */
export const ChangePreviewRequest = UpdateCommand.pick({ vms: true, change: true });
/** A change of target settings, for a preview. */
export type ChangePreviewRequest = z.infer<typeof ChangePreviewRequest>;
const vmCommandFields = {
  vms: vmIds,
  /** Adopt a running operation of the same kind by another actor, instead of a wait for its end. */
  adopt: z.boolean().default(false),
  ...ticketAndReason,
};
/**
 * For a reprotect: the cache storage account in the region that becomes the source. It overrides
 * the stored account. Without either account, Lifeboat creates one.
 */
const cacheStorageAccountId = z
  .string()
  .regex(STORAGE_ACCOUNT, 'must be the ARM id of a storage account')
  .optional();

const SimpleVmCommand = z.strictObject({
  operation: z.enum([Operation.disableReplication, Operation.commit, Operation.cancelFailover]),
  ...vmCommandFields,
});
const reprotectFields = {
  cacheStorageAccountId,
  /** The name of the group for the replicas. Default: the group of the VM that was failed over. */
  resourceGroup: ResourceGroupName.optional(),
  /** Null: none. Default: the placement group of the VM that was failed over. */
  placementGroupId: PlacementGroupId.nullable().optional(),
};
const Reprotect = z.strictObject({
  operation: z.literal(Operation.reprotect),
  ...vmCommandFields,
  ...reprotectFields,
});
const failoverFields = {
  ...vmCommandFields,
  kind: z.enum(['unplanned', 'planned']).default('unplanned'),
  recoveryPoint: RecoveryPointRequest.default('latest'),
  /** Shut the source down first, when it still answers. */
  shutDownSource: z.boolean().default(false),
};
const Failover = z.strictObject({ operation: z.literal(Operation.failover), ...failoverFields });
const Failback = z.strictObject({
  operation: z.literal(Operation.failback),
  ...failoverFields,
  ...reprotectFields,
});
const TestFailover = z.strictObject({
  operation: z.literal(Operation.testFailover),
  ...vmCommandFields,
  recoveryPoint: RecoveryPointRequest.default('latestProcessed'),
  /** The network of the test VMs. Default: no network. */
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

const EnableSiteCommand = withCheckedSettings(
  SiteEnableFields.extend({ operation: z.literal(Operation.enableReplication), ...ticketAndReason }),
);
const PrepareSiteCommand = withCheckedSettings(
  SitePrepareFields.extend({ operation: z.literal(Operation.prepareVault), ...ticketAndReason }),
);
/** A command for machines on premises. */
const SiteCommand = z.discriminatedUnion('operation', [EnableSiteCommand, PrepareSiteCommand]);

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

/** The VMs that a run leaves out. */
export const ExcludedVms = z.array(VmId).max(MAX_VMS).default([]);

const planCommandFields = {
  plan: PlanId,
  /**
   * The plan version that the caller has read. Another current version rejects the command.
   * Default: the current version.
   */
  planVersion: z.int().min(1).optional(),
  exclude: ExcludedVms,
  adopt: z.boolean().default(false),
  ...ticketAndReason,
};
/**
 * Replaces the rules of all groups. A plan cannot use a single point's id, because that point
 * belongs to one VM.
 */
const planRecoveryPoint = z.enum(RecoveryPointKind).optional();
const planFailoverFields = {
  ...planCommandFields,
  kind: failoverFields.kind,
  shutDownSource: failoverFields.shutDownSource,
  recoveryPoint: planRecoveryPoint,
};

/**
 * A command for all VMs of a plan. The run follows the plan's order and includes the plan's
 * actions.
 */
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

/** Any command, for single VMs or for a plan. */
export const Command = z.union([CommandNamingVms, SiteCommand, PlanCommand]);
export type Command = z.infer<typeof Command>;
/** A command that enables replication or prepares a vault. */
export type EnablingCommand =
  z.infer<typeof EnableCommand> | z.infer<typeof PrepareVaultCommand> | z.infer<typeof SiteCommand>;
/** A command for VMs that Lifeboat already replicates. */
export type ReplicatedVmCommand = Exclude<z.infer<typeof CommandNamingVms>, EnablingCommand>;

/** Returns the schema that fits the body, so that the errors match the intended kind of command. */
export function commandSchemaFor(body: unknown): z.ZodType<Command> {
  if (typeof body === 'object' && body !== null && 'plan' in body) return PlanCommand;
  return isSiteRequest(body) ? SiteCommand : CommandNamingVms;
}

/** True for a command that names a plan. */
export const isPlanCommand = (command: Command): command is PlanCommand => 'plan' in command;
/** Returns the number of VMs that the command itself lists. */
export const namedVmCount = (command: Command): number => ('vms' in command ? command.vms.length : 0);

/** True for a command that enables replication or prepares a vault. */
export const isEnablingCommand = (command: Command): command is EnablingCommand =>
  command.operation === 'enableReplication' || command.operation === 'prepareVault';

/** The key that identifies repeated sends of one command. */
export const IdempotencyKey = z.string().trim().min(1).max(200);
