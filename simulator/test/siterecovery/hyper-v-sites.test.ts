// Hyper-V sites: their creation, the registration of hosts, machines to protect, policies.

import {
  associatePolicy,
  createSite,
  enable,
  errorsOf,
  HOUR,
  makeRegistrationKey,
  OFFICE_VAULT,
  prepareOffice,
  register,
  runJob,
  siteMachine,
  startHyperV,
} from './hyper-v.ts';
import { all, VAULT_GROUP, type TestAzure } from './test-azure.ts';

const SITE = 'office-site';
let azure: TestAzure;
beforeEach(async () => {
  azure = await startHyperV(OFFICE_VAULT);
});
afterEach(() => azure.close());

const listProviders = () =>
  all(
    azure.client.replicationRecoveryServicesProviders.listByReplicationFabrics(
      azure.vault,
      VAULT_GROUP,
      SITE,
    ),
  );

describe('a site', () => {
  it('brings its own container, and a client cannot create another', async () => {
    const { container } = await createSite(azure, SITE);
    const fabric = await azure.client.replicationFabrics.get(azure.vault, VAULT_GROUP, SITE);
    expect(fabric.properties).toMatchObject({
      friendlyName: SITE,
      customDetails: { instanceType: 'HyperVSite', hyperVHosts: [] },
    });
    expect(container).toBe(`cloud_${fabric.properties?.internalIdentifier ?? ''}`);
    const path = `/replicationFabrics/${SITE}/replicationProtectionContainers`;
    expect((await azure.sendRaw('PUT', `${path}/mine`, { properties: {} })).status).toBe(400);
    expect((await azure.sendRaw('GET', `${path}/${container}`)).body).toMatchObject({
      properties: { fabricType: 'HyperVSite', friendlyName: SITE, pairingStatus: 'NotPaired' },
    });
  });

  it('accepts the base type that PowerShell sends', async () => {
    const body = { properties: { customDetails: { instanceType: 'FabricSpecificCreationInput' } } };
    expect((await azure.sendRaw('PUT', `/replicationFabrics/${SITE}`, body)).status).toBe(202);
    await azure.advance(HOUR);
    const fabric = await azure.client.replicationFabrics.get(azure.vault, VAULT_GROUP, SITE);
    expect(fabric.properties?.customDetails?.instanceType).toBe('HyperVSite');
  });

  it('goes with its container, unless a mapping uses the container', async () => {
    const place = await createSite(azure, SITE);
    await associatePolicy(azure, place);
    const remove = () =>
      runJob(azure, (options) =>
        azure.client.replicationFabrics.beginDelete(azure.vault, VAULT_GROUP, SITE, options),
      );
    expect((await remove()).state).toBe('Failed');
    await runJob(azure, (options) =>
      azure.client.replicationProtectionContainerMappings.beginDelete(
        azure.vault,
        VAULT_GROUP,
        place.fabric,
        place.container,
        'hourly-mapping',
        { properties: {} },
        options,
      ),
    );
    expect((await remove()).state).toBe('Succeeded');
    expect(await all(azure.client.replicationFabrics.list(azure.vault, VAULT_GROUP))).toEqual([]);
    expect(await all(azure.client.replicationProtectionContainers.list(azure.vault, VAULT_GROUP))).toEqual(
      [],
    );
  });
});

