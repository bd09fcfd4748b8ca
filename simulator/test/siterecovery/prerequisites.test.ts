import { RECOVERY_SIDE, TestAzure, PRIMARY_SIDE, MINUTE, VAULT, VAULT_GROUP, all } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

interface Told {
  readonly error?: { readonly code: string } | null;
  readonly status?: string;
}

/** Sends a write, waits for the end of its job, and returns the final status of the operation. */
async function write(method: string, path: string, body?: unknown, minutes = 5): Promise<Told> {
  const answer = await azure.sendRaw(method, path, body);
  expect([path, answer.status]).toEqual([path, 202]);
  await azure.advance(minutes * MINUTE);
  const url = new URL(answer.headers?.['Azure-AsyncOperation'] ?? '');
  return (
    await azure.sendRaw('GET', `${url.pathname.replace('/Subscriptions/', '/subscriptions/')}${url.search}`)
  ).body as Told;
}

const policy = (
  recoveryPointHistory: number,
  appConsistentFrequencyInMinutes: number,
  crashConsistentFrequencyInMinutes = 5,
) => ({
  properties: {
    providerSpecificInput: {
      instanceType: 'A2A',
      recoveryPointHistory,
      appConsistentFrequencyInMinutes,
      crashConsistentFrequencyInMinutes,
      multiVmSyncStatus: 'Enable',
    },
  },
});

describe('a policy', () => {
  it.each([
    [60, 60],
    [72 * 60, 720],
    [15 * 24 * 60, 240],
    [0, 0],
    [1440, 0],
  ])(
    'accepts values within the limits: %d minutes of retention, snapshots every %d',
    async (history, app) => {
      expect(await write('PUT', '/replicationPolicies/fits', policy(history, app))).toMatchObject({
        status: 'Succeeded',
        error: null,
      });
      expect(
        (await azure.client.replicationPolicies.get(VAULT, VAULT_GROUP, 'fits')).properties
          ?.providerSpecificDetails,
      ).toMatchObject({
        recoveryPointHistory: history,
        appConsistentFrequencyInMinutes: app,
        multiVmSyncStatus: 'Enabled',
      });
    },
  );

  it.each([
    [15 * 24 * 60 + 1, 60, 5],
    [-1, 0, 5],
    [5400, 1440, 5],
    [1440, 30, 5],
    [60, 120, 5],
    [1440, 60, 0],
  ])('fails as an operation outside the limits: %d, %d, %d', async (history, app, crash) => {
    expect(await write('PUT', '/replicationPolicies/wide', policy(history, app, crash))).toMatchObject({
      status: 'Failed',
      error: { code: '150261' },
    });
    expect(await azure.sendRaw('GET', '/replicationPolicies/wide')).toMatchObject({ status: 404 });
  });

  it('changes with another key than at creation, and cannot be removed while in use', async () => {
    const change = {
      properties: {
        replicationProviderSettings: {
          instanceType: 'A2A',
          recoveryPointHistory: 2880,
          multiVmSyncStatus: 'Disable',
        },
      },
    };
    expect(await write('PATCH', '/replicationPolicies/day-of-points', change)).toMatchObject({
      status: 'Succeeded',
    });
    expect(
      (await azure.client.replicationPolicies.get(VAULT, VAULT_GROUP, 'day-of-points')).properties
        ?.providerSpecificDetails,
    ).toMatchObject({
      recoveryPointHistory: 2880,
      appConsistentFrequencyInMinutes: 240,
      multiVmSyncStatus: 'Disabled',
    });
    expect(await write('DELETE', '/replicationPolicies/day-of-points')).toMatchObject({
      status: 'Failed',
      error: { code: '150160' },
    });
    expect(await azure.sendRaw('DELETE', '/replicationPolicies/ghost')).toMatchObject({ status: 404 });
  });
});

