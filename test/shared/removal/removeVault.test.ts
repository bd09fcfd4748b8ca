// Lifeboat forgets a vault only when nothing uses it. A read of the vault at the same time leaves
// nothing behind, and a new registration brings its VMs back under their ids.
import { checkAndSaveRule, removeRule } from '../../../shared/alerts/alertRules.ts';
import { vaultKeyOf } from '../../../shared/core/ids.ts';
import { acceptCommand } from '../../../shared/jobs/acceptCommand.ts';
import { importPlans } from '../../../shared/plans/importPlans.ts';
import { savePlanText } from '../../../shared/plans/savePlan.ts';
import { readAllPlans } from '../../../shared/plans/store.ts';
import { removePlan } from '../../../shared/removal/removePlan.ts';
import { removeVault } from '../../../shared/removal/removeVault.ts';
import { addVault, readAddedVault } from '../../../shared/replications/addedVaults.ts';
import { listVaultArmIds, refreshVault, refreshVaults } from '../../../shared/replications/refreshVaults.ts';
import { createLocks, readVmsOfVault, releaseLocks } from '../../../shared/replications/registry.ts';
import type { Caller } from '../../../shared/access/caller.ts';
import { endJob } from '../../support/end-job.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const OWNER: Caller = { id: 'olga', tenant: 't', name: 'olga', roles: ['Owner'], door: 'rest' };
const OTHER_VAULT = '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/other';

let store: SimulatedStore;
let armId: string;
let vaultId: string;
beforeAll(async () => {
  store = await startSimulatedStore(2, { LIFEBOAT_SERVICEBUS: '' });
  armId = store.addresses.vaults[0] ?? '';
  vaultId = vaultKeyOf(armId);
  // As if a command had added the vault, and the settings named another.
  process.env['LIFEBOAT_VAULTS'] = OTHER_VAULT;
});
afterAll(() => store.close());

const now = () => store.now();
/** Registers the vault again, and reads its VMs. */
async function register(): Promise<string> {
  await addVault(vaultId, armId, await now());
  await refreshVault(armId);
  return `"${(await readAddedVault(vaultId))?.version ?? 1}"`;
}
const vmIds = async () => (await readVmsOfVault(vaultId)).map(({ id }) => id).sort();

test('a removed vault leaves with its VMs and native plans, and comes back with the same ids [VAULT-1]', async () => {
  const etag = await register();
  await importPlans(armId);
  const before = await vmIds();
  expect(before.length).toBeGreaterThan(3);
  await removeVault(vaultId, etag);
  expect(await listVaultArmIds()).toEqual([OTHER_VAULT]);
  expect(await vmIds()).toEqual([]);
  expect(await readAllPlans()).toEqual([]);
  await expect(removeVault(vaultId, etag)).rejects.toMatchObject({ status: 404, code: 'VaultUnknown' });

  const next = await register();
  expect(next).not.toBe(etag);
  expect(await vmIds()).toEqual(before);
  await expect(removeVault(vaultId, etag)).rejects.toMatchObject({ status: 412, code: 'VaultChanged' });
});

test('the timer forgets VMs that a read of the vault added late, but no locked VM [VAULT-1]', async () => {
  await removeVault(vaultId, await register());
  await refreshVault(armId);
  const [locked = ''] = await vmIds();
  await createLocks([{ vaultId, targetId: locked }], 'job-1', 1, await now());
  // The other vault does not exist, and the timer says so after its work.
  await expect(refreshVaults()).rejects.toThrow('could not be read');
  expect(await vmIds()).toEqual([locked]);
  await releaseLocks('job-1', 1);
});

test('a plan, an alert rule and an open job each keep a vault, by name [VAULT-1]', async () => {
  const etag = await register();
  const [vm = ''] = (await readVmsOfVault(vaultId)).flatMap(({ id, name }) => (name === 'web' ? [id] : []));
  const inUse = async (details: object) => {
    await expect(removeVault(vaultId, etag)).rejects.toMatchObject({
      status: 409,
      code: 'VaultInUse',
      details,
    });
    expect(await vmIds()).toContain(vm);
  };
  await savePlanText(
    'shop',
    JSON.stringify({ name: 'Shop', runs: { failover: [{ name: 'all', vms: [vm] }] } }),
    null,
    OWNER,
  );
  await inUse({ plans: ['shop'] });
  await removePlan('shop', '"1"');
  const command = { operation: 'failover', vms: [vm] };
  await checkAndSaveRule('dark', { when: { names: ['dark'] }, command }, null, OWNER);
  await inUse({ alertRules: ['dark'] });
  await removeRule('dark', '"1"');
  const job = await acceptCommand(command, 'key-1', OWNER);
  await inUse({ jobs: [job.jobId] });
  await endJob(job.jobId);
  await removeVault(vaultId, etag);
  expect(await vmIds()).toEqual([]);
});

test('Lifeboat forgets no vault of its settings, and none without its version [VAULT-1]', async () => {
  await expect(removeVault(vaultKeyOf(OTHER_VAULT), '"0"')).rejects.toMatchObject({
    code: 'VaultInSettings',
  });
  await register();
  await expect(removeVault(vaultId, null)).rejects.toMatchObject({ status: 428, code: 'IfMatchMissing' });
  expect(await vmIds()).not.toEqual([]);
});