describe('a registration key', () => {
  it('registers a host, which shows its machines', async () => {
    const { fabric, container } = await createSite(azure, SITE);
    const list = () =>
      all(
        azure.client.replicationProtectableItems.listByReplicationProtectionContainers(
          azure.vault,
          VAULT_GROUP,
          fabric,
          container,
        ),
      );
    expect(await list()).toEqual([]);
    expect(await register(azure, 'office-hv-02', await makeRegistrationKey(azure, SITE))).toBe(
      `registered in ${SITE}`,
    );
    const [provider] = await listProviders();
    expect(provider?.properties).toMatchObject({
      friendlyName: 'office-hv-02',
      connectionStatus: 'Connected',
      fabricType: 'HyperVSite',
    });
    const items = await list();
    const { id, disks } = await siteMachine(azure, 'erp-db');
    expect(items.map(({ name }) => name)).toEqual([id]);
    expect(items[0]?.properties).toMatchObject({
      friendlyName: 'erp-db',
      protectionStatus: 'Unprotected',
      supportedReplicationProviders: ['HyperVReplicaAzure'],
      recoveryServicesProviderId: provider?.id,
      customDetails: {
        instanceType: 'HyperVVirtualMachine',
        generation: '2',
        diskDetails: disks.map((disk) => ({ vhdId: disk.id, vhdName: disk.name, vhdType: 'Data' })),
      },
    });
    const one = await azure.client.replicationProtectableItems.get(
      azure.vault,
      VAULT_GROUP,
      fabric,
      container,
      id,
    );
    expect(one).toEqual(items[0]);
  });

  it('has a second page, which is empty', async () => {
    const { fabric, container } = await prepareOffice(azure);
    const path = `/replicationFabrics/${fabric}/replicationProtectionContainers/${container}/replicationProtectableItems`;
    const first = (await azure.sendRaw('GET', path)).body as { value: unknown[]; nextLink: string };
    expect([first.value.length, first.nextLink]).toEqual([
      4,
      expect.stringContaining('$skipToken=ReplicationGroup'),
    ]);
    const second = await azure.sendRaw('GET', first.nextLink.slice(azure.url.length));
    expect(second.body).toEqual({ value: [], nextLink: null });
  });

  it('is valid for five days', async () => {
    await createSite(azure, SITE);
    const key = await makeRegistrationKey(azure, SITE);
    await azure.advance(119 * HOUR);
    expect(await register(azure, 'office-hv-01', key)).toBe(`registered in ${SITE}`);
    await azure.advance(2 * HOUR);
    expect(await register(azure, 'office-hv-02', key)).toContain('The registration key was valid until');
    expect(await listProviders()).toHaveLength(1);
  });

  it.each([
    ['another vault', { ResourceName: 'no-vault' }, 'The vault of the registration key does not exist.'],
    ['another integrity key', { ChannelIntegrityKey: 'b3RoZXI=' }, 'The integrity key'],
    ['no certificate', { ManagementCert: '' }, 'The certificate in the registration key is not known'],
    ['another site', { SiteId: 'b1a7d5a0-0000-5000-8000-000000000000' }, 'The vault has no Hyper-V site'],
  ])('is refused with %s', async (_what, change, message) => {
    await createSite(azure, SITE);
    const key = await makeRegistrationKey(azure, SITE, { change });
    expect(await register(azure, 'office-hv-01', key)).toContain(message);
    expect(await listProviders()).toEqual([]);
  });

  it('needs a host that answers and belongs to no other site', async () => {
    await createSite(azure, SITE);
    const key = await makeRegistrationKey(azure, SITE);
    expect(await register(azure, 'nobody', key)).toBe("There is no Hyper-V host 'nobody'.");
    expect(await register(azure, 'plant-hv-01', key)).toContain("registered in 'plant-site' already");
    azure.faults.add({ id: 'dark', point: 'standing', do: { kind: 'serverDark', server: 'office-hv-01' } });
    expect(await register(azure, 'office-hv-01', key)).toContain('does not answer');
  });

  it('is no certificate of somebody else', async () => {
    const path = '/certificates/mine';
    const body = (certificate: string) => ({ properties: { authType: 'AAD', certificate } });
    expect((await azure.sendRaw('PUT', path, body('bm90IGEgY2VydGlmaWNhdGU='))).status).toBe(400);
    expect((await azure.sendRaw('GET', '/extendedInformation/vaultExtendedInfo')).body).toMatchObject({
      error: { code: 'ResourceExtendedInfoNotFound' },
    });
  });
});

