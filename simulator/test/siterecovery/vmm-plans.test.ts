// Recovery plans with machines of VMM clouds, and an environment whose machines replicate already.

import { HOUR, waitForJob } from './hyper-v.ts';
import { machinesNamed, outcome, run as runItem, startVmm } from './vmm.ts';
import { VAULT_GROUP, type TestAzure } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await startVmm({
    vmm: { protectedItems: ['VM1', 'VM3'] },
    recoveryPlans: [{ name: 'newyork', from: 'newyork-vmm', to: 'chicago-vmm', groups: [['VM1'], ['VM3']] }],
  });
});
afterEach(() => azure.close());

const readPlan = async () =>
  (await azure.client.replicationRecoveryPlans.get(azure.vault, VAULT_GROUP, 'newyork')).properties;
const powers = async () =>
  (await azure.readTrueItems()).map(({ machines }) => machines.map(({ state }) => state).join());

async function run(action: string, properties?: object): Promise<string> {
  const path = `/replicationRecoveryPlans/newyork/${action}`;
  const answer = await azure.sendRaw('POST', path, properties && { properties });
  const operation = answer.headers?.['Azure-AsyncOperation'] ?? '';
  return outcome(await waitForJob(azure, operation.split('?')[0]?.split('/').at(-1) ?? ''));
}

const PLANNED = { failoverDirection: 'PrimaryToRecovery', providerSpecificDetails: [] };

it('a plan of two clouds goes to Chicago and comes home [H2H-8]', async () => {
  expect(await readPlan()).toMatchObject({
    primaryFabricFriendlyName: 'newyork-vmm',
    recoveryFabricFriendlyName: 'chicago-vmm',
    failoverDeploymentModel: 'NotApplicable',
    allowedOperations: ['PlannedFailover', 'UnplannedFailover', 'TestFailover'],
  });
  expect(await run('plannedFailover', PLANNED)).toBe('Succeeded');
  expect(await powers()).toEqual(['deallocated,running', 'deallocated,running']);
  expect(await run('failoverCommit')).toBe('Succeeded');
  expect(await run('reProtect')).toBe('Succeeded');
  await azure.advance(HOUR);
  expect(await run('plannedFailover', { ...PLANNED, failoverDirection: 'RecoveryToPrimary' })).toBe(
    'Succeeded',
  );
  expect(await powers()).toEqual(['running,deallocated', 'running,deallocated']);
});

it('a plan is tested and cleaned up [H2H-8]', async () => {
  expect(await run('testFailover', { ...PLANNED, networkType: 'NoNetworkAttachAsInput' })).toBe('Succeeded');
  expect(await machinesNamed(azure, 'VM3 - Test')).toHaveLength(1);
  expect(await run('testFailoverCleanup', { comments: 'done' })).toBe('Succeeded');
  expect(await machinesNamed(azure, 'VM3 - Test')).toEqual([]);
});

it('a machine that failed over runs on when its replication ends [OP-10]', async () => {
  await runItem(azure, 'GoldCloud1', 'VM1', 'plannedFailover', {
    failoverDirection: 'PrimaryToRecovery',
    providerSpecificDetails: { instanceType: 'HyperVReplica2012R2' },
  });
  expect(await runItem(azure, 'GoldCloud1', 'VM1', 'remove', {})).toBe('Succeeded');
  expect((await machinesNamed(azure, 'VM1')).map(({ site, power }) => [site, power])).toEqual([
    ['newyork-vmm', 'off'],
    ['chicago-vmm', 'running'],
  ]);
});
