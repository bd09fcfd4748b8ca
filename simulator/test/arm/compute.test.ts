import { all, TestAzure, groupPath, SHOP_RECOVERY, errorOf, SHOP_GROUP } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const quick = { updateIntervalInMs: 5 };
const compute = (name: string): string => `${groupPath(SHOP_GROUP)}/providers/Microsoft.Compute/${name}`;
const power = async (name: string): Promise<string | undefined> =>
  (await azure.compute().virtualMachines.instanceView(SHOP_GROUP, name)).statuses?.find(({ code }) =>
    code?.startsWith('PowerState/'),
  )?.code;

describe('virtual machines', () => {
  it('are listed with all their parts', async () => {
    const { virtualMachines } = azure.compute();
    const machines = await all(virtualMachines.list(SHOP_GROUP));
    expect(machines.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['web', 'app', 'sql', 'legacy', 'night-batch']),
    );
    const sql = machines.find(({ name }) => name === 'sql');
    expect(sql).toMatchObject({
      location: 'eastasia',
      hardwareProfile: { vmSize: 'Standard_E8s_v5' },
      storageProfile: { osDisk: { osType: 'Windows', managedDisk: { id: compute('disks/sql-os') } } },
    });
    expect(
      sql?.storageProfile?.dataDisks?.map(({ lun, name, diskSizeGB }) => [lun, name, diskSizeGB]),
    ).toEqual([
      [0, 'sql-data', 1024],
      [1, 'sql-log', 256],
    ]);
    expect(sql).not.toHaveProperty('instanceView.statuses');
    expect((await all(virtualMachines.listAll())).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['archive', 'ledger-1']),
    );
    expect((await all(virtualMachines.listByLocation('southindia'))).map(({ name }) => name)).toEqual([
      'archive',
    ]);
  });

  it('show zone, set, placement group and unmanaged disks', async () => {
    const { virtualMachines } = azure.compute();
    expect((await virtualMachines.get(SHOP_GROUP, 'web-zone-2')).zones).toEqual(['2']);
    expect(await virtualMachines.get(SHOP_GROUP, 'app-set-1')).toMatchObject({
      availabilitySet: { id: compute('availabilitySets/shop-app-set') },
      proximityPlacementGroup: { id: compute('proximityPlacementGroups/shop-near') },
    });
    const legacy = await virtualMachines.get(SHOP_GROUP, 'legacy');
    expect(legacy.storageProfile?.osDisk?.vhd?.uri).toBe(
      'https://shoplegacydisks.blob.core.windows.net/vhds/legacy-os.vhd',
    );
    expect(legacy.storageProfile?.osDisk?.managedDisk).toBeUndefined();
  });

  it('show their power state on request', async () => {
    const { virtualMachines } = azure.compute();
    const web = await virtualMachines.get(SHOP_GROUP, 'web', { expand: 'instanceView' });
    expect(web.instanceView?.statuses?.map(({ code }) => code)).toEqual([
      'ProvisioningState/succeeded',
      'PowerState/running',
    ]);
    expect(web.instanceView?.vmAgent?.statuses?.[0]?.displayStatus).toBe('Ready');
    expect(
      (await virtualMachines.instanceView(SHOP_GROUP, 'kiosk')).vmAgent?.statuses?.[0]?.displayStatus,
    ).toBe('Not Ready');
    expect(await power('night-batch')).toBe('PowerState/deallocated');
  });

  it('stop and start in simulated time', async () => {
    const { virtualMachines } = azure.compute();
    const stopping = virtualMachines.deallocate(SHOP_GROUP, 'web', quick);
    while ((await virtualMachines.get(SHOP_GROUP, 'web')).provisioningState !== 'Updating')
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await power('web')).toBe('PowerState/running');
    await azure.withRunningClock(Promise.resolve(stopping));
    expect(await power('web')).toBe('PowerState/deallocated');
    await azure.withRunningClock(Promise.resolve(virtualMachines.start(SHOP_GROUP, 'web', quick)));
    expect(await power('web')).toBe('PowerState/running');
    await azure.withRunningClock(Promise.resolve(virtualMachines.powerOff(SHOP_GROUP, 'web', quick)));
    expect(await power('web')).toBe('PowerState/stopped');
    expect(await azure.readUnknownRequests()).toEqual([]);
  });

  it('leave their disks and network interfaces behind when they are deleted', async () => {
    const { virtualMachines, disks } = azure.compute();
    expect(await errorOf(Promise.resolve(disks.delete(SHOP_GROUP, 'sql-log')))).toMatchObject({
      code: 'OperationNotAllowed',
      statusCode: 409,
    });
    await azure.withRunningClock(Promise.resolve(virtualMachines.delete(SHOP_GROUP, 'sql', quick)));
    expect(await errorOf(virtualMachines.get(SHOP_GROUP, 'sql'))).toMatchObject({ code: 'ResourceNotFound' });
    expect(await disks.get(SHOP_GROUP, 'sql-log')).toMatchObject({
      diskState: 'Unattached',
      diskSizeGB: 256,
    });
    await azure.withRunningClock(Promise.resolve(disks.delete(SHOP_GROUP, 'sql-log', quick)));
    expect((await all(disks.listByResourceGroup(SHOP_GROUP))).map(({ name }) => name)).not.toContain(
      'sql-log',
    );
    await azure.withRunningClock(
      Promise.resolve(azure.network().networkInterfaces.delete(SHOP_GROUP, 'sql-nic', quick)),
    );
  });

  it('of the classic model appear in their simplest form', async () => {
    const { body } = await azure.sendRaw(
      'GET',
      `${groupPath(SHOP_GROUP)}/providers/Microsoft.ClassicCompute/virtualMachines`,
    );
    expect(body).toMatchObject({
      value: [
        {
          name: 'till',
          properties: { domainName: { name: 'contoso-till' }, hardwareProfile: { size: 'Standard_D2_v2' } },
        },
      ],
    });
    expect(
      (
        await azure.sendRaw(
          'GET',
          `${groupPath(SHOP_GROUP)}/providers/Microsoft.ClassicCompute/domainNames/contoso-till`,
        )
      ).status,
    ).toBe(200);
  });
});

