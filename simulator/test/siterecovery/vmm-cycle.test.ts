// A machine between two VMM clouds, from its first copy to its way home.

import { HOUR, stateOf } from './hyper-v.ts';
import {
  chicago,
  cloudOf,
  connect,
  enable,
  FORWARD,
  machinesNamed,
  mapNetwork,
  networkOf,
  newYork,
  PLANNED,
  protect,
  readItem,
  run,
  sharePath,
  startOneServer,
  startVmm,
  unmapFirstNetwork,
  withBothNetworks,
} from './vmm.ts';
import { all, MINUTE, VAULT_GROUP, type TestAzure } from './test-azure.ts';

const GOLD = 'GoldCloud1';
const SILVER = 'SilverCloud1';
let azure: TestAzure;
afterEach(() => azure.close());

const state = async (vm: string, cloud = GOLD) => stateOf(azure, vm, await cloudOf(azure, cloud));
const powers = async (vm: string): Promise<string> => {
  const item = (await azure.readTrueItems()).find(({ name }) => name === vm);
  return item?.machines.map((machine) => machine.state).join() ?? 'gone';
};
const jobNames = async () => (await azure.listJobs()).map(({ properties }) => properties?.scenarioName);
const dark = (server: string) =>
  azure.faults.add({ id: `dark ${server}`, point: 'standing', do: { kind: 'serverDark', server } });