it('shows a host that does not answer as not connected', async () => {
  await prepareOffice(azure);
  azure.faults.add({ id: 'dark', point: 'standing', do: { kind: 'serverDark', server: 'office-hv-03' } });
  const [one, , three] = await listProviders();
  const seen = three?.properties?.lastHeartBeat?.getTime();
  await azure.advance(HOUR);
  expect(one?.properties?.connectionStatus).toBe('Connected');
  const later = (await listProviders())[2];
  expect(later?.properties).toMatchObject({ friendlyName: 'office-hv-03', connectionStatus: 'NotConnected' });
  expect(later?.properties?.lastHeartBeat?.getTime()).toBe(seen);
});

describe('the registration of a host', () => {
  const nameOf = async (host: string) => {
    const providers = await listProviders();
    return providers.find(({ properties }) => properties?.friendlyName === host)?.name ?? '';
  };
  const providers = () => azure.client.replicationRecoveryServicesProviders;
  const unregister = async (host: string) => {
    const name = await nameOf(host);
    return runJob(azure, (options) => providers().beginDelete(azure.vault, VAULT_GROUP, SITE, name, options));
  };
  const removeSite = () =>
    runJob(azure, (options) =>
      azure.client.replicationFabrics.beginDelete(azure.vault, VAULT_GROUP, SITE, options),
    );

  it('cannot go while an item needs the host', async () => {
    const place = await prepareOffice(azure);
    await enable(azure, place, 'erp-web');
    const path = `/replicationFabrics/${SITE}/replicationRecoveryServicesProviders/${await nameOf('office-hv-01')}`;
    expect(await azure.sendRaw('POST', `${path}/remove`)).toMatchObject({
      status: 400,
      body: {
        error: {
          message: expect.stringContaining("The server 'office-hv-01' is used by 'erp-web'.") as unknown,
        },
      },
    });
    expect((await unregister('office-hv-03')).state).toBe('Succeeded');
    expect((await listProviders()).map(({ properties }) => properties?.friendlyName)).toEqual([
      'office-hv-01',
      'office-hv-02',
    ]);
  });

  it('goes with a purge even while an item needs the host, whose replication then stops', async () => {
    const place = await prepareOffice(azure);
    await enable(azure, place, 'erp-web');
    await azure.advance(2 * HOUR);
    const name = await nameOf('office-hv-01');
    const job = await runJob(azure, (options) =>
      providers().beginPurge(azure.vault, VAULT_GROUP, SITE, name, options),
    );
    expect(job.state).toBe('Succeeded');
    await azure.advance(2 * HOUR);
    const item = await azure.client.replicationProtectedItems.get(
      azure.vault,
      VAULT_GROUP,
      place.fabric,
      place.container,
      'erp-web',
    );
    expect(item.properties?.replicationHealth).toBe('Critical');
    expect(await register(azure, 'office-hv-01', await makeRegistrationKey(azure, SITE))).toBe(
      `registered in ${SITE}`,
    );
  });

  it('goes before its site', async () => {
    await createSite(azure, SITE);
    await register(azure, 'office-hv-01', await makeRegistrationKey(azure, SITE));
    const refused = await removeSite();
    expect([refused.state, errorsOf(refused)]).toEqual(['Failed', ['150160 It is used by office-hv-01.']]);
    expect((await unregister('office-hv-01')).state).toBe('Succeeded');
    expect((await removeSite()).state).toBe('Succeeded');
  });

  it('goes with a purge of its site', async () => {
    await createSite(azure, SITE);
    await register(azure, 'office-hv-01', await makeRegistrationKey(azure, SITE));
    const job = await runJob(azure, (options) =>
      azure.client.replicationFabrics.beginPurge(azure.vault, VAULT_GROUP, SITE, options),
    );
    expect(job.state).toBe('Succeeded');
    await createSite(azure, SITE);
    expect(await listProviders()).toEqual([]);
  });

  it('refreshes while the host answers', async () => {
    await prepareOffice(azure);
    const name = await nameOf('office-hv-01');
    const refresh = () =>
      runJob(azure, (options) =>
        providers().beginRefreshProvider(azure.vault, VAULT_GROUP, SITE, name, options),
      );
    expect((await refresh()).state).toBe('Succeeded');
    azure.faults.add({ id: 'dark', point: 'standing', do: { kind: 'serverDark', server: 'office-hv-01' } });
    expect(errorsOf(await refresh())[0]).toContain('78029');
  });
});

