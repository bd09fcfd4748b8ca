import { networkResource } from '../../arm/build/networks.ts';
import {
  all,
  RECOVERY_SIDE,
  TestAzure,
  cacheAccountOf,
  VAULT_GROUP,
  PRIMARY_SIDE,
  MINUTE,
  sendReprotect,
  VAULT,
} from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const ITEM = (name: string): string =>
  `/replicationFabrics/${PRIMARY_SIDE.fabric}/replicationProtectionContainers/${PRIMARY_SIDE.container}/replicationProtectedItems/${name}`;
const subscription = (): string => azure.environment.subscriptions[0]?.id ?? '';
const group = (name: string): string => `/subscriptions/${subscription()}/resourceGroups/${name}`;
const idIn = (where: string, type: string, name: string): string =>
  `${group(where)}/providers/${type}/${name}`;
const RECOVERY = 'contoso-shop-recovery';
const machine = (name: string) => azure.world.get(idIn(RECOVERY, 'Microsoft.Compute/virtualMachines', name));
const under = (where: string): string[] =>
  ['Microsoft.Compute/virtualMachines', 'Microsoft.Compute/disks', 'Microsoft.Network/networkInterfaces']
    .flatMap((type) => azure.world.list({ type, under: group(where) }))
    .map(({ id }) => id)
    .toSorted();

interface JobSeen {
  readonly state: string;
  readonly errors: readonly {
    readonly errorLevel: string;
    readonly serviceErrorDetails: { readonly code: string };
  }[];
  readonly tasks: readonly { readonly name: string; readonly state: string }[];
}

/** Sends a write, waits for the end of its job, and returns the job. */
async function run(method: string, path: string, body?: unknown, minutes = 10): Promise<JobSeen> {
  const answer = await azure.sendRaw(method, path, body);
  expect([path, answer.status, answer.body]).toEqual([path, 202, undefined]);
  await azure.advance(minutes * MINUTE);
  const id = (answer.headers?.['Azure-AsyncOperation'] ?? '').split('?')[0]?.split('/').at(-1) ?? '';
  return ((await azure.sendRaw('GET', `/replicationJobs/${id}`)).body as { properties: JobSeen }).properties;
}

const a2a = { instanceType: 'A2A' };
const test = (name: string, networkId?: string) =>
  run('POST', `${ITEM(name)}/testFailover`, {
    properties: {
      networkType: 'VmNetworkAsInput',
      ...(networkId && { networkId }),
      providerSpecificDetails: a2a,
    },
  });
const cleanUp = (name: string) =>
  run('POST', `${ITEM(name)}/testFailoverCleanup`, { properties: { comments: 'done' } });
const failOver = (name: string) =>
  run('POST', `${ITEM(name)}/unplannedFailover`, {
    properties: { sourceSiteOperations: 'Required', providerSpecificDetails: a2a },
  });
const change = (name: string, properties: object, details: object = {}) =>
  run('PATCH', ITEM(name), {
    properties: { ...properties, providerSpecificDetails: { ...a2a, ...details } },
  });
const codes = ({ errors }: JobSeen): string[] =>
  errors.map(({ errorLevel, serviceErrorDetails }) => `${errorLevel} ${serviceErrorDetails.code}`);

async function enable(name: string, more: object = {}): Promise<JobSeen> {
  const providerSpecificDetails = {
    ...a2a,
    fabricObjectId: idIn('contoso-shop', 'Microsoft.Compute/virtualMachines', name),
    recoveryResourceGroupId: group(RECOVERY),
    recoveryContainerId: `${azure.vaultPath}/replicationFabrics/${RECOVERY_SIDE.fabric}/replicationProtectionContainers/${RECOVERY_SIDE.container}`,
    ...more,
  };
  const job = await run('PUT', ITEM(name), {
    properties: { policyId: `${azure.vaultPath}/replicationPolicies/day-of-points`, providerSpecificDetails },
  });
  await azure.advance(30 * MINUTE);
  return job;
}

