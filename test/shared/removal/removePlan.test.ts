// A plan is removed only when nothing uses it. Its jobs and its versions stay.
import { checkAndSaveRule, removeRule } from '../../../shared/alerts/alertRules.ts';
import { acceptCommand } from '../../../shared/jobs/acceptCommand.ts';
import { readJob } from '../../../shared/journal/job.ts';
import { importPlans } from '../../../shared/plans/importPlans.ts';
import { savePlanText } from '../../../shared/plans/savePlan.ts';
import { readAllPlans, readPlan, readPlanVersion } from '../../../shared/plans/store.ts';
import { removePlan } from '../../../shared/removal/removePlan.ts';
import { listVaultArmIds, refreshVaults } from '../../../shared/replications/refreshVaults.ts';
import { readAllVms } from '../../../shared/replications/registry.ts';
import { deleteSchedule, saveSchedule } from '../../../shared/schedules/saveSchedule.ts';
import type { Caller } from '../../../shared/access/caller.ts';
import { endJob } from '../../support/end-job.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const OWNER: Caller = { id: 'olga', tenant: 't', name: 'olga', roles: ['Owner'], door: 'rest' };

let store: SimulatedStore;
let vm: string;
beforeAll(async () => {
  store = await startSimulatedStore(2, { LIFEBOAT_SERVICEBUS: '' });
  await refreshVaults();
  vm = (await readAllVms()).find(({ name }) => name === 'web')?.id ?? '';
});
afterAll(() => store.close());

const save = (id: string, name: string, ifMatch: string | null = null) =>
  savePlanText(
    id,
    JSON.stringify({ name, runs: { failover: [{ name: 'all', vms: [vm] }] } }),
    ifMatch,
    OWNER,
  );

test('a removed plan is gone, its versions stay, and its id goes on after them [PLAN-1]', async () => {
  await save('gone', 'First');
  await save('gone', 'Second', '"1"');
  await removePlan('gone', '"2"');
  expect(await readPlan('gone')).toBeUndefined();
  expect(await readPlanVersion('gone', 1)).toMatchObject({ plan: { name: 'First' } });
  await expect(removePlan('gone', '"2"')).rejects.toMatchObject({ status: 404, code: 'PlanUnknown' });
  expect((await save('gone', 'Third')).plan.version).toBe(3);
  expect(await readPlanVersion('gone', 1)).toMatchObject({ plan: { name: 'First' } });
});

test.each([
  ['without a version', null, 'IfMatchMissing'],
  ['with an old version', '"7"', 'PlanChanged'],
])('Lifeboat removes no plan %s [PLAN-1]', async (how, ifMatch, code) => {
  const id = `stays-${how.replaceAll(' ', '-')}`;
  await save(id, 'Stays');
  await expect(removePlan(id, ifMatch)).rejects.toMatchObject({ code });
  expect(await readPlan(id)).toBeDefined();
});

test('a schedule, an alert rule and an open job each keep a plan, by name [PLAN-1]', async () => {
  await save('used', 'Used');
  const inUse = async (details: object) => {
    await expect(removePlan('used', '"1"')).rejects.toMatchObject({
      status: 409,
      code: 'PlanInUse',
      details,
    });
    expect(await readPlan('used')).toBeDefined();
  };
  const command = { operation: 'testFailover', plan: 'used' };
  await saveSchedule('used', 'weekly', { cron: '0 3 * * 6', timeZone: 'UTC', command }, null, OWNER);
  await inUse({ schedules: ['weekly'] });
  await deleteSchedule('used', 'weekly', '"1"');

  const rule = { when: { names: ['dark'] }, command: { operation: 'failover', plan: 'used' } };
  await checkAndSaveRule('dark', rule, null, OWNER);
  await inUse({ alertRules: ['dark'] });
  await removeRule('dark', '"1"');

  const job = await acceptCommand({ operation: 'failover', plan: 'used' }, 'key-1', OWNER);
  await inUse({ jobs: [job.jobId] });
  // The summary of the job still says that it runs. The job itself counts.
  await endJob(job.jobId);
  await removePlan('used', '"1"');
  expect(await readPlan('used')).toBeUndefined();
  expect(await readJob(job.jobId)).toMatchObject({ plan: { id: 'used', version: 1 } });
});

test('Lifeboat removes no plan of Site Recovery [PLAN-1]', async () => {
  const [vault = ''] = await listVaultArmIds();
  await importPlans(vault);
  const native = (await readAllPlans()).find(({ origin }) => origin.kind === 'native');
  await expect(removePlan(native?.planId ?? '', '"1"')).rejects.toMatchObject({ code: 'PlanIsNative' });
  expect(await readPlan(native?.planId ?? '')).toBeDefined();
});
