// VMs of a Hyper-V site in all features around operations: alert rules, queues, schedules, reports,
// measures, maps, runbook pages and leftovers of drills.
import { ServiceBusClient } from '@azure/service-bus';
import { findPrincipal } from '../../../simulator/identity/directory.ts';
import { serviceBusConnection } from '../../../simulator/simulator.ts';
import type { RunReport } from '../../../shared/plans/rules/runReport.ts';
import type { occurrenceView } from '../../../shared/api/scheduleViews.ts';
import { startAlertEnvironment, type AlertEnvironment } from '../../support/alert-environment.ts';
import { hyperVEnvironment, PRODUCTION } from '../../support/hyper-v-environment.ts';
import type { Job, Replication } from '../../support/lifeboat-client.ts';
import { planBody, putPlan } from '../../support/plans.ts';
import { callAsPortalUser } from '../../support/portal.ts';

const QUEUE = 'dr-commands';
const MACHINES = ['alerted', 'queued', 'drilled', 'littered', 'printed', 'measured'];
const operator = findPrincipal('operator')?.objectId ?? '';

let environment: AlertEnvironment;
beforeAll(async () => {
  environment = await startAlertEnvironment(MACHINES, {
    environment: hyperVEnvironment({ machines: [...MACHINES, 'spare'], replicated: MACHINES }),
    env: {
      LIFEBOAT_QUEUES: JSON.stringify([
        { queue: QUEUE, callerId: operator, name: 'ticketing', role: 'Operator' },
      ]),
      LIFEBOAT_QUEUE_PAUSE_SECONDS: '0.05',
    },
  });
});
afterAll(() => environment.stop());

const idOf = (name: string): string => environment.vms.find((vm) => vm.name === name)?.id ?? '';
const waitForState = (name: string, state: string): Promise<Replication> =>
  environment.lifeboat.waitFor(
    async () =>
      (await environment.lifeboat.listReplications()).find((vm) => vm.name === name && vm.state === state),
    `${name} in the state ${state}`,
  );
const read = async <T>(path: string): Promise<T> =>
  (await environment.lifeboat.call<T>(path, { principal: 'reader' })).body;
const readText = async (path: string): Promise<string> =>
  (
    await fetch(new URL(path, environment.simulator.host.url), {
      headers: {
        authorization: `Bearer ${await environment.simulator.token('reader')}`,
        accept: 'text/markdown',
      },
    })
  ).text();

test('an alert rule fails a VM of a site over, and a failback of it is refused [TRG-4] [H2A-5]', async () => {
  const command = { operation: 'failover', vms: [idOf('alerted')] };
  await environment.createAlertRule('site-dark', { when: { names: ['Web is dark'] }, command });
  await environment.sendGenericAlert({
    id: 'dark-1',
    firedAt: await environment.timeInMinutes(),
  });
  expect(await waitForState('alerted', 'failedOver')).toMatchObject({ direction: 'reversed' });
  expect(await environment.lifeboat.send({ operation: 'failback', vms: [idOf('alerted')] })).toMatchObject({
    status: 409,
    body: { code: 'OperationNotAllowed' },
  });
});

test('a command from a queue fails a VM of a site over, once [TRG-2] [H2A-5]', async () => {
  const client = new ServiceBusClient(
    serviceBusConnection(environment.simulator.data, environment.simulator.addresses),
  );
  const sender = client.createSender(QUEUE);
  const body = { operation: 'failover', kind: 'planned', vms: [idOf('queued')], ticket: 'CHG-9' };
  for (let times = 0; times < 2; times++) await sender.sendMessages({ body, messageId: 'CHG-9' });
  await client.close();
  await waitForState('queued', 'failedOver');
  const writes = await environment.simulator.siteRecovery.writes();
  expect(writes.filter(({ itemName }) => itemName === 'queued').map(({ operation }) => operation)).toEqual([
    'plannedFailover',
  ]);
});

