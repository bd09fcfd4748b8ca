// Our failed job says that another operation blocked it. These tests show which job counts as that
// operation.
import type { ArmJob, ReplicatedItem } from '../../../shared/siterecovery/item.ts';
import type { AttemptDocument, StepDocument } from '../../../shared/journal/documents.ts';
import { findBlockingJob } from '../../../shared/attempts/resolveUnknown.ts';
import type { VaultSnapshot } from '../../../shared/siterecovery/vaultSnapshot.ts';
import { makeStepDocument } from '../../support/job-documents.ts';

const VAULT = '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v';
const PLAN = `${VAULT}/replicationRecoveryPlans/lifeboat-orders`;
const ITEM = `${VAULT}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/orders-1`;
const SENT = '2026-11-30T10:00:00.000Z';

const attempt = { armJobId: 'ours', sentAt: SENT, preparedAt: SENT } as AttemptDocument;

const groupStep = (phase: 'failover' | 'reprotect', armIdBefore: string): StepDocument => ({
  ...makeStepDocument('job', 'group-orders'),
  phase,
  armIdBefore,
  work: {
    kind: 'multiVmGroup',
    nativePlanId: PLAN,
    vms: [
      { id: 'vm-1', name: 'orders-1' },
      { id: 'vm-2', name: 'orders-2' },
    ],
    points: null,
    networkId: null,
  },
});

const armJob = (scenario: string, targetName: string, more: Partial<ArmJob> = {}): ArmJob => ({
  id: 'theirs',
  state: 'running',
  startTime: '2026-11-30T09:59:00.000Z',
  endTime: null,
  activityId: 'somebody',
  scenario,
  targetName,
  errors: [],
  recoveryPoint: null,
  newItemId: null,
  ...more,
});

const viewOf = (job: ArmJob): VaultSnapshot => ({
  jobEntries: () => Promise.resolve(new Map([[job.id, job]])),
  items: () =>
    Promise.resolve(new Map([[ITEM.toLowerCase(), { friendlyName: 'orders-1' } as ReplicatedItem]])),
  item: () => Promise.resolve(undefined),
  job: () => Promise.resolve(job),
});

const found = (step: StepDocument, job: ArmJob) => findBlockingJob(step, attempt, viewOf(job));

test('a job with the name of its plan blocks the failover of a multi-VM group [OP-11]', async () => {
  expect(await found(groupStep('failover', PLAN), armJob('UnplannedFailover', 'lifeboat-orders'))).toBe(
    'theirs',
  );
  expect(await found(groupStep('failover', PLAN), armJob('UnplannedFailover', 'orders-1'))).toBeUndefined();
});

test('the reprotect of a plan has another job name than the reprotect of one VM [OP-11]', async () => {
  expect(await found(groupStep('reprotect', PLAN), armJob('ReverseReplication', 'lifeboat-orders'))).toBe(
    'theirs',
  );
  expect(
    await found(groupStep('reprotect', PLAN), armJob('SwitchReplicationGroupProtection', 'lifeboat-orders')),
  ).toBeUndefined();
});

test('a remaining member uses its own item, and a job of that VM blocks it [OP-11]', async () => {
  expect(await found(groupStep('failover', ITEM), armJob('UnplannedFailover', 'orders-1'))).toBe('theirs');
  expect(
    await found(groupStep('failover', ITEM), armJob('UnplannedFailover', 'lifeboat-orders')),
  ).toBeUndefined();
});

test('a job that ended before we sent ours did not block ours [OP-11]', async () => {
  const step = groupStep('failover', PLAN);
  const ended = (endTime: string) => armJob('UnplannedFailover', 'lifeboat-orders', { endTime });
  expect(await found(step, ended('2026-11-30T09:59:30.000Z'))).toBeUndefined();
  expect(await found(step, ended('2026-11-30T10:00:30.000Z'))).toBe('theirs');
});
