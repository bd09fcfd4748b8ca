// Response schemas of replicated VMs: the last known state, and one VM live from Azure.
import * as z from 'zod';
import type { ReplicationFromAzure } from '../../replications/readReplication.ts';
import { VmState } from '../../scenarios/lifecycle.ts';
import { Direction, Operation } from '../../core/operations.ts';
import { StepState } from '../../core/states/step.ts';
import { SCENARIO_NAMES } from './scenarios.ts';
import type { replicationView } from '../views.ts';
import { count, MultiVmGroup, nullableText, nullableTime, text, texts } from './common.ts';

const SiteSettings = z.strictObject({
  region: text.describe('The short name of the region.'),
  resourceGroupId: text.describe('The ARM id of the resource group of the VM on this side.'),
  cacheStorageAccountId: nullableText.describe(
    'The ARM id of the cache account for replication from this side; null: none is known.',
  ),
});

export const Replication = z.strictObject({
  id: text.describe("Lifeboat's id of the VM. It does not change."),
  name: text.describe('The name of the VM.'),
  scenario: z.enum(SCENARIO_NAMES).describe('The scenario.'),
  vault: text.describe('The ARM id of the vault.'),
  armId: text.describe('The ARM id of the replicated item. It changes with a reprotect.'),
  direction: z.enum(Direction).describe('original, or reversed after a reprotect.'),
  sites: z
    .strictObject({
      original: SiteSettings.describe('The side on which the VM ran at first.'),
      reversed: SiteSettings.describe('The other side.'),
    })
    .describe('The two sides.'),
  state: z.enum(VmState).describe('The state in the lifecycle.'),
  allowed: z.array(z.enum(Operation)).describe('The operations that the state allows.'),
  protectionState: nullableText.describe(
    'The protection state in the words of Site Recovery; null: Site Recovery does not show the VM yet.',
  ),
  activeLocation: nullableText.describe('The side on which the VM runs, in the words of Site Recovery.'),
  health: nullableText.describe('The replication health, in the words of Site Recovery.'),
  seenAt: nullableTime.describe('The time at which Lifeboat last read the item; null: not yet.'),
  enabling: z
    .strictObject({
      job: nullableText.describe('The id of the job; null: another tool enables the VM.'),
      stepState: z.enum(StepState).nullable().describe('The state of the step that enables the VM.'),
      percent: z
        .number()
        .nullable()
        .describe('The progress of the initial replication in percent; null: not begun, or not known.'),
    })
    .nullable()
    .describe('The progress of a VM on its way to protection; null: the VM was protected.'),
}) satisfies z.ZodType<ReturnType<typeof replicationView>>;

export const Replications = z.strictObject({
  replications: z.array(Replication).describe('The replicated VMs, and the VMs on their way.'),
  next: nullableText.describe('The continuation of the next page; null: the last page.'),
});

const Nic = z.strictObject({
  id: text.describe('The ARM id of the interface of the source VM.'),
  networkId: nullableText.describe('The ARM id of the target network; null: none.'),
  subnet: nullableText.describe('The name of the target subnet; null: none.'),
  address: nullableText.describe('The address after a failover; null: any free address.'),
  selection: nullableText.describe('Whether the interface is used, in the words of Site Recovery.'),
});
const Disk = z.strictObject({
  name: text.describe('The name of the disk.'),
  id: text.describe('The id of the disk.'),
  managed: z.boolean().describe('True: a managed disk.'),
  os: z.boolean().describe('True: the disk with the operating system.'),
  state: nullableText.describe('The state of the disk, in the words of Site Recovery.'),
  percent: z.number().nullable().describe('The progress of the copy in percent; null: not known.'),
  cacheStorageAccountId: nullableText.describe('The ARM id of the cache storage account.'),
  replicaType: nullableText.describe('The type of the replica disk, such as Premium_LRS.'),
  targetType: nullableText.describe('The type of the disk after a failover.'),
  resourceGroupId: nullableText.describe('The ARM id of the resource group of the replica.'),
  storageAccountId: nullableText.describe('The ARM id of the account with the replica of an unmanaged disk.'),
});
const startedAt = nullableTime.describe('The start; null before.');
const endedAt = nullableTime.describe('The end; null before.');
const SiteRecoveryTask = z.strictObject({
  name: text.describe('The name of the task.'),
  state: text.describe('The state, in the words of Site Recovery.'),
  description: nullableText.describe('The state in a sentence, if any.'),
  startedAt,
  endedAt,
});
const JobError = z.strictObject({
  code: text.describe('The error code of Site Recovery.'),
  level: text.describe('Error or warning, in the words of Site Recovery.'),
  message: text.describe('The message of Site Recovery.'),
  remedy: nullableText.describe('The advice of Site Recovery, if any.'),
});
const SiteRecoveryJob = z.strictObject({
  id: text.describe('The name of the job in its vault, a GUID.'),
  operation: nullableText.describe('The operation, in the words of Site Recovery.'),
  name: nullableText.describe('The name for people, if any.'),
  state: text.describe('The state, in the words of Site Recovery.'),
  description: nullableText.describe('The state in a sentence, if any.'),
  startedAt,
  endedAt,
  tasks: z.array(SiteRecoveryTask).describe('The tasks of the job.'),
  errors: z.array(JobError).describe('The errors of the job.'),
});
const SiteLocation = z.strictObject({
  region: text.describe('The short name of the region.'),
  zone: nullableText.describe('The number of the zone; null: none.'),
});
const RecoveryPoint = z.strictObject({
  id: text.describe('The ARM id of the recovery point.'),
  kind: text.describe('The kind, in the words of Site Recovery.'),
  at: text.describe('The time of the recovery point.'),
});
const HealthError = z.strictObject({
  code: text.describe('The error code of Site Recovery.'),
  level: text.describe('Error or warning, in the words of Site Recovery.'),
  message: text.describe('The message of Site Recovery.'),
  causes: nullableText.describe('The possible causes, if any.'),
  remedy: nullableText.describe('The advice of Site Recovery, if any.'),
  since: nullableTime.describe('The time at which the error began; null: not known.'),
});

