import {
  all,
  TestAzure,
  DEVELOPMENT,
  FABRIKAM,
  groupPath,
  PRODUCTION,
  errorOf,
  SHOP_GROUP,
} from './test-azure.ts';

let azure: TestAzure;
beforeAll(async () => {
  azure = await TestAzure.start();
});
afterAll(() => azure.close());

const names = (body: unknown, key = 'name'): unknown[] =>
  (body as { value: Record<string, unknown>[] }).value.map((one) => one[key]);

describe('subscriptions', () => {
  it("belong to the caller's tenant", async () => {
    expect(names((await azure.sendRaw('GET', '/subscriptions')).body, 'subscriptionId')).toEqual([
      PRODUCTION,
      DEVELOPMENT,
    ]);
    expect(names((await azure.sendRaw('GET', '/tenants')).body, 'tenantId')).toEqual([
      azure.environment.tenant,
    ]);
    expect((await azure.sendRaw('GET', `/subscriptions/${PRODUCTION}`)).body).toMatchObject({
      displayName: 'contoso-production',
      tenantId: azure.environment.tenant,
      state: 'Enabled',
    });
  });

  it('of another tenant, and unknown ones, are refused before anything else', async () => {
    expect(await errorOf(all(azure.resources(FABRIKAM).resourceGroups.list()))).toEqual({
      code: 'InvalidAuthenticationTokenTenant',
      statusCode: 401,
    });
    expect(
      await errorOf(all(azure.compute('00000000-0000-0000-0000-000000000000').virtualMachines.listAll())),
    ).toEqual({ code: 'SubscriptionNotFound', statusCode: 404 });
  });

  it('have regions, with or without zones', async () => {
    const { body } = await azure.sendRaw('GET', `/subscriptions/${PRODUCTION}/locations`);
    expect(body).toMatchObject({
      value: [
        {
          name: 'eastasia',
          displayName: 'East Asia',
          availabilityZoneMappings: [{ logicalZone: '1' }, { logicalZone: '2' }, { logicalZone: '3' }],
        },
        { name: 'southeastasia' },
        { name: 'japaneast' },
        { name: 'southindia' },
        { name: 'westindia' },
      ],
    });
    expect((body as { value: object[] }).value[3]).not.toHaveProperty('availabilityZoneMappings');
  });

  it('have providers that list the zones of their types', async () => {
    const compute = await azure.resources().providers.get('Microsoft.Compute');
    const machines = compute.resourceTypes?.find((type) => type.resourceType === 'virtualMachines');
    expect(machines?.zoneMappings?.map(({ location, zones }) => [location, zones?.length])).toEqual([
      ['East Asia', 3],
      ['Southeast Asia', 3],
      ['Japan East', 3],
    ]);
    const vaults = (await azure.resources().providers.get('Microsoft.RecoveryServices')).resourceTypes?.find(
      (type) => type.resourceType === 'vaults',
    );
    expect(vaults?.locations).toEqual(['East Asia', 'Southeast Asia', 'Japan East', 'South India']);
    expect((await azure.resources().providers.register('Microsoft.RecoveryServices')).registrationState).toBe(
      'Registered',
    );
    expect(await errorOf(azure.resources().providers.get('Microsoft.Nothing'))).toMatchObject({
      code: 'InvalidResourceNamespace',
    });
  });
});

describe('a request', () => {
  it.each([
    [
      'without a version',
      `/subscriptions/${PRODUCTION}/resourceGroups?x=1`,
      400,
      'MissingApiVersionParameter',
    ],
    [
      'with an invalid version',
      `/subscriptions/${PRODUCTION}/resourceGroups?api-version=latest`,
      400,
      'InvalidApiVersionParameter',
    ],
    [
      'into a missing group',
      `${groupPath('nowhere')}/providers/Microsoft.Compute/disks`,
      404,
      'ResourceGroupNotFound',
    ],
    [
      'for a missing resource',
      `${groupPath(SHOP_GROUP)}/providers/Microsoft.Compute/disks/nothing`,
      404,
      'ResourceNotFound',
    ],
  ])("%s is refused with ARM's own message", async (_what, path, status, code) => {
    expect(await azure.sendRaw('GET', path)).toMatchObject({ status, body: { error: { code } } });
    expect(await azure.readUnknownRequests()).toEqual([]);
  });

  it('without a token is refused, and uses no budget', async () => {
    expect(await azure.sendRaw('GET', '/subscriptions', undefined, {})).toMatchObject({
      status: 401,
      body: { error: { code: 'AuthenticationFailed' } },
    });
  });

  it('unknown to the simulator is refused and counted, also over a kill', async () => {
    const other = await TestAzure.start();
    const path = `${groupPath(SHOP_GROUP)}/providers/Microsoft.Web/sites/one`;
    expect(await other.sendRaw('GET', path)).toMatchObject({
      status: 404,
      body: {
        error: {
          code: 'InvalidResourceType',
          message: expect.stringContaining(
            "'sites' could not be found in the namespace 'Microsoft.Web'",
          ) as string,
        },
      },
    });
    expect(await errorOf(other.compute().virtualMachines.generalize(SHOP_GROUP, 'web'))).toMatchObject({
      statusCode: 404,
    });
    other.killAndStart();
    expect(await other.readUnknownRequests()).toMatchObject([
      { method: 'GET', path },
      { method: 'POST', path: expect.stringMatching(/generalize$/) as string },
    ]);
    await other.close();
  });
});

