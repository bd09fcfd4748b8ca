// An orchestration that takes over a job keeps the planned steps, although the VMs have moved
// since.
import { beginJob } from '../../../shared/jobs/beginJob.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import { createJob, readJob, saveJob } from '../../../shared/journal/job.ts';
import { listSteps } from '../../../shared/journal/steps.ts';
import { addVm, readLocksOf, readVm, saveVm, createLocks } from '../../../shared/replications/registry.ts';
import { makeJobDocument } from '../../support/job-documents.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const VAULT =
  '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v';
const container = (side: string) =>
  `${VAULT}/replicationFabrics/${side}/replicationProtectionContainers/${side}`;
const site = (region: string) => ({
  region,
  resourceGroupId: '/subscriptions/s/resourceGroups/g',
  cacheStorageAccountId: 'cache',
});
const PROTECTED = {
  protectionState: 'Protected',
  activeLocation: 'Primary',
  allowedOperations: ['UnplannedFailover'],
  health: 'Normal',
  at: '',
};
const FAILED_OVER = { ...PROTECTED, activeLocation: 'Recovery', allowedOperations: ['Commit'] };

const member = (id: string): ReplicatedVmDocument => ({
  id,
  type: 'replicatedVm',
  schema: SCHEMA_VERSION,
  vaultId: 'vault-1',
  vaultArmId: VAULT,
  scenario: 'azureToAzure',
  name: id,
  lifecycleId: id,
  armId: `${container('home')}/replicationProtectedItems/${id}`,
  sourceVmId: id,
  direction: 'original',
  sites: { original: site('eastasia'), reversed: site('southeastasia') },
  seen: PROTECTED,
  movedBy: null,
  missingSince: null,
  settings: {
    size: null,
    resourceGroupId: '',
    networkId: null,
    testNetworkId: null,
    nics: [],
    availabilitySetId: null,
    zone: null,
    placementGroupId: null,
    multiVmGroup: { id: 'group', name: 'orders' },
    recoveryContainerId: container('away'),
    sourceZone: null,
    disks: [],
  },
});

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore(3);
  for (const id of ['vm-a', 'vm-b']) await addVm(member(id));
  await createJob(makeJobDocument('job-1', NOW));
});
afterAll(() => store.close());

const shapeOf = async () =>
  (await listSteps('job-1'))
    .map(({ id, order, needs, work }) => ({ id, order, needs, work }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

test('the next epoch keeps its steps when one group member has gone over already [OP-8] [A2A-15]', async () => {
  expect(await beginJob({ jobId: 'job-1', epoch: 1, run: 'one' })).toMatchObject({
    go: true,
    phases: ['prepare5', 'failover'],
  });
  const planned = await shapeOf();
  expect(planned.map(({ work }) => work.kind).sort()).toEqual(['multiVmGroup', 'prerequisite']);
  const vm = await readVm('vault-1', 'vm-a');
  if (vm) await saveVm(vm, { seen: FAILED_OVER });

  const job = await readJob('job-1');
  if (!job) throw new Error('The job is gone.');
  await saveJob(job, { epoch: 2, run: null }, [], new Date());
  expect(await beginJob({ jobId: 'job-1', epoch: 2, run: 'two' })).toMatchObject({
    go: true,
    phases: ['prepare5', 'failover'],
    vaults: [{ vaultArmId: VAULT }],
  });
  expect(await shapeOf()).toEqual(planned);
  expect((await listSteps('job-1')).map(({ epoch }) => epoch)).toEqual([2, 2]);
  expect((await readLocksOf('job-1')).map(({ targetId, epoch }) => [targetId, epoch]).sort()).toEqual([
    ['vm-a', 2],
    ['vm-b', 2],
  ]);
});

test('an orchestration that fails at its start unlocks all VMs of its job [OP-7]', async () => {
  await createJob({
    ...makeJobDocument('job-2', NOW),
    command: { operation: 'commit', vms: ['vm-gone'], adopt: false },
  });
  await createLocks([{ vaultId: 'vault-1', targetId: 'vm-c' }], 'job-2', 1, new Date());
  expect(await beginJob({ jobId: 'job-2', epoch: 1, run: 'one' })).toMatchObject({ go: false });
  expect(await readJob('job-2')).toMatchObject({ state: 'failed', error: { code: 'VmUnknown' } });
  expect(await readLocksOf('job-2')).toEqual([]);
});
