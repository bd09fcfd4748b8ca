// Recovery plans and consistency groups of VMware machines.

import {
  FABRIC,
  prepareHarbour,
  ReplicatedMachine,
  refusal,
  resourceId,
  startHarbour,
  succeeds,
  waitForJob,
} from './harbour.ts';
import { all, VAULT, VAULT_GROUP, type TestAzure } from './test-azure.ts';

let azure: TestAzure;
let web: ReplicatedMachine;
let app: ReplicatedMachine;
beforeEach(async () => {
  azure = await startHarbour();
  await prepareHarbour(azure);
});
afterEach(() => azure.close());

const readPlan = async () =>
  (await azure.client.replicationRecoveryPlans.get(VAULT, VAULT_GROUP, 'harbour-plan')).properties;

async function createPlan(details: Readonly<Record<string, unknown>> = {}): Promise<void> {
  web = await ReplicatedMachine.enable(azure, 'cargo-web', { details });
  app = await ReplicatedMachine.enable(azure, 'cargo-app', { details });
  const group = async (machine: ReplicatedMachine) => ({
    groupType: 'Boot' as const,
    replicationProtectedItems: [{ id: (await machine.read()).id ?? '' }],
  });
  const properties = {
    primaryFabricId: `${azure.vaultPath}/replicationFabrics/${FABRIC}`,
    recoveryFabricId: 'Microsoft Azure',
    failoverDeploymentModel: 'ResourceManager',
    groups: [
      { groupType: 'Shutdown' as const },
      { groupType: 'Failover' as const },
      await group(web),
      await group(app),
    ],
  };
  await succeeds(azure, (options) =>
    azure.client.replicationRecoveryPlans.beginCreate(
      VAULT,
      VAULT_GROUP,
      'harbour-plan',
      { properties },
      options,
    ),
  );
}

async function run(action: string, properties?: object) {
  const answer = await azure.sendRaw(
    'POST',
    `/replicationRecoveryPlans/harbour-plan/${action}`,
    properties && { properties },
  );
  expect([action, answer.status, answer.body]).toEqual([action, 202, answer.body]);
  const operation = answer.headers?.['Azure-AsyncOperation'] ?? '';
  const job = await waitForJob(azure, operation.split('?')[0]?.split('/').at(-1) ?? '');
  return job.properties;
}

const toAzure = {
  failoverDirection: 'PrimaryToRecovery',
  sourceSiteOperations: 'Required',
  providerSpecificDetails: [{ instanceType: 'InMageRcm', recoveryPointType: 'Latest' }],
};
const home = {
  failoverDirection: 'RecoveryToPrimary',
  providerSpecificDetails: [{ instanceType: 'InMageRcmFailback', recoveryPointType: 'CrashConsistent' }],
};

const powers = async (): Promise<string[]> =>
  Promise.all([web, app].map(async (machine) => Object.values(await machine.power()).join()));

describe('a recovery plan of VMware machines', () => {
  beforeEach(() => createPlan());

  it('offers the operations of its machines', async () => {
    expect(await readPlan()).toMatchObject({
      primaryFabricFriendlyName: FABRIC,
      recoveryFabricId: 'Microsoft Azure',
      replicationProviders: ['InMageRcm'],
      allowedOperations: ['UnplannedFailover', 'TestFailover'],
    });
  });

  it('tests its machines in a network, and cleans up', async () => {
    const networkId = resourceId(azure, 'Microsoft.Network/virtualNetworks', 'harbour-network-test');
    const job = await run('testFailover', { ...toAzure, networkType: 'VmNetworkAsInput', networkId });
    expect(job?.state).toBe('Succeeded');
    expect(azure.world.list({ type: 'Microsoft.Compute/virtualMachines' }).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['cargo-web-test', 'cargo-app-test']),
    );
    expect((await readPlan())?.allowedOperations).toEqual(['TestFailoverCleanup']);
    expect((await run('testFailoverCleanup', { comments: 'done' }))?.state).toBe('Succeeded');
    expect(azure.world.list({ type: 'Microsoft.Compute/virtualMachines' })).toEqual([]);
  });

  it('shuts the sources down, fails over group by group, and goes home and back again', async () => {
    const job = await run('unplannedFailover', toAzure);
    expect([job?.scenarioName, job?.state]).toEqual(['UnplannedFailover', 'Succeeded']);
    expect(job?.tasks?.map(({ name, friendlyName }) => `${name ?? ''}: ${friendlyName ?? ''}`)).toEqual([
      'RpSrsPrerequisitesCheck: Prerequisites check for the recovery plan',
      'ShutdownAllActionGroup: All groups shutdown (2)',
      'FailoverAllActionGroup: Recovery plan failover',
      'Group1: Group 1: Start (1)',
      'Group2: Group 2: Start (1)',
      'EndRecoveryPlanTask: Finalizing the recovery plan',
    ]);
    expect(await powers()).toEqual(['off,running', 'off,running']);
    expect((await run('failoverCommit'))?.state).toBe('Succeeded');
    expect((await run('reProtect'))?.state).toBe('Succeeded');
    await web.waitFor('Protected');
    await app.waitFor('Protected');
    expect((await readPlan())?.replicationProviders).toEqual(['InMageRcmFailback']);
    expect((await readPlan())?.allowedOperations).toEqual(['PlannedFailover']);

    const failback = await run('plannedFailover', home);
    expect([failback?.scenarioName, failback?.state]).toEqual(['PlannedFailover', 'Succeeded']);
    expect(await powers()).toEqual(['running,deallocated', 'running,deallocated']);
    expect((await run('failoverCommit'))?.state).toBe('Succeeded');
    expect((await run('reProtect'))?.state).toBe('Succeeded');
    await web.waitFor('Protected');
    expect((await web.details()).instanceType).toBe('InMageRcm');
    expect((await readPlan())?.replicationProviders).toEqual(['InMageRcm']);
  });

  it('cancels a failback of all machines', async () => {
    await run('unplannedFailover', toAzure);
    await run('failoverCommit');
    await run('reProtect');
    await web.waitFor('Protected');
    await app.waitFor('Protected');
    await run('plannedFailover', home);
    expect((await run('failoverCancel'))?.state).toBe('Succeeded');
    expect(await powers()).toEqual(['off,running', 'off,running']);
  });

  it('does not start while a machine has no failover to offer', async () => {
    await succeeds(azure, web.failOver());
    const job = await run('unplannedFailover', toAzure);
    expect(job?.state).toBe('Failed');
    expect(await powers()).toEqual(['off,running', 'running,absent']);
  });
});

describe('a consistency group of VMware machines', () => {
  it('fails over only as a whole, with points that all machines share', async () => {
    await createPlan({ multiVmGroupName: 'cargo' });
    expect((await web.details()).multiVmGroupName).toBe('cargo');
    expect(await refusal(azure, web.failOver())).toContain(app.name);
    expect(await powers()).toEqual(['running,absent', 'running,absent']);
    const [point] = await all(
      azure.client.recoveryPoints.listByReplicationProtectedItems(
        VAULT,
        VAULT_GROUP,
        web.place.fabric,
        web.place.container,
        web.name,
      ),
    );
    expect(point?.properties?.providerSpecificDetails).toMatchObject({ isMultiVmSyncPoint: 'true' });
    expect((await run('unplannedFailover', toAzure))?.state).toBe('Succeeded');
    expect(await powers()).toEqual(['off,running', 'off,running']);
  });
});
