// Enabling the replication of Hyper-V machines, and changes while they replicate.

import {
  act,
  detailsOf,
  enable,
  errorsOf,
  FORWARD,
  groupId,
  HOUR,
  OFFICE_VAULT,
  prepareOffice,
  resourceIdOf,
  siteMachine,
  startHyperV,
  stateOf,
  type JobProperties,
} from './hyper-v.ts';
import { all, MINUTE, VAULT_GROUP, type ContainerLocation, type TestAzure } from './test-azure.ts';

let azure: TestAzure;
let place: ContainerLocation;
beforeEach(async () => {
  azure = await startHyperV(OFFICE_VAULT);
  place = await prepareOffice(azure);
});
afterEach(() => azure.close());

const OFFICE = 'contoso-office-recovery';
const ELSEWHERE = 'contoso-elsewhere';
const account = (group: string, name: string) =>
  resourceIdOf(azure, group, 'Microsoft.Storage/storageAccounts', name);
const network = (group: string, name: string) =>
  resourceIdOf(azure, group, 'Microsoft.Network/virtualNetworks', name);
const placementGroup = (group: string, name: string) =>
  resourceIdOf(azure, group, 'Microsoft.Compute/proximityPlacementGroups', name);
const outcome = (job: JobProperties): string => [job.state, ...errorsOf(job)].join(' ');
const readDetails = async (name: string) => detailsOf(await azure.readItem(name, place));

