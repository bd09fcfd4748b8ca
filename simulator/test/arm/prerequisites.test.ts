// Creates the prerequisites of replication, each twice: the second call finds the resource and
// changes nothing.

import { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import { SubscriptionClient } from '@azure/arm-resources-subscriptions';

import { all, TestAzure, DEVELOPMENT, groupPath, PRODUCTION, errorOf, SHOP_GROUP } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(async () => {
  expect(await azure.readUnknownRequests()).toEqual([]);
  await azure.close();
});

const GROUP = 'contoso-shop-asr';
const location = 'southeastasia';
const tags = { lifeboat: 'shop', workload: 'shop' };
const quick = { updateIntervalInMs: 5 };
const over = <T>(work: PromiseLike<T>): Promise<T> => azure.withRunningClock(Promise.resolve(work));
const makeGroup = () => azure.resources().resourceGroups.createOrUpdate(GROUP, { location, tags });

/** Runs the work twice and returns both answers. */
async function twice<T>(work: () => PromiseLike<T>): Promise<[T, T]> {
  const first = await over(work());
  return [first, await over(work())];
}

it('subscriptions show their tenant, regions their zones and pairs', async () => {
  const { credential, client } = azure.options();
  const { subscriptions, tenants } = new SubscriptionClient(credential, client);
  expect(
    (await all(subscriptions.list())).map(({ subscriptionId, tenantId, state }) => [
      subscriptionId,
      tenantId,
      state,
    ]),
  ).toEqual([PRODUCTION, DEVELOPMENT].map((id) => [id, azure.environment.tenant, 'Enabled']));
  expect((await all(tenants.list())).map(({ tenantId }) => tenantId)).toEqual([azure.environment.tenant]);
  const regions = new Map(
    (await all(subscriptions.listLocations(PRODUCTION))).map((region) => [region.name, region]),
  );
  expect(regions.get('eastasia')).toMatchObject({
    displayName: 'East Asia',
    availabilityZoneMappings: [{ logicalZone: '1' }, { logicalZone: '2' }, { logicalZone: '3' }],
    metadata: { pairedRegion: [{ name: 'southeastasia' }] },
  });
  expect([
    regions.get('southindia')?.availabilityZoneMappings,
    regions.get('southindia')?.metadata?.pairedRegion?.[0]?.name,
  ]).toEqual([undefined, 'centralindia']);
});

it('a resource group is created with its tags', async () => {
  const { resourceGroups } = azure.resources();
  const [first, second] = await twice(makeGroup);
  expect(first).toMatchObject({
    name: GROUP,
    location,
    tags,
    properties: { provisioningState: 'Succeeded' },
  });
  expect(second).toEqual(first);
  expect((await all(resourceGroups.list())).filter(({ name }) => name === GROUP)).toHaveLength(1);
  expect((await resourceGroups.get(GROUP)).tags).toEqual(tags);
  expect(await errorOf(resourceGroups.createOrUpdate(GROUP, { location: 'eastasia' }))).toMatchObject({
    code: 'InvalidResourceGroupLocation',
    statusCode: 409,
  });
  expect(await errorOf(resourceGroups.createOrUpdate('bad name', { location }))).toMatchObject({
    code: 'InvalidResourceGroup',
    statusCode: 400,
  });
});

it('a vault is found by group and by subscription', async () => {
  await makeGroup();
  const { vaults } = azure.vaults();
  const [first, second] = await twice(() =>
    vaults.createOrUpdate(
      GROUP,
      'shop-vault',
      { location, sku: { name: 'RS0' }, properties: { publicNetworkAccess: 'Enabled' }, tags },
      quick,
    ),
  );
  expect(first).toMatchObject({
    name: 'shop-vault',
    location,
    tags,
    properties: { provisioningState: 'Succeeded' },
  });
  expect(second).toEqual(first);
  expect((await all(vaults.listByResourceGroup(GROUP))).map(({ name }) => name)).toEqual(['shop-vault']);
  expect((await all(vaults.listBySubscriptionId())).map(({ name }) => name)).toEqual([
    'contoso-vault',
    'shop-vault',
  ]);
  expect((await vaults.get(GROUP, 'shop-vault')).tags).toEqual(tags);
});

it('a virtual network keeps the order of its subnets', async () => {
  await makeGroup();
  const { virtualNetworks, subnets } = azure.network();
  const wanted = {
    location,
    tags,
    addressSpace: { addressPrefixes: ['10.20.0.0/16'] },
    subnets: ['web', 'app', 'data'].map((name, index) => ({
      name,
      addressPrefix: `10.20.${index + 1}.0/24`,
    })),
  };
  const [first, second] = await twice(() =>
    virtualNetworks.createOrUpdate(GROUP, 'shop-network-asr', wanted, quick),
  );
  expect(first.subnets?.map(({ name, addressPrefix }) => [name, addressPrefix])).toEqual([
    ['web', '10.20.1.0/24'],
    ['app', '10.20.2.0/24'],
    ['data', '10.20.3.0/24'],
  ]);
  expect(second).toEqual(first);
  expect((await all(virtualNetworks.list(GROUP))).map((network) => network.tags)).toEqual([tags]);
  const [subnet, same] = await twice(() =>
    subnets.createOrUpdate(GROUP, 'shop-network-asr', 'more', { addressPrefix: '10.20.4.0/24' }, quick),
  );
  expect(same).toEqual(subnet);
  expect((await virtualNetworks.get(GROUP, 'shop-network-asr')).subnets?.map(({ name }) => name)).toEqual([
    'web',
    'app',
    'data',
    'more',
  ]);
});

it('the name of a new storage account is no longer free', async () => {
  await makeGroup();
  const { storageAccounts } = azure.storage();
  const check = async () =>
    (
      await storageAccounts.checkNameAvailability({
        name: 'shopcacheasr',
        type: 'Microsoft.Storage/storageAccounts',
      })
    ).nameAvailable;
  expect(await check()).toBe(true);
  const [first, second] = await twice(() =>
    storageAccounts.create(
      GROUP,
      'shopcacheasr',
      { location, tags, sku: { name: 'Standard_LRS' }, kind: 'StorageV2' },
      quick,
    ),
  );
  expect(second).toEqual(first);
  expect([
    await check(),
    (await all(storageAccounts.listByResourceGroup(GROUP))).map(({ name, tags: told }) => [name, told]),
  ]).toEqual([false, [['shopcacheasr', tags]]]);
});

it('availability sets work with and without a proximity placement group', async () => {
  await makeGroup();
  const { availabilitySets, proximityPlacementGroups } = azure.compute();
  const [group, sameGroup] = await twice(() =>
    proximityPlacementGroups.createOrUpdate(GROUP, 'shop-near-asr', {
      location,
      tags,
      proximityPlacementGroupType: 'Standard',
    }),
  );
  expect([group.tags, sameGroup]).toEqual([tags, group]);
  const wanted = {
    location,
    tags,
    sku: { name: 'Aligned' },
    platformFaultDomainCount: 2,
    platformUpdateDomainCount: 5,
  };
  const [alone, sameAlone] = await twice(() =>
    availabilitySets.createOrUpdate(GROUP, 'plain-set-asr', wanted),
  );
  expect(sameAlone).toEqual(alone);
  expect(alone.proximityPlacementGroup).toBeUndefined();
  const [pinned, samePinned] = await twice(() =>
    availabilitySets.createOrUpdate(GROUP, 'shop-set-asr', {
      ...wanted,
      proximityPlacementGroup: { id: group.id ?? '' },
    }),
  );
  expect(samePinned).toEqual(pinned);
  expect(pinned.proximityPlacementGroup?.id).toBe(group.id);
  expect(
    (await proximityPlacementGroups.get(GROUP, 'shop-near-asr')).availabilitySets?.map(({ id }) => id),
  ).toEqual([pinned.id]);
  expect((await all(availabilitySets.list(GROUP))).map(({ name }) => name)).toEqual([
    'plain-set-asr',
    'shop-set-asr',
  ]);
  expect((await all(availabilitySets.listBySubscription())).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['shop-app-set', 'shop-set-asr']),
  );
  expect((await all(proximityPlacementGroups.listByResourceGroup(GROUP))).map(({ name }) => name)).toEqual([
    'shop-near-asr',
  ]);
  expect(
    await errorOf(
      Promise.resolve(
        availabilitySets.createOrUpdate(GROUP, 'shop-set-asr', { ...wanted, platformFaultDomainCount: 1 }),
      ),
    ),
  ).toMatchObject({ code: 'PropertyChangeNotAllowed', statusCode: 409 });
});

