import {
  applianceId,
  discovered,
  enable,
  FABRIC,
  groupId,
  POLICY,
  prepareHarbour,
  refusal,
  registerAppliance,
  ReplicatedMachine,
  resourceId,
  runJob,
  siteId,
  startHarbour,
  succeeds,
  type EnableChanges,
} from './harbour.ts';
import { MINUTE, VAULT, VAULT_GROUP, type TestAzure } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await startHarbour();
});
afterEach(() => azure.close());

const NETWORK = 'Microsoft.Network/virtualNetworks';
const ACCOUNT = 'Microsoft.Storage/storageAccounts';
const GROUP = 'Microsoft.Compute/proximityPlacementGroups';

const faultAt = (id: string, action: Parameters<TestAzure['faults']['add']>[0]['do'], vm?: string): void =>
  azure.faults.add({ id, point: 'standing', ...(vm !== undefined && { vm }), do: action });
/** Site Recovery notices a fault at the next request. */
async function goDark(server: string): Promise<void> {
  faultAt(server, { kind: 'serverDark', server });
  await fabricHealth();
}
const fabricHealth = async () =>
  (await azure.client.replicationFabrics.get(VAULT, VAULT_GROUP, FABRIC)).properties;

const logs = (name: string, group?: string) => ({
  disksDefault: { logStorageAccountId: resourceId(azure, ACCOUNT, name, group), diskType: 'Premium_LRS' },
});
type Details = NonNullable<EnableChanges['details']>;

/** What somebody asks for at enable, and a part of the reason why the job refuses it. */
const WRONG_INPUTS: readonly (readonly [string, string, (vm: string) => Details | Promise<Details>])[] = [
  [
    'an appliance that is not registered',
    'is not registered in the fabric',
    () => ({ processServerId: '00000000-0000-0000-0000-000000000009' }),
  ],
  [
    'an account that the appliance does not have',
    "The account 'nobody' does not exist",
    () => ({ runAsAccountId: `${siteId(azure)}/runasaccounts/nobody` }),
  ],
  [
    'a machine that nobody discovered',
    'was not discovered',
    () => ({ fabricDiscoveryMachineId: `${siteId(azure)}/machines/vcenter_unknown` }),
  ],
  ['a log account that is gone', 'does not exist', () => logs('nothing')],
  [
    'a log account of another region',
    "is in 'eastasia', and the machine is replicated to 'southeastasia'",
    () => logs('shopcacheeastasia', 'contoso-shop'),
  ],
  ['a premium log account', 'is a premium one', () => logs('harbourpremium')],
  [
    'a disk of another machine',
    'is not part of the machine',
    async () => {
      const other = await discovered(azure, 'cargo-web');
      return {
        disksToInclude: [
          { diskId: other.properties.disks[0]?.uuid ?? '', ...logs('harbourlogs').disksDefault },
        ],
      };
    },
  ],
  [
    'only the data disk',
    'The disk of the operating system is left out',
    async (vm) => {
      const machine = await discovered(azure, vm);
      return {
        disksToInclude: [
          { diskId: machine.properties.disks[1]?.uuid ?? '', ...logs('harbourlogs').disksDefault },
        ],
      };
    },
  ],
  [
    'a network of another region',
    "is not in the vault's region",
    () => ({ targetNetworkId: resourceId(azure, NETWORK, 'shop-network', 'contoso-shop') }),
  ],
  [
    'a resource group that is gone',
    'does not exist',
    () => ({ targetResourceGroupId: groupId(azure, 'contoso-nowhere') }),
  ],
  [
    'a placement group of another region',
    "is not in the vault's region",
    () => ({ targetProximityPlacementGroupId: resourceId(azure, GROUP, 'shop-near', 'contoso-shop') }),
  ],
  [
    'a placement group beside the target resource group',
    'is not in the resource group of the target machine',
    () => ({
      targetResourceGroupId: groupId(azure, VAULT_GROUP),
      targetProximityPlacementGroupId: resourceId(azure, GROUP, 'harbour-near-recovery'),
    }),
  ],
  ['a zone that the region lacks', "has no zone '9'", () => ({ targetAvailabilityZone: '9' })],
  [
    'a size that the region does not sell',
    "The size 'Standard_L8s_v3' is not offered",
    () => ({ targetVmSize: 'Standard_L8s_v3' }),
  ],
];