it('discovers no physical machines', async () => {
  const { fabric, container } = await createSite(azure, SITE);
  const path = `/replicationFabrics/${fabric}/replicationProtectionContainers/${container}/discoverProtectableItem`;
  const body = { properties: { friendlyName: 'tower', ipAddress: '10.1.0.9', osType: 'Linux' } };
  expect((await azure.sendRaw('POST', path, body)).status).toBe(400);
});

describe('a policy', () => {
  const write = (changes: object) =>
    runJob(azure, (options) =>
      azure.client.replicationPolicies.beginCreate(
        azure.vault,
        VAULT_GROUP,
        'policy',
        {
          properties: {
            providerSpecificInput: {
              instanceType: 'HyperVReplicaAzure' as const,
              recoveryPointHistoryDuration: 2,
              applicationConsistentSnapshotFrequencyInHours: 1,
              replicationInterval: 300,
              ...changes,
            },
          },
        },
        options,
      ),
    );
  const read = async () =>
    (await azure.client.replicationPolicies.get(azure.vault, VAULT_GROUP, 'policy')).properties
      ?.providerSpecificDetails;

  it('reads back under other names, and a second write changes it', async () => {
    expect((await write({})).state).toBe('Succeeded');
    expect(await read()).toEqual({
      instanceType: 'HyperVReplicaAzure',
      recoveryPointHistoryDurationInHours: 2,
      applicationConsistentSnapshotFrequencyInHours: 1,
      replicationInterval: 300,
      encryption: 'Disabled',
      activeStorageAccountId: null,
    });
    expect((await write({ replicationInterval: 30 })).state).toBe('Succeeded');
    expect(await read()).toMatchObject({ replicationInterval: 30, recoveryPointHistoryDurationInHours: 2 });
  });

  it.each([
    [{ recoveryPointHistoryDuration: 25 }, 'up to 24 hours'],
    [
      { applicationConsistentSnapshotFrequencyInHours: 13, recoveryPointHistoryDuration: 24 },
      'every 1 to 12 hours',
    ],
    [{ applicationConsistentSnapshotFrequencyInHours: 4 }, 'outlive the retention'],
    [{ replicationInterval: 60 }, 'every 30, 300, 900 seconds'],
  ])('is refused with %j', async (changes, message) => {
    const job = await write(changes);
    expect([job.state, errorsOf(job)[0]]).toEqual(['Failed', expect.stringContaining(message)]);
    await expect(read()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('is mapped to Azure itself, and cannot go while a machine uses it', async () => {
    const place = await prepareOffice(azure);
    const mapping = await azure.client.replicationProtectionContainerMappings.get(
      azure.vault,
      VAULT_GROUP,
      place.fabric,
      place.container,
      'hourly-mapping',
    );
    expect(mapping.properties).toMatchObject({
      targetProtectionContainerId: 'Microsoft Azure',
      targetFabricFriendlyName: 'Microsoft Azure',
      sourceProtectionContainerFriendlyName: 'office-site',
      state: 'Paired',
    });
    await enable(azure, place, 'erp-web');
    const job = await runJob(azure, (options) =>
      azure.client.replicationProtectionContainerMappings.beginDelete(
        azure.vault,
        VAULT_GROUP,
        place.fabric,
        place.container,
        'hourly-mapping',
        { properties: {} },
        options,
      ),
    );
    expect([job.state, errorsOf(job)[0]]).toEqual(['Failed', '150160 It is used by erp-web.']);
  });
});
