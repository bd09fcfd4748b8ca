import { all, TestAzure, errorOf, SHOP_RECOVERY, SHOP_GROUP } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const wanted = { location: 'eastasia', sku: { name: 'Standard_LRS' }, kind: 'StorageV2' };
const create = (name: string, over: Partial<typeof wanted> = {}, group = SHOP_GROUP) =>
  azure.withRunningClock(
    Promise.resolve(
      azure.storage().storageAccounts.create(group, name, { ...wanted, ...over }, { updateIntervalInMs: 5 }),
    ),
  );

it('accounts can be listed, created, changed and deleted', async () => {
  const { storageAccounts } = azure.storage();
  expect(
    (await all(storageAccounts.listByResourceGroup(SHOP_GROUP))).map(({ name, sku }) => [name, sku?.name]),
  ).toEqual([
    ['shopcacheeastasia', 'Standard_LRS'],
    ['shoplegacydisks', 'Premium_LRS'],
  ]);
  expect(
    await storageAccounts.checkNameAvailability({
      name: 'shopcacheasr',
      type: 'Microsoft.Storage/storageAccounts',
    }),
  ).toEqual({ nameAvailable: true });

  const before = azure.clock.now();
  const made = await create('shopcacheasr');
  expect(made).toMatchObject({
    kind: 'StorageV2',
    location: 'eastasia',
    provisioningState: 'Succeeded',
    primaryEndpoints: { blob: 'https://shopcacheasr.blob.core.windows.net/' },
  });
  expect(azure.clock.now() - before).toBeGreaterThanOrEqual(18_000);
  expect(await create('shopcacheasr', { sku: { name: 'Standard_GRS' } })).toMatchObject({
    sku: { name: 'Standard_GRS' },
  });
  await storageAccounts.delete(SHOP_GROUP, 'shopcacheasr');
  expect(await errorOf(storageAccounts.getProperties(SHOP_GROUP, 'shopcacheasr'))).toMatchObject({
    code: 'ResourceNotFound',
  });
  expect(await azure.readUnknownRequests()).toEqual([]);
});

it('names are unique in all of Azure', async () => {
  const { storageAccounts } = azure.storage();
  const check = async (name: string) =>
    (await storageAccounts.checkNameAvailability({ name, type: 'Microsoft.Storage/storageAccounts' })).reason;
  expect([await check('shopcacheeastasia'), await check('Shop-Cache'), await check('free')]).toEqual([
    'AlreadyExists',
    'AccountNameInvalid',
    undefined,
  ]);
  expect(await errorOf(create('shopcacheeastasia', { location: 'southeastasia' }, SHOP_RECOVERY))).toEqual({
    code: 'StorageAccountAlreadyTaken',
    statusCode: 409,
  });
});

it.each([
  ['an invalid name', 'No', {}, 'AccountNameInvalid'],
  ['an unknown SKU', 'one', { sku: { name: 'Gold_LRS' } }, 'InvalidValue'],
  [
    'a kind that the SKU does not allow',
    'one',
    { sku: { name: 'Standard_ZRS' }, kind: 'Storage' },
    'InvalidRequestPropertyValue',
  ],
  [
    'a zone-redundant SKU in a region without zones',
    'one',
    { sku: { name: 'Standard_ZRS' }, location: 'southindia' },
    'InvalidSkuForLocation',
  ],
  ['another region', 'shopcacheeastasia', { location: 'southeastasia' }, 'InvalidResourceLocation'],
  ['another kind', 'shopcacheeastasia', { kind: 'BlobStorage' }, 'AccountPropertyCannotBeUpdated'],
  [
    'premium instead of standard',
    'shopcacheeastasia',
    { sku: { name: 'Premium_LRS' } },
    'StorageAccountTypeCannotBeUpdated',
  ],
])('an account is refused with %s', async (_what, name, over, code) => {
  expect(await errorOf(create(name, over))).toMatchObject({ code });
});

it('SKUs and usages are listed by region', async () => {
  const { skus, usages } = azure.storage();
  const offered = (await all(skus.list()))
    .filter(({ name }) => name === 'Standard_ZRS')
    .map(({ locations }) => locations?.[0]);
  expect(offered).toEqual(['eastasia', 'southeastasia', 'japaneast']);
  expect(
    (await all(usages.listByLocation('eastasia'))).map(({ currentValue, limit }) => [currentValue, limit]),
  ).toEqual([[2, 250]]);
});
