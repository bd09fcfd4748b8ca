import type { EffectiveNetworkSecurityGroup, SecurityRule } from '@azure/arm-network';

import { all, TestAzure, groupPath, SHOP_RECOVERY, errorOf, SHOP_GROUP } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const quick = { updateIntervalInMs: 5 };
const wanted = (over: object = {}) => ({
  location: 'southeastasia',
  addressSpace: { addressPrefixes: ['10.30.0.0/16'] },
  subnets: [
    { name: 'web', addressPrefix: '10.30.1.0/24' },
    { name: 'data', addressPrefix: '10.30.2.0/24' },
  ],
  ...over,
});

describe('networks', () => {
  it("show their subnets in the network's own order", async () => {
    const { virtualNetworks, subnets } = azure.network();
    expect((await all(virtualNetworks.list(SHOP_GROUP))).map(({ name }) => name)).toEqual(['shop-network']);
    expect((await virtualNetworks.get(SHOP_GROUP, 'shop-network')).subnets?.map(({ name }) => name)).toEqual([
      'web',
      'app',
      'data',
    ]);
    expect((await subnets.get(SHOP_GROUP, 'shop-network', 'APP')).addressPrefix).toBe('10.20.2.0/24');
  });

  it('are created in simulated time, changed, and deleted when nothing is in them', async () => {
    const { virtualNetworks, subnets } = azure.network();
    const poller = virtualNetworks.createOrUpdate(SHOP_RECOVERY, 'shop-network-asr', wanted(), quick);
    const made = await azure.withRunningClock(Promise.resolve(poller));
    expect([made.provisioningState, made.subnets?.map(({ name }) => name)]).toEqual([
      'Succeeded',
      ['web', 'data'],
    ]);
    await azure.withRunningClock(
      Promise.resolve(
        subnets.createOrUpdate(
          SHOP_RECOVERY,
          'shop-network-asr',
          'app',
          { addressPrefix: '10.30.3.0/24' },
          quick,
        ),
      ),
    );
    expect((await all(subnets.list(SHOP_RECOVERY, 'shop-network-asr'))).map(({ name }) => name)).toEqual([
      'web',
      'data',
      'app',
    ]);
    await azure.withRunningClock(
      Promise.resolve(subnets.delete(SHOP_RECOVERY, 'shop-network-asr', 'data', quick)),
    );
    await azure.withRunningClock(
      Promise.resolve(virtualNetworks.delete(SHOP_RECOVERY, 'shop-network-asr', quick)),
    );
    expect(await errorOf(virtualNetworks.get(SHOP_RECOVERY, 'shop-network-asr'))).toMatchObject({
      code: 'ResourceNotFound',
    });
    expect(await errorOf(Promise.resolve(virtualNetworks.delete(SHOP_GROUP, 'shop-network')))).toMatchObject({
      code: 'InUseSubnetCannotBeDeleted',
    });
    expect(await errorOf(Promise.resolve(subnets.delete(SHOP_GROUP, 'shop-network', 'web')))).toMatchObject({
      code: 'InUseSubnetCannotBeDeleted',
    });
    expect(await azure.readUnknownRequests()).toEqual([]);
  });

  it.each([
    [
      'a subnet outside',
      { subnets: [{ name: 'far', addressPrefix: '10.31.0.0/24' }] },
      'NetcfgInvalidSubnet',
    ],
    [
      'subnets that overlap',
      {
        subnets: [
          { name: 'one', addressPrefix: '10.30.0.0/23' },
          { name: 'two', addressPrefix: '10.30.1.0/24' },
        ],
      },
      'NetcfgSubnetRangesOverlap',
    ],
    [
      'an invalid range',
      { addressSpace: { addressPrefixes: ['10.30.0.0/33'] } },
      'InvalidAddressPrefixFormat',
    ],
    ['no ranges', { addressSpace: { addressPrefixes: [] } }, 'InvalidRequestContent'],
  ])('are refused with %s', async (_what, over, code) => {
    const { virtualNetworks } = azure.network();
    expect(
      await errorOf(Promise.resolve(virtualNetworks.createOrUpdate(SHOP_RECOVERY, 'bad', wanted(over)))),
    ).toMatchObject({ code });
    expect(await errorOf(virtualNetworks.get(SHOP_RECOVERY, 'bad'))).toMatchObject({ statusCode: 404 });
  });
});

it('network interfaces show their subnet and owner, and addresses are shown too', async () => {
  const { networkInterfaces, publicIPAddresses, usages } = azure.network();
  const nic = await networkInterfaces.get(SHOP_GROUP, 'web-zone-1-nic');
  expect(nic).toMatchObject({
    primary: true,
    virtualMachine: { id: `${groupPath(SHOP_GROUP)}/providers/Microsoft.Compute/virtualMachines/web-zone-1` },
  });
  expect(nic.ipConfigurations?.[0]).toMatchObject({
    privateIPAddress: '10.20.1.11',
    subnet: {
      id: `${groupPath(SHOP_GROUP)}/providers/Microsoft.Network/virtualNetworks/shop-network/subnets/web`,
    },
  });
  expect((await publicIPAddresses.get(SHOP_GROUP, 'web-zone-1-nic-address')).ipAddress).toMatch(
    /^203\.0\.113\.\d+$/,
  );
  expect((await all(networkInterfaces.list(SHOP_GROUP))).map(({ name }) => name)).toContain(
    'search-data-nic',
  );
  expect(await errorOf(Promise.resolve(networkInterfaces.delete(SHOP_GROUP, 'web-nic')))).toMatchObject({
    code: 'NicInUse',
  });
  expect(
    (await all(usages.list('eastasia'))).find(({ name }) => name.value === 'VirtualNetworks')?.currentValue,
  ).toBe(2);
});