it('all resources appear in the list of the group', async () => {
  await makeGroup();
  await over(
    azure
      .vaults()
      .vaults.createOrUpdate(GROUP, 'shop-vault', { location, sku: { name: 'RS0' }, properties: {} }, quick),
  );
  await over(azure.compute().proximityPlacementGroups.createOrUpdate(GROUP, 'shop-near-asr', { location }));
  await over(
    azure
      .network()
      .publicIPAddresses.createOrUpdate(GROUP, 'address', { location, sku: { name: 'Standard' } }, quick),
  );
  expect(
    (await all(azure.resources().resources.listByResourceGroup(GROUP))).map(({ type, name }) => [type, name]),
  ).toEqual(
    expect.arrayContaining([
      ['Microsoft.RecoveryServices/vaults', 'shop-vault'],
      ['Microsoft.Compute/proximityPlacementGroups', 'shop-near-asr'],
      ['Microsoft.Network/publicIPAddresses', 'address'],
    ]),
  );
});

it('sizes show capabilities and restrictions, and quotas show their usage', async () => {
  const skus = await all(azure.compute().resourceSkus.list({ filter: `location eq '${location}'` }));
  const size = (name: string) =>
    skus.find((sku) => sku.resourceType === 'virtualMachines' && sku.name === name);
  const can = (name: string, what: string) =>
    size(name)?.capabilities?.find((one) => one.name === what)?.value;
  expect(
    ['vCPUs', 'MemoryGB', 'PremiumIO', 'MaxNetworkInterfaces', 'HyperVGenerations'].map((what) =>
      can('Standard_E8s_v5', what),
    ),
  ).toEqual(['8', '64', 'True', '4', 'V1,V2']);
  expect([
    size('Standard_L8s_v3'),
    size('Standard_M64s')?.restrictions?.[0]?.reasonCode,
    size('Standard_D2s_v5')?.locationInfo?.[0]?.zones,
  ]).toEqual([undefined, 'NotAvailableForSubscription', ['1', '2', '3']]);
  const usage = (await all(azure.compute().usage.list('eastasia'))).find(
    ({ name }) => name.value === 'standardESv5Family',
  );
  expect([usage?.currentValue, usage?.limit]).toEqual([24, 100]);
});