describe('enabling replication of a VMware machine', () => {
  it.each(WRONG_INPUTS)('refuses %s, and keeps nothing', async (_name, reason, change) => {
    const place = await prepareHarbour(azure);
    const { name } = await discovered(azure, 'cargo-sql');
    const call = await enable(azure, 'cargo-sql', { details: await change('cargo-sql') });
    expect(await refusal(azure, call)).toContain(reason);
    await expect(azure.readItem(name, place)).rejects.toMatchObject({ statusCode: 404 });
    const disks = azure.world.list({ type: 'Microsoft.Compute/disks' });
    expect(disks.filter((disk) => disk.name.includes('cargo-sql'))).toEqual([]);
    expect((await azure.readWrites()).at(-1)).toMatchObject({ operation: 'enable', didWork: false });
  });

  it.each([
    ['a policy that no mapping has', `${POLICY}-unknown`],
    ['the policy of the way home', `${POLICY}-failback`],
  ])('refuses %s', async (_name, policy) => {
    await prepareHarbour(azure);
    const policyId = `${azure.vaultPath}/replicationPolicies/${policy}`;
    expect(await refusal(azure, await enable(azure, 'cargo-web', { policyId }))).toContain(
      'No container mapping of the container has this policy',
    );
  });

  it('refuses a machine that does not run, or whose host is dark', async () => {
    await prepareHarbour(azure);
    expect(await refusal(azure, await enable(azure, 'crane-spare'))).toContain('does not run');
    await goDark('esx-harbour-1');
    expect(await refusal(azure, await enable(azure, 'cargo-web'))).toContain('does not run');
  });

  it('refuses while the appliance has no contact, and accepts the other appliance', async () => {
    await prepareHarbour(azure);
    await registerAppliance(azure, 'harbour-appliance-2');
    await goDark('harbour-appliance');
    expect(await refusal(azure, await enable(azure, 'cargo-web'))).toContain('lost contact with Azure');
    const second = await applianceId(azure, 'harbour-appliance-2');
    await succeeds(azure, await enable(azure, 'cargo-web', { details: { processServerId: second } }));
  });

  it('refuses a machine that is replicated already', async () => {
    await prepareHarbour(azure);
    const machine = await ReplicatedMachine.enable(azure, 'cargo-web');
    const job = await runJob(azure, await enable(azure, 'cargo-web'));
    expect(job.properties?.errors?.[0]?.serviceErrorDetails?.code).toBe('45031');
    expect((await machine.read()).properties?.protectionState).toBe('Protected');
    expect((await azure.readWrites()).filter(({ operation }) => operation === 'enable')).toMatchObject([
      { didWork: true },
      { didWork: false },
    ]);
  });

  it.each(['processServerId', 'targetResourceGroupId', 'fabricDiscoveryMachineId'])(
    'answers 400 for a body without %s',
    async (missing) => {
      const { fabric, container } = await prepareHarbour(azure);
      const providerSpecificDetails = {
        instanceType: 'InMageRcm',
        processServerId: 'x',
        targetResourceGroupId: 'x',
        fabricDiscoveryMachineId: 'x',
        [missing]: undefined,
      };
      const path = `/replicationFabrics/${fabric}/replicationProtectionContainers/${container}/replicationProtectedItems/new`;
      const body = { properties: { policyId: 'x', providerSpecificDetails } };
      expect(await azure.sendRaw('PUT', path, body)).toMatchObject({ status: 400 });
      expect((await azure.readWrites()).filter(({ operation }) => operation === 'enable')).toEqual([]);
    },
  );

  it('takes the first disk as that of the operating system when no disk is named', async () => {
    await prepareHarbour(azure);
    const machine = await ReplicatedMachine.enable(azure, 'cargo-sql');
    expect((await machine.details()).protectedDisks?.map(({ isOSDisk }) => isOSDisk)).toEqual([
      'true',
      'false',
    ]);
  });
});

describe('a replicated VMware machine', () => {
  let machine: ReplicatedMachine;
  beforeEach(async () => {
    await prepareHarbour(azure);
    machine = await ReplicatedMachine.enable(azure, 'cargo-sql');
  });

  it.each([
    [
      'an unknown interface',
      () => ({ vmNics: [{ nicId: 'none', isPrimaryNic: 'true' }] }),
      "interface 'none' is not part",
    ],
    [
      'a placement group of another region',
      () => ({ targetProximityPlacementGroupId: resourceId(azure, GROUP, 'shop-near', 'contoso-shop') }),
      "is not in the vault's region",
    ],
    ['an unknown size', () => ({ targetVmSize: 'Standard_L8s_v3' }), 'is not offered'],
  ])('keeps its settings when an update names %s', async (_name, change, reason) => {
    const before = await machine.details();
    expect(await refusal(azure, machine.update(change()))).toContain(reason);
    expect(await machine.details()).toMatchObject({
      targetVmSize: before.targetVmSize,
      targetVmName: before.targetVmName,
    });
  });

  it('must keep one interface', async () => {
    const nics = (await machine.details()).vmNics ?? [];
    expect(
      await refusal(
        azure,
        machine.update({
          vmNics: nics.map(({ nicId = '' }) => ({
            nicId,
            isPrimaryNic: 'false',
            isSelectedForFailover: 'false',
          })),
        }),
      ),
    ).toContain('No network interface is selected');
  });

  it('fails over only to a recovery point that exists', async () => {
    expect(await refusal(azure, machine.failOver({ recoveryPointId: 'yesterday' }))).toContain(
      "recovery point 'yesterday' does not exist",
    );
    expect(await machine.power()).toEqual({ home: 'running', away: 'absent' });
  });

  it('runs outside of a placement group that is full, and the job warns', async () => {
    await succeeds(
      azure,
      machine.update({ targetProximityPlacementGroupId: resourceId(azure, GROUP, 'harbour-full-recovery') }),
    );
    const job = await runJob(azure, machine.failOver());
    expect(JSON.stringify(job.properties)).toContain('OverconstrainedAllocationRequest');
  });

  it.each([
    ['a server that is not registered', { reprotectAgentId: 'nobody' }, 'is not registered'],
    ['a datastore that the appliance does not reach', { datastoreName: 'nowhere' }, "datastore 'nowhere'"],
  ])('does not turn home with %s', async (_name, changes, reason) => {
    await succeeds(azure, machine.failOver());
    await succeeds(azure, machine.commit);
    expect(await refusal(azure, await machine.reprotectHome(changes))).toContain(reason);
    expect((await machine.details()).instanceType).toBe('InMageRcm');
    await succeeds(azure, await machine.reprotectHome());
  });

  it('does not turn home without a policy of the way home', async () => {
    const { fabric, container } = machine.place;
    await succeeds(azure, (options) =>
      azure.client.replicationProtectionContainerMappings.beginPurge(
        VAULT,
        VAULT_GROUP,
        fabric,
        container,
        'harbour-mapping-failback',
        options,
      ),
    );
    await succeeds(azure, machine.failOver());
    await succeeds(azure, machine.commit);
    expect(await refusal(azure, await machine.reprotectHome())).toContain('No failback policy is mapped');
  });

  it('cannot turn home while it is not failed over', async () => {
    const job = await runJob(azure, await machine.reprotectHome());
    expect(job.properties?.state).toBe('Failed');
    expect((await machine.read()).properties?.protectionState).toBe('Protected');
  });
});

