// A change of a plan needs its present version, and only one of two simultaneous changes succeeds.
import { savePlanText } from '../../../shared/plans/savePlan.ts';
import type { Caller } from '../../../shared/access/caller.ts';
import { readPlan, readPlanVersions } from '../../../shared/plans/store.ts';
import { vmNamed, registerVmsByName } from '../../support/single-step-job.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
let vm: string;
beforeAll(async () => {
  store = await startSimulatedStore();
  vm = vmNamed(await registerVmsByName(), 'web').id;
});
afterAll(() => store.close());

const ada: Caller = { id: 'ada', name: 'ada', tenant: 't', roles: ['Contributor'], door: 'rest' };
const textOf = (name: string): string =>
  JSON.stringify({ name, runs: { failover: [{ name: 'all', vms: [vm] }] } });
const save = (name: string, ifMatch: string | null) => savePlanText('shop', textOf(name), ifMatch, ada);
const code = (code: string, status: number) => expect.objectContaining({ code, status }) as Error;

test('a change names the read version, and one of two simultaneous changes fails [PLAN-1]', async () => {
  expect(await save('First', null)).toMatchObject({ how: 'made', plan: { version: 1 } });
  await expect(save('Second', null)).rejects.toThrow(code('IfMatchMissing', 428));
  await expect(save('Second', '"7"')).rejects.toThrow(code('PlanChanged', 412));
  const both = await Promise.allSettled([save('Second', '"1"'), save('Third', '"1"')]);
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(both.find((promiseSettledResult) => promiseSettledResult.status === 'rejected')?.reason).toEqual(
    code('PlanChanged', 412),
  );
  expect(await readPlan('shop')).toMatchObject({ version: 2 });
  expect((await readPlanVersions('shop')).map(({ version }) => version)).toEqual([2, 1]);
});

test('Lifeboat does not save a plan that cannot run [PLAN-1]', async () => {
  await expect(
    savePlanText(
      'other',
      JSON.stringify({ name: 'Other', runs: { failover: [{ name: 'all', vms: [vm], waitsFor: ['all'] }] } }),
      null,
      ada,
    ),
  ).rejects.toThrow(code('PlanInvalid', 422));
  expect(await readPlan('other')).toBeUndefined();
});
