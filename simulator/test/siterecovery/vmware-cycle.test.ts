import {
  createFabric,
  discovered,
  enable,
  FABRIC,
  POLICY,
  prepareHarbour,
  RECOVERY_GROUP,
  ReplicatedMachine,
  resourceId,
  siteId,
  startHarbour,
  succeeds,
} from './harbour.ts';
import { all, MINUTE, VAULT, VAULT_GROUP, type TestAzure } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await startHarbour();
});
afterEach(() => azure.close());

const TEST_NETWORK = 'harbour-network-test';

const azureMachine = (name: string) =>
  azure.world.get(resourceId(azure, 'Microsoft.Compute/virtualMachines', name));

describe('a VMware site and its appliance', () => {
  it('appear in a fabric with a container of the service', async () => {
    await createFabric(azure);
    const before = await azure.client.replicationFabrics.get(VAULT, VAULT_GROUP, FABRIC);
    expect(before.properties?.customDetails).toMatchObject({
      instanceType: 'InMageRcm',
      vmwareSiteId: siteId(azure),
      processServers: [],
    });
    const { container } = await prepareHarbour(azure);
    const { properties } = await azure.client.replicationFabrics.get(VAULT, VAULT_GROUP, FABRIC);
    expect(properties?.customDetails).toMatchObject({
      processServers: [{ name: 'harbour-appliance', health: 'Normal' }],
      reprotectAgents: [
        { name: 'harbour-appliance', accessibleDatastores: ['harbour-fast', 'harbour-large'] },
      ],
      dras: [{ name: 'harbour-appliance', health: 'Normal' }],
    });
    expect(
      (await azure.client.replicationProtectionContainers.get(VAULT, VAULT_GROUP, FABRIC, container))
        .properties,
    ).toMatchObject({ fabricType: 'InMageRcm', pairingStatus: 'Paired', role: 'Primary' });
    const [provider] = await all(
      azure.client.replicationRecoveryServicesProviders.listByReplicationFabrics(VAULT, VAULT_GROUP, FABRIC),
    );
    expect(provider?.properties).toMatchObject({
      friendlyName: 'harbour-appliance',
      connectionStatus: 'Connected',
    });
    const [appliances] = await all(azure.client.replicationAppliances.list(VAULT, VAULT_GROUP));
    expect(appliances?.properties?.providerSpecificDetails).toMatchObject({
      instanceType: 'InMageRcm',
      appliances: [{ name: 'harbour-appliance' }],
    });
  });

  it('list the discovered machines with disks and interfaces', async () => {
    await prepareHarbour(azure);
    const sql = await discovered(azure, 'cargo-sql');
    expect(sql.properties).toMatchObject({ powerStatus: 'ON', displayName: 'cargo-sql' });
    expect(sql.properties.disks).toHaveLength(2);
    expect(sql.properties.networkAdapters).toHaveLength(2);
    expect((await discovered(azure, 'crane-spare')).properties.powerStatus).toBe('OFF');
    const { body } = await azure.sendRaw('GET', `${siteId(azure)}/runasaccounts?api-version=2020-01-01`);
    expect((body as { value: { name: string }[] }).value.map(({ name }) => name)).toEqual([
      'windows-installer',
      'linux-installer',
    ]);
  });

  it('get the policy and the mapping of the way home together with the mapping to Azure', async () => {
    const { container } = await prepareHarbour(azure);
    const home = await azure.client.replicationPolicies.get(VAULT, VAULT_GROUP, `${POLICY}-failback`);
    expect(home.properties?.providerSpecificDetails).toMatchObject({
      instanceType: 'InMageRcmFailback',
      crashConsistentFrequencyInMinutes: 5,
    });
    const mappings = await all(
      azure.client.replicationProtectionContainerMappings.listByReplicationProtectionContainers(
        VAULT,
        VAULT_GROUP,
        FABRIC,
        container,
      ),
    );
    expect(mappings.map(({ properties }) => properties?.targetProtectionContainerFriendlyName)).toEqual([
      'Microsoft Azure',
      container,
    ]);
  });
});

