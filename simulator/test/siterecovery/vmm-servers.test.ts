// VMM servers: registration, clouds, policies, and the mappings of clouds, networks and storage.

import { errorsOf, HOUR, makeRegistrationKey, register, runJob } from './hyper-v.ts';
import {
  classificationOf,
  cloudOf,
  EMPTY,
  fabricOf,
  mapNetwork,
  outcome,
  policyPath,
  sharePath,
  startOneServer,
  startVmm,
} from './vmm.ts';
import { all, VAULT_GROUP, type TestAzure } from './test-azure.ts';

let azure: TestAzure;
afterEach(() => azure.close());

const providersOf = async (server: string) =>
  all(
    azure.client.replicationRecoveryServicesProviders.listByReplicationFabrics(
      azure.vault,
      VAULT_GROUP,
      (await fabricOf(azure, server)).name,
    ),
  );
const cloudNames = async () =>
  (await all(azure.client.replicationProtectionContainers.list(azure.vault, VAULT_GROUP))).map(
    ({ properties }) => properties?.friendlyName,
  );

describe('the registration of a VMM server', () => {
  const answerOf = (server: string, key: string, clouds?: readonly string[]) =>
    azure.admin<{ error?: string }>('on-premises/register', { server, key, ...(clouds && { clouds }) });
  beforeEach(async () => {
    azure = await startVmm({ vmm: EMPTY });
  });

  it('brings a fabric with all clouds as containers [H2H-1] [H2H-11]', async () => {
    const key = await makeRegistrationKey(azure, undefined);
    expect(await register(azure, 'newyork-vmm', key)).toContain('registered in ');
    const { name } = await fabricOf(azure, 'newyork-vmm');
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    const fabric = await azure.client.replicationFabrics.get(azure.vault, VAULT_GROUP, name);
    expect(fabric.properties).toMatchObject({ health: 'Normal', customDetails: { instanceType: 'VMM' } });
    expect(await cloudNames()).toEqual(['GoldCloud1', 'SilverCloud1']);
    const [provider] = await providersOf('newyork-vmm');
    expect(provider?.properties).toMatchObject({ fabricType: 'VMM', connectionStatus: 'Connected' });
    const path = `/replicationFabrics/${name}/replicationProtectionContainers/mine`;
    expect((await azure.sendRaw('PUT', path, { properties: {} })).status).toBe(400);
    expect(
      (
        await azure.sendRaw('PUT', '/replicationFabrics/mine', {
          properties: { customDetails: { instanceType: 'VMM' } },
        })
      ).status,
    ).toBe(400);
  });

  it('brings chosen clouds, and others later [H2H-11]', async () => {
    const key = await makeRegistrationKey(azure, undefined);
    expect(await answerOf('newyork-vmm', key, ['BronzeCloud1'])).toMatchObject({
      error: expect.stringContaining('no cloud') as string,
    });
    expect(await answerOf('newyork-vmm', key, ['GoldCloud1'])).not.toHaveProperty('error');
    expect(await cloudNames()).toEqual(['GoldCloud1']);
    const synchronize = (cloud: string) =>
      azure.admin<{ error?: string }>('on-premises/synchronize', { server: 'newyork-vmm', cloud });
    expect((await synchronize('Nowhere')).error).toContain("no cloud 'Nowhere'");
    await synchronize('SilverCloud1');
    expect(await cloudNames()).toEqual(['GoldCloud1', 'SilverCloud1']);
  });

  it('of a cluster begins on the active node [H2H-12]', async () => {
    const key = await makeRegistrationKey(azure, undefined);
    for (const server of ['chicago-vmm', 'chicago-vmm-02'])
      expect(await register(azure, server, key)).toContain("'chicago-vmm-01' first");
    expect(await all(azure.client.replicationFabrics.list(azure.vault, VAULT_GROUP))).toEqual([]);
    for (const node of ['chicago-vmm-01', 'chicago-vmm-02'])
      expect(await register(azure, node, key)).toContain('registered in ');
    expect(
      (await providersOf('chicago-vmm')).map(({ properties }) => [
        properties?.friendlyName,
        properties?.machineName,
      ]),
    ).toEqual([
      ['chicago-vmm', 'chicago-vmm-01'],
      ['chicago-vmm', 'chicago-vmm-02'],
    ]);
  });

  it('needs a valid key of the vault and a server that answers [H2H-1]', async () => {
    const key = await makeRegistrationKey(azure, undefined);
    expect(await register(azure, 'newyork-vmm', key.replace(VAULT_GROUP, 'nowhere'))).toContain(
      'does not exist',
    );
    expect(
      await register(azure, 'newyork-vmm', key.replace('<SiteId></SiteId>', '<SiteId>x</SiteId>')),
    ).toContain('Hyper-V site');
    azure.faults.add({ id: 'dark', point: 'standing', do: { kind: 'serverDark', server: 'newyork-vmm' } });
    expect(await register(azure, 'newyork-vmm', key)).toContain('does not answer');
    azure.faults.remove('dark');
    await azure.advance(5 * 24 * HOUR);
    expect(await register(azure, 'newyork-vmm', key)).toContain('was valid until');
    expect(await all(azure.client.replicationFabrics.list(azure.vault, VAULT_GROUP))).toEqual([]);
  });

  it('ends with the fabric [H2H-1]', async () => {
    await register(azure, 'newyork-vmm', await makeRegistrationKey(azure, undefined));
    const { name } = await fabricOf(azure, 'newyork-vmm');
    const job = await runJob(azure, (options) =>
      azure.client.replicationFabrics.beginDelete(azure.vault, VAULT_GROUP, name, options),
    );
    expect([job.scenarioName, job.state]).toEqual(['UnregisterFabric', 'Succeeded']);
    expect(await cloudNames()).toEqual([]);
  });
});

