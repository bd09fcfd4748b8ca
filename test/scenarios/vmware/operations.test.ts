// VMs of a vCenter: to Azure and home again.
import { startTestEnvironment, withFault, type TestEnvironment } from '../../support/test-environment.ts';
import {
  APPLIANCE,
  darkServer,
  OTHER_APPLIANCE,
  vmwareEnvironment,
} from '../../support/vmware-environment.ts';
import { planBody, putPlan } from '../../support/plans.ts';
import { story } from '../../support/story.ts';
import type { Job, Problem, Replication, Reply } from '../../support/lifeboat-client.ts';

const MACHINES = ['web', 'app', 'sql', 'crane-1', 'crane-2', 'ferry'];
/** The last test needs the machine where the tests before it leave it. */
const test = story();

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['vm-0001', 'press', 'lamp', ...MACHINES], {
    environment: vmwareEnvironment({
      replicated: {
        web: {},
        app: {},
        sql: {},
        'crane-1': { group: 'crane' },
        'crane-2': { group: 'crane' },
        ferry: {},
      },
      classic: ['lamp'],
      hyperV: ['press'],
    }),
  });
});
afterAll(() => environment.simulator.stop());

const vmNamed = (name: string): Replication => {
  const vm = environment.vms.find((candidate) => candidate.name === name);
  if (!vm) throw new Error(`There is no VM ${name}.`);
  return vm;
};
const now = async (name: string): Promise<Replication> =>
  (await environment.lifeboat.listReplications()).find((vm) => vm.id === vmNamed(name).id) as Replication;
const run = (operation: string, names: string | readonly string[], more: object = {}): Promise<Job> =>
  environment.lifeboat.runToEnd({
    operation,
    vms: [names].flat().map((name) => vmNamed(name).id),
    ...more,
  });
const refuse = (operation: string, name: string, more: object = {}): Promise<Reply<Problem>> =>
  environment.lifeboat.send<Problem>({ operation, vms: [vmNamed(name).id], ...more });
const countWrites = async (): Promise<number> => (await environment.simulator.siteRecovery.writes()).length;
const problemsOf = ({ state, steps, log }: Job) => ({ state, steps, log });

test('a VM of a vCenter is tested, fails over, turns home, fails back and turns again [V2A-4] [OP-5]', async () => {
  expect(vmNamed('web')).toMatchObject({ scenario: 'vmwareToAzure', state: 'protected' });
  expect(await run('testFailover', 'web')).toMatchObject({ state: 'completed' });
  expect(await now('web')).toMatchObject({ state: 'testing' });
  expect(await run('cleanUpTestFailover', 'web')).toMatchObject({ state: 'completed' });
  const away = await run('failover', 'web', { shutDownSource: true });
  expect(away).toMatchObject({ state: 'completed', exceptions: [] });
  expect(await now('web')).toMatchObject({ state: 'failedOver', direction: 'original' });
  expect(await run('changeRecoveryPoint', 'web', { recoveryPoint: 'latestCrashConsistent' })).toMatchObject({
    state: 'completed',
  });
  expect(await run('commit', 'web')).toMatchObject({ state: 'completed' });
  const { id, direction } = await now('web');
  expect(problemsOf(await run('reprotect', 'web'))).toMatchObject({ state: 'completed' });
  expect([id, direction]).toEqual([vmNamed('web').id, 'original']);
  expect(await now('web')).toMatchObject({ id, state: 'protected', direction: 'reversed' });
  expect(problemsOf(await run('failback', 'web'))).toMatchObject({ state: 'completed' });
  expect(await now('web')).toMatchObject({ id, state: 'protected', direction: 'original' });
});

test('a planned failover to Azure is refused, and nothing starts [OP-2]', async () => {
  const before = await countWrites();
  expect(await refuse('failover', 'app', { kind: 'planned' })).toMatchObject({
    status: 422,
    body: { code: 'NoPlannedFailover' },
  });
  expect(await countWrites()).toBe(before);
});

test('a failover takes each kind of recovery point, and refuses one that is missing [OP-2] [OP-3]', async () => {
  const before = await countWrites();
  const refused = await run('failover', 'app', { recoveryPoint: 'latestAppConsistent' });
  expect(refused).toMatchObject({ state: 'failed' });
  expect(refused.steps[0]?.error?.code).toBe('RecoveryPointMissing');
  expect(await countWrites()).toBe(before);
  expect(await run('failover', 'app', { recoveryPoint: 'latestProcessed' })).toMatchObject({
    state: 'completed',
  });
  expect(await run('reprotect', 'app')).toMatchObject({ state: 'completed' });
  expect(await refuse('failback', 'app', { recoveryPoint: 'latestProcessed' })).toMatchObject({
    status: 422,
    body: { code: 'NoRecoveryPointAtFailback' },
  });
});