describe('New York and Chicago', () => {
  beforeEach(async () => {
    azure = await startVmm();
  });

  it('a machine goes to Chicago and comes home without a loss [H2H-8]', async () => {
    expect(await enable(azure, GOLD, 'VM1')).toBe('Succeeded');
    expect(await state('VM1')).toContain('InitialReplicationInProgress');
    await azure.advance(2 * HOUR);
    expect(await state('VM1')).toBe(
      'Protected | Protected | Primary | PlannedFailover,UnplannedFailover,DisableProtection,TestFailover',
    );
    expect(await jobNames()).toEqual(
      expect.arrayContaining(['EnableDr', 'PrimaryIrCompletion', 'SecondaryIrCompletion']),
    );
    expect(await run(azure, GOLD, 'VM1', 'plannedFailover', PLANNED)).toBe('Succeeded');
    expect(await state('VM1')).toContain('PlannedFailoverCommitRequired');
    expect(await powers('VM1')).toBe('deallocated,running');
    expect(await run(azure, GOLD, 'VM1', 'failoverCommit')).toBe('Succeeded');
    expect(await run(azure, GOLD, 'VM1', 'reProtect', PLANNED)).toBe('Succeeded');
    await azure.advance(HOUR);
    const away = (await readItem(azure, GOLD, 'VM1')).properties;
    expect(away).toMatchObject({
      protectionState: 'Protected',
      activeLocation: 'Primary',
      primaryFabricFriendlyName: 'chicago-vmm',
      recoveryFabricFriendlyName: 'newyork-vmm',
    });
    expect(await run(azure, GOLD, 'VM1', 'plannedFailover', PLANNED)).toBe('Succeeded');
    expect(await powers('VM1')).toBe('running,deallocated');
    // A reverse replication commits by itself.
    expect(await run(azure, GOLD, 'VM1', 'reProtect', PLANNED)).toBe('Succeeded');
    await azure.advance(HOUR);
    expect((await readItem(azure, GOLD, 'VM1')).properties).toMatchObject({
      primaryFabricFriendlyName: 'newyork-vmm',
      primaryFabricProvider: 'VmmFabric',
      protectionState: 'Protected',
    });
    expect((await newYork(azure, 'VM1')).nics[0]?.network).toBe('VMNetwork1-NewYork');
  });

  it('an unplanned failover takes a chosen point, and another one before its commit [H2H-8]', async () => {
    await protect(azure, GOLD, 'VM1');
    await azure.advance(5 * HOUR);
    const place = await cloudOf(azure, GOLD);
    const points = await all(
      azure.client.recoveryPoints.listByReplicationProtectedItems(
        azure.vault,
        VAULT_GROUP,
        place.fabric,
        place.container,
        'VM1',
      ),
    );
    expect(points.length).toBeGreaterThan(3);
    dark('newyork-vmm');
    dark('newyork-hv-01');
    const failover = (recoveryPointId: string | undefined) =>
      run(azure, GOLD, 'VM1', 'unplannedFailover', {
        ...FORWARD,
        sourceSiteOperations: 'Required',
        providerSpecificDetails: { instanceType: 'HyperVReplica2012R2', recoveryPointId },
      });
    expect(await failover('no-point')).toContain("'no-point' does not exist");
    expect(await powers('VM1')).toBe('running,deallocated');
    expect(await failover(points[0]?.id)).toContain('Succeeded 78029');
    expect((await readItem(azure, GOLD, 'VM1')).properties?.failoverRecoveryPointId).toBe(points[0]?.id);
    const other = {
      recoveryPointId: points[1]?.id,
      providerSpecificDetails: { instanceType: 'HyperVReplica2012R2' },
    };
    expect(await run(azure, GOLD, 'VM1', 'applyRecoveryPoint', other)).toBe('Succeeded');
    expect(await run(azure, GOLD, 'VM1', 'failoverCommit')).toBe('Succeeded');
    expect(await state('VM1')).toBe(
      'UnplannedFailoverStatesBegin | Unplanned failover committed | Recovery | DisableProtection,ReverseReplicate',
    );
    // The way back needs New York.
    expect(await run(azure, GOLD, 'VM1', 'reProtect', PLANNED)).toContain('Failed 78029');
    for (const server of ['newyork-vmm', 'newyork-hv-01']) azure.faults.remove(`dark ${server}`);
    expect(await run(azure, GOLD, 'VM1', 'reProtect', PLANNED)).toBe('Succeeded');
    expect(await powers('VM1')).toBe('deallocated,running');
  });

  it('a test failover uses the chosen network, and its clean-up leaves nothing [H2H-8]', async () => {
    await protect(azure, GOLD, 'VM1');
    const test = (networkType: string, networkId?: string) =>
      run(azure, GOLD, 'VM1', 'testFailover', { ...FORWARD, networkType, networkId });
    const home = await networkOf(azure, 'VMNetwork1-NewYork');
    expect(await test('VmNetworkAsInput', home.id)).toContain('does not reach the network');
    const { id } = await networkOf(azure, 'VMNetwork2-Chicago');
    expect(await test('VmNetworkAsInput', id)).toBe('Succeeded');
    const [machine] = await machinesNamed(azure, 'VM1 - Test');
    expect([machine?.power, machine?.site, machine?.nics[0]?.network]).toEqual([
      'running',
      'chicago-vmm',
      'VMNetwork2-Chicago',
    ]);
    expect(await powers('VM1')).toBe('running,deallocated');
    expect(await run(azure, GOLD, 'VM1', 'testFailoverCleanup', { comments: 'All well.' })).toBe('Succeeded');
    expect(await machinesNamed(azure, 'VM1 - Test')).toEqual([]);
    expect(await test('NoNetworkAttachAsInput')).toBe('Succeeded');
    expect((await machinesNamed(azure, 'VM1 - Test'))[0]?.nics[0]?.network).toBe('');
  });

  it('a planned failover needs its source, and starts nothing without it [H2H-8]', async () => {
    await protect(azure, GOLD, 'VM1');
    dark('newyork-hv-01');
    expect(await run(azure, GOLD, 'VM1', 'plannedFailover', PLANNED)).toContain('Failed 78029');
    expect(await powers('VM1')).toBe('running,deallocated');
  });

  it.each<[vm: string, cloud: string, places: readonly string[]]>([
    ['VM1', GOLD, ['TargetVolume1', 'TargetShare1']],
    ['VM2', GOLD, ['TargetVolume1', 'TargetShare1']],
    ['VM3', SILVER, ['TargetVolume2', 'TargetShare2']],
    ['VM4', SILVER, ['TargetVolume2', 'TargetShare2']],
    ['VM5', GOLD, ['chicago-hv-01-local']],
  ])('the replica of %s is where the storage example says [H2H-5] [H2H-15]', async (vm, cloud, places) => {
    expect(await enable(azure, cloud, vm)).toBe('Succeeded');
    const { disks } = await chicago(azure, vm);
    for (const { datastore } of disks) expect(places).toContain(datastore);
  });

  it('replicas go where most space is free [H2H-5]', async () => {
    await enable(azure, GOLD, 'VM1');
    await enable(azure, GOLD, 'VM2');
    // The disks of the first machine leave 400 GB on the volume.
    expect((await chicago(azure, 'VM1')).disks[0]?.datastore).toBe('TargetVolume1');
    expect((await chicago(azure, 'VM2')).disks[0]?.datastore).toBe('TargetShare1');
  });

  it('a replica joins the mapped network and its subnet, or none [H2H-3] [H2H-14]', async () => {
    await enable(azure, GOLD, 'VM1');
    await enable(azure, GOLD, 'VM5');
    expect((await chicago(azure, 'VM1')).nics[0]).toMatchObject({
      network: 'VMNetwork1-Chicago',
      subnet: 'clients',
    });
    expect((await chicago(azure, 'VM5')).nics[0]).toMatchObject({ network: '', subnet: '' });
  });

  it('is refused where no host reaches the network [H2H-3]', async () => {
    for (const host of ['chicago-hv-01', 'chicago-hv-02']) dark(host);
    expect(await enable(azure, GOLD, 'VM1')).toContain('reaches LogicalNetwork1-Chicago');
    expect(await azure.listItems()).toEqual([]);
    expect(await machinesNamed(azure, 'VM1')).toHaveLength(1);
  });

  it('disabling deletes the replica, as the policy says [OP-10]', async () => {
    await protect(azure, GOLD, 'VM1');
    expect(await run(azure, GOLD, 'VM1', 'remove', {})).toBe('Succeeded');
    expect(await azure.listItems()).toEqual([]);
    expect((await machinesNamed(azure, 'VM1')).map(({ site, power }) => [site, power])).toEqual([
      ['newyork-vmm', 'running'],
    ]);
  });
});