const AzureReplication = z.strictObject({
  armId: text.describe('The ARM id of the replicated item. It changes with a reprotect.'),
  friendlyName: text.describe('The name of the item in Site Recovery.'),
  sourceVmId: text.describe('The id of the VM that replicates now.'),
  protectionState: text.describe('The protection state in the words of Site Recovery.'),
  protectionStateDescription: nullableText.describe('The protection state in a sentence, if any.'),
  activeLocation: text.describe('The side on which the VM runs, in the words of Site Recovery.'),
  allowedOperations: texts.describe('The operations that Site Recovery allows now.'),
  testFailoverState: nullableText.describe('The state of a test failover, if any.'),
  health: z
    .strictObject({
      replication: text.describe('The replication health.'),
      failover: text.describe('The failover health.'),
      errors: z.array(HealthError).describe('The health errors.'),
    })
    .describe('The health, in the words of Site Recovery.'),
  initialReplicationPercent: z
    .number()
    .nullable()
    .describe('The progress of the first copy in percent; null: not running, or not known.'),
  rpoSeconds: z
    .number()
    .nullable()
    .describe('The present recovery point objective in seconds; null: not known.'),
  rpoAt: nullableTime.describe('The time at which Site Recovery measured it; null: not known.'),
  lastHeartbeat: nullableTime.describe('The last sign of life of the agent; null: not known.'),
  agentVersion: nullableText.describe('The version of the agent in the VM; null: not known.'),
  policy: z
    .strictObject({
      id: text.describe('The ARM id of the policy.'),
      name: text.describe('The name of the policy.'),
    })
    .describe('The replication policy.'),
  from: SiteLocation.describe('Where the VM replicates from.'),
  to: SiteLocation.describe('Where the VM replicates to.'),
  settings: z
    .strictObject({
      name: nullableText.describe('The name of the VM after a failover.'),
      size: nullableText.describe('The size after a failover.'),
      resourceGroupId: nullableText.describe('The ARM id of the resource group after a failover.'),
      networkId: nullableText.describe('The ARM id of the target network.'),
      nics: z.array(Nic).describe('The network interfaces.'),
      availabilitySetId: nullableText.describe('The ARM id of the availability set; null: none.'),
      zone: nullableText.describe('The number of the target zone; null: none.'),
      placementGroupId: nullableText.describe('The ARM id of the placement group; null: none.'),
      multiVmGroup: MultiVmGroup.describe('The multi-VM group; null: none.'),
      disks: z.array(Disk).describe('The replicated disks.'),
    })
    .describe('The target settings, as Azure has them.'),
  recoveryPoints: z
    .strictObject({
      count: count.describe('The number of recovery points.'),
      newest: z.array(RecoveryPoint).describe('The newest point of each kind.'),
    })
    .describe('The recovery points.'),
  jobs: z.array(SiteRecoveryJob).describe('The newest jobs of the VM in Site Recovery, at most 10.'),
}) satisfies z.ZodType<
  Omit<ReplicationFromAzure, 'settings'> & {
    readonly settings: Omit<ReplicationFromAzure['settings'], 'disks'>;
  }
>;

/** Until Site Recovery shows the VM, the answer has the fields of the list only. */
export const ReplicationDetails = z.union([
  z.strictObject({ ...Replication.shape, ...AzureReplication.shape }),
  Replication,
]);