describe('the replica disks', () => {
  const replicas = (where: string): string[] =>
    under(where)
      .filter((id) => /\/(app|web-zone-2)-[^/]*-ASRReplica$/.test(id))
      .map((id) => id.split('/').at(-1) ?? '');

  it('are in the target while a machine replicates, and on the other side after a reprotect', async () => {
    expect([replicas(RECOVERY), replicas('contoso-shop')]).toEqual([
      ['app-data-ASRReplica', 'app-os-ASRReplica'],
      [],
    ]);
    expect(azure.world.get(idIn(RECOVERY, 'Microsoft.Compute/disks', 'app-data-ASRReplica'))).toMatchObject({
      location: 'southeastasia',
      properties: { diskSizeGB: 128, diskState: 'ActiveSAS' },
    });
    await failOver('app');
    expect(replicas(RECOVERY)).toHaveLength(2);
    await azure.sendRaw('POST', `${ITEM('app')}/failoverCommit`);
    await azure.advance(MINUTE);
    await sendReprotect(azure, 'app');
    await azure.advance(30 * MINUTE);
    expect([replicas(RECOVERY), replicas('contoso-shop')]).toEqual([
      [],
      ['app-data-ASRReplica', 'app-os-ASRReplica'],
    ]);
  });

  it('exist from enable or from an added disk until their removal', async () => {
    await enable('web-zone-2');
    expect(replicas(RECOVERY)).toContain('web-zone-2-os-ASRReplica');
    await run('POST', `${ITEM('web-zone-2')}/remove`, { properties: {} });
    expect(replicas(RECOVERY)).toEqual(['app-data-ASRReplica', 'app-os-ASRReplica']);
    const dataDisk = idIn('contoso-shop', 'Microsoft.Compute/disks', 'app-data');
    await run('POST', `${ITEM('app')}/removeDisks`, {
      properties: { providerSpecificDetails: { ...a2a, vmManagedDisksIds: [dataDisk] } },
    });
    expect(replicas(RECOVERY)).toEqual(['app-os-ASRReplica']);
    await run('POST', `${ITEM('app')}/addDisks`, {
      properties: {
        providerSpecificDetails: {
          ...a2a,
          vmManagedDisks: [
            {
              diskId: dataDisk,
              primaryStagingAzureStorageAccountId: cacheAccountOf(azure, PRIMARY_SIDE),
              recoveryResourceGroupId: group(RECOVERY),
            },
          ],
        },
      },
    });
    expect(replicas(RECOVERY)).toEqual(['app-data-ASRReplica', 'app-os-ASRReplica']);
  });
});

describe('a test failover', () => {
  it('creates machine, disks and interface, and its clean-up removes exactly these', async () => {
    const before = [under(RECOVERY), under('contoso-shop')];
    expect((await test('app')).state).toBe('Succeeded');
    const names = under(RECOVERY)
      .filter((id) => !before[0]?.includes(id))
      .map((id) => id.split('/').at(-1));
    expect(names.toSorted()).toEqual(['app-data-ASRtest', 'app-nic-test', 'app-os-ASRtest', 'app-test']);
    expect((await azure.readTrueItems()).find(({ name }) => name === 'app')).toMatchObject({
      state: 'testing',
      machines: [{ state: 'running' }, { state: 'absent' }],
    });
    azure.world.put({
      id: idIn(RECOVERY, 'Microsoft.Compute/disks', 'of-somebody'),
      name: 'of-somebody',
      type: 'Microsoft.Compute/disks',
      properties: {},
    });
    await cleanUp('app');
    expect([under(RECOVERY).filter((id) => !id.endsWith('of-somebody')), under('contoso-shop')]).toEqual(
      before,
    );
  });

  it('needs a clean-up before anything else', async () => {
    await test('app');
    expect(codes(await failOver('app'))).toEqual(['Error 539']);
    await cleanUp('app');
    expect((await failOver('app')).state).toBe('Succeeded');
  });

  it('creates nothing twice when it is interrupted', async () => {
    await azure.sendRaw('POST', `${ITEM('app')}/testFailover`, {
      properties: { providerSpecificDetails: a2a },
    });
    await azure.advance(150_000);
    azure.killAndStart();
    await azure.advance(10 * MINUTE);
    expect(under(RECOVERY).filter((id) => id.includes('virtualMachines'))).toEqual([machine('app-test')?.id]);
  });
});