describe('the network on failback [H2H-4] [H2H-14]', () => {
  beforeEach(async () => {
    azure = await startVmm(withBothNetworks);
  });

  const moveReplica = async (network: string | null) => connect(azure, await chicago(azure, 'VM1'), network);
  const changeMapping = async () => {
    await unmapFirstNetwork(azure);
    expect(await mapNetwork(azure, 'VMNetwork2-NewYork', 'VMNetwork1-Chicago')).toBe('Succeeded');
  };

  /** Fails VM1 over, changes something, and brings VM1 home. Returns its network in New York. */
  async function networkAfter(change: () => Promise<unknown>): Promise<string | undefined> {
    await protect(azure, GOLD, 'VM1');
    await run(azure, GOLD, 'VM1', 'plannedFailover', PLANNED);
    await change();
    await run(azure, GOLD, 'VM1', 'reProtect', PLANNED);
    await azure.advance(HOUR);
    expect(await run(azure, GOLD, 'VM1', 'plannedFailover', PLANNED)).toBe('Succeeded');
    return (await newYork(azure, 'VM1')).nics[0]?.network;
  }

  it.each<[what: string, change: () => Promise<unknown>, network: string]>([
    ['stays when nobody changed the replica', () => Promise.resolve(), 'VMNetwork1-NewYork'],
    ['is none after a disconnected replica', () => moveReplica(null), ''],
    ['is none after a move to a network without a mapping', () => moveReplica('VMNetwork2-Chicago'), ''],
    [
      'is the mapped one after a move to a mapped network',
      async () => {
        await mapNetwork(azure, 'VMNetwork2-NewYork', 'VMNetwork2-Chicago');
        await moveReplica('VMNetwork2-Chicago');
      },
      'VMNetwork2-NewYork',
    ],
    ['is the newly mapped one after a changed mapping', changeMapping, 'VMNetwork2-NewYork'],
    [
      'follows the replica before a changed mapping',
      async () => {
        await changeMapping();
        await moveReplica(null);
      },
      '',
    ],
  ])('%s', async (_what, change, network) => {
    expect(await networkAfter(change)).toBe(network);
  });

  it('existing replicas reconnect when a mapping is made or changed [H2H-3]', async () => {
    await enable(azure, GOLD, 'VM5');
    expect((await chicago(azure, 'VM5')).nics[0]?.network).toBe('');
    await mapNetwork(azure, 'VMNetwork2-NewYork', 'VMNetwork2-Chicago');
    expect((await chicago(azure, 'VM5')).nics[0]?.network).toBe('VMNetwork2-Chicago');
    await mapNetwork(azure, 'VMNetwork2-NewYork', 'VMNetwork1-Chicago');
    expect((await chicago(azure, 'VM5')).nics[0]?.network).toBe('VMNetwork1-Chicago');
  });
});

