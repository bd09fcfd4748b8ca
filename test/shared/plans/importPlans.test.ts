// Imports of Site Recovery's plans into a new Lifeboat, without other users of the store.
import { importPlans } from '../../../shared/plans/importPlans.ts';
import { vaultKeyOf } from '../../../shared/core/ids.ts';
import { readAllVms } from '../../../shared/replications/registry.ts';
import { readNativePlansOf, readPlanVersion, removePlan, savePlan } from '../../../shared/plans/store.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const VAULT =
  '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/contoso-recovery-services/providers/Microsoft.RecoveryServices/vaults/contoso-vault';
const readStoredPlans = () => readNativePlansOf(vaultKeyOf(VAULT));

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore();
});
afterAll(() => store.close());

test('an imported plan is complete in its first version and returns as a new version [OP-11]', async () => {
  // Nothing has read the vault before.
  expect(await readAllVms()).toEqual([]);
  expect(await importPlans(VAULT)).toEqual({ saved: 1, removed: 0 });
  const [orders] = await readStoredPlans();
  expect(orders).toMatchObject({ version: 1, warnings: [], plan: { name: 'orders' } });
  const known = (await readAllVms()).map(({ id }) => id);
  expect(orders?.plan.runs.failover.flatMap(({ vms }) => vms).every((id) => known.includes(id))).toBe(true);
  expect(await importPlans(VAULT)).toEqual({ saved: 0, removed: 0 });

  // The orders of an earlier run stay unchanged.
  if (!orders) throw new Error('No plan.');
  await savePlan(
    { ...orders, version: 2, fingerprint: 'another', plan: { ...orders.plan, name: 'before' } },
    orders,
  );
  const [changed] = await readStoredPlans();
  await removePlan(changed ?? orders);
  expect(await importPlans(VAULT)).toEqual({ saved: 1, removed: 0 });
  expect(await readStoredPlans()).toMatchObject([
    { planId: orders.planId, version: 3, plan: { name: 'orders' } },
  ]);
  expect(await readPlanVersion(orders.planId, 1)).toMatchObject({ plan: { name: 'orders' } });
  expect(await readPlanVersion(orders.planId, 2)).toMatchObject({ plan: { name: 'before' } });
});
