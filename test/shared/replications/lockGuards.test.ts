// Locks on VMs, the writes that a lock permits, and the write budget, against Cosmos DB in the
// simulator.
import { grantWrites } from '../../../shared/attempts/reserveWrites.ts';
import { addNewItem } from '../../../shared/replications/items.ts';
import type { ReplicatedItem } from '../../../shared/siterecovery/item.ts';
import { reserveFromBudget } from '../../../shared/attempts/writeBudget.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import {
  addVm,
  addLockedVm,
  releaseLocks,
  readLocksOf,
  readLock,
  readVm,
  removeLockedVm,
  saveLockedVm,
} from '../../../shared/replications/registry.ts';
import { takeLock } from '../../support/locks.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore(1, { LIFEBOAT_WRITES_BURST: '12' });
});
afterAll(() => store.close());

const VAULT = 'vault-1';
const NOW = new Date('2026-01-05T08:00:00Z');
const vmOf = (id: string): ReplicatedVmDocument =>
  ({
    id,
    type: 'replicatedVm',
    schema: SCHEMA_VERSION,
    vaultId: VAULT,
    name: id,
    armId: id,
  }) as unknown as ReplicatedVmDocument;
const lockKey = (targetId: string) => ({ vaultId: VAULT, targetId });

async function lockOf(id: string) {
  const lock = await readLock(VAULT, id);
  if (!lock) throw new Error(`No lock on ${id}.`);
  return lock;
}

async function registered(id: string) {
  const vm = await readVm(VAULT, id);
  if (!vm) throw new Error(`No VM ${id}.`);
  return vm;
}

test('an orchestration of an older epoch removes no lock of a newer one [OP-7] [OP-8]', async () => {
  await takeLock(lockKey('vm-a'), 'job-1', 1, NOW);
  await takeLock(lockKey('vm-b'), 'job-1', 1, NOW);
  await takeLock(lockKey('vm-a'), 'job-1', 2, NOW);
  await releaseLocks('job-1', 1);
  expect((await readLocksOf('job-1')).map(({ targetId, epoch }) => [targetId, epoch])).toEqual([['vm-a', 2]]);
});

test('only the job that still locks a VM changes, adds or removes it [OP-7]', async () => {
  for (const id of ['vm-c', 'vm-d']) {
    await addVm(vmOf(id));
    await takeLock(lockKey(id), 'job-2', 1, NOW);
  }
  await takeLock(lockKey('vm-e'), 'job-2', 1, NOW);
  const [lost, kept, ofNew] = [await lockOf('vm-c'), await lockOf('vm-d'), await lockOf('vm-e')];
  for (const id of ['vm-c', 'vm-e']) await takeLock(lockKey(id), 'job-2', 2, NOW);
  expect(await saveLockedVm(lost, await registered('vm-c'), { name: 'other' })).toBe(false);
  expect(await removeLockedVm(lost, await registered('vm-c'))).toBe(false);
  expect(await addLockedVm(ofNew, vmOf('vm-e'))).toBe(false);
  expect(await registered('vm-c')).toMatchObject({ name: 'vm-c' });
  expect(await readVm(VAULT, 'vm-e')).toBeUndefined();
  expect(await saveLockedVm(kept, await registered('vm-d'), { name: 'other' })).toBe(true);
  expect(await removeLockedVm(await lockOf('vm-d'), await registered('vm-d'))).toBe(true);
  expect(await addLockedVm(await lockOf('vm-d'), vmOf('vm-d'))).toBe(true);
});

test('only the job that locks a newly enabled VM adds the VM to the registry, once [OP-7]', async () => {
  const item = {
    armId:
      '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/i',
    name: 'i',
    friendlyName: 'web',
    lifecycleId: 'l',
    scenario: 'azureToAzure',
    direction: 'original',
    primary: {},
    recovery: {},
    disks: [],
    settings: {},
    allowedOperations: [],
    machines: { other: null },
  } as unknown as ReplicatedItem;
  const remember = (epoch: number) =>
    addNewItem({ jobId: 'job-3', epoch }, { id: 's', targetId: 'source-1', vaultId: VAULT }, item, NOW);
  await takeLock(lockKey('source-1'), 'job-3', 2, NOW);
  expect(await remember(1)).toBeUndefined();
  const id = await remember(2);
  expect(id).toEqual(expect.stringMatching(/^vm-/));
  expect(await remember(2)).toBe(id);
});

test('a third of a full write budget stays reserved for failovers and failbacks [OP-6]', async () => {
  const grant = (phase: 'testFailover' | 'failover') =>
    grantWrites({ jobId: 'job-4', phase, subscription: 'kept', want: 12, always: false });
  expect(await grant('testFailover')).toMatchObject({ granted: 8 });
  expect(await grant('failover')).toMatchObject({ granted: 4 });
});

test('simultaneous requests get a budget only once [OP-6]', async () => {
  const rule = { burst: 10, perSecond: 1 };
  const grants = await Promise.all(
    Array.from({ length: 8 }, () => reserveFromBudget('contended', rule, 5, NOW.getTime(), 0)),
  );
  expect(grants.reduce((sum, { granted }) => sum + granted, 0)).toBe(10);
});
