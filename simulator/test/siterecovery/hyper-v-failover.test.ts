// Failovers of Hyper-V machines to Azure, and the way home.

import {
  act,
  containerOf,
  detailsOf,
  errorsOf,
  FORWARD,
  HOMEWARD,
  HOUR,
  PLANT_VAULT,
  powersOf,
  resourceIdOf,
  runJob,
  siteMachine,
  startHyperV,
  stateOf,
  waitForJob,
  type JobProperties,
} from './hyper-v.ts';
import {
  all,
  MINUTE,
  sendWrite,
  VAULT_GROUP,
  type ContainerLocation,
  type SentWrite,
  type TestAzure,
} from './test-azure.ts';

let azure: TestAzure;
let place: ContainerLocation;
beforeEach(async () => {
  azure = await startHyperV(PLANT_VAULT);
  place = await containerOf(azure, 'plant-site');
});
afterEach(() => azure.close());

const own = { instanceType: 'HyperVReplicaAzure' };
const UNPLANNED = { ...FORWARD, sourceSiteOperations: 'NotRequired' };
const GROUP = 'contoso-plant-recovery';

const on = (name: string, action: string, properties?: object): Promise<JobProperties> =>
  act(azure, place, name, action, properties);
const idInGroup = (type: string, name: string): string => resourceIdOf(azure, GROUP, type, name);
const vmId = (name: string): string => idInGroup('Microsoft.Compute/virtualMachines', name);
/** Returns the names of all resources that a failover can create. */
const resourceNames = (): string[] =>
  ['Microsoft.Compute/virtualMachines', 'Microsoft.Compute/disks', 'Microsoft.Network/networkInterfaces']
    .flatMap((type) => azure.world.list({ type }))
    .map(({ name }) => name);
const tasksOf = ({ tasks }: JobProperties): string[] =>
  (tasks ?? []).map(({ name, state }) => `${name ?? ''} ${state ?? ''}`);
const darken = (server: string): void =>
  azure.faults.add({ id: server, point: 'standing', do: { kind: 'serverDark', server } });

const sendPlannedFailover = (properties: object): Promise<SentWrite> =>
  sendWrite((options) =>
    azure.client.replicationProtectedItems.beginPlannedFailover(
      azure.vault,
      VAULT_GROUP,
      place.fabric,
      place.container,
      'scada',
      { properties },
      options,
    ),
  );

async function failOverAndCommit(name: string): Promise<void> {
  expect((await on(name, 'unplannedFailover', UNPLANNED)).state).toBe('Succeeded');
  expect((await on(name, 'failoverCommit')).state).toBe('Succeeded');
}

describe('a planned failover', () => {
  it('shuts the source down, sends the last changes, and starts the machine in Azure', async () => {
    const job = await on('scada', 'plannedFailover', FORWARD);
    expect([job.scenarioName, job.friendlyName, job.state]).toEqual([
      'PlannedFailover',
      'Planned failover',
      'Succeeded',
    ]);
    expect(tasksOf(job)).toEqual([
      'VmPfoPrerequisitesCheck Succeeded',
      'VmShutdownVmOnPrimary Succeeded',
      'VmPrepareForFailover Succeeded',
      'VmFailover Succeeded',
      'VmFoStartVmOnSecondary Succeeded',
    ]);
    expect(await powersOf(azure, 'scada')).toBe('deallocated,running');
    expect(await stateOf(azure, 'scada', place)).toBe(
      'PlannedFailoverCommitRequired | Planned failover finished | Recovery | ' +
        'CompleteMigration,Commit,DisableProtection,ChangePit',
    );
    const { customDetails } = job;
    expect(customDetails).toMatchObject({
      instanceType: 'FailoverJobDetails',
      affectedObjectDetails: { primaryFabricProviderId: 'HyperVSite', recoveryVmName: 'scada' },
      protectedItemDetails: [{ friendlyName: 'scada', subnet: 'control' }],
    });
    // The failover uses a point that is younger than its start: it lost nothing.
    const { recoveryPointTime } = (customDetails as { protectedItemDetails: { recoveryPointTime: Date }[] })
      .protectedItemDetails[0] ?? { recoveryPointTime: new Date(0) };
    expect(recoveryPointTime.getTime()).toBeGreaterThan(job.startTime?.getTime() ?? Infinity);
  });

  it('fails before it starts when the host does not answer', async () => {
    darken('plant-hv-01');
    const job = await on('scada', 'plannedFailover', FORWARD);
    expect([job.state, errorsOf(job)[0]]).toEqual(['Failed', expect.stringContaining('78029')]);
    expect(tasksOf(job).every((text) => text.endsWith('Other'))).toBe(true);
    expect(await powersOf(azure, 'scada')).toBe('running,absent');
    expect((await on('scada', 'unplannedFailover', UNPLANNED)).state).toBe('Succeeded');
  });

  it('fails when the host dies in its course, and an unplanned failover still works', async () => {
    const { jobId } = await sendPlannedFailover(FORWARD);
    await azure.advance(10_000);
    darken('plant-hv-01');
    const job = await waitForJob(azure, jobId);
    expect([job.state, tasksOf(job)[1]]).toEqual(['Failed', 'VmShutdownVmOnPrimary Failed']);
    expect(await stateOf(azure, 'scada', place)).toContain('UnplannedFailover');
    const shutDown = await on('scada', 'unplannedFailover', {
      ...UNPLANNED,
      sourceSiteOperations: 'Required',
    });
    expect([shutDown.state, errorsOf(shutDown)[0]]).toEqual([
      'Succeeded',
      expect.stringContaining('78029') as string,
    ]);
    expect(await powersOf(azure, 'scada')).toBe('running,running');
  });
});