describe('the prerequisites', () => {
  it('include one fabric for a region, and the region finds it', async () => {
    const fabric = (location: string) => ({
      properties: { customDetails: { instanceType: 'Azure', location } },
    });
    expect(await write('PUT', '/replicationFabrics/japan', fabric('japaneast'))).toMatchObject({
      status: 'Succeeded',
    });
    const found = await all(azure.client.replicationFabrics.list(VAULT, VAULT_GROUP));
    expect(found.map(({ properties }) => properties?.friendlyName)).toContain('Japan East');
    const byRegion = (
      await azure.sendRaw(
        'GET',
        `/replicationFabrics?api-version=2023-06-01&$filter=${encodeURIComponent("Location eq 'japaneast'")}`,
      )
    ).body as { value: { name: string }[] };
    expect(byRegion.value.map((one) => one.name)).toEqual(['japan']);
    expect(await azure.sendRaw('PUT', '/replicationFabrics/japan-too', fabric('japaneast'))).toMatchObject({
      status: 400,
    });
    expect(await azure.sendRaw('PUT', '/replicationFabrics/nowhere', fabric('atlantis'))).toMatchObject({
      status: 400,
    });
    expect(await write('PUT', '/replicationFabrics/japan', fabric('japaneast'))).toMatchObject({
      status: 'Succeeded',
    });
  });

  it('cannot be removed while something uses them, but can be purged', async () => {
    const container = `/replicationFabrics/${PRIMARY_SIDE.fabric}/replicationProtectionContainers/${PRIMARY_SIDE.container}`;
    for (const path of [
      `/replicationFabrics/${PRIMARY_SIDE.fabric}/remove`,
      `${container}/remove`,
      `${container}/replicationProtectionContainerMappings/eastasia-to-southeastasia/remove`,
    ]) {
      expect(await write('POST', path, { properties: {} })).toMatchObject({
        status: 'Failed',
        error: { code: '150160' },
      });
    }
    expect(await write('DELETE', `/replicationFabrics/${PRIMARY_SIDE.fabric}`)).toMatchObject({
      status: 'Succeeded',
    });
    expect((await azure.listItems()).length).toBe(0);
    expect(azure.world.list({ type: 'Microsoft.Compute/virtualMachines' }).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['web', 'app', 'sql']),
    );
  });

  it('appear at the Location of a write once they exist, and their absence is 204', async () => {
    const made = await azure.sendRaw('PUT', '/replicationPolicies/soon', policy(60, 0));
    const location = new URL(made.headers?.['Location'] ?? '');
    const look = () =>
      azure.sendRaw(
        'GET',
        `${location.pathname.replace('/Subscriptions/', '/subscriptions/')}${location.search}`,
      );
    expect(await look()).toMatchObject({ status: 202, headers: { 'Retry-After': '30' } });
    await azure.advance(MINUTE);
    expect(await look()).toMatchObject({ status: 200, body: { name: 'soon' } });
    await write('DELETE', '/replicationPolicies/soon');
    expect(await look()).toMatchObject({ status: 204 });
  });

  it('survive a kill in the middle of their jobs', async () => {
    await azure.sendRaw('PUT', '/replicationFabrics/japan', {
      properties: { customDetails: { instanceType: 'Azure', location: 'japaneast' } },
    });
    await azure.advance(10_000);
    azure.killAndStart();
    expect(await azure.sendRaw('GET', '/replicationFabrics/japan')).toMatchObject({ status: 404 });
    await azure.advance(5 * MINUTE);
    expect(await azure.sendRaw('GET', '/replicationFabrics/japan')).toMatchObject({ status: 200 });
  });

  it('include network mappings, and refuse missing networks', async () => {
    const id = (group: string, network: string): string =>
      `/subscriptions/${azure.environment.subscriptions[0]?.id ?? ''}/resourceGroups/${group}/providers/Microsoft.Network/virtualNetworks/${network}`;
    const mapping = (primaryNetworkId: string) => ({
      properties: {
        recoveryFabricName: RECOVERY_SIDE.fabric,
        recoveryNetworkId: id('contoso-shop-recovery', 'shop-network-recovery'),
        fabricSpecificDetails: { instanceType: 'AzureToAzure', primaryNetworkId },
      },
    });
    const path = `/replicationFabrics/${PRIMARY_SIDE.fabric}/replicationNetworks/azureNetwork/replicationNetworkMappings/second`;
    expect(await azure.sendRaw('PUT', path, mapping(id('contoso-shop', 'ghost')))).toMatchObject({
      status: 400,
    });
    expect(await write('PUT', path, mapping(id('contoso-ledger', 'ledger-network')))).toMatchObject({
      status: 'Succeeded',
    });
    expect(
      (
        await azure.client.replicationNetworkMappings.get(
          VAULT,
          VAULT_GROUP,
          PRIMARY_SIDE.fabric,
          'azureNetwork',
          'second',
        )
      ).properties?.primaryNetworkId,
    ).toBe(id('contoso-ledger', 'ledger-network').toLowerCase());
    expect(await write('DELETE', path)).toMatchObject({ status: 'Succeeded' });
  });
});
