// The lock owner of a VM, against the simulator's Cosmos DB.
import { findLocks, readLocksOf, createLocks } from '../../../shared/replications/registry.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore();
});
afterAll(() => store.close());

const NOW = new Date('2026-01-01T00:00:00Z');
const take = (jobId: string, ...targetIds: string[]) =>
  createLocks(
    targetIds.map((targetId) => ({ vaultId: 'vault-1', targetId })),
    jobId,
    1,
    NOW,
  );
const lockOwners = async (...targetIds: string[]) =>
  (await findLocks(targetIds)).map(({ targetId, jobId }) => `${targetId} ${jobId}`).sort();

test('a locked VM goes to no other job, and a job locks all its VMs or none [OP-7]', async () => {
  expect(await take('job-1', 'vm-b')).toBe(true);
  expect(await take('job-2', 'vm-b')).toBe(false);
  expect(await take('job-3', 'vm-a', 'vm-b', 'vm-c')).toBe(false);
  expect(await readLocksOf('job-3')).toEqual([]);
  expect(await take('job-3', 'vm-a', 'vm-c')).toBe(true);
  expect(await lockOwners('vm-a', 'vm-b', 'vm-c')).toEqual(['vm-a job-3', 'vm-b job-1', 'vm-c job-3']);
});

test('of twenty jobs that want one VM at once, one gets the VM [OP-7]', async () => {
  const jobs = Array.from({ length: 20 }, (_, i) => `job-${i + 10}`);
  const taken = await Promise.all(jobs.map((job) => take(job, 'vm-d')));
  expect(taken.filter((candidate) => candidate)).toHaveLength(1);
  expect(await lockOwners('vm-d')).toEqual([`vm-d ${jobs[taken.indexOf(true)] ?? ''}`]);
});
