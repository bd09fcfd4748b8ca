// Who holds a VM, and who may write about it, against the desk's Cosmos DB.
import { findLocks, locksOf, readLock, takeLock, takeLocks } from '../../../shared/store/registry.ts';
import { storeOnDesk, type StoreOnDesk } from '../../support/store-on-desk.ts';

let store: StoreOnDesk;
beforeAll(async () => {
  store = await storeOnDesk();
});
afterAll(() => store.close());

const held = (targetId: string) => ({ vaultId: 'vault-1', targetId });
const NOW = new Date('2026-01-01T00:00:00Z');

test('[OP-7] a VM that a job holds is given to no other job, and the holder is named', async () => {
  expect(await takeLock(held('vm-a'), 'job-1', 1, NOW)).toEqual({ taken: true });
  expect(await takeLock(held('vm-a'), 'job-2', 1, NOW)).toEqual({ taken: false, holder: 'job-1' });
  expect(await takeLock(held('vm-a'), 'job-2', 9, NOW)).toEqual({ taken: false, holder: 'job-1' });
  expect(await readLock('vault-1', 'vm-a')).toMatchObject({ jobId: 'job-1', epoch: 1 });
});

test('[OP-7] a lock goes to a newer epoch of its job, and never back to an older one', async () => {
  await takeLock(held('vm-b'), 'job-1', 1, NOW);
  expect(await takeLock(held('vm-b'), 'job-1', 3, NOW)).toEqual({ taken: true });
  expect(await readLock('vault-1', 'vm-b')).toMatchObject({ epoch: 3 });
  expect(await takeLock(held('vm-b'), 'job-1', 3, NOW)).toEqual({ taken: true });
  expect(await takeLock(held('vm-b'), 'job-1', 2, NOW)).toEqual({ taken: false, holder: 'job-1' });
  expect(await readLock('vault-1', 'vm-b')).toMatchObject({ epoch: 3 });
});

test('[OP-7] many VMs are taken together or not at all', async () => {
  await takeLock(held('vm-d'), 'job-1', 1, NOW);
  expect(await takeLocks([held('vm-c'), held('vm-d'), held('vm-e')], 'job-3', 1, NOW)).toBe(false);
  expect(await locksOf('job-3')).toEqual([]);
  expect(await takeLocks([held('vm-c'), held('vm-e')], 'job-3', 1, NOW)).toBe(true);
  expect((await findLocks(['vm-c', 'vm-d', 'vm-e'])).map(({ targetId, jobId }) => [targetId, jobId]).sort()).toEqual([['vm-c', 'job-3'], ['vm-d', 'job-1'], ['vm-e', 'job-3']]);
});

test('[OP-7] of twenty jobs that want one VM at the same time, one gets the VM', async () => {
  const takings = await Promise.all(Array.from({ length: 20 }, (_, i) => takeLock(held('vm-f'), `job-${i + 10}`, 1, NOW)));
  const [lock] = await findLocks(['vm-f']);
  expect(takings.filter(({ taken }) => taken)).toHaveLength(1);
  expect(takings.flatMap((taking) => (taking.taken ? [] : [taking.holder]))).toEqual(Array(19).fill(lock?.jobId));
});
