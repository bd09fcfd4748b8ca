// Replicated VMs: as they were last seen, and one as Azure shows it now.
import * as z from 'zod';
import type { Replicated } from '../../replications/readReplication.ts';
import { VmState } from '../../scenarios/lifecycle.ts';
import { Direction, Operation } from '../../core/words.ts';
import { SCENARIOS } from './scenarios.ts';
import type { replicationView } from '../views.ts';
import { count, maybeText, maybeTime, text, time } from './common.ts';

const SiteMemory = z.strictObject({ region: text, resourceGroupId: text, cacheStorageAccountId: maybeText });

export const Replication = z.strictObject({
  id: text,
  name: text,
  scenario: z.enum(SCENARIOS),
  vault: text,
  armId: text,
  direction: z.enum(Direction),
  sites: z.strictObject({ original: SiteMemory, reversed: SiteMemory }),
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
  networkId: maybeText,
  subnet: maybeText,
  address: maybeText,
  selection: maybeText,
});
const Disk = z.strictObject({
  name: text,
  id: text,
  managed: z.boolean(),
  os: z.boolean(),
  state: maybeText,
  percent: z.number().nullable(),
  cacheStorageAccountId: maybeText,
  replicaType: maybeText,
  targetType: maybeText,
  resourceGroupId: maybeText,
  storageAccountId: maybeText,
});
const Task = z.strictObject({
  name: text,
  state: text,
  description: maybeText,
  startedAt: maybeTime,
  endedAt: maybeTime,
});
const SiteRecoveryJob = z.strictObject({
  id: text,
  operation: maybeText,
  name: maybeText,
  state: text,
  description: maybeText,
  startedAt: maybeTime,
  endedAt: maybeTime,
  tasks: z.array(Task),
  errors: z.array(z.strictObject({ code: text, level: text, message: text, remedy: maybeText })),
});
const Place = z.strictObject({ region: text, zone: maybeText });
const Point = z.strictObject({ id: text, kind: text, at: text });

const Fresh = z.strictObject({
  armId: text,
  friendlyName: text,
  sourceVmId: text,
  protectionState: text,
  protectionStateDescription: maybeText,
  activeLocation: text,
  allowedOperations: z.array(text),
  testFailoverState: maybeText,
  health: z.strictObject({
    replication: text,
    failover: text,
    errors: z.array(
      z.strictObject({
        code: text,
        level: text,
        message: text,
        causes: maybeText,
        remedy: maybeText,
        since: maybeTime,
      }),
    ),
  }),
  initialReplicationPercent: z.number().nullable(),
  rpoSeconds: z.number().nullable(),
  rpoAt: maybeTime,
  lastHeartbeat: maybeTime,
  agentVersion: maybeText,
  policy: z.strictObject({ id: text, name: text }),
  from: Place,
  to: Place,
  settings: z.strictObject({
    name: maybeText,
    size: maybeText,
    resourceGroupId: maybeText,
    networkId: maybeText,
    nics: z.array(Nic),
    availabilitySetId: maybeText,
    zone: maybeText,
    placementGroupId: maybeText,
    multiVmGroup: maybeText,
    disks: z.array(Disk),
  }),
  recoveryPoints: z.strictObject({ count, newest: z.array(Point) }),
  jobs: z.array(SiteRecoveryJob),
}) satisfies z.ZodType<
  Omit<Replicated, 'settings'> & { readonly settings: Omit<Replicated['settings'], 'disks'> }
>;

export const ReplicationNow = z.strictObject({ ...Replication.shape, ...Fresh.shape });
