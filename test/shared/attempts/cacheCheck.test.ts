// A reprotect reports when Site Recovery shows another cache storage account than the requested
// one.
import type { ReplicatedItem } from '../../../shared/siterecovery/item.ts';
import { findCacheWarnings } from '../../../shared/attempts/cacheCheck.ts';
import { findPlaceWarnings } from '../../../shared/attempts/placeCheck.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import type { StepDocument } from '../../../shared/journal/documents.ts';
import { createJob } from '../../../shared/journal/job.ts';
import { addVm, readVm, saveVm } from '../../../shared/replications/registry.ts';
import { makeJobDocument } from '../../support/job-documents.ts';
import { makeReplicatedItem } from '../../support/replicated-item.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const accountId = (name: string) =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/${name}`;
const site = (region: string, cacheStorageAccountId: string | null) => ({
  region,
  resourceGroupId: '/subscriptions/s/resourceGroups/g',
  cacheStorageAccountId,
});
const vm: ReplicatedVmDocument = {
  id: 'vm-a',
  type: 'replicatedVm',
  schema: SCHEMA_VERSION,
  vaultId: 'vault-1',
  vaultArmId: '/v',
  scenario: 'azureToAzure',
  name: 'sql',
  lifecycleId: 'a',
  armId: '/v/i',
  sourceVmId: '/sql',
  direction: 'original',
  sites: {
    original: site('eastasia', accountId('home')),
    reversed: site('southeastasia', accountId('remembered')),
  },
  settings: null,
  movedBy: null,
  missingSince: null,
  seen: {
    protectionState: 'Protected',
    activeLocation: 'Recovery',
    allowedOperations: ['SwitchProtection'],
    health: 'Normal',
    at: NOW,
  },
};
const stepOf = (jobId: string, more: Partial<StepDocument> = {}) =>
  ({
    jobId,
    vaultId: 'vault-1',
    targetId: 'vm-a',
    targetName: 'sql',
    phase: 'reprotect',
    begunIn: 'original',
    foreign: false,
    work: { kind: 'replicatedVm', change: null, cacheStorageAccountId: null, points: null, networkId: null },
    ...more,
  }) as StepDocument;
const showing = (...names: string[]) =>
  ({
    disks: names.map((name) => ({ cacheStorageAccountId: accountId(name).toUpperCase() })),
  }) as unknown as ReplicatedItem;

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore(1);
  await addVm(vm);
  await createJob({
    ...makeJobDocument('job-named', NOW),
    command: {
      operation: 'reprotect',
      vms: ['vm-a'],
      adopt: false,
      cacheStorageAccountId: accountId('named'),
    },
  });
  await createJob({
    ...makeJobDocument('job-plain', NOW),
    command: { operation: 'reprotect', vms: ['vm-a'], adopt: false },
  });
  await createJob({
    ...makeJobDocument('job-placed', NOW),
    command: {
      operation: 'reprotect',
      vms: ['vm-a'],
      adopt: false,
      resourceGroup: 'apart',
      placementGroupId: nearId('near'),
    },
  });
});
afterAll(() => store.close());

test('a warning names each disk with another cache than intended [A2A-10] [PPG-6]', async () => {
  expect(await findCacheWarnings(stepOf('job-named'), showing('named', 'named'))).toEqual([]);
  expect(await findCacheWarnings(stepOf('job-named'), showing('named', 'home'))).toEqual([
    {
      code: 'CacheNotAsAsked',
      message: expect.stringMatching(/^sql is reprotected, .*HOME.*, not the requested .*\/named/) as string,
    },
  ]);
  expect(await findCacheWarnings(stepOf('job-plain'), showing('remembered'))).toEqual([]);
  expect(await findCacheWarnings(stepOf('job-plain'), showing('home'))).toHaveLength(1);
  // Another caller's reprotect owes only the settings in the command.
  expect(await findCacheWarnings(stepOf('job-plain', { foreign: true }), showing('home'))).toEqual([]);
  expect(await findCacheWarnings(stepOf('job-named', { foreign: true }), showing('home'))).toHaveLength(1);
  expect(await findCacheWarnings(stepOf('job-named', { phase: 'commit' }), showing('home'))).toEqual([]);
  // The registry has the new account already.
  const known = await readVm('vault-1', 'vm-a');
  if (known) await saveVm(known, { direction: 'reversed' });
  expect(await findCacheWarnings(stepOf('job-named'), showing('home'))).toHaveLength(1);
  expect(await findCacheWarnings(stepOf('job-plain'), showing('home'))).toEqual([]);
});

const nearId = (name: string) =>
  `/subscriptions/s/resourceGroups/apart/providers/Microsoft.Compute/proximityPlacementGroups/${name}`;

test('a warning names each part of the place that is not as requested [PPG-6]', async () => {
  const { settings } = makeReplicatedItem({});
  const warningsFor = async (jobId: string, group: string, placementGroupId: string | null, change = {}) => {
    const resourceGroupId = `/subscriptions/s/resourceGroups/${group}`;
    const item = makeReplicatedItem({ settings: { ...settings, resourceGroupId, placementGroupId } });
    return (await findPlaceWarnings(stepOf(jobId, change), item)).map(({ message }) => message);
  };
  expect(await warningsFor('job-placed', 'APART', nearId('NEAR'))).toEqual([]);
  expect(await warningsFor('job-plain', 'g', null)).toEqual([]);
  expect(await warningsFor('job-placed', 'g', null, { phase: 'commit' })).toEqual([]);
  expect(await warningsFor('job-placed', 'g', null)).toEqual([
    expect.stringContaining('shows the resource group g, not the requested apart.'),
    expect.stringMatching(/shows no placement group, not the requested .*\/near\./),
  ]);
  expect(await warningsFor('job-placed', 'apart', nearId('far'))).toEqual([
    expect.stringContaining('shows the placement group far'),
  ]);
});