describe('a VMware site that loses a server', () => {
  let machine: ReplicatedMachine;
  beforeEach(async () => {
    await prepareHarbour(azure);
    machine = await ReplicatedMachine.enable(azure, 'cargo-app');
  });

  it('shows a dark appliance in the health of the fabric and of its machines', async () => {
    await goDark('harbour-appliance');
    await azure.advance(90 * MINUTE);
    const item = (await machine.read()).properties;
    expect(item?.replicationHealth).toBe('Critical');
    expect(item?.healthErrors).toContainEqual(
      expect.objectContaining({
        errorCode: '153006',
        possibleCauses: "The server 'harbour-appliance' lost contact.",
      }),
    );
    expect(await fabricHealth()).toMatchObject({
      health: 'Critical',
      customDetails: { processServers: [{ name: 'harbour-appliance', health: 'Critical' }] },
    });
    azure.faults.remove('harbour-appliance');
    await azure.advance(30 * MINUTE);
    expect((await machine.read()).properties?.replicationHealth).toBe('Normal');
    expect((await fabricHealth())?.health).toBe('Normal');
  });

  it('makes no recovery point while the machine is off', async () => {
    faultAt('off', { kind: 'poweredOff' }, 'cargo-app');
    await machine.read();
    await azure.advance(90 * MINUTE);
    expect((await machine.read()).properties?.replicationHealth).toBe('Critical');
    const { lastRecoveryPointReceived } = await machine.details();
    await azure.advance(30 * MINUTE);
    expect((await machine.details()).lastRecoveryPointReceived).toEqual(lastRecoveryPointReceived);
  });

  it('fails over without the dark host, and warns that the source may run on', async () => {
    await goDark('esx-harbour-1');
    const job = await runJob(azure, machine.failOver());
    expect(job.properties?.state).toBe('Succeeded');
    expect(JSON.stringify(job.properties)).toContain('78054');
    expect((await machine.power()).away).toBe('running');
  });

  it('does not fail back to a dark host or through a dark appliance', async () => {
    await machine.goHome();
    await goDark('esx-harbour-1');
    expect(await refusal(azure, machine.failBack)).toContain("server 'esx-harbour-1' does not answer");
    azure.faults.remove('esx-harbour-1');
    await goDark('harbour-appliance');
    expect(await refusal(azure, machine.failBack)).toContain("server 'harbour-appliance' does not answer");
    expect((await machine.power()).away).toBe('running');
    azure.faults.remove('harbour-appliance');
    await succeeds(azure, machine.failBack);
  });

  it('moves a machine to another appliance, whose loss then counts', async () => {
    await registerAppliance(azure, 'harbour-appliance-2');
    await succeeds(azure, machine.changeAppliance(await applianceId(azure, 'harbour-appliance-2')));
    expect((await machine.details()).processServerName).toBe('harbour-appliance-2');
    await goDark('harbour-appliance');
    await azure.advance(90 * MINUTE);
    expect((await machine.read()).properties?.replicationHealth).toBe('Normal');
  });

  it('does not forget an appliance that a machine uses', async () => {
    const path = `/replicationFabrics/${FABRIC}/replicationRecoveryServicesProviders/harbour-appliance`;
    expect(await azure.sendRaw('POST', `${path}/remove`)).toMatchObject({ status: 400 });
    await succeeds(azure, machine.disable);
    expect(await azure.sendRaw('POST', `${path}/remove`)).toMatchObject({ status: 202 });
    await azure.advance(5 * MINUTE);
    expect(await azure.sendRaw('GET', path)).toMatchObject({ status: 404 });
    expect(await applianceId(azure)).toBe('');
  });
});