describe('a failover', () => {
  it('takes the subnet with the same name, else the first', async () => {
    await failOver('web');
    expect(
      JSON.stringify(azure.world.get(idIn(RECOVERY, 'Microsoft.Network/networkInterfaces', 'web-nic'))),
    ).toContain('shop-network-recovery/subnets/web');
    const other = networkResource(
      idIn(RECOVERY, 'Microsoft.Network/virtualNetworks', 'other-network'),
      'southeastasia',
      ['10.40.0.0/16'],
      [
        { name: 'default', prefix: '10.40.1.0/24' },
        { name: 'second', prefix: '10.40.2.0/24' },
      ],
    );
    azure.world.put(other);
    await change('app', { selectedRecoveryAzureNetworkId: other.id });
    await failOver('app');
    expect(
      JSON.stringify(azure.world.get(idIn(RECOVERY, 'Microsoft.Network/networkInterfaces', 'app-nic'))),
    ).toContain('other-network/subnets/default');
  });

  it('creates the machine with the requested size and zone', async () => {
    await enable('web-zone-1', { recoveryAvailabilityZone: '2' });
    await change('web-zone-1', { recoveryAzureVMSize: 'Standard_D4s_v5', recoveryAzureVMName: 'web-anew' });
    await failOver('web-zone-1');
    expect(machine('web-anew')).toMatchObject({
      location: 'southeastasia',
      zones: ['2'],
      properties: { hardwareProfile: { vmSize: 'Standard_D4s_v5' } },
      hidden: { power: 'running' },
    });
  });

  it('takes the closest size where its own is not sold, and offers the sold sizes', async () => {
    await enable('search');
    const { properties } = await azure.readItem('search');
    expect(properties?.providerSpecificDetails).toMatchObject({ recoveryAzureVMSize: 'Standard_E8s_v5' });
    const sizes = (
      await all(
        azure.client.targetComputeSizes.listByReplicationProtectedItems(
          VAULT,
          VAULT_GROUP,
          PRIMARY_SIDE.fabric,
          PRIMARY_SIDE.container,
          'search',
        ),
      )
    ).map(({ name }) => name);
    expect([
      sizes.includes('Standard_E8s_v5'),
      sizes.includes('Standard_L8s_v3'),
      sizes.includes('Standard_M64s'),
    ]).toEqual([true, false, false]);
    expect(codes(await change('search', { recoveryAzureVMSize: 'Standard_M64s' }))).toEqual(['Error 539']);
    await failOver('search');
    expect(machine('search')?.properties['hardwareProfile']).toEqual({ vmSize: 'Standard_E8s_v5' });
  });

  it.each([
    ['a set of another region', { recoveryAvailabilitySetId: 'availabilitySets/shop-app-set' }],
    [
      'a placement group of another region',
      { recoveryProximityPlacementGroupId: 'proximityPlacementGroups/shop-near' },
    ],
    ['a missing zone', { recoveryAvailabilityZone: '9' }],
    ['a resource group of the source region', { recoveryResourceGroupId: 'contoso-shop' }],
  ])('is not prepared with %s', async (_what, given) => {
    const ids = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [
        key,
        value.includes('/')
          ? idIn('contoso-shop', `Microsoft.Compute/${value.split('/')[0] ?? ''}`, value.split('/')[1] ?? '')
          : value,
      ]),
    );
    if ('recoveryResourceGroupId' in ids) ids['recoveryResourceGroupId'] = group('contoso-shop');
    expect(codes(await enable('web-zone-1', ids))).toEqual(['Error 539']);
    expect((await azure.readTrueItems()).map(({ name }) => name)).not.toContain('web-zone-1');
  });

  it('renames a machine when its name is in use, and warns', async () => {
    const there = azure.world.get(idIn('contoso-shop', 'Microsoft.Compute/virtualMachines', 'sql'));
    if (there)
      azure.world.put({
        ...there,
        id: idIn(RECOVERY, 'Microsoft.Compute/virtualMachines', 'web'),
        name: 'web',
      });
    const job = await failOver('web');
    expect([job.state, codes(job)]).toEqual(['Succeeded', ['Warning 28175']]);
    expect(machine('web-1')).toBeDefined();
  });

  it('starts outside a full placement group, and outside a set that is pinned to it', async () => {
    const full = idIn(RECOVERY, 'Microsoft.Compute/proximityPlacementGroups', 'full');
    const set = idIn(RECOVERY, 'Microsoft.Compute/availabilitySets', 'pinned');
    azure.world.put({
      id: full,
      name: 'full',
      type: 'Microsoft.Compute/proximityPlacementGroups',
      location: 'southeastasia',
      properties: {},
      hidden: { room: 1 },
    });
    azure.world.put({
      id: set,
      name: 'pinned',
      type: 'Microsoft.Compute/availabilitySets',
      location: 'southeastasia',
      properties: { proximityPlacementGroup: { id: full } },
    });
    for (const name of ['app-set-1', 'app-set-2'])
      await enable(name, { recoveryAvailabilitySetId: set, recoveryProximityPlacementGroupId: full });
    expect(codes(await failOver('app-set-1'))).toEqual([]);
    expect(machine('app-set-1')?.properties).toMatchObject({
      availabilitySet: { id: set },
      proximityPlacementGroup: { id: full },
    });
    const second = await failOver('app-set-2');
    expect([second.state, codes(second)]).toEqual([
      'Succeeded',
      ['Warning OverconstrainedAllocationRequest'],
    ]);
    expect(Object.keys(machine('app-set-2')?.properties ?? {})).not.toEqual(
      expect.arrayContaining(['availabilitySet']),
    );
    expect(Object.keys(machine('app-set-2')?.properties ?? {})).not.toEqual(
      expect.arrayContaining(['proximityPlacementGroup']),
    );
  });

  it('fails without quota, and leaves the machine where it ran', async () => {
    azure.faults.add({ id: 'none', point: 'standing', do: { kind: 'quotaGone', region: 'southeastasia' } });
    expect(codes(await failOver('app'))).toEqual(['Error 150097']);
    expect((await azure.readTrueItems()).find(({ name }) => name === 'app')).toMatchObject({
      state: 'protected',
      busyWith: null,
      machines: [{ state: 'running' }, { state: 'absent' }],
    });
  });
});

