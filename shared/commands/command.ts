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
  machineKindOf,
  PrepareFields,
  SiteEnableFields,
  SitePrepareFields,
  VmwareEnableFields,
  VmwarePrepareFields,
} from '../scenarios/drivers.ts';
import {
  NetworkId,
  PlacementGroupId,
  ResourceGroupName,
  ResourceName,
  withCheckedSettings,
} from '../scenarios/enabling/requestFields.ts';

const STORAGE_ACCOUNT =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i;
const MAX_VMS = 5000;

const ticketAndReason = {
  ticket: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('The number of a ticket. Lists and events show it. Default: none.'),
  reason: z
    .string()
    .trim()
    .min(1)
    .max(1000)
    .optional()
    .describe('The reason, for the log and the report. Default: none.'),
};
const operationOf = <Name extends Operation>(...names: readonly Name[]) =>
  z.literal(names).describe('The operation.');

/**
 * Lifeboat's ids of VMs. The pattern also accepts the `source-` id of a VM that is still enabling:
 * that case has its own error.
 */
const vmIdList = (whenMissing: string) =>
  z
    .array(
      z
        .string()
        .regex(
          /^(vm|source)-[a-z2-7]{26}$/,
          "must be one of Lifeboat's ids, as GET /api/v1/replications lists them",
        ),
      { error: ({ input }) => (input === undefined ? whenMissing : undefined) },
    )
    .min(1)
    .max(MAX_VMS)
    .refine((ids) => new Set(ids).size === ids.length, 'names a VM twice')
    .describe("The replicated VMs, by Lifeboat's ids.");
const vmIds = vmIdList('is missing. Name the VMs in "vms"');
const vmIdsOrPlan = vmIdList('is missing. Name the VMs in "vms", or a plan in "plan"');

const EnableCommand = withCheckedSettings(
  EnableFields.extend({ operation: operationOf(Operation.enableReplication), ...ticketAndReason }),
);
const PrepareVaultCommand = withCheckedSettings(
  PrepareFields.extend({ operation: operationOf(Operation.prepareVault), ...ticketAndReason }),
);
const UpdateCommand = z.strictObject({
  operation: operationOf(Operation.updateReplication),
  vms: vmIds,
  change: UpdateRequest.describe('The new target settings.'),
  ...ticketAndReason,
});
/** A change of target settings, for a preview. */
export const ChangePreviewRequest = UpdateCommand.pick({ vms: true, change: true });
/** A change of target settings, for a preview. */
export type ChangePreviewRequest = z.infer<typeof ChangePreviewRequest>;
const adopt = z
  .boolean()
  .default(false)
  .describe(
    'True: follow a running operation of the same kind, instead of a wait for its end. Default: false.',
  );
const vmCommandFields = {
  vms: vmIdsOrPlan,
  adopt,
  ...ticketAndReason,
};
const cacheStorageAccountId = z
  .string()
  .regex(STORAGE_ACCOUNT, 'must be the ARM id of a storage account')
  .optional()
  .describe(
    'The ARM id of the cache account in the region that becomes the source. Default: the known one, or a new one.',
  );

const SimpleVmCommand = z.strictObject({
  operation: operationOf(Operation.commit, Operation.cancelFailover),
  ...vmCommandFields,
});
/** A plan never disables replication. */
const DisableCommand = z.strictObject({
  operation: operationOf(Operation.disableReplication),
  ...vmCommandFields,
  vms: vmIds,
});
const reprotectFields = {
  cacheStorageAccountId,
  resourceGroup: ResourceGroupName.optional().describe(
    'The name of the group for the replicas. Default: the group of the VM that was failed over.',
  ),
  placementGroupId: PlacementGroupId.nullable()
    .optional()
    .describe('The ARM id of the placement group; null: none. Default: that of the VM that was failed over.'),
  wayBack: z
    .strictObject({
      server: ResourceName.optional().describe('The name of the server. Default: the one of the VM.'),
      datastore: ResourceName.optional().describe(
        'The datastore of the disks on premises. Default: the first one of the server.',
      ),
      account: z
        .string()
        .trim()
        .min(1)
        .max(500)
        .optional()
        .describe('The id of the account that installs the agent. Default: none.'),
    })
    .optional()
    .describe('For VMs of a vCenter: the servers of the replication. Default: the ones of the VM.'),
};
const Reprotect = z.strictObject({
  operation: operationOf(Operation.reprotect),
  ...vmCommandFields,
  ...reprotectFields,
});
const failoverFields = {
  ...vmCommandFields,
  kind: z
    .enum(['unplanned', 'planned'])
    .default('unplanned')
    .describe('planned: with a final synchronisation, where the scenario has it. Default: unplanned.'),
  recoveryPoint: RecoveryPointRequest.default('latest').describe(
    'A kind of recovery point, or one point by its id. Default: latest.',
  ),
  shutDownSource: z
    .boolean()
    .default(false)
    .describe('True: shut the source down first, if it still answers. Default: false.'),
};
const Failover = z.strictObject({ operation: operationOf(Operation.failover), ...failoverFields });
const Failback = z.strictObject({
  operation: operationOf(Operation.failback),
  ...failoverFields,
  ...reprotectFields,
});
const TestFailover = z.strictObject({
  operation: operationOf(Operation.testFailover),
  ...vmCommandFields,
  recoveryPoint: RecoveryPointRequest.default('latestProcessed').describe(
    'A kind of recovery point, or one point by its id. Default: latestProcessed.',
  ),
  networkId: NetworkId.optional().describe('The ARM id of the network of the test VMs. Default: no network.'),
});
const notes = z.string().trim().max(1000).default('').describe('Notes about the drill. Default: empty.');
const CleanUpCommand = z.strictObject({
  operation: operationOf(Operation.cleanUpTestFailover),
  ...vmCommandFields,
  notes,
});
const ChangeRecoveryPointCommand = z.strictObject({
  operation: operationOf(Operation.changeRecoveryPoint),
  ...vmCommandFields,
  recoveryPoint: RecoveryPointRequest.describe('A kind of recovery point, or one point by its id.'),
});

