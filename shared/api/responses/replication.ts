// Response schemas of replicated VMs: the last known state, and one VM live from Azure.
import * as z from 'zod';
import type { ReplicationFromAzure } from '../../replications/readReplication.ts';
import { VmState } from '../../scenarios/lifecycle.ts';
import { Direction, Operation } from '../../core/operations.ts';
import { SCENARIO_NAMES } from './scenarios.ts';
import type { replicationView } from '../views.ts';
import { count, MultiVmGroup, nullableText, nullableTime, text, time } from './common.ts';

const SiteSettings = z.strictObject({
  region: text,
  resourceGroupId: text,
  cacheStorageAccountId: nullableText,
});

export const Replication = z.strictObject({
  id: text,
  name: text,
  scenario: z.enum(SCENARIO_NAMES),
  vault: text,
  armId: text,
  direction: z.enum(Direction),
  sites: z.strictObject({ original: SiteSettings, reversed: SiteSettings }),
  state: z.enum(VmState),
  allowed: z.array(z.enum(Operation)),
  protectionState: text,
  activeLocation: text,
  health: text,
  seenAt: time,
}) satisfies z.ZodType<ReturnType<typeof replicationView>>;

export const Replications = z.strictObject({ replications: z.array(Replication) });

const Nic = z.strictObject({
  id: text,
  networkId: nullableText,
  subnet: nullableText,
  address: nullableText,
  selection: nullableText,
});
const Disk = z.strictObject({
  name: text,
  id: text,
  managed: z.boolean(),
  os: z.boolean(),
  state: nullableText,
  percent: z.number().nullable(),
  cacheStorageAccountId: nullableText,
  replicaType: nullableText,
  targetType: nullableText,
  resourceGroupId: nullableText,
  storageAccountId: nullableText,
});
const SiteRecoveryTask = z.strictObject({
  name: text,
  state: text,
  description: nullableText,
  startedAt: nullableTime,
  endedAt: nullableTime,
});
const SiteRecoveryJob = z.strictObject({
  id: text,
  operation: nullableText,
  name: nullableText,
  state: text,
  description: nullableText,
  startedAt: nullableTime,
  endedAt: nullableTime,
  tasks: z.array(SiteRecoveryTask),
  errors: z.array(z.strictObject({ code: text, level: text, message: text, remedy: nullableText })),
});
const SiteLocation = z.strictObject({ region: text, zone: nullableText });
const RecoveryPoint = z.strictObject({ id: text, kind: text, at: text });

const AzureReplication = z.strictObject({
  armId: text,
  friendlyName: text,
  sourceVmId: text,
  protectionState: text,
  protectionStateDescription: nullableText,
  activeLocation: text,
  allowedOperations: z.array(text),
  testFailoverState: nullableText,
  health: z.strictObject({
    replication: text,
    failover: text,
    errors: z.array(
      z.strictObject({
        code: text,
        level: text,
        message: text,
        causes: nullableText,
        remedy: nullableText,
        since: nullableTime,
      }),
    ),
  }),
  initialReplicationPercent: z.number().nullable(),
  rpoSeconds: z.number().nullable(),
  rpoAt: nullableTime,
  lastHeartbeat: nullableTime,
  agentVersion: nullableText,
  policy: z.strictObject({ id: text, name: text }),
  from: SiteLocation,
  to: SiteLocation,
  settings: z.strictObject({
    name: nullableText,
    size: nullableText,
    resourceGroupId: nullableText,
    networkId: nullableText,
    nics: z.array(Nic),
    availabilitySetId: nullableText,
    zone: nullableText,
    placementGroupId: nullableText,
    multiVmGroup: MultiVmGroup,
    disks: z.array(Disk),
  }),
  recoveryPoints: z.strictObject({ count, newest: z.array(RecoveryPoint) }),
  jobs: z.array(SiteRecoveryJob),
}) satisfies z.ZodType<
  Omit<ReplicationFromAzure, 'settings'> & {
    readonly settings: Omit<ReplicationFromAzure['settings'], 'disks'>;
  }
>;

export const ReplicationDetails = z.strictObject({ ...Replication.shape, ...AzureReplication.shape });