describe('sets and placement groups', () => {
  it('can be created, and list their machines', async () => {
    const { availabilitySets, proximityPlacementGroups } = azure.compute();
    expect(
      (await availabilitySets.get(SHOP_GROUP, 'shop-app-set')).virtualMachines?.map(({ id }) => id),
    ).toEqual([compute('virtualMachines/app-set-1'), compute('virtualMachines/app-set-2')]);
    const near = await proximityPlacementGroups.get(SHOP_GROUP, 'shop-near');
    expect(near.virtualMachines?.map(({ id }) => id)).toEqual(
      ['app-set-1', 'app-set-2', 'search'].map((name) => compute(`virtualMachines/${name}`)),
    );
    expect(near.availabilitySets?.map(({ id }) => id)).toEqual([compute('availabilitySets/shop-app-set')]);

    const group = await proximityPlacementGroups.createOrUpdate(SHOP_RECOVERY, 'shop-near-asr', {
      location: 'southeastasia',
      zones: ['2'],
      proximityPlacementGroupType: 'Standard',
    });
    const set = await availabilitySets.createOrUpdate(SHOP_RECOVERY, 'shop-app-set-asr', {
      location: 'southeastasia',
      sku: { name: 'Aligned' },
      platformFaultDomainCount: 2,
      proximityPlacementGroup: { id: group.id ?? '' },
    });
    expect([group.zones, set.sku?.name, set.proximityPlacementGroup?.id]).toEqual([
      ['2'],
      'Aligned',
      group.id,
    ]);
    expect((await all(availabilitySets.list(SHOP_RECOVERY))).map(({ name }) => name)).toEqual([
      'shop-app-set-asr',
    ]);
    expect(await errorOf(proximityPlacementGroups.delete(SHOP_RECOVERY, 'shop-near-asr'))).toMatchObject({
      code: 'OperationNotAllowed',
    });
    await availabilitySets.delete(SHOP_RECOVERY, 'shop-app-set-asr');
    await proximityPlacementGroups.delete(SHOP_RECOVERY, 'shop-near-asr');
    expect(await azure.readUnknownRequests()).toEqual([]);
  });

  it('are refused where they cannot exist', async () => {
    const { availabilitySets, proximityPlacementGroups } = azure.compute();
    expect(
      await errorOf(
        proximityPlacementGroups.createOrUpdate('contoso-archive', 'one', {
          location: 'southindia',
          zones: ['1'],
        }),
      ),
    ).toMatchObject({ code: 'AvailabilityZoneNotSupported' });
    expect(
      await errorOf(
        availabilitySets.createOrUpdate(SHOP_RECOVERY, 'one', {
          location: 'southeastasia',
          proximityPlacementGroup: { id: compute('proximityPlacementGroups/shop-near') },
        }),
      ),
    ).toMatchObject({ code: 'InvalidParameter' });
    expect(
      await errorOf(
        availabilitySets.createOrUpdate(SHOP_RECOVERY, 'one', {
          location: 'southeastasia',
          platformFaultDomainCount: 4,
        }),
      ),
    ).toMatchObject({ code: 'InvalidRequestContent' });
    expect(
      await errorOf(
        availabilitySets.createOrUpdate(SHOP_RECOVERY, 'one', {
          location: 'southeastasia',
          sku: { name: 'Aligned' },
          platformFaultDomainCount: 3,
        }),
      ),
    ).toMatchObject({ code: 'InvalidParameter' });
    expect(
      await errorOf(
        availabilitySets.createOrUpdate(SHOP_GROUP, 'shop-app-set', {
          location: 'eastasia',
          platformFaultDomainCount: 3,
        }),
      ),
    ).toMatchObject({ code: 'PropertyChangeNotAllowed' });
    expect(await errorOf(availabilitySets.delete(SHOP_GROUP, 'shop-app-set'))).toMatchObject({
      code: 'OperationNotAllowed',
    });
  });
});

