// A reprotect says so when Site Recovery shows another cache storage account than the one that was asked for.
import type { Item } from '../../../shared/siterecovery/item.ts';
import { cacheNotAsAsked } from '../../../shared/attempts/cacheShown.ts';
import { SCHEMA } from '../../../shared/store/schema.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import type { StepDocument } from '../../../shared/journal/documents.ts';
import { createJob } from '../../../shared/journal/job.ts';
import { addVm, readVm, saveVm } from '../../../shared/replications/registry.ts';
import { jobOf } from '../../support/job-documents.ts';
import { simulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

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
  schema: SCHEMA,
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
  }) as unknown as Item;

let store: SimulatedStore;
beforeAll(async () => {
  store = await simulatedStore(1);
  await addVm(vm);
  await createJob({
    ...jobOf('job-named', NOW),
    command: {
      operation: 'reprotect',
      vms: ['vm-a'],
      adopt: false,
      cacheStorageAccountId: accountId('named'),
    },
  });
  await createJob({
    ...jobOf('job-plain', NOW),
    command: { operation: 'reprotect', vms: ['vm-a'], adopt: false },
  });
});
afterAll(() => store.close());

test('a warning tells of each disk with another cache than intended (D2) [A2A-10] [PPG-6]', async () => {
  expect(await cacheNotAsAsked(stepOf('job-named'), showing('named', 'named'))).toEqual([]);
  expect(await cacheNotAsAsked(stepOf('job-named'), showing('named', 'home'))).toEqual([
    {
      code: 'CacheNotAsAsked',
      message: expect.stringMatching(
        /^sql is reprotected, .*HOME.* and not .*\/named, which was asked for/,
      ) as string,
    },
  ]);
  expect(await cacheNotAsAsked(stepOf('job-plain'), showing('remembered'))).toEqual([]);
  expect(await cacheNotAsAsked(stepOf('job-plain'), showing('home'))).toHaveLength(1);
  // Somebody else's reprotect owes only what the command names.
  expect(await cacheNotAsAsked(stepOf('job-plain', { foreign: true }), showing('home'))).toEqual([]);
  expect(await cacheNotAsAsked(stepOf('job-named', { foreign: true }), showing('home'))).toHaveLength(1);
  expect(await cacheNotAsAsked(stepOf('job-named', { phase: 'commit' }), showing('home'))).toEqual([]);
  // The registry has learned of it already.
  const known = await readVm('vault-1', 'vm-a');
  if (known) await saveVm(known, { direction: 'reversed' });
  expect(await cacheNotAsAsked(stepOf('job-named'), showing('home'))).toHaveLength(1);
  expect(await cacheNotAsAsked(stepOf('job-plain'), showing('home'))).toEqual([]);
});