describe('a VMware machine from its first copy to Azure and home again', () => {
  it('is copied in stages, which the service ends with a job of its own', async () => {
    const place = await prepareHarbour(azure);
    const job = await succeeds(azure, await enable(azure, 'cargo-web'));
    expect(job.properties).toMatchObject({ scenarioName: 'EnableDr', friendlyName: 'Enable replication' });
    expect(job.properties?.tasks?.map(({ name }) => name)).toEqual([
      'EnableProtectionPrerequisitesCheck',
      'CreateProtectionTarget',
      'EnableProtection',
      'VmStartInitialReplication',
      'UpdateDraState',
    ]);
    const { name } = await discovered(azure, 'cargo-web');
    await azure.advance(10 * MINUTE);
    const copying = await azure.readItem(name, place);
    expect(copying.properties).toMatchObject({
      protectionState: 'InitialReplicationInProgress',
      allowedOperations: ['DisableProtection'],
      primaryFabricProvider: 'InMageRcmFabric',
      recoveryFabricFriendlyName: 'Microsoft Azure',
    });
    const details = copying.properties?.providerSpecificDetails as {
      initialReplicationProgressPercentage?: number;
    };
    expect(details.initialReplicationProgressPercentage).toBeGreaterThan(0);
    let states = new Set<string | undefined>();
    for (let waited = 0; waited < 60 && !states.has('Protected'); waited += 1) {
      await azure.advance(MINUTE);
      states = states.add((await azure.readItem(name, place)).properties?.protectionState);
    }
    expect([...states]).toEqual([
      'InitialReplicationInProgress',
      'InitialReplicationRecoveryCompletionPending',
      'Protected',
    ]);
    const finalized = (await azure.listJobs()).find(
      ({ properties }) => properties?.scenarioName === 'IrCompletion',
    );
    expect(finalized?.properties).toMatchObject({
      friendlyName: 'Finalize protection on the virtual machine',
      state: 'Succeeded',
    });
  });

  it('keeps its ARM id, and changes its provider and its inner id with each direction', async () => {
    await prepareHarbour(azure);
    const machine = await ReplicatedMachine.enable(azure, 'cargo-app');
    const first = await machine.read();
    const firstId = (await machine.details()).internalIdentifier;
    expect(first.properties?.allowedOperations).toEqual([
      'UnplannedFailover',
      'DisableProtection',
      'TestFailover',
    ]);

    const failover = await succeeds(azure, machine.failOver());
    expect(failover.properties?.tasks?.map(({ name, stateDescription }) => [name, stateDescription])).toEqual(
      [
        ['VmUfoPrerequisitesCheck', 'Completed'],
        ['VmShutdownVmOnPrimary', 'Completed'],
        ['VmFailover', 'Completed'],
        ['VmFoStartVmOnSecondary', 'Completed'],
      ],
    );
    expect((await machine.read()).properties).toMatchObject({
      protectionState: 'UnplannedFailoverCommitPendingStatesBegin',
      activeLocation: 'Recovery',
      allowedOperations: [
        'CompleteMigration',
        'Commit',
        'DisableProtection',
        'ChangePit',
        'SwitchProtection',
      ],
    });
    expect(await machine.power()).toEqual({ home: 'off', away: 'running' });
    expect(azureMachine('cargo-app')?.location).toBe('southeastasia');

    await succeeds(azure, machine.commit);
    expect((await machine.read()).properties?.allowedOperations).not.toContain('Commit');
    const reprotect = await succeeds(azure, await machine.reprotectHome());
    expect(reprotect.properties).toMatchObject({
      scenarioName: 'SwitchReplicationGroupProtection',
      friendlyName: 'Reprotect',
      customDetails: { newReplicationProtectedItemId: first.id },
    });
    const home = await machine.waitFor('Protected');
    expect(home.id).toBe(first.id);
    expect(home.properties).toMatchObject({
      activeLocation: 'Primary',
      allowedOperations: ['PlannedFailover', 'DisableProtection'],
      policyFriendlyName: `${POLICY}-failback`,
      recoveryFabricFriendlyName: FABRIC,
    });
    expect(await machine.details()).toMatchObject({
      instanceType: 'InMageRcmFailback',
      azureVirtualMachineId: azureMachine('cargo-app')?.id,
      targetDataStoreName: 'harbour-fast',
      lastUsedPolicyFriendlyName: POLICY,
    });
    expect((await machine.details()).internalIdentifier).not.toBe(firstId);

    const back = await succeeds(azure, machine.failBack);
    expect(back.properties?.tasks?.map(({ friendlyName }) => friendlyName)).toEqual([
      'Prerequisites check for planned failover',
      'Start failover',
      'Shut down the Azure virtual machine',
      'Preparing on-premise virtual machine',
      'Starting on-premise virtual machine',
    ]);
    expect((await machine.read()).properties).toMatchObject({
      protectionState: 'CommitPendingStatesBegin',
      protectionStateDescription: 'Planned failover finished',
      activeLocation: 'Recovery',
      allowedOperations: [
        'CompleteMigration',
        'Commit',
        'DisableProtection',
        'SwitchProtection',
        'CancelFailover',
      ],
    });
    expect(await machine.power()).toEqual({ home: 'running', away: 'deallocated' });

    await succeeds(azure, machine.commit);
    await succeeds(azure, await machine.reprotectToAzure());
    const again = await machine.waitFor('Protected');
    expect(again.id).toBe(first.id);
    expect(again.properties?.policyFriendlyName).toBe(POLICY);
    expect((await machine.details()).instanceType).toBe('InMageRcm');

    await succeeds(azure, machine.failOver({ performShutdown: 'false' }));
    expect(await machine.power()).toEqual({ home: 'running', away: 'running' });
    await succeeds(azure, machine.disable);
    await expect(machine.read()).rejects.toMatchObject({ statusCode: 404 });
    expect((await azure.readWrites()).filter(({ itemName }) => itemName === machine.name)).toMatchObject(
      [
        'enable',
        'unplannedFailover',
        'failoverCommit',
        'reProtect',
        'plannedFailover',
        'failoverCommit',
        'reProtect',
        'unplannedFailover',
        'remove',
      ].map((operation) => ({ operation, jobState: 'Succeeded', didWork: true })),
    );
  });

  it('cancels a failback: the machine in Azure runs on', async () => {
    await prepareHarbour(azure);
    const machine = await ReplicatedMachine.enable(azure, 'cargo-web');
    await machine.goHome();
    await succeeds(azure, machine.failBack);
    const job = await succeeds(azure, machine.cancel);
    expect(job.properties?.friendlyName).toBe('Cancel failover and resume replication');
    expect(await machine.power()).toEqual({ home: 'off', away: 'running' });
    expect((await machine.read()).properties?.allowedOperations).toEqual([
      'PlannedFailover',
      'DisableProtection',
    ]);
    expect((await machine.details()).lastPlannedFailoverStatus).toBe('Cancelled');
  });

  it('is tested in another network, which the clean-up leaves as it was', async () => {
    await prepareHarbour(azure);
    const machine = await ReplicatedMachine.enable(azure, 'cargo-web');
    const network = resourceId(azure, 'Microsoft.Network/virtualNetworks', TEST_NETWORK);
    const before = azure.world.list({ type: 'Microsoft.Compute/disks' }).length;
    const job = await succeeds(azure, machine.test(network));
    expect(job.properties?.customDetails).toMatchObject({
      instanceType: 'TestFailoverJobDetails',
      testFailoverStatus: 'Active',
      networkName: TEST_NETWORK,
      protectedItemDetails: [{ testVmName: 'cargo-web-test', networkConnectionStatus: 'Connected' }],
    });
    expect((await machine.read()).properties).toMatchObject({
      testFailoverState: 'WaitingForCompletion',
      allowedOperations: ['TestFailoverCleanup'],
    });
    expect(azureMachine('cargo-web-test')).toBeDefined();
    expect(await machine.power()).toEqual({ home: 'running', away: 'absent' });
    await succeeds(azure, machine.cleanUp);
    expect(azureMachine('cargo-web-test')).toBeUndefined();
    expect(azure.world.list({ type: 'Microsoft.Compute/disks' })).toHaveLength(before);
    expect((await machine.read()).properties?.testFailoverState).toBe('MarkedForDeletion');
  });

  it('fails over to an older recovery point, and changes the point before the commit', async () => {
    await prepareHarbour(azure);
    const machine = await ReplicatedMachine.enable(azure, 'cargo-web');
    await azure.advance(120 * MINUTE);
    const points = await all(
      azure.client.recoveryPoints.listByReplicationProtectedItems(
        VAULT,
        VAULT_GROUP,
        machine.place.fabric,
        machine.place.container,
        machine.name,
      ),
    );
    expect(points.map(({ properties }) => properties?.recoveryPointType)).toContain('AppConsistent');
    const [oldest] = points;
    await succeeds(azure, machine.failOver({ recoveryPointId: oldest?.id ?? '' }));
    expect((await machine.read()).properties?.failoverRecoveryPointId).toBe(oldest?.id);
    const newest = points.at(-1)?.id ?? '';
    await succeeds(azure, machine.changePoint(newest));
    expect((await machine.read()).properties?.failoverRecoveryPointId).toBe(newest);
  });

  it('takes the settings of an update into the failover', async () => {
    await prepareHarbour(azure);
    const machine = await ReplicatedMachine.enable(azure, 'cargo-sql');
    const [front, back] = (await machine.details()).vmNics ?? [];
    await succeeds(
      azure,
      machine.update({
        targetVmName: 'cargo-sql-away',
        targetVmSize: 'Standard_E4s_v5',
        licenseType: 'WindowsServer',
        targetProximityPlacementGroupId: resourceId(
          azure,
          'Microsoft.Compute/proximityPlacementGroups',
          'harbour-near-recovery',
        ),
        vmNics: [
          {
            nicId: front?.nicId ?? '',
            isPrimaryNic: 'true',
            isSelectedForFailover: 'true',
            targetSubnetName: 'crane',
          },
          { nicId: back?.nicId ?? '', isPrimaryNic: 'false', isSelectedForFailover: 'false' },
        ],
      }),
    );
    expect(await machine.details()).toMatchObject({
      targetVmName: 'cargo-sql-away',
      targetVmSize: 'Standard_E4s_v5',
      licenseType: 'WindowsServer',
    });
    await succeeds(azure, machine.failOver());
    const up = azureMachine('cargo-sql-away');
    expect(up?.properties).toMatchObject({
      hardwareProfile: { vmSize: 'Standard_E4s_v5' },
      proximityPlacementGroup: { id: expect.stringContaining('harbour-near-recovery') as string },
    });
    expect(
      (up?.properties['networkProfile'] as { networkInterfaces: unknown[] }).networkInterfaces,
    ).toHaveLength(1);
    expect(up?.id).toContain(RECOVERY_GROUP);
  });
});