describe('enabling', () => {
  it('copies, waits for a point, finalizes the protection, and is then ready', async () => {
    const job = await enable(azure, place, 'erp-web');
    expect([job.scenarioName, job.friendlyName, job.state]).toEqual([
      'EnableDr',
      'Enable replication',
      'Succeeded',
    ]);
    expect(job.tasks?.map(({ name }) => name)).toEqual([
      'EnableProtectionPrerequisitesCheck',
      'CreateProtectionTarget',
      'EnableProtection',
      'VmStartInitialReplication',
      'UpdateDraState',
    ]);
    const seen: string[] = [];
    const percentages = new Set<string>();
    for (let minute = 0; minute < 45; minute += 1) {
      const item = await azure.readItem('erp-web', place);
      const state = await stateOf(azure, 'erp-web', place);
      if (seen.at(-1) !== state) seen.push(state);
      percentages.add(detailsOf(item).initialReplicationDetails?.initialReplicationProgressPercentage ?? '');
      if (state.endsWith('| ') && item.properties?.protectionState === 'Protected')
        expect([item.properties.currentScenario?.scenarioName, detailsOf(item).vmProtectionState]).toEqual([
          'EnableProtection',
          'ReplicaConfigurationInProgress',
        ]);
      await azure.advance(MINUTE);
    }
    expect(seen).toEqual([
      'InitialReplicationInProgress | Initial replication is in progress | Primary | DisableProtection',
      'InitialReplicationRecoveryCompletionPending | Waiting for first recovery point | Primary | DisableProtection',
      'Protected | Protected | Primary | ',
      'Protected | Protected | Primary | PlannedFailover,UnplannedFailover,DisableProtection,TestFailover',
    ]);
    expect(percentages.size).toBeGreaterThan(5);
    const finalize = (await azure.listJobs())[0]?.properties;
    expect([finalize?.scenarioName, finalize?.friendlyName, finalize?.state]).toEqual([
      'IrCompletion',
      'Finalize protection on the virtual machine',
      'Succeeded',
    ]);
    const { id } = await siteMachine(azure, 'erp-web');
    const protectable = await azure.client.replicationProtectableItems.get(
      azure.vault,
      VAULT_GROUP,
      place.fabric,
      place.container,
      id,
    );
    expect(protectable.properties?.protectionStatus).toBe('Protected');
    expect(protectable.properties?.replicationProtectedItemId).toContain(
      '/replicationProtectedItems/erp-web',
    );
  });

  it('shows each setting of the request', async () => {
    const { disks } = await siteMachine(azure, 'erp-db');
    const placementGroupId = placementGroup(OFFICE, 'office-near');
    const job = await enable(azure, place, 'erp-db', {
      vhdId: disks[0]?.id,
      disksToInclude: disks.map(({ id }) => id),
      targetAzureVmName: 'erp-db-azure',
      targetVmSize: 'Standard_D4s_v5',
      useManagedDisks: 'true',
      targetProximityPlacementGroupId: placementGroupId,
      enableRdpOnTargetOption: 'Always',
      licenseType: 'WindowsServer',
      targetVmTags: { owner: 'erp' },
    });
    expect(outcome(job)).toBe('Succeeded');
    expect(await readDetails('erp-db')).toMatchObject({
      azureVmDiskDetails: [
        { vhdId: disks[0]?.id, vhdType: 'OperatingSystem', maxSizeMB: String(80 * 1024), lunId: '0' },
        { vhdId: disks[1]?.id, vhdType: 'DataDisk', lunId: '1' },
      ],
      recoveryAzureVmName: 'erp-db-azure',
      recoveryAzureVMSize: 'Standard_D4s_v5',
      recoveryAzureStorageAccount: account(OFFICE, 'office1disks'),
      recoveryAzureResourceGroupId: groupId(azure, OFFICE),
      selectedRecoveryAzureNetworkId: network(OFFICE, 'office-network-recovery'),
      vmNics: [{ ipConfigs: [{ recoverySubnetName: 'servers' }] }],
      useManagedDisks: 'true',
      targetProximityPlacementGroupId: placementGroupId,
      enableRdpOnTargetOption: 'Always',
      licenseType: 'WindowsServer',
      targetVmTags: { owner: 'erp' },
      sourceVmCpuCount: 4,
      sourceVmRamSizeInMB: 16384,
    });
  });

  it('replicates straight to managed disks, which go with the replication', async () => {
    const { disks } = await siteMachine(azure, 'erp-web');
    await enable(azure, place, 'erp-web', {
      targetStorageAccountId: undefined,
      useManagedDisksForReplication: 'true',
      disksToIncludeForManagedDisks: [
        {
          diskId: disks[0]?.id,
          logStorageAccountId: account(OFFICE, 'office1disks'),
          diskType: 'Premium_LRS',
        },
      ],
    });
    const { protectedManagedDisks, useManagedDisks } = await readDetails('erp-web');
    expect([useManagedDisks, protectedManagedDisks?.length]).toEqual(['true', 1]);
    const seed = protectedManagedDisks?.[0]?.seedManagedDiskId ?? '';
    expect(azure.world.get(seed)?.sku?.['name']).toBe('Premium_LRS');
    expect(outcome(await act(azure, place, 'erp-web', 'remove', {}))).toBe('Succeeded');
    expect(azure.world.get(seed)).toBeUndefined();
    expect(await azure.listItems()).toEqual([]);
  });

  it('is refused without the disk of the operating system, when there are two disks', async () => {
    expect(outcome(await enable(azure, place, 'erp-db'))).toContain(
      'does not say which one holds the operating system',
    );
    const { disks } = await siteMachine(azure, 'erp-db');
    expect(outcome(await enable(azure, place, 'erp-db', { vhdId: 'no-disk' }))).toContain(
      "disk 'no-disk' is not part",
    );
    const [system, data] = disks;
    expect(
      outcome(await enable(azure, place, 'erp-db', { vhdId: system?.id, disksToInclude: [data?.id] })),
    ).toContain('disk of the operating system is left out');
    expect(await azure.listItems()).toEqual([]);
  });

  it.each([
    [
      'no type of operating system',
      () => ({ osType: undefined }),
      'type of the operating system is not known',
    ],
    ['no storage account', () => ({ targetStorageAccountId: undefined }), 'names no storage account'],
    [
      'an account elsewhere',
      () => ({ targetStorageAccountId: account(ELSEWHERE, 'elsewhere1disks') }),
      "is in 'eastasia'",
    ],
    [
      'a network elsewhere',
      () => ({ targetAzureNetworkId: network(ELSEWHERE, 'elsewhere-network') }),
      "not in the region 'southeastasia'",
    ],
    [
      'a missing group',
      () => ({ targetAzureV2ResourceGroupId: groupId(azure, 'nowhere') }),
      'does not exist',
    ],
    ['a size that is not sold', () => ({ targetVmSize: 'Standard_L8s_v3' }), 'not offered'],
    ['a zone that does not exist', () => ({ targetAvailabilityZone: '4' }), "no zone '4'"],
    [
      'a placement group and blobs',
      () => ({ targetProximityPlacementGroupId: placementGroup(OFFICE, 'office-near') }),
      'unmanaged disks cannot be',
    ],
    [
      'a placement group elsewhere',
      () => ({
        useManagedDisks: 'true',
        targetProximityPlacementGroupId: placementGroup(ELSEWHERE, 'elsewhere-near'),
      }),
      'not in the region',
    ],
  ])('is refused with %s', async (_what, details, message) => {
    const job = await enable(azure, place, 'erp-web', details());
    expect(outcome(job)).toContain(`Failed 539`);
    expect(outcome(job)).toContain(message);
    expect(await azure.listItems()).toEqual([]);
  });

  it('needs a host that answers', async () => {
    azure.faults.add({ id: 'dark', point: 'standing', do: { kind: 'serverDark', server: 'office-hv-01' } });
    expect(outcome(await enable(azure, place, 'erp-web'))).toContain('Failed 78029');
    azure.faults.remove('dark');
    expect(outcome(await enable(azure, place, 'erp-web'))).toBe('Succeeded');
  });

  it('happens once: the same name is a warning, another name is refused', async () => {
    await enable(azure, place, 'erp-web');
    await azure.advance(HOUR);
    const again = await enable(azure, place, 'erp-web');
    expect([again.state, errorsOf(again)[0]]).toEqual(['Succeeded', expect.stringContaining('45031')]);
    expect(outcome(await enable(azure, place, 'erp-web', {}, { name: 'other' }))).toContain(
      "replicated already, as 'erp-web'",
    );
    expect((await azure.listItems()).map(({ name }) => name)).toEqual(['erp-web']);
    expect(
      (await azure.readWrites()).filter(({ operation, didWork }) => operation === 'enable' && didWork),
    ).toHaveLength(1);
  });

  it('succeeds with a warning when the name in Azure is taken', async () => {
    await enable(azure, place, 'erp-web');
    await azure.advance(HOUR);
    await act(azure, place, 'erp-web', 'unplannedFailover', {
      ...FORWARD,
      sourceSiteOperations: 'NotRequired',
    });
    const job = await enable(azure, place, 'intranet', { osType: 'Linux', targetAzureVmName: 'erp-web' });
    expect([job.state, errorsOf(job)[0]]).toEqual(['Succeeded', expect.stringContaining('28061')]);
    await azure.advance(HOUR);
    const test = await act(azure, place, 'intranet', 'unplannedFailover', FORWARD);
    expect([test.state, errorsOf(test)[0]]).toEqual(['Succeeded', expect.stringContaining('28175')]);
  });

  it('waits with the copy while the host does not answer', async () => {
    await enable(azure, place, 'erp-web');
    azure.faults.add({ id: 'dark', point: 'standing', do: { kind: 'serverDark', server: 'office-hv-01' } });
    await azure.advance(3 * HOUR);
    expect(await stateOf(azure, 'erp-web', place)).toContain('InitialReplicationInProgress');
    azure.faults.remove('dark');
    await azure.advance(HOUR);
    expect(await stateOf(azure, 'erp-web', place)).toContain('PlannedFailover');
  });
});

