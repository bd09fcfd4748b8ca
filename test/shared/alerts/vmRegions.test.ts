// An alert on a VM has the region of that VM, so the documented rule fires for VMs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Caller } from '../../../shared/access/caller.ts';
import { checkAndSaveRule } from '../../../shared/alerts/alertRules.ts';
import { processAlert } from '../../../shared/alerts/processAlerts.ts';
import { receiveAlert, senderWithToken } from '../../../shared/alerts/receive.ts';
import { alertFromAzureMonitor, CommonAlert } from '../../../shared/alerts/rules/alert.ts';
import { readAlert, readDecisionPage } from '../../../shared/alerts/store.ts';
import { savePlanText } from '../../../shared/plans/savePlan.ts';
import { refreshVaults } from '../../../shared/replications/refreshVaults.ts';
import { readAllVms, saveVm } from '../../../shared/replications/registry.ts';
import { azureMonitorAlert } from '../../support/alerts.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const OWNER: Caller = { id: 'olga', tenant: 't', name: 'olga', roles: ['Owner'], door: 'rest' };

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore(2, { LIFEBOAT_SERVICEBUS: '' });
  await refreshVaults();
});
afterAll(() => store.close());

async function readWeb() {
  const vm = (await readAllVms()).find(({ name }) => name === 'web');
  if (!vm?.machines) throw new Error('The environment has no VM web with its machines.');
  return { vm, machines: vm.machines };
}

/** A metric alert of Azure Monitor, which names no region. */
async function receiveMetricAlert(id: string, targets: readonly string[]) {
  const body = azureMonitorAlert({ id, firedAt: (await store.now()).toISOString(), targets });
  const alert = alertFromAzureMonitor(CommonAlert.parse(body));
  expect(alert.regions).toEqual([]);
  const received = await receiveAlert(alert, senderWithToken({ id: 'monitor', name: 'monitor' }));
  await processAlert(
    received,
    () => Promise.resolve(),
    (message) => {
      throw new Error(message);
    },
  );
  return received.id;
}
const regionsOf = async (id: string) => (await readAlert(id))?.alert.regions;

test('the documented rule asks after three alerts on VMs of its region [TRG-6] [TRG-4]', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/features/alerts.md'), 'utf8');
  const rule = JSON.parse(
    /PUT \/api\/v1\/alert-rules\/region-dark\n\n(.*?)```/s.exec(text)?.[1] ?? '',
  ) as object;
  expect(rule).toMatchObject({ when: { regions: ['eastasia'] }, threshold: { alerts: 3 } });
  const { vm, machines } = await readWeb();
  await savePlanText(
    'shop',
    JSON.stringify({ name: 'Shop', runs: { failover: [{ name: 'web', vms: [vm.id] }] } }),
    null,
    OWNER,
  );
  await checkAndSaveRule('region-dark', rule, null, OWNER);
  for (const id of ['one', 'two', 'three']) await receiveMetricAlert(id, [machines.source.toUpperCase()]);
  expect((await readDecisionPage('region-dark', 3)).items.map(({ verdict }) => verdict)).toEqual([
    'ask',
    'belowThreshold',
    'belowThreshold',
  ]);
});

test('an alert on the recovery VM, or on a part of a VM, has its region [TRG-6]', async () => {
  const { vm, machines } = await readWeb();
  expect(await regionsOf(await receiveMetricAlert('part', [`${machines.source}/extensions/agent`]))).toEqual([
    'eastasia',
  ]);
  const other = machines.source.replace(/[^/]+$/, 'web-recovered');
  await saveVm(vm, { machines: { ...machines, other } });
  expect(await regionsOf(await receiveMetricAlert('other', [other]))).toEqual(['southeastasia']);
  expect(await regionsOf(await receiveMetricAlert('both', [machines.source, other]))).toEqual([
    'eastasia',
    'southeastasia',
  ]);
});

test('an alert on an unknown VM or another resource gets no region [TRG-6]', async () => {
  const { machines } = await readWeb();
  expect(await regionsOf(await receiveMetricAlert('group', ['/subscriptions/s/resourceGroups/g']))).toEqual(
    [],
  );
  expect(await regionsOf(await receiveMetricAlert('similar', [`${machines.source}-2`]))).toEqual([]);
});