describe('an unplanned failover', () => {
  it('uses the requested recovery point, and later another one', async () => {
    const points = await all(
      azure.client.recoveryPoints.listByReplicationProtectedItems(
        azure.vault,
        VAULT_GROUP,
        place.fabric,
        place.container,
        'scada',
      ),
    );
    expect(points.length).toBe(25);
    expect(points[0]?.properties).not.toHaveProperty('providerSpecificDetails');
    const [older, newer] = [points[3]?.id ?? '', points[20]?.id ?? ''];
    const providerSpecificDetails = { ...own, recoveryPointId: newer };
    const job = await on('scada', 'unplannedFailover', { ...UNPLANNED, providerSpecificDetails });
    expect(tasksOf(job)).toEqual([
      'VmUfoPrerequisitesCheck Succeeded',
      'VmShutdownVmOnPrimary Other',
      'VmPrepareForUnPlannedFailover Succeeded',
      'VmFailover Succeeded',
      'VmFoStartVmOnSecondary Succeeded',
    ]);
    expect((await azure.readItem('scada', place)).properties?.failoverRecoveryPointId).toBe(newer);
    expect(await stateOf(azure, 'scada', place)).toBe(
      'UnplannedFailoverCommitPendingStatesBegin | Failover completed | Recovery | ' +
        'CompleteMigration,Commit,DisableProtection,ChangePit',
    );
    const change = await on('scada', 'applyRecoveryPoint', {
      recoveryPointId: older,
      providerSpecificDetails: own,
    });
    expect([change.scenarioName, change.state]).toEqual(['ChangePit', 'Succeeded']);
    expect((await azure.readItem('scada', place)).properties?.failoverRecoveryPointId).toBe(older);
    const cancel = await on('scada', 'failoverCancel');
    expect([cancel.state, errorsOf(cancel)[0]]).toEqual([
      'Failed',
      '539 CancelFailover is not allowed in the present state of the item.',
    ]);
  });

  it('needs neither the host nor the machine', async () => {
    azure.faults.add({ id: 'off', point: 'standing', vm: 'scada', do: { kind: 'poweredOff' } });
    expect((await on('scada', 'unplannedFailover', UNPLANNED)).state).toBe('Succeeded');
    expect(await powersOf(azure, 'scada')).toBe('deallocated,running');
  });

  it('creates what the settings say, with managed disks or blobs', async () => {
    await on('scada', 'unplannedFailover', UNPLANNED);
    await on('historian', 'unplannedFailover', UNPLANNED);
    const blob = azure.world.get(vmId('scada'))?.properties['storageProfile'];
    expect(JSON.stringify(blob)).toContain('https://plant1disks.blob.core.windows.net/vhds/scada-scada.vhd');
    expect(
      azure.world.get(idInGroup('Microsoft.Compute/disks', 'historian-historian'))?.properties,
    ).toMatchObject({
      diskSizeGB: 200,
      diskState: 'Attached',
      osType: 'Windows',
    });
    const nic = azure.world.get(idInGroup('Microsoft.Network/networkInterfaces', 'historian-nic-0'));
    expect(JSON.stringify(nic?.properties)).toContain('plant-network-recovery/subnets/office');
  });
});