describe('a change while the machine replicates', () => {
  const change = (name: string, properties: object) => act(azure, place, name, '', properties);
  const own = (details: object) => ({ instanceType: 'HyperVReplicaAzure', ...details });
  beforeEach(async () => {
    await enable(azure, place, 'intranet', { osType: 'Linux', useManagedDisks: 'true' });
    await azure.advance(HOUR);
  });

  it('sets name, size, network, interfaces and placement group, and a failover uses them', async () => {
    const { vmNics } = await readDetails('intranet');
    const [lan, backup] = vmNics ?? [];
    const job = await change('intranet', {
      recoveryAzureVMName: 'intranet-azure',
      recoveryAzureVMSize: 'Standard_D2s_v5',
      selectedRecoveryAzureNetworkId: network(OFFICE, 'office-network-drill'),
      vmNics: [
        {
          nicId: lan?.nicId,
          selectionType: 'SelectedByUser',
          ipConfigs: [{ recoverySubnetName: 'clients', recoveryStaticIPAddress: '10.1.1.77' }],
        },
        { nicId: backup?.nicId, selectionType: 'NotSelected' },
      ],
      providerSpecificDetails: own({
        targetProximityPlacementGroupId: placementGroup(OFFICE, 'office-near'),
      }),
    });
    expect([job.scenarioName, outcome(job)]).toEqual(['UpdateVmProperties', 'Succeeded']);
    expect(await readDetails('intranet')).toMatchObject({
      recoveryAzureVmName: 'intranet-azure',
      recoveryAzureVMSize: 'Standard_D2s_v5',
      selectedRecoveryAzureNetworkId: network(OFFICE, 'office-network-drill'),
      targetProximityPlacementGroupId: placementGroup(OFFICE, 'office-near'),
      vmNics: [
        { selectionType: 'SelectedByUser', ipConfigs: [{ recoverySubnetName: 'clients' }] },
        { selectionType: 'NotSelected' },
      ],
    });
    expect(outcome(await act(azure, place, 'intranet', 'plannedFailover', FORWARD))).toBe('Succeeded');
    const machine = azure.world.get(
      resourceIdOf(azure, OFFICE, 'Microsoft.Compute/virtualMachines', 'intranet-azure'),
    );
    expect(machine?.properties).toMatchObject({
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      proximityPlacementGroup: { id: placementGroup(OFFICE, 'office-near') },
      networkProfile: {
        networkInterfaces: [{ id: expect.stringContaining('intranet-azure-nic-0') as string }],
      },
    });
    // A machine in a placement group cannot return.
    await act(azure, place, 'intranet', 'failoverCommit');
    expect(
      outcome(
        await act(azure, place, 'intranet', 'plannedFailover', {
          failoverDirection: 'RecoveryToPrimary',
          providerSpecificDetails: { instanceType: 'HyperVReplicaAzureFailback' },
        }),
      ),
    ).toContain('Failed 539');
  });

  it('is refused for unknown interfaces, missing targets and bodies of other providers', async () => {
    expect(
      outcome(await change('intranet', { vmNics: [{ nicId: 'no-nic' }], providerSpecificDetails: own({}) })),
    ).toContain("interface 'no-nic' is not part");
    const elsewhere = { targetProximityPlacementGroupId: placementGroup(ELSEWHERE, 'elsewhere-near') };
    expect(outcome(await change('intranet', { providerSpecificDetails: own(elsewhere) }))).toContain(
      'not in the region',
    );
    const path = `/replicationFabrics/${place.fabric}/replicationProtectionContainers/${place.container}/replicationProtectedItems/intranet`;
    const foreign = { properties: { providerSpecificDetails: { instanceType: 'A2A' } } };
    expect((await azure.sendRaw('PATCH', path, foreign)).status).toBe(400);
    expect((await readDetails('intranet')).recoveryAzureVmName).toBe('intranet');
  });

  it('offers the sizes that fit the machine', async () => {
    const sizes = await all(
      azure.client.targetComputeSizes.listByReplicationProtectedItems(
        azure.vault,
        VAULT_GROUP,
        place.fabric,
        place.container,
        'intranet',
      ),
    );
    expect(sizes.map(({ name }) => name)).toContain('Standard_D2s_v5');
    expect(sizes.every(({ properties }) => (properties?.maxNicsCount ?? 0) >= 2)).toBe(true);
  });
});