describe('security groups', () => {
  const rule = (over: Partial<SecurityRule> = {}): SecurityRule => ({
    priority: 200,
    direction: 'Outbound',
    access: 'Allow',
    protocol: 'Tcp',
    sourceAddressPrefix: 'VirtualNetwork',
    sourcePortRange: '*',
    destinationAddressPrefix: 'EventHub',
    destinationPortRange: '443',
    ...over,
  });

  it('accept rules and remove them', async () => {
    const { networkSecurityGroups, securityRules } = azure.network();
    await azure.withRunningClock(
      Promise.resolve(
        securityRules.createOrUpdate('contoso-ledger', 'ledger-rules', 'monitoring-out', rule(), quick),
      ),
    );
    const group = await networkSecurityGroups.get('contoso-ledger', 'ledger-rules');
    expect(group.securityRules?.map(({ name }) => name)).toEqual([
      'storage-out',
      'sign-in-out',
      'no-internet',
      'no-neighbours',
      'monitoring-out',
    ]);
    expect(group.defaultSecurityRules?.map(({ priority }) => priority)).toEqual([
      65000, 65001, 65500, 65000, 65001, 65500,
    ]);
    expect(
      await errorOf(
        Promise.resolve(securityRules.createOrUpdate('contoso-ledger', 'ledger-rules', 'other', rule())),
      ),
    ).toMatchObject({ code: 'SecurityRuleConflict' });
    expect(
      await errorOf(
        Promise.resolve(
          securityRules.createOrUpdate('contoso-ledger', 'ledger-rules', 'other', rule({ priority: 9 })),
        ),
      ),
    ).toMatchObject({ code: 'InvalidRequestFormat' });
    await azure.withRunningClock(
      Promise.resolve(securityRules.delete('contoso-ledger', 'ledger-rules', 'monitoring-out', quick)),
    );
    expect(await all(securityRules.list('contoso-ledger', 'ledger-rules'))).toHaveLength(4);
    expect(
      await errorOf(Promise.resolve(networkSecurityGroups.delete('contoso-ledger', 'ledger-rules'))),
    ).toMatchObject({ code: 'InUseNetworkSecurityGroupCannotBeDeleted' });
  });

  async function effective(group: string, nic: string): Promise<EffectiveNetworkSecurityGroup[]> {
    const list = azure.network().networkInterfaces.listEffectiveNetworkSecurityGroups(group, nic, quick);
    return (await azure.withRunningClock(Promise.resolve(list))).value;
  }

  it('apply to a network interface in order of priority, each with its association', async () => {
    const [ofSubnet, ...others] = await effective('contoso-ledger', 'ledger-1-nic');
    expect(others).toEqual([]);
    expect(ofSubnet?.association).toMatchObject({
      subnet: { id: expect.stringMatching(/ledger-network\/subnets\/ledger$/) as string },
    });
    const outbound = ofSubnet?.effectiveSecurityRules?.filter(({ direction }) => direction === 'Outbound');
    expect(
      outbound?.map(({ name, access, destinationAddressPrefix, destinationPortRange }) => [
        name,
        access,
        destinationAddressPrefix,
        destinationPortRange,
      ]),
    ).toEqual([
      ['securityRules/storage-out', 'Allow', 'Storage', '443-443'],
      ['securityRules/sign-in-out', 'Allow', 'AzureActiveDirectory', '443-443'],
      ['securityRules/no-internet', 'Deny', 'Internet', '0-65535'],
      ['defaultSecurityRules/AllowVnetOutBound', 'Allow', 'VirtualNetwork', '0-65535'],
      ['defaultSecurityRules/AllowInternetOutBound', 'Allow', 'Internet', '0-65535'],
      ['defaultSecurityRules/DenyAllOutBound', 'Deny', '0.0.0.0/0', '0-65535'],
    ]);
    expect(outbound?.[0]?.expandedSourceAddressPrefix).toEqual(['10.22.0.0/16']);
    expect(
      (await effective(SHOP_GROUP, 'web-zone-1-nic')).map(
        ({ association }) => association?.networkInterface?.id,
      ),
    ).toEqual([`${groupPath(SHOP_GROUP)}/providers/Microsoft.Network/networkInterfaces/web-zone-1-nic`]);
    expect(await effective(SHOP_GROUP, 'web-nic')).toEqual([]);
  });

  it('do not answer while the machine is stopped', async () => {
    expect(await errorOf(effective(SHOP_GROUP, 'night-batch-nic'))).toMatchObject({ statusCode: 400 });
  });
});
