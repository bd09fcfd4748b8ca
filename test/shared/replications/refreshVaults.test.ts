// A VM that disappears from its vault leaves the registry, but never during a job's lock. No step
// waits for a missing VM.
import { clock } from '../../../shared/core/clock.ts';
import { vaultKeyOf } from '../../../shared/core/ids.ts';
import { refreshVault } from '../../../shared/replications/refreshVaults.ts';
import { startStepOfTarget } from '../../../shared/attempts/startStep.ts';
import { saveItemState } from '../../../shared/replications/items.ts';
import { siteRecoveryClientFor } from '../../../shared/scenarios/adapter.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import { createJob } from '../../../shared/journal/job.ts';
import { createSteps, readStep } from '../../../shared/journal/steps.ts';
import {
  addVm,
  readAllVms,
  releaseLocks,
  readLock,
  readVm,
  removeVm,
  findVaultArmId,
} from '../../../shared/replications/registry.ts';
import { makeJobDocument, makeStepDocument } from '../../support/job-documents.ts';
import { takeLock } from '../../support/locks.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const LONG_AGO = '2020-01-01T00:00:00.000Z';
const GONE = 'vm-gone';

let store: SimulatedStore;
let vault: string;
let vaultId: string;
let known: ReplicatedVmDocument;
beforeAll(async () => {
  store = await startSimulatedStore(2);
  vault = store.addresses.vaults[0] ?? '';
  vaultId = vaultKeyOf(vault);
  await refreshVault(vault);
  const [vm] = (await readAllVms()).filter((allVm) => allVm.vaultId === vaultId);
  if (!vm) throw new Error('The vault shows no VM.');
  known = vm;
});
afterAll(() => store.close());

const addGone = () =>
  addVm({
    ...known,
    id: GONE,
    name: GONE,
    lifecycleId: GONE,
    armId: `${known.armId}-gone`,
    missingSince: LONG_AGO,
  });

test('a VM that a job locks during a read leaves the registry after its release [OP-8]', async () => {
  await addGone();
  await store.faults.add({
    id: 'list',
    service: 'arm',
    path: 'replicationProtectedItems',
    point: 'received',
    times: 1,
    do: { kind: 'hold' },
  });
  const reading = refreshVault(vault);
  for (let acted = 0; acted === 0;)
    acted = (await store.faults.list()).find(({ id }) => id === 'list')?.acted ?? 0;
  expect(await takeLock({ vaultId, targetId: GONE }, 'job-1', 1, await clock().now())).toBe(true);
  await store.faults.remove('list');
  await reading;
  expect(await readVm(vaultId, GONE)).toMatchObject({ id: GONE });
  expect(await readLock(vaultId, GONE)).toMatchObject({ jobId: 'job-1' });
  await releaseLocks('job-1', 1);
  await refreshVault(vault);
  expect(await readVm(vaultId, GONE)).toBeUndefined();
  expect(await readLock(vaultId, GONE)).toBeUndefined();
});

test('a VM with a change after its read stays in the registry, and no lock remains [OP-8]', async () => {
  await addGone();
  const vm = await readVm(vaultId, GONE);
  if (!vm) throw new Error('The VM was not added.');
  expect(await removeVm({ ...vm, _etag: '"older"' }, new Date())).toBe(false);
  expect(await readLock(vaultId, GONE)).toBeUndefined();
  expect(await removeVm(vm, new Date())).toBe(true);
});

test('a step whose VM has left the registry fails, or is already done for disabling [OP-7]', async () => {
  const steps = (['failover', 'disableReplication'] as const).map((phase) => ({
    ...makeStepDocument('job-2', GONE),
    id: `step:${phase}:${GONE}`,
    phase,
    vaultId,
  }));
  await createJob({ ...makeJobDocument('job-2', LONG_AGO), state: 'running', run: 'r' });
  expect(await createSteps('job-2', steps)).toBe(true);
  for (const { phase } of steps)
    expect(await startStepOfTarget({ jobId: 'job-2', epoch: 1, phase, vaultId, targetId: GONE })).toBe(
      'ended',
    );
  expect(await readStep('job-2', `step:failover:${GONE}`)).toMatchObject({
    state: 'failed',
    attempt: 0,
    error: { code: 'VmUnknown', message: expect.stringContaining('GET /api/v1/replications') as string },
  });
  expect(await readStep('job-2', `step:disableReplication:${GONE}`)).toMatchObject({
    state: 'alreadySo',
    attempt: 0,
  });
});

test('only the newest orchestration stores an operation on a VM outside of the registry [OP-8]', async () => {
  const item = (await (await siteRecoveryClientFor(vault)).listItems())[0];
  if (!item) throw new Error('The vault shows no item.');
  const of = { id: 'step', targetId: GONE, vaultId };
  await takeLock(of, 'job-3', 2, new Date());
  expect(await saveItemState({ jobId: 'job-3', epoch: 1 }, of, item, new Date())).toBe(false);
  expect(await saveItemState({ jobId: 'job-3', epoch: 2 }, of, item, new Date())).toBe(true);
  expect(await readVm(vaultId, GONE)).toBeUndefined();
  await releaseLocks('job-3', 2);
});

test('a configured vault has its address, even without any of its VMs in the registry [OP-8]', async () => {
  for (const vm of (await readAllVms()).filter((allVm) => allVm.vaultId === vaultId))
    expect(await removeVm(vm, new Date())).toBe(true);
  expect((await findVaultArmId(vaultId)).toLowerCase()).toBe(vault.toLowerCase());
  await expect(findVaultArmId('vault-nobody')).rejects.toThrow('vault-nobody');
});
