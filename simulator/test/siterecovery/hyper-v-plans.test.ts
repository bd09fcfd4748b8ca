// Recovery plans with Hyper-V machines.

import {
  act,
  containerOf,
  errorsOf,
  HOUR,
  PLANT_VAULT,
  powersOf,
  startHyperV,
  stateOf,
  waitForJob,
  type JobProperties,
} from './hyper-v.ts';
import { VAULT_GROUP, type ContainerLocation, type TestAzure } from './test-azure.ts';

let azure: TestAzure;
let place: ContainerLocation;
beforeEach(async () => {
  azure = await startHyperV(PLANT_VAULT);
  place = await containerOf(azure, 'plant-site');
});
afterEach(() => azure.close());

const readPlan = async () =>
  (await azure.client.replicationRecoveryPlans.get(azure.vault, VAULT_GROUP, 'plant')).properties;

async function run(action: string, properties?: object): Promise<JobProperties> {
  const answer = await azure.sendRaw(
    'POST',
    `/replicationRecoveryPlans/plant/${action}`,
    properties && { properties },
  );
  expect(answer.status).toBe(202);
  const operation = answer.headers?.['Azure-AsyncOperation'] ?? '';
  return waitForJob(azure, operation.split('?')[0]?.split('/').at(-1) ?? '');
}

const forward = {
  failoverDirection: 'PrimaryToRecovery',
  providerSpecificDetails: [{ instanceType: 'HyperVReplicaAzure', recoveryPointType: 'Latest' }],
};

it('offers the operations of its machines', async () => {
  expect(await readPlan()).toMatchObject({
    recoveryFabricId: 'Microsoft Azure',
    recoveryFabricFriendlyName: 'Microsoft Azure',
    replicationProviders: ['HyperVReplicaAzure'],
    allowedOperations: ['PlannedFailover', 'UnplannedFailover', 'TestFailover'],
  });
});

it('fails over as planned: shutdown, failover, and groups in their order', async () => {
  const job = await run('plannedFailover', forward);
  expect([job.scenarioName, job.state, errorsOf(job)]).toEqual(['PlannedFailover', 'Succeeded', []]);
  expect(job.tasks?.map(({ name, friendlyName }) => `${name ?? ''}: ${friendlyName ?? ''}`)).toEqual([
    'RpSrsPrerequisitesCheck: Prerequisites check for the recovery plan',
    'ShutdownAllActionGroup: All groups shutdown (2)',
    'FailoverAllActionGroup: Recovery plan failover',
    'Group1: Group 1: Start (1)',
    'Group2: Group 2: Start (1)',
    'EndRecoveryPlanTask: Finalizing the recovery plan',
  ]);
  expect([await powersOf(azure, 'scada'), await powersOf(azure, 'historian')]).toEqual([
    'deallocated,running',
    'deallocated,running',
  ]);
  expect(await stateOf(azure, 'scada', place)).toContain('PlannedFailoverCommitRequired');
  expect((await readPlan())?.lastPlannedFailoverTime).toBeInstanceOf(Date);
  expect((await readPlan())?.allowedOperations).toContain('Commit');
  expect((await run('failoverCommit')).state).toBe('Succeeded');
  expect(await stateOf(azure, 'historian', place)).toContain('PlannedFailoverStatesBegin');
});

it('goes home with a planned failover, its commit and a reverse replication', async () => {
  // Only unmanaged disks can go home.
  await act(azure, place, 'historian', 'remove', {});
  await run('unplannedFailover', { ...forward, sourceSiteOperations: 'Required' });
  await run('failoverCommit');
  const failback = await run('plannedFailover', {
    failoverDirection: 'RecoveryToPrimary',
    providerSpecificDetails: [
      {
        instanceType: 'HyperVReplicaAzureFailback',
        dataSyncOption: 'ForSynchronization',
        recoveryVmCreationOption: 'NoAction',
      },
    ],
  });
  expect([failback.scenarioName, failback.friendlyName, failback.state]).toEqual([
    'Failback',
    'Planned failover',
    'Succeeded',
  ]);
  expect(await powersOf(azure, 'scada')).toBe('running,deallocated');
  const finalize = await run('failoverCommit');
  expect([finalize.scenarioName, finalize.state]).toEqual(['FinalizeFailback', 'Succeeded']);
  expect((await run('reProtect')).state).toBe('Succeeded');
  await azure.advance(HOUR);
  expect(await stateOf(azure, 'scada', place)).toContain('Protected | Protected | Primary | PlannedFailover');
});

it('tests its machines and cleans up', async () => {
  const networkId = `/subscriptions/${azure.environment.subscriptions[0]?.id ?? ''}/resourceGroups/contoso-plant-recovery/providers/Microsoft.Network/virtualNetworks/plant-network-recovery`;
  expect((await run('testFailover', { ...forward, networkType: 'VmNetworkAsInput', networkId })).state).toBe(
    'Succeeded',
  );
  expect((await readPlan())?.allowedOperations).toEqual(['TestFailoverCleanup']);
  expect((await run('testFailoverCleanup', { comments: 'done' })).state).toBe('Succeeded');
  expect(azure.world.list({ type: 'Microsoft.Compute/virtualMachines' })).toEqual([]);
});

it('refuses a planned failover when the host of a machine does not answer', async () => {
  azure.faults.add({ id: 'dark', point: 'standing', do: { kind: 'serverDark', server: 'plant-hv-02' } });
  const job = await run('plannedFailover', forward);
  expect([job.state, errorsOf(job)[0]]).toEqual(['Failed', '25014 This concerns historian.']);
  expect([await powersOf(azure, 'scada'), await powersOf(azure, 'historian')]).toEqual([
    'running,absent',
    'running,absent',
  ]);
});
