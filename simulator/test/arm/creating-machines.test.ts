// Creates machines, disks, network interfaces and addresses as a client does.

import { all, TestAzure, groupPath, errorOf, SHOP_GROUP } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const quick = { updateIntervalInMs: 5 };
const location = 'eastasia';
const idOf = (type: string, name: string): string => `${groupPath(SHOP_GROUP)}/providers/${type}/${name}`;
const subnet = { id: `${idOf('Microsoft.Network/virtualNetworks', 'shop-network')}/subnets/web` };
const over = <T>(work: PromiseLike<T>): Promise<T> => azure.withRunningClock(Promise.resolve(work));

const makeNic = (name: string, more: object = {}) =>
  over(
    azure
      .network()
      .networkInterfaces.createOrUpdate(
        SHOP_GROUP,
        name,
        { location, ipConfigurations: [{ name: 'one', subnet, ...more }] },
        quick,
      ),
  );
const machine = (nic: string, more: object = {}) => ({
  location,
  hardwareProfile: { vmSize: 'Standard_D2s_v5' },
  networkProfile: { networkInterfaces: [{ id: idOf('Microsoft.Network/networkInterfaces', nic) }] },
  storageProfile: {
    osDisk: {
      createOption: 'FromImage',
      osType: 'Linux' as const,
      managedDisk: { storageAccountType: 'Premium_LRS' },
    },
  },
  ...more,
});
const makeMachine = (name: string, body: object) =>
  over(azure.compute().virtualMachines.createOrUpdate(SHOP_GROUP, name, body as { location: string }, quick));

it('a new machine starts with its disk and interface, and behaves like any other machine', async () => {
  const { virtualMachines, disks } = azure.compute();
  const nic = await makeNic('probe-nic');
  expect(nic.ipConfigurations?.[0]).toMatchObject({ privateIPAddress: '10.20.1.5', subnet });
  const made = await makeMachine('probe', machine('probe-nic', { tags: { for: 'drills' } }));
  expect(made).toMatchObject({
    provisioningState: 'Succeeded',
    tags: { for: 'drills' },
    storageProfile: { osDisk: { name: 'probe_OsDisk_1' } },
  });
  expect((await virtualMachines.instanceView(SHOP_GROUP, 'probe')).statuses?.at(-1)?.code).toBe(
    'PowerState/running',
  );
  expect((await disks.get(SHOP_GROUP, 'probe_OsDisk_1')).managedBy).toBe(
    idOf('Microsoft.Compute/virtualMachines', 'probe'),
  );
  expect((await azure.network().networkInterfaces.get(SHOP_GROUP, 'probe-nic')).virtualMachine?.id).toBe(
    idOf('Microsoft.Compute/virtualMachines', 'probe'),
  );
  expect((await all(virtualMachines.list(SHOP_GROUP))).map(({ name }) => name)).toContain('probe');

  await over(
    disks.createOrUpdate(
      SHOP_GROUP,
      'probe-data',
      { location, sku: { name: 'StandardSSD_LRS' }, creationData: { createOption: 'Empty' }, diskSizeGB: 16 },
      quick,
    ),
  );
  const withData = { createOption: 'FromImage', osType: 'Linux', name: 'probe_OsDisk_1' };
  await makeMachine(
    'probe',
    machine('probe-nic', {
      hardwareProfile: { vmSize: 'Standard_D4s_v5' },
      storageProfile: {
        osDisk: withData,
        dataDisks: [
          {
            lun: 0,
            createOption: 'Attach',
            managedDisk: { id: idOf('Microsoft.Compute/disks', 'probe-data') },
          },
        ],
      },
    }),
  );
  expect(await virtualMachines.get(SHOP_GROUP, 'probe')).toMatchObject({
    hardwareProfile: { vmSize: 'Standard_D4s_v5' },
    storageProfile: { dataDisks: [{ lun: 0, name: 'probe-data' }] },
  });
  await makeMachine('probe', machine('probe-nic'));
  expect((await disks.get(SHOP_GROUP, 'probe-data')).diskState).toBe('Unattached');
  expect(await azure.readUnknownRequests()).toEqual([]);
});