describe('a test failover', () => {
  it('creates a test machine beside the running one, and its clean-up removes it', async () => {
    const before = resourceNames();
    const networkId = idInGroup('Microsoft.Network/virtualNetworks', 'plant-network-recovery');
    const test = await on('historian', 'testFailover', {
      ...FORWARD,
      networkType: 'VmNetworkAsInput',
      networkId,
    });
    expect(tasksOf(test).map((text) => text.split(' ')[0])).toEqual([
      'VmTfoPrerequisitesCheck',
      'VmTfoInitiateFailover',
      'VmTfoPrepareTestVm',
      'VmTfoBootTestVm',
    ]);
    expect(test.customDetails).toMatchObject({
      testFailoverStatus: 'Active',
      networkName: 'plant-network-recovery',
      protectedItemDetails: [{ testVmName: 'historian-test', networkConnectionStatus: 'Connected' }],
    });
    expect(azure.world.get(vmId('historian-test'))).toBeDefined();
    expect(await powersOf(azure, 'historian')).toBe('running,absent');
    const waiting = (await azure.readItem('historian', place)).properties;
    expect(waiting).toMatchObject({
      protectionState: 'Protected',
      testFailoverState: 'WaitingForCompletion',
      allowedOperations: ['TestFailoverCleanup'],
      currentScenario: { scenarioName: 'TestFailover' },
    });
    const cleanUp = await on('historian', 'testFailoverCleanup', { comments: 'all well' });
    expect(cleanUp.customDetails).toMatchObject({ comments: 'all well', testFailoverStatus: null });
    expect(resourceNames()).toEqual(before);
    const cleaned = (await azure.readItem('historian', place)).properties;
    expect(cleaned?.testFailoverState).toBe('MarkedForDeletion');
    expect(cleaned?.allowedOperations).toHaveLength(4);
    expect(cleaned?.lastSuccessfulTestFailoverTime).toBeInstanceOf(Date);
  });
});