describe('resource groups', () => {
  it('are listed, found in any casing, created, tagged and deleted with their contents', async () => {
    const { resourceGroups, resources } = azure.resources();
    expect((await all(resourceGroups.list())).map(({ name }) => name)).toContain('contoso-shop-recovery');
    expect((await resourceGroups.get('CONTOSO-SHOP')).id).toBe(groupPath('contoso-shop'));
    expect((await resourceGroups.checkExistence('contoso-shop-asr')).body).toBe(false);

    const made = await resourceGroups.createOrUpdate('contoso-shop-asr', {
      location: 'Southeast Asia',
      tags: { made: 'here' },
    });
    expect(made).toMatchObject({
      id: groupPath('contoso-shop-asr'),
      location: 'southeastasia',
      properties: { provisioningState: 'Succeeded' },
    });
    expect((await resourceGroups.checkExistence('contoso-shop-asr')).body).toBe(true);
    expect((await resourceGroups.update('contoso-shop-asr', { tags: { made: 'there' } })).tags).toEqual({
      made: 'there',
    });

    const network = { location: 'southeastasia', addressSpace: { addressPrefixes: ['10.0.0.0/16'] } };
    await azure.withRunningClock(
      azure
        .network()
        .virtualNetworks.createOrUpdate('contoso-shop-asr', 'one', network, { updateIntervalInMs: 5 }),
    );
    expect((await all(resources.listByResourceGroup('contoso-shop-asr'))).map(({ name }) => name)).toEqual([
      'one',
    ]);
    await azure.withRunningClock(
      Promise.resolve(resourceGroups.delete('contoso-shop-asr', { updateIntervalInMs: 5 })),
    );
    expect(await errorOf(resourceGroups.get('contoso-shop-asr'))).toEqual({
      code: 'ResourceGroupNotFound',
      statusCode: 404,
    });
    expect(
      azure.world.get(`${groupPath('contoso-shop-asr')}/providers/Microsoft.Network/virtualNetworks/one`),
    ).toBeUndefined();
  });

  it('are refused in a second region, without a region, or with an invalid name', async () => {
    const { resourceGroups } = azure.resources();
    expect(await errorOf(resourceGroups.createOrUpdate(SHOP_GROUP, { location: 'japaneast' }))).toMatchObject(
      {
        code: 'InvalidResourceGroupLocation',
        statusCode: 409,
      },
    );
    expect(await errorOf(resourceGroups.createOrUpdate('new', { location: 'atlantis' }))).toMatchObject({
      code: 'LocationNotAvailableForResourceGroup',
    });
    expect(await azure.sendRaw('PUT', groupPath('new'), {})).toMatchObject({
      status: 400,
      body: { error: { code: 'LocationRequired' } },
    });
    expect(await azure.sendRaw('PUT', groupPath('new%25'), { location: 'eastasia' })).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidResourceGroup' } },
    });
  });

  it('list their contents, of one type or of all', async () => {
    const { resources } = azure.resources();
    const machines = await all(
      resources.list({ filter: "resourceType eq 'Microsoft.Compute/virtualMachines'" }),
    );
    expect(machines.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['web', 'app', 'sql', 'archive']),
    );
    expect(machines.map(({ name }) => name)).not.toContain('build-agent');
    expect(machines[0]).not.toHaveProperty('properties.vmId');
  });
});