it.each([
  ['an unavailable size', { hardwareProfile: { vmSize: 'Standard_X1' } }, 'SkuNotAvailable'],
  [
    'a missing interface',
    { networkProfile: { networkInterfaces: [{ id: idOf('Microsoft.Network/networkInterfaces', 'none') }] } },
    'InvalidParameter',
  ],
  [
    'an interface of another machine',
    {
      networkProfile: { networkInterfaces: [{ id: idOf('Microsoft.Network/networkInterfaces', 'web-nic') }] },
    },
    'NicInUse',
  ],
  [
    'a disk of another machine',
    {
      storageProfile: {
        osDisk: {
          createOption: 'Attach',
          osType: 'Linux',
          managedDisk: { id: idOf('Microsoft.Compute/disks', 'web-os') },
        },
      },
    },
    'ConflictingUserInput',
  ],
  [
    'a missing disk',
    {
      storageProfile: {
        osDisk: {
          createOption: 'Attach',
          osType: 'Linux',
          managedDisk: { id: idOf('Microsoft.Compute/disks', 'none') },
        },
      },
    },
    'NotFound',
  ],
  ['a missing zone', { zones: ['4'] }, 'AvailabilityZoneNotSupported'],
])('a machine is refused with %s, and nothing is created', async (_what, over4, code) => {
  await makeNic('probe-nic');
  const before = azure.world.list({ type: 'Microsoft.Compute/disks' }).length;
  expect(await errorOf(makeMachine('probe', machine('probe-nic', over4)))).toMatchObject({ code });
  expect([
    azure.world.list({ type: 'Microsoft.Compute/disks' }).length,
    azure.world.get(idOf('Microsoft.Compute/virtualMachines', 'probe')),
  ]).toEqual([before, undefined]);
});

it('a machine is refused without a free core', async () => {
  await makeNic('probe-nic');
  azure.faults.add({ id: 'none', point: 'standing', do: { kind: 'quotaGone', region: 'eastasia' } });
  expect(await errorOf(makeMachine('probe', machine('probe-nic')))).toMatchObject({
    code: 'OperationNotAllowed',
    statusCode: 409,
  });
});

it('disks grow and never shrink', async () => {
  const { disks } = azure.compute();
  const make = (more: object) =>
    over(
      disks.createOrUpdate(
        SHOP_GROUP,
        'web-os',
        { location, creationData: { createOption: 'FromImage' }, ...more },
        quick,
      ),
    );
  expect(await make({ diskSizeGB: 128 })).toMatchObject({
    diskSizeGB: 128,
    managedBy: idOf('Microsoft.Compute/virtualMachines', 'web'),
    sku: { name: 'Premium_LRS' },
  });
  expect(await errorOf(make({ diskSizeGB: 64 }))).toMatchObject({ code: 'OperationNotAllowed' });
  expect(await errorOf(make({ sku: { name: 'Gold_LRS' } }))).toMatchObject({ code: 'InvalidParameter' });
  expect(
    await errorOf(
      over(
        disks.createOrUpdate(
          SHOP_GROUP,
          'fresh',
          { location, creationData: { createOption: 'Empty' } },
          quick,
        ),
      ),
    ),
  ).toMatchObject({ code: 'InvalidParameter' });
});

it('interfaces keep their address, and cannot take a used address', async () => {
  const { networkInterfaces, publicIPAddresses } = azure.network();
  const address = await over(
    publicIPAddresses.createOrUpdate(
      SHOP_GROUP,
      'probe-address',
      { location, sku: { name: 'Standard' }, publicIPAllocationMethod: 'Static' },
      quick,
    ),
  );
  expect(address.ipAddress).toMatch(/^203\.0\.113\.\d+$/);
  const first = await makeNic('probe-nic', { publicIPAddress: { id: address.id } });
  const again = await makeNic('probe-nic', { publicIPAddress: { id: address.id } });
  expect(again.ipConfigurations?.[0]?.privateIPAddress).toBe(first.ipConfigurations?.[0]?.privateIPAddress);
  expect((await makeNic('other-nic')).ipConfigurations?.[0]?.privateIPAddress).toBe('10.20.1.6');
  expect(await errorOf(makeNic('third-nic', { privateIPAddress: '10.20.1.4' }))).toMatchObject({
    code: 'PrivateIPAddressInUse',
  });
  expect(await errorOf(makeNic('third-nic', { subnet: { id: `${subnet.id}x` } }))).toMatchObject({
    code: 'InvalidResourceReference',
  });
  expect(await errorOf(over(publicIPAddresses.delete(SHOP_GROUP, 'probe-address', quick)))).toMatchObject({
    code: 'PublicIPAddressCannotBeDeleted',
  });
  await over(networkInterfaces.delete(SHOP_GROUP, 'probe-nic', quick));
  await over(publicIPAddresses.delete(SHOP_GROUP, 'probe-address', quick));
  expect(await errorOf(publicIPAddresses.get(SHOP_GROUP, 'probe-address'))).toMatchObject({
    code: 'ResourceNotFound',
  });
});