describe('the way home', () => {
  it('is a planned failover, its commit, and a reverse replication', async () => {
    await failOverAndCommit('scada');
    expect(await stateOf(azure, 'scada', place)).toContain(
      ' | Recovery | CompleteMigration,DisableProtection,Failback',
    );
    const failback = await on('scada', 'plannedFailover', HOMEWARD);
    expect([failback.scenarioName, failback.friendlyName, failback.state]).toEqual([
      'Failback',
      'Planned failover',
      'Succeeded',
    ]);
    expect(tasksOf(failback)).toContain('WaitForUserInputForFailback Other');
    expect(await powersOf(azure, 'scada')).toBe('running,deallocated');
    expect(await stateOf(azure, 'scada', place)).toContain(' | Primary | FinalizeFailback,DisableProtection');
    const finalize = await on('scada', 'failoverCommit');
    expect([finalize.scenarioName, finalize.friendlyName]).toEqual(['FinalizeFailback', 'Commit']);
    expect(resourceNames().filter((name) => name.startsWith('scada'))).toEqual([]);
    expect(await stateOf(azure, 'scada', place)).toBe(
      'RestoreFinalized | Failback finalized | Primary | ReverseReplicate,DisableProtection',
    );
    const reverse = await on('scada', 'reProtect', {
      failoverDirection: 'PrimaryToRecovery',
      providerSpecificDetails: own,
    });
    expect([reverse.scenarioName, reverse.friendlyName]).toEqual([
      'ReprotectReplicationGroup',
      'Reverse replication',
    ]);
    await azure.advance(HOUR);
    expect(await stateOf(azure, 'scada', place)).toBe(
      'Protected | Protected | Primary | PlannedFailover,UnplannedFailover,DisableProtection,TestFailover',
    );
    expect((await azure.readWrites()).map(({ operation, jobState }) => `${operation} ${jobState}`)).toEqual([
      'unplannedFailover Succeeded',
      'failoverCommit Succeeded',
      'failback Succeeded',
      'finalizeFailback Succeeded',
      'reProtect Succeeded',
    ]);
  });

  it('waits for a person when it synchronizes the data first', async () => {
    await failOverAndCommit('scada');
    const providerSpecificDetails = { ...HOMEWARD.providerSpecificDetails, dataSyncOption: 'ForDownTime' };
    const waiting = await on('scada', 'plannedFailover', { ...HOMEWARD, providerSpecificDetails });
    expect([waiting.state, waiting.allowedActions]).toEqual(['Suspended', ['Resume', 'Cancel']]);
    // The machine in Azure runs on until somebody completes the failover.
    expect(await powersOf(azure, 'scada')).toBe('deallocated,running');
    await azure.advance(3 * HOUR);
    const [job] = await azure.listJobs();
    await runJob(azure, (options) =>
      azure.client.replicationJobs.beginResume(
        azure.vault,
        VAULT_GROUP,
        job?.name ?? '',
        { properties: { comments: 'now' } },
        options,
      ),
    );
    expect((await waitForJob(azure, job?.name ?? '')).state).toBe('Succeeded');
    expect(await powersOf(azure, 'scada')).toBe('running,deallocated');
  });

  it('leaves the machine in Azure running when somebody cancels it', async () => {
    await failOverAndCommit('scada');
    const providerSpecificDetails = { ...HOMEWARD.providerSpecificDetails, dataSyncOption: 'ForDownTime' };
    await on('scada', 'plannedFailover', { ...HOMEWARD, providerSpecificDetails });
    const [job] = await azure.listJobs();
    await runJob(azure, (options) =>
      azure.client.replicationJobs.beginCancel(azure.vault, VAULT_GROUP, job?.name ?? '', options),
    );
    expect((await azure.readJob(job?.name ?? '')).properties?.state).toBe('Cancelled');
    expect(await powersOf(azure, 'scada')).toBe('deallocated,running');
    expect(await stateOf(azure, 'scada', place)).toContain('Failback');
  });

  it('is refused before a commit, and from managed disks', async () => {
    await on('historian', 'unplannedFailover', UNPLANNED);
    expect(errorsOf(await on('historian', 'plannedFailover', HOMEWARD))[0]).toBe(
      '539 Failback is not allowed in the present state of the item.',
    );
    await on('historian', 'failoverCommit');
    expect(errorsOf(await on('historian', 'plannedFailover', HOMEWARD))[0]).toContain('managed disks');
    expect(await powersOf(azure, 'historian')).toBe('running,running');
  });

  it('needs a host that answers, and can use another host of the site', async () => {
    await failOverAndCommit('scada');
    darken('plant-hv-01');
    expect(errorsOf(await on('scada', 'plannedFailover', HOMEWARD))[0]).toContain('78029');
    const { properties } = await azure.client.replicationFabrics.get(azure.vault, VAULT_GROUP, 'plant-site');
    const hosts = (properties?.customDetails as { hyperVHosts: { id: string; name: string }[] }).hyperVHosts;
    const other = hosts.find(({ name }) => name === 'plant-hv-02')?.id;
    const providerSpecificDetails = {
      ...HOMEWARD.providerSpecificDetails,
      providerIdForAlternateRecovery: `/replicationRecoveryServicesProviders/${other ?? ''}`,
    };
    const refused = await on('scada', 'plannedFailover', { ...HOMEWARD, providerSpecificDetails });
    expect(errorsOf(refused)[0]).toContain("has no virtual machine 'scada'");
    const job = await on('scada', 'plannedFailover', {
      ...HOMEWARD,
      providerSpecificDetails: { ...providerSpecificDetails, recoveryVmCreationOption: 'CreateVmIfNotFound' },
    });
    expect([job.state, errorsOf(job)]).toEqual(['Succeeded', []]);
    expect(await siteMachine(azure, 'scada')).toMatchObject({ server: 'plant-hv-02', power: 'running' });
  });
});

describe('a host that does not answer', () => {
  it('worsens the health and the age of the data, and events say so', async () => {
    darken('plant-hv-01');
    await azure.readItem('scada', place);
    await azure.advance(2 * HOUR);
    const item = await azure.readItem('scada', place);
    expect(item.properties?.replicationHealth).toBe('Critical');
    expect(detailsOf(item).rpoInSeconds).toBeGreaterThan(7000);
    expect((await azure.readItem('historian', place)).properties?.replicationHealth).toBe('Normal');
    const events = await all(
      azure.client.replicationEvents.list(azure.vault, VAULT_GROUP, { filter: "EventType eq 'VmHealth'" }),
    );
    expect(events[0]?.properties).toMatchObject({
      affectedObjectFriendlyName: 'scada',
      severity: 'Critical',
      providerSpecificDetails: { instanceType: 'HyperVReplicaAzure', fabricName: 'plant-site' },
    });
    azure.faults.remove('plant-hv-01');
    expect((await azure.readItem('scada', place)).properties?.replicationHealth).toBe('Normal');
  });
});

it('continues after a kill in the middle of a failback', async () => {
  await failOverAndCommit('scada');
  const { jobId } = await sendPlannedFailover(HOMEWARD);
  await azure.advance(2 * MINUTE);
  azure.killAndStart();
  expect((await waitForJob(azure, jobId)).state).toBe('Succeeded');
  expect(await powersOf(azure, 'scada')).toBe('running,deallocated');
});