describe('a policy', () => {
  const create = async (settings: object, instanceType = 'HyperVReplica2012R2') =>
    runJob(azure, (options) =>
      azure.client.replicationPolicies.beginCreate(
        azure.vault,
        VAULT_GROUP,
        'mine',
        {
          properties: {
            providerSpecificInput: { instanceType: instanceType as 'HyperVReplica2012R2', ...settings },
          },
        },
        options,
      ),
    );
  beforeEach(async () => {
    azure = await startVmm();
  });

  it('shows its settings in the words of the service [H2H-2]', async () => {
    const job = await create({
      replicationFrequencyInSeconds: 30,
      recoveryPoints: 4,
      applicationConsistentSnapshotFrequencyInHours: 2,
      compression: 'Disable',
      initialReplicationMethod: 'OverNetwork',
      allowedAuthenticationType: 1,
      replicaDeletion: 'Required',
    });
    expect(job.state).toBe('Succeeded');
    const { properties } = await azure.client.replicationPolicies.get(azure.vault, VAULT_GROUP, 'mine');
    expect(properties?.providerSpecificDetails).toMatchObject({
      instanceType: 'HyperVReplica2012R2',
      replicationFrequencyInSeconds: 30,
      compression: 'Disabled',
      replicationPort: 8083,
      replicaDeletionOption: 'SecondaryVMOnRecoveryCloud',
    });
  });

  it.each([
    ['another interval', { replicationFrequencyInSeconds: 60 }, 'every 30, 300, 900 seconds', undefined],
    ['16 points on 2012', { recoveryPoints: 16 }, 'Up to 15', 'HyperVReplica2012'],
    ['25 points', { recoveryPoints: 25 }, 'Up to 24', undefined],
    [
      'snapshots that outlive the points',
      { recoveryPoints: 4, applicationConsistentSnapshotFrequencyInHours: 4 },
      'need more than 4',
      undefined,
    ],
    ['a start that is no time', { onlineReplicationStartTime: '25:00' }, 'time of day', undefined],
    ['an offline copy without paths', { initialReplicationMethod: 'Offline' }, 'needs the path', undefined],
    ['an unknown authentication', { allowedAuthenticationType: 3 }, 'Kerberos', undefined],
    ['a port that does not exist', { replicationPort: 70_000 }, 'port 70000', undefined],
  ])('is refused with %s [H2H-2]', async (_what, settings, message, type) => {
    const job = await create(settings, type);
    expect(errorsOf(job)[0]).toContain(`150261 `);
    expect(errorsOf(job)[0]).toContain(message);
    await expect(azure.client.replicationPolicies.get(azure.vault, VAULT_GROUP, 'mine')).rejects.toThrow();
  });
});