test('a reprotect needs the way back, and names what is missing before it starts [V2A-8]', async () => {
  expect(await run('failover', 'sql')).toMatchObject({ state: 'completed' });
  expect(await run('commit', 'sql')).toMatchObject({ state: 'completed' });
  const before = await countWrites();
  await withFault(environment.simulator, darkServer(APPLIANCE), async () => {
    const job = await run('reprotect', 'sql');
    expect(job).toMatchObject({ state: 'failed' });
    expect(JSON.stringify(job)).toContain(`The server that writes the disks ${APPLIANCE} has no contact`);
    expect(JSON.stringify(job)).toContain(OTHER_APPLIANCE);
    const wrong = await run('reprotect', 'sql', {
      wayBack: { server: OTHER_APPLIANCE, datastore: 'no-store' },
    });
    expect(JSON.stringify(wrong)).toContain('reaches no datastore');
    expect(JSON.stringify(await run('reprotect', 'sql', { wayBack: { server: 'nobody' } }))).toContain(
      'No server that writes disks on premises is registered by the name',
    );
  });
  expect(await countWrites()).toBe(before);
  expect(await refuse('reprotect', 'sql', { resourceGroup: 'apart' })).toMatchObject({
    status: 422,
    body: { code: 'PlaceNotUsed' },
  });
  const other = await run('reprotect', 'sql', {
    wayBack: { server: OTHER_APPLIANCE, datastore: 'harbour-store' },
  });
  expect(problemsOf(other)).toMatchObject({ state: 'completed' });
  expect(await now('sql')).toMatchObject({ state: 'protected', direction: 'reversed' });
});

test('the members of a multi-VM group move together, there and home [OP-2] [OP-5]', async () => {
  const group = ['crane-1', 'crane-2'];
  expect(await refuse('failover', 'crane-1')).toMatchObject({
    status: 422,
    body: { code: 'GroupIncomplete' },
  });
  expect(problemsOf(await run('failover', group))).toMatchObject({ state: 'completed' });
  expect(problemsOf(await run('commit', group))).toMatchObject({ state: 'completed' });
  expect(problemsOf(await run('reprotect', group))).toMatchObject({ state: 'completed' });
  expect(problemsOf(await run('failback', group))).toMatchObject({ state: 'completed' });
  for (const name of group)
    expect(await now(name)).toMatchObject({ state: 'protected', direction: 'original' });
});

test('a VM of a configuration server goes there and home, in its older form [V2A-1] [V2A-4]', async () => {
  expect(vmNamed('lamp')).toMatchObject({ scenario: 'vmwareToAzure', state: 'protected' });
  expect(problemsOf(await run('testFailover', 'lamp'))).toMatchObject({ state: 'completed' });
  expect(problemsOf(await run('cleanUpTestFailover', 'lamp'))).toMatchObject({ state: 'completed' });
  expect(problemsOf(await run('failover', 'lamp'))).toMatchObject({ state: 'completed' });
  expect(problemsOf(await run('commit', 'lamp'))).toMatchObject({ state: 'completed' });
  expect(problemsOf(await run('reprotect', 'lamp'))).toMatchObject({ state: 'completed' });
  expect(await now('lamp')).toMatchObject({ state: 'protected', direction: 'reversed' });
  expect(problemsOf(await run('failback', 'lamp'))).toMatchObject({ state: 'completed' });
  expect(await now('lamp')).toMatchObject({ state: 'protected', direction: 'original' });
});

test('one plan moves VMs of Azure, of a Hyper-V site and of a vCenter [PLAN-2] [JOB-2]', async () => {
  await putPlan(
    environment,
    'mixed',
    planBody(environment, [
      { name: 'first', vms: ['vm-0001'] },
      { name: 'second', vms: ['press'] },
      { name: 'third', vms: ['ferry'] },
    ]),
  );
  const job = await environment.lifeboat.runToEnd({ operation: 'failover', plan: 'mixed' });
  expect(problemsOf(job)).toMatchObject({ state: 'completed' });
  for (const name of ['vm-0001', 'press', 'ferry'])
    expect(await now(name)).toMatchObject({ state: 'failedOver' });
});

test('a failback that stops before its commit is cancelled, and the VM goes on in Azure [OP-3]', async () => {
  const { result } = await withFault(
    environment.simulator,
    {
      point: 'operation',
      vm: 'app',
      path: 'failoverCommit',
      do: { kind: 'fail', code: '150097', message: 'Not now.' },
    },
    () => run('failback', 'app'),
  );
  expect(problemsOf(result)).toMatchObject({ state: 'failed' });
  expect(await now('app')).toMatchObject({ state: 'failedOver', direction: 'reversed' });
  expect(problemsOf(await run('cancelFailover', 'app'))).toMatchObject({ state: 'completed' });
  expect(await now('app')).toMatchObject({ state: 'protected', direction: 'reversed' });
});