describe('other policies', () => {
  const startWith = (settings: Record<string, string>) =>
    startVmm({
      vmm: { policies: [{ name: 'hourly-points', instanceType: 'HyperVReplica2012R2', settings }] },
    });

  it('disabling keeps the replica, as the policy says [OP-10]', async () => {
    azure = await startWith({});
    await protect(azure, GOLD, 'VM1');
    expect(await run(azure, GOLD, 'VM1', 'remove', {})).toBe('Succeeded');
    expect((await machinesNamed(azure, 'VM1')).map(({ power }) => power)).toEqual(['running', 'off']);
  });

  it('the first copy starts at its time of day [H2H-2]', async () => {
    // The clock starts at eight.
    azure = await startWith({ onlineReplicationStartTime: '12:00' });
    await enable(azure, GOLD, 'VM1');
    await azure.advance(3 * HOUR);
    expect(await state('VM1')).toContain('InitialReplicationPending');
    await azure.advance(HOUR + 2 * MINUTE);
    expect(await state('VM1')).toContain('InitialReplicationInProgress');
  });

  it('an offline first copy takes hours, and its paths are not on a host [H2H-7]', async () => {
    const paths = {
      initialReplicationMethod: 'Offline',
      offlineReplicationExportPath: sharePath('files', 'export'),
      offlineReplicationImportPath: sharePath('files', 'import'),
    };
    azure = await startWith(paths);
    await enable(azure, GOLD, 'VM1');
    await azure.advance(3 * HOUR);
    expect(await state('VM1')).toContain('InitialReplicationInProgress');
    await azure.advance(6 * HOUR);
    expect(await state('VM1')).toContain('PlannedFailover');
    await azure.close();
    azure = await startWith({ ...paths, offlineReplicationImportPath: sharePath('chicago-hv-01', 'import') });
    expect(await enable(azure, GOLD, 'VM1')).toContain('is on a Hyper-V host');
  });
});

describe('one server for two sites', () => {
  const type = 'HyperVReplica2012' as const;
  const vmm = {
    servers: [{ server: 'riverside-vmm' }],
    policies: [{ name: 'plain', instanceType: type, settings: { recoveryPoints: 2 } }],
    cloudMappings: [{ name: 'east', from: 'East', to: 'West', policy: 'plain' }],
    networkMappings: [{ from: 'east-lan', to: 'west-lan' }],
    storageMappings: [{ from: 'FAST', to: 'FAST_WEST' }],
  };
  const options = { policy: 'plain', type };

  it('a replica of Hyper-V Replica is adopted, without another copy [H2H-6] [H2H-16]', async () => {
    azure = await startOneServer(vmm);
    const before = await machinesNamed(azure, 'ledger');
    expect(await enable(azure, 'East', 'ledger', options)).toBe('Succeeded');
    await azure.advance(15 * MINUTE);
    expect(await state('ledger', 'East')).toContain('PlannedFailover');
    const after = await machinesNamed(azure, 'ledger');
    expect(after.map(({ id }) => id).toSorted()).toEqual(before.map(({ id }) => id).toSorted());
    expect(after.find(({ server }) => server === 'west-hv-01')?.nics[0]?.network).toBe('west-lan');
  });

  it('is not adopted from a host outside of the secondary cloud [H2H-6]', async () => {
    azure = await startOneServer(vmm, (server) => ({
      ...server,
      hosts: server.hosts.map((host) =>
        host.name === 'west-hv-01' ? { ...host, hostGroup: 'EastHosts' } : host,
      ),
    }));
    expect(await enable(azure, 'East', 'ledger', options)).toContain('is not in the secondary cloud');
    expect(await azure.listItems()).toEqual([]);
  });

  it('is refused where no host reaches both the network and the storage [H2H-3]', async () => {
    azure = await startOneServer(vmm);
    expect(await enable(azure, 'East', 'payroll', options)).toContain(
      'reaches both the mapped network and the storage',
    );
    expect(await azure.listItems()).toEqual([]);
  });

  it('the machine of the VMM server is in no cloud [H2H-16]', async () => {
    azure = await startOneServer(vmm);
    await expect(enable(azure, 'East', 'vmm', options)).rejects.toThrow('There is no vmm');
  });
});