it('a policy of hosts on 2012 copies every five minutes only [H2H-2]', async () => {
  azure = await startVmm();
  const put = async (replicationFrequencyInSeconds: number) => {
    const providerSpecificInput = { instanceType: 'HyperVReplica2012', replicationFrequencyInSeconds };
    await azure.sendRaw('PUT', '/replicationPolicies/old', { properties: { providerSpecificInput } });
    await azure.advance(HOUR);
    return (await azure.sendRaw('GET', '/replicationPolicies/old')).status;
  };
  expect(await put(30)).toBe(404);
  expect(await put(300)).toBe(200);
});

describe('a mapping of clouds', () => {
  const map = async (from: string, to: string, policy: string) => {
    const [source, target] = [await cloudOf(azure, from), await cloudOf(azure, to)];
    const properties = {
      policyId: policyPath(azure, policy),
      targetProtectionContainerId: `${azure.vaultPath}/replicationFabrics/${target.fabric}/replicationProtectionContainers/${target.container}`,
    };
    return outcome(
      await runJob(azure, (options) =>
        azure.client.replicationProtectionContainerMappings.beginCreate(
          azure.vault,
          VAULT_GROUP,
          source.fabric,
          source.container,
          'mine',
          { properties },
          options,
        ),
      ),
    );
  };
  const offline = {
    name: 'offline',
    instanceType: 'HyperVReplica2012' as const,
    settings: {
      initialReplicationMethod: 'Offline',
      offlineReplicationExportPath: sharePath('files', 'export'),
      offlineReplicationImportPath: sharePath('files', 'import'),
    },
  };
  const plain = { name: 'plain', instanceType: 'HyperVReplica2012' as const, settings: {} };

  it('needs two clouds [H2H-1]', async () => {
    azure = await startVmm({ vmm: { cloudMappings: [], networkMappings: [] } });
    expect(await map('GoldCloud1', 'GoldCloud1', 'hourly-points')).toContain('cannot replicate to itself');
    expect(await map('GoldCloud1', 'GoldCloud2', 'hourly-points')).toBe('Succeeded');
    const place = await cloudOf(azure, 'GoldCloud2');
    const target = await azure.client.replicationProtectionContainers.get(
      azure.vault,
      VAULT_GROUP,
      place.fabric,
      place.container,
    );
    expect(target.properties).toMatchObject({ pairingStatus: 'Paired', role: 'Recovery' });
  });

  it('needs a policy for the version of the hosts [H2H-2]', async () => {
    azure = await startVmm({ vmm: { policies: [plain], cloudMappings: [], networkMappings: [] } });
    expect(await map('GoldCloud1', 'GoldCloud2', 'plain')).toContain('Windows Server 2012,');
  });

  it('within one server replicates over the network only [H2H-16]', async () => {
    azure = await startOneServer({ servers: [{ server: 'riverside-vmm' }], policies: [offline, plain] });
    expect(await map('East', 'West', 'offline')).toContain('needs two servers');
    expect(await map('East', 'West', 'plain')).toBe('Succeeded');
  });
});

