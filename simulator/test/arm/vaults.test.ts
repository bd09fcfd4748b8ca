import { all, TestAzure, groupPath, errorOf } from './test-azure.ts';

const GROUP = 'contoso-recovery-services';
const path = (name: string): string =>
  `${groupPath(GROUP)}/providers/Microsoft.RecoveryServices/vaults/${name}`;

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

it('vaults are listed, and readable by id', async () => {
  const { vaults } = azure.vaults();
  expect((await all(vaults.listBySubscriptionId())).map(({ name }) => name)).toEqual(['contoso-vault']);
  expect(await vaults.get(GROUP, 'contoso-vault')).toMatchObject({
    id: path('contoso-vault'),
    location: 'southeastasia',
    sku: { name: 'RS0' },
    properties: { provisioningState: 'Succeeded', publicNetworkAccess: 'Enabled' },
  });
});

it('a vault is created in simulated time, tagged and deleted', async () => {
  const { vaults } = azure.vaults();
  const wanted = { location: 'Japan East', sku: { name: 'RS0' }, properties: {} };
  const first = await azure.sendRaw('PUT', path('second-vault'), wanted);
  expect(first).toMatchObject({ status: 201, body: { properties: { provisioningState: 'Creating' } } });
  expect(first.body).not.toHaveProperty('properties.securitySettings');
  const status = String(first.headers['azure-asyncoperation']).replace(azure.url, '');
  const follow = async () => (await azure.sendRaw('GET', status)).body;
  expect(await follow()).toEqual({
    id: status.split('?')[0],
    name: expect.any(String) as string,
    status: 'InProgress',
  });
  await azure.advance(12_000);
  expect(await follow()).toMatchObject({ status: 'Succeeded' });
  expect((await vaults.get(GROUP, 'second-vault')).properties).toMatchObject({
    provisioningState: 'Succeeded',
    securitySettings: { softDeleteSettings: { softDeleteState: 'Enabled' } },
  });

  const again = await azure.withRunningClock(
    Promise.resolve(
      vaults.createOrUpdate(
        GROUP,
        'second-vault',
        { ...wanted, tags: { for: 'tests' } },
        { updateIntervalInMs: 5 },
      ),
    ),
  );
  expect(again.tags).toEqual({ for: 'tests' });
  await azure.withRunningClock(
    Promise.resolve(vaults.delete(GROUP, 'second-vault', { updateIntervalInMs: 5 })),
  );
  expect(await errorOf(vaults.get(GROUP, 'second-vault'))).toMatchObject({ code: 'ResourceNotFound' });
  expect(await azure.readUnknownRequests()).toEqual([]);
});

it('a vault is refused without a name, a SKU or a valid region', async () => {
  const { vaults } = azure.vaults();
  const put = (name: string, location: string, sku: string) =>
    errorOf(
      Promise.resolve(vaults.createOrUpdate(GROUP, name, { location, sku: { name: sku }, properties: {} })),
    );
  expect(await put('2nd', 'japaneast', 'RS0')).toMatchObject({ code: 'InvalidVaultName' });
  expect(await put('second', 'atlantis', 'RS0')).toMatchObject({
    code: 'LocationNotAvailableForResourceType',
  });
  expect(await put('second', 'westindia', 'RS0')).toMatchObject({
    code: 'LocationNotAvailableForResourceType',
    statusCode: 400,
  });
  expect(await put('second', 'japaneast', 'Gold')).toMatchObject({ code: 'InvalidVaultSku' });
  expect(await put('contoso-vault', 'japaneast', 'RS0')).toMatchObject({
    code: 'InvalidResourceLocation',
    statusCode: 409,
  });
  expect((await all(vaults.listBySubscriptionId())).map(({ name }) => name)).toEqual(['contoso-vault']);
});

it('a vault with replicated items cannot be deleted', async () => {
  azure.vaultsInUse.add('contoso-vault');
  const { vaults } = azure.vaults();
  expect(await errorOf(Promise.resolve(vaults.delete(GROUP, 'contoso-vault')))).toMatchObject({
    code: 'ServiceResourceNotEmptyWithContainerDetails',
    statusCode: 409,
  });
  expect(await errorOf(Promise.resolve(azure.resources().resourceGroups.delete(GROUP)))).toMatchObject({
    code: 'ResourceGroupDeletionBlocked',
    statusCode: 409,
  });
  await azure.advance(120_000);
  expect((await vaults.get(GROUP, 'contoso-vault')).properties?.provisioningState).toBe('Succeeded');
});

it('Site Recovery handles all paths below a vault that begin with "replication"', async () => {
  await azure.sendRaw('GET', `${path('contoso-vault')}/replicationJobs`);
  await azure.sendRaw('GET', `${path('contoso-vault')}/replicationJobs`, undefined, {});
  await azure.sendRaw('GET', path('no-vault'));
  expect(azure.siteRecoveryPaths).toEqual([
    `${path('contoso-vault')}/replicationJobs?api-version=2024-03-01`,
  ]);
});
