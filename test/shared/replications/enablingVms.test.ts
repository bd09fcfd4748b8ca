// The store of the VMs on their way to protection.
import { clock } from '../../../shared/core/clock.ts';
import { vaultKeyOf } from '../../../shared/core/ids.ts';
import type { ReplicatedItem } from '../../../shared/siterecovery/item.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import { forgetVaultVms } from '../../../shared/replications/addedVaults.ts';
import {
  idOfEnablingVm,
  readEnablingVms,
  saveEnablingVms,
} from '../../../shared/replications/enablingVms.ts';
import { refreshVault } from '../../../shared/replications/refreshVaults.ts';
import { readAllVms, readVmsAndLocks } from '../../../shared/replications/registry.ts';
import { makeReplicatedItem } from '../../support/replicated-item.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
let vault: string;
let known: ReplicatedVmDocument;
beforeAll(async () => {
  store = await startSimulatedStore(1);
  vault = store.addresses.vaults[0] ?? '';
  await refreshVault(vault);
  const [vm] = await readAllVms();
  if (!vm) throw new Error('The vault shows no VM.');
  known = vm;
});
afterAll(() => store.close());

const newItem = (name: string, change: Partial<ReplicatedItem> = {}): ReplicatedItem =>
  makeReplicatedItem({
    armId: `${vault}/replicationProtectedItems/${name}`,
    name,
    friendlyName: name,
    sourceVmId: `/vms/${name}`,
    lifecycleId: null,
    protectionState: 'InitialReplicationInProgress',
    initialReplicationPercent: 10,
    ...change,
  });

async function save(...items: readonly ReplicatedItem[]): Promise<void> {
  const vaultId = vaultKeyOf(vault);
  const { vms, enablingVms } = await readVmsAndLocks(vaultId);
  const now = await clock().now();
  await saveEnablingVms({ vaultId, vaultArmId: vault }, items, vms, enablingVms, now);
}
const stored = async () =>
  (await readEnablingVms()).map(({ name, percent }) => `${name} ${percent ?? ''}`).sort();

test('a new item is stored, changes with its percent, and goes when it has gone [A2A-16]', async () => {
  await save(newItem('a'), newItem('b'));
  expect(await stored()).toEqual(['a 10', 'b 10']);
  const [before] = await readEnablingVms();
  await save(newItem('a', { initialReplicationPercent: 60 }), newItem('b'));
  expect(await stored()).toEqual(['a 60', 'b 10']);
  expect((await readEnablingVms()).map(idOfEnablingVm)).toContain(before && idOfEnablingVm(before));
  await save(newItem('b'));
  expect(await stored()).toEqual(['b 10']);
  await save();
  expect(await stored()).toEqual([]);
});

test('an item that a reprotect moved is no VM on its way [A2A-16]', async () => {
  const movedName = known.armId.split('/').at(-1) ?? '';
  await save(newItem(movedName), newItem('c'));
  expect(await stored()).toEqual(['c 10']);
  await save();
});

test('an unregistered vault keeps no VM on its way [VAULT-1]', async () => {
  await save(newItem('d'));
  await forgetVaultVms(vaultKeyOf(vault), await clock().now());
  expect(await stored()).toEqual([]);
  await refreshVault(vault);
});