describe('a dark region', () => {
  const dark = (region: string): void => {
    azure.faults.add({ id: region, point: 'standing', do: { kind: 'regionDark', region } });
  };

  it('stops enabling, worsens the health, and allows a failover without the source', async () => {
    dark('eastasia');
    expect(codes(await enable('web-zone-2'))).toEqual(['Error 78028']);
    await azure.advance(2 * 60 * MINUTE);
    const { properties } = await azure.readItem('app');
    expect(properties).toMatchObject({ replicationHealth: 'Critical' });
    expect((properties?.providerSpecificDetails as { rpoInSeconds?: number }).rpoInSeconds).toBeGreaterThan(
      7200,
    );
    const job = await failOver('app');
    expect([job.state, codes(job)]).toEqual(['Succeeded', ['Warning 78028']]);
    const disks = ['app-os', 'app-data'].map((name) => ({
      diskId: idIn(RECOVERY, 'Microsoft.Compute/disks', name),
      primaryStagingAzureStorageAccountId: cacheAccountOf(azure, RECOVERY_SIDE),
      recoveryResourceGroupId: group('contoso-shop'),
    }));
    const back = {
      ...a2a,
      policyId: (await azure.readItem('app')).properties?.policyId,
      recoveryContainerId: `${azure.vaultPath}${ITEM('').split('/replicationProtectedItems')[0] ?? ''}`,
      vmManagedDisks: disks,
    };
    const path = `/replicationFabrics/${PRIMARY_SIDE.fabric}/replicationProtectionContainers/${PRIMARY_SIDE.container}/switchprotection`;
    expect(
      codes(
        await run('POST', path, {
          properties: { replicationProtectedItemName: 'app', providerSpecificDetails: back },
        }),
      ),
    ).toEqual(['Error 78028']);
  });

  it('delays a first copy until it returns', async () => {
    expect((await enable('web-zone-2')).state).toBe('Succeeded');
    await run('POST', `${ITEM('web-zone-2')}/remove`, { properties: {} });
    await azure.sendRaw('PUT', ITEM('web-zone-2'), {
      properties: {
        policyId: `${azure.vaultPath}/replicationPolicies/day-of-points`,
        providerSpecificDetails: {
          ...a2a,
          fabricObjectId: idIn('contoso-shop', 'Microsoft.Compute/virtualMachines', 'web-zone-2'),
          recoveryContainerId: `${azure.vaultPath}/replicationFabrics/${RECOVERY_SIDE.fabric}/replicationProtectionContainers/${RECOVERY_SIDE.container}`,
          recoveryResourceGroupId: group(RECOVERY),
        },
      },
    });
    await azure.advance(10 * MINUTE);
    dark('eastasia');
    await azure.advance(5 * 60 * MINUTE);
    expect((await azure.readItem('web-zone-2')).properties?.protectionState).toBe(
      'InitialReplicationInProgress',
    );
    azure.faults.remove('eastasia');
    await azure.advance(30 * MINUTE);
    expect((await azure.readItem('web-zone-2')).properties?.protectionState).toBe('Protected');
  });

  it('cannot be a failover target, and a vault in it does not answer', async () => {
    dark('southeastasia');
    expect(await azure.sendRaw('GET', '/replicationJobs')).toMatchObject({
      status: 503,
      body: { error: { code: 'ServiceUnavailable' } },
    });
  });
});

it('a deallocated machine loses its recovery points, and gets new ones later', async () => {
  azure.faults.add({ id: 'off', point: 'standing', vm: 'web', do: { kind: 'deallocated' } });
  await azure.readItem('web');
  await azure.advance(30 * MINUTE);
  expect((await azure.readItem('web')).properties).toMatchObject({
    replicationHealth: 'Warning',
    healthErrors: [{ errorCode: '153006' }, { errorCode: '161011' }],
  });
  azure.faults.remove('off');
  expect((await azure.readItem('web')).properties?.replicationHealth).toBe('Normal');
});