test('a scheduled drill of VMs of a site cleans up and has a report [TRG-3] [OP-13]', async () => {
  await putPlan(environment, 'drills', planBody(environment, [{ name: 'all', vms: ['drilled'] }]));
  const due = new Date((await environment.simulator.now()).getTime() + 3 * 60_000);
  const saved = await environment.lifeboat.call('/api/v1/plans/drills/schedules/soon', {
    method: 'PUT',
    body: {
      cron: `${due.getUTCMinutes()} * * * *`,
      timeZone: 'Etc/UTC',
      command: { operation: 'testFailover' },
      timeToLiveMinutes: 10,
    },
  });
  expect(saved).toMatchObject({ status: 201 });
  const { job } = await environment.lifeboat.waitFor(
    async () =>
      (
        await read<{ occurrences: ReturnType<typeof occurrenceView>[] }>(
          '/api/v1/plans/drills/schedules/soon/occurrences',
        )
      ).occurrences.find(({ outcome }) => outcome === 'started'),
    'the drill',
    110,
  );
  const drill = await environment.lifeboat.waitForJobEnd(job ?? '');
  expect(drill).toMatchObject({ state: 'completed', exceptions: [], requestedBy: { trigger: 'schedule' } });
  expect(await read<RunReport>(`/api/v1/jobs/${drill.id}/report`)).toMatchObject({
    state: 'completed',
    leftBehind: [],
    vms: [{ name: 'drilled', cameUp: true, cleanedUp: true }],
  });
  expect(await readText(`/api/v1/jobs/${drill.id}/report`)).toContain('Left behind: nothing');
});

test('a drill names a resource that it left behind in the group of the site [JOB-2] [OP-1]', async () => {
  const vms = [idOf('littered')];
  await environment.lifeboat.runToEnd({ operation: 'testFailover', vms });
  const group = `/subscriptions/${PRODUCTION}/resourceGroups/contoso-shop-recovery`;
  const made = await callAsPortalUser(
    environment.simulator,
    'PUT',
    `${group}/providers/Microsoft.Network/publicIPAddresses/littered-forgotten`,
    {
      location: 'southeastasia',
      sku: { name: 'Standard' },
      properties: { publicIPAllocationMethod: 'Static' },
    },
  );
  expect(made.status).toBeLessThan(300);
  expect(await environment.lifeboat.runToEnd({ operation: 'cleanUpTestFailover', vms })).toMatchObject({
    state: 'completedWithExceptions',
    exceptions: [{ code: 'LeftBehind', targetName: 'littered-forgotten' }],
  });
});

test('the runbook page has the requests for VMs of a site [PLAN-1] [H2A-5]', async () => {
  await putPlan(environment, 'printed', planBody(environment, [{ name: 'all', vms: ['printed'] }]));
  const page = await readText('/api/v1/plans/printed/runbook');
  expect(page).toContain('printed');
  expect(page).toContain('/unplannedFailover');
  expect(page).toContain('"instanceType":"HyperVReplicaAzure"');
  expect(page).toContain('/failoverCommit');
});

interface Measures {
  readonly vms: readonly { readonly name: string; readonly dataLossSeconds: number | null }[];
}
interface ResourceMap {
  readonly vms: readonly {
    readonly name: string;
    readonly resources: readonly { readonly kind: string; readonly to: string | null }[];
  }[];
}

test('a failover of a VM of a site has measures and a resource map [JOB-2] [H2A-5]', async () => {
  const job: Job = await environment.lifeboat.runToEnd({ operation: 'failover', vms: [idOf('measured')] });
  expect(job).toMatchObject({ state: 'completed', exceptions: [] });
  const measures = await read<Measures>(`/api/v1/jobs/${job.id}/measures`);
  expect(measures.vms).toMatchObject([{ name: 'measured', dataLossSeconds: expect.any(Number) as number }]);
  const map = await read<ResourceMap>(`/api/v1/jobs/${job.id}/map`);
  const [vm] = map.vms;
  expect(vm?.name).toBe('measured');
  expect(vm?.resources.find(({ kind }) => kind === 'virtualMachine')?.to).toMatch(
    /\/virtualMachines\/measured$/i,
  );
});