describe('the mapping of networks', () => {
  const map = (from: string, to: string, name?: string) => mapNetwork(azure, from, to, name);

  it('has the available targets of the example [H2H-3] [H2H-14]', async () => {
    azure = await startVmm({ vmm: { networkMappings: [] } });
    expect(await map('VMNetwork1-NewYork', 'VMNetwork1-Chicago')).toBe('Succeeded');
    const [mapping] = await all(azure.client.replicationNetworkMappings.list(azure.vault, VAULT_GROUP));
    expect(mapping?.properties).toMatchObject({
      primaryNetworkFriendlyName: 'VMNetwork1-NewYork',
      recoveryNetworkFriendlyName: 'VMNetwork1-Chicago',
      recoveryFabricFriendlyName: 'chicago-vmm',
      fabricSpecificSettings: { instanceType: 'VmmToVmm' },
    });
    expect(await map('VMNetwork1-NewYork', 'VMNetwork2-Chicago')).toBe('Succeeded');
    // No synchronised cloud has the second network of New York.
    expect(await map('VMNetwork2-NewYork', 'VMNetwork1-Chicago', 'other')).toContain(
      'No cloud with the network',
    );
  });

  it('without the gold clouds has the first network of Chicago only [H2H-14]', async () => {
    const silver = { name: 'silver', from: 'SilverCloud1', to: 'SilverCloud2', policy: 'hourly-points' };
    azure = await startVmm({ vmm: { cloudMappings: [silver], networkMappings: [] } });
    expect(await map('VMNetwork1-NewYork', 'VMNetwork2-Chicago')).toContain('No cloud with the network');
    expect(await all(azure.client.replicationNetworkMappings.list(azure.vault, VAULT_GROUP))).toEqual([]);
    expect(await map('VMNetwork1-NewYork', 'VMNetwork1-Chicago')).toBe('Succeeded');
  });

  it('lists the networks and the logical networks of a server', async () => {
    azure = await startVmm();
    const { name } = await fabricOf(azure, 'chicago-vmm');
    const { client, vault } = azure;
    const names = (things: readonly { properties?: { friendlyName?: string } }[]) =>
      things.map(({ properties }) => properties?.friendlyName);
    expect(
      names(await all(client.replicationNetworks.listByReplicationFabrics(vault, VAULT_GROUP, name))),
    ).toEqual(['VMNetwork1-Chicago', 'VMNetwork2-Chicago']);
    expect(
      names(await all(client.replicationLogicalNetworks.listByReplicationFabrics(vault, VAULT_GROUP, name))),
    ).toEqual(['LogicalNetwork1-Chicago', 'LogicalNetwork2-Chicago']);
  });
});

it('storage classifications are mapped, and unmapped [H2H-5]', async () => {
  azure = await startVmm({ vmm: { storageMappings: [] } });
  const { client, vault } = azure;
  const { name: fabric } = await fabricOf(azure, 'newyork-vmm');
  const [gold, target] = [
    await classificationOf(azure, 'GOLD'),
    await classificationOf(azure, 'GOLD_TARGET'),
  ];
  const map = (targetStorageClassificationId: string) =>
    runJob(azure, (options) =>
      client.replicationStorageClassificationMappings.beginCreate(
        vault,
        VAULT_GROUP,
        fabric,
        gold.name,
        'gold',
        { properties: { targetStorageClassificationId } },
        options,
      ),
    );
  const path = `/replicationFabrics/${fabric}/replicationStorageClassifications/${gold.name}/replicationStorageClassificationMappings/gold`;
  for (const id of [gold.id, `${target.id}x`])
    expect(
      (await azure.sendRaw('PUT', path, { properties: { targetStorageClassificationId: id } })).status,
    ).toBe(400);
  expect((await map(target.id)).state).toBe('Succeeded');
  const list = () => all(client.replicationStorageClassificationMappings.list(vault, VAULT_GROUP));
  expect((await list())[0]?.properties).toEqual({ targetStorageClassificationId: target.id });
  await runJob(azure, (options) =>
    client.replicationStorageClassificationMappings.beginDelete(
      vault,
      VAULT_GROUP,
      fabric,
      gold.name,
      'gold',
      options,
    ),
  );
  expect(await list()).toEqual([]);
});