describe('sizes and quotas', () => {
  const sizes = async (region: string) =>
    (await all(azure.compute().resourceSkus.list({ filter: `location eq '${region}'` }))).filter(
      ({ resourceType }) => resourceType === 'virtualMachines',
    );

  it('sizes show their capabilities and their zones', async () => {
    const offered = await sizes('southeastasia');
    const one = offered.find(({ name }) => name === 'Standard_E8s_v5');
    const can = new Map((one?.capabilities ?? []).map(({ name, value }) => [name, value]));
    expect(['vCPUs', 'MemoryGB', 'PremiumIO', 'MaxNetworkInterfaces'].map((name) => can.get(name))).toEqual([
      '8',
      '64',
      'True',
      '4',
    ]);
    expect([one?.family, one?.locationInfo?.[0]?.zones, one?.restrictions]).toEqual([
      'standardESv5Family',
      ['1', '2', '3'],
      [],
    ]);
    expect(offered.find(({ name }) => name === 'Standard_M64s')?.restrictions).toMatchObject([
      { type: 'Location', reasonCode: 'NotAvailableForSubscription' },
    ]);
    expect(offered.map(({ name }) => name)).not.toContain('Standard_L8s_v3');
    expect(
      (await sizes('southindia')).find(({ name }) => name === 'Standard_D2s_v5')?.locationInfo?.[0]?.zones,
    ).toEqual([]);
    expect(
      (await all(azure.compute().virtualMachineSizes.list('southeastasia'))).map(({ name }) => name),
    ).not.toContain('Standard_M64s');
    expect(await errorOf(all(azure.compute().resourceSkus.list({ filter: "name eq 'x'" })))).toMatchObject({
      code: 'InvalidFilterInQueryString',
    });
  });

  it('quotas show limit and usage, by family and in total', async () => {
    const usages = async (region: string) =>
      new Map(
        (await all(azure.compute().usage.list(region))).map(({ name, currentValue, limit }) => [
          name.value,
          [currentValue, limit],
        ]),
      );
    const home = await usages('eastasia');
    const machines = azure.world
      .list({
        type: 'Microsoft.Compute/virtualMachines',
        under: '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77',
      })
      .filter(({ location }) => location === 'eastasia');
    expect(home.get('virtualMachines')).toEqual([machines.length, 25_000]);
    // web 2, app 4, two zones of the web tier and two machines for the orders 2 each.
    expect(home.get('standardDSv5Family')).toEqual([14, 200]);
    expect((await usages('southeastasia')).get('standardFSv2Family')).toEqual([0, 16]);
    expect(await errorOf(all(azure.compute().usage.list('atlantis')))).toMatchObject({
      code: 'NoRegisteredProviderFound',
    });
  });
});