it('machines are listed by subscription and group, with their state', async () => {
  const { virtualMachines } = azure.compute();
  const power = (
    machines: readonly { name?: string; instanceView?: { statuses?: readonly { code?: string }[] } }[],
  ) => new Map(machines.map(({ name, instanceView }) => [name, instanceView?.statuses?.at(-1)?.code]));
  const everywhere = power(await all(virtualMachines.listAll({ statusOnly: 'true' })));
  expect([everywhere.get('web'), everywhere.get('night-batch'), everywhere.get('archive')]).toEqual([
    'PowerState/running',
    'PowerState/deallocated',
    'PowerState/running',
  ]);
  expect(
    power(await all(virtualMachines.list(SHOP_GROUP, { expand: 'instanceView' }))).get('night-batch'),
  ).toBe('PowerState/deallocated');
  const classic = await all(
    azure
      .resources()
      .resources.list({ filter: "resourceType eq 'Microsoft.ClassicCompute/virtualMachines'" }),
  );
  expect(classic.map(({ name, location }) => [name, location])).toEqual([['till', 'eastasia']]);
  expect(
    await azure.sendRaw(
      'GET',
      `${groupPath(SHOP_GROUP)}/providers/Microsoft.ClassicCompute/virtualMachines/till?api-version=2017-04-01`,
    ),
  ).toMatchObject({ status: 200, body: { properties: { domainName: { name: 'contoso-till' } } } });
});

it('a check shows whether a machine can be replicated', async () => {
  const { credential, subscription, client } = azure.options();
  const { replicationEligibilityResultsOperations: results } = new SiteRecoveryManagementClient(
    credential,
    subscription,
    client,
  );
  const codes = async (vm: string) =>
    (await results.get(SHOP_GROUP, vm)).properties?.errors?.map(({ code }) => code);
  expect([
    await codes('web'),
    await codes('night-batch'),
    await codes('kiosk'),
    await codes('pricing'),
  ]).toEqual([[], ['151025'], ['151099'], ['151192']]);
  expect((await results.list(SHOP_GROUP, 'web')).value).toMatchObject([{ name: 'default' }]);
  expect(await errorOf(results.get(SHOP_GROUP, 'nobody'))).toMatchObject({ code: 'ResourceNotFound' });
});