const EnableSiteCommand = withCheckedSettings(
  SiteEnableFields.extend({ operation: operationOf(Operation.enableReplication), ...ticketAndReason }),
);
const PrepareSiteCommand = withCheckedSettings(
  SitePrepareFields.extend({ operation: operationOf(Operation.prepareVault), ...ticketAndReason }),
);
/** A command for machines of a Hyper-V site. */
const SiteCommand = z.discriminatedUnion('operation', [EnableSiteCommand, PrepareSiteCommand]);
/** A command for machines of a vCenter. */
const VmwareCommand = z.discriminatedUnion('operation', [
  withCheckedSettings(
    VmwareEnableFields.extend({ operation: operationOf(Operation.enableReplication), ...ticketAndReason }),
  ),
  withCheckedSettings(
    VmwarePrepareFields.extend({ operation: operationOf(Operation.prepareVault), ...ticketAndReason }),
  ),
]);

const CommandNamingVms = z.discriminatedUnion('operation', [
  SimpleVmCommand,
  DisableCommand,
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
  plan: PlanId.describe('The id of the plan.'),
  planVersion: z
    .int()
    .min(1)
    .optional()
    .describe('The version that the caller has read; another present version refuses. Default: any.'),
  exclude: ExcludedVms.describe('VMs of the plan that the run leaves out. Default: none.'),
  adopt,
  ...ticketAndReason,
};
// A plan cannot use a single point's id, because that point belongs to one VM.
const planRecoveryPoint = z
  .enum(RecoveryPointKind)
  .optional()
  .describe('The kind of recovery point for all groups. Default: the rules of the plan.');
const planFailoverFields = {
  ...planCommandFields,
  kind: failoverFields.kind,
  shutDownSource: failoverFields.shutDownSource,
  recoveryPoint: planRecoveryPoint,
};

const planCommand = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' && (issue.keys as readonly string[]).includes('vms')
        ? 'names both "plan" and "vms". Name one of them; "exclude" leaves VMs of the plan out'
        : undefined,
  });

/**
 * A command for all VMs of a plan. The run follows the plan's order and includes the plan's
 * actions.
 */
export const PlanCommand = z.discriminatedUnion('operation', [
  planCommand({ operation: operationOf(Operation.failover), ...planFailoverFields }),
  planCommand({ operation: operationOf(Operation.failback), ...planFailoverFields }),
  planCommand({
    operation: operationOf(Operation.testFailover),
    ...planCommandFields,
    recoveryPoint: planRecoveryPoint,
    networkId: NetworkId.optional().describe(
      'The ARM id of the network of the test VMs. Default: the network of the plan.',
    ),
  }),
  z.strictObject({
    operation: operationOf(Operation.cleanUpTestFailover),
    ...planCommandFields,
    notes,
  }),
  z.strictObject({
    operation: operationOf(Operation.changeRecoveryPoint),
    ...planCommandFields,
    recoveryPoint: planRecoveryPoint,
  }),
  z.strictObject({
    operation: operationOf(Operation.commit, Operation.cancelFailover, Operation.reprotect),
    ...planCommandFields,
  }),
]);
export type PlanCommand = z.infer<typeof PlanCommand>;

/** Any command, for single VMs or for a plan. */
export const Command = z.union([CommandNamingVms, SiteCommand, VmwareCommand, PlanCommand]);
export type Command = z.infer<typeof Command>;
/** A command that enables replication or prepares a vault. */
export type EnablingCommand =
  | z.infer<typeof EnableCommand>
  | z.infer<typeof PrepareVaultCommand>
  | z.infer<typeof SiteCommand>
  | z.infer<typeof VmwareCommand>;
/** A command for VMs that Lifeboat already replicates. */
export type ReplicatedVmCommand = Exclude<z.infer<typeof CommandNamingVms>, EnablingCommand>;

const COMMANDS = { azure: CommandNamingVms, site: SiteCommand, vmware: VmwareCommand } as const;

/** Returns the schema that fits the body, so that the errors match the intended kind of command. */
export function commandSchemaFor(body: unknown): z.ZodType<Command> {
  if (typeof body === 'object' && body !== null && 'plan' in body) return PlanCommand;
  return COMMANDS[machineKindOf(body)];
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
