import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { hasPlacementGroupCapacity, isSizeOffered, exceededQuota } from '../../arm/capacity.ts';
import { readFaultFile } from '../../wire/fault-file.ts';
import { newFolder } from '../raw-requests.ts';
import { all, TestAzure, groupPath, PRODUCTION, SHOP_RECOVERY, errorOf, SHOP_GROUP } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

describe('a dark region', () => {
  const dark = { code: 'ServiceUnavailable', statusCode: 503 };
  beforeEach(() =>
    azure.faults.add({
      id: 'dark',
      point: 'standing',
      until: 3600,
      do: { kind: 'regionDark', region: 'eastasia' },
    }),
  );

  it('does not answer until the fault ends', async () => {
    const { virtualMachines, usage } = azure.compute();
    expect(await errorOf(virtualMachines.get(SHOP_GROUP, 'web'))).toEqual(dark);
    expect(await errorOf(Promise.resolve(virtualMachines.start(SHOP_GROUP, 'web')))).toEqual(dark);
    expect(await errorOf(all(usage.list('eastasia')))).toEqual(dark);
    expect(await errorOf(azure.resources().resourceGroups.get(SHOP_GROUP))).toEqual(dark);
    await azure.advance(3_600_000);
    expect((await virtualMachines.get(SHOP_GROUP, 'web')).name).toBe('web');
  });

  it('accepts no new resources, and neither does a resource group in it', async () => {
    const { resourceGroups } = azure.resources();
    const account = (group: string, location: string) =>
      errorOf(
        Promise.resolve(
          azure.storage().storageAccounts.create(group, 'fresh', {
            location,
            sku: { name: 'Standard_LRS' },
            kind: 'StorageV2',
          }),
        ),
      );
    expect(await account(SHOP_RECOVERY, 'eastasia')).toEqual(dark);
    expect(await account(SHOP_GROUP, 'japaneast')).toEqual(dark);
    expect(await errorOf(resourceGroups.update(SHOP_GROUP, { tags: {} }))).toEqual(dark);
    expect(azure.world.list({ type: 'Microsoft.Storage/storageAccounts' })).toHaveLength(3);
  });

  it('does not affect other regions', async () => {
    expect((await azure.network().virtualNetworks.get(SHOP_RECOVERY, 'shop-network-recovery')).name).toBe(
      'shop-network-recovery',
    );
    expect((await all(azure.compute().usage.list('southeastasia'))).length).toBeGreaterThan(0);
  });

  it('is missing in lists of other regions, but Resource Manager itself knows it', async () => {
    const { virtualMachines } = azure.compute();
    const before = (await all(virtualMachines.list('contoso-archive'))).length;
    expect([(await all(virtualMachines.listAll())).map(({ name }) => name), before]).toEqual([
      ['archive'],
      1,
    ]);
    expect(await all(virtualMachines.list(SHOP_GROUP))).toEqual([]);
    const resources = await all(
      azure.resources().resources.list({ filter: "resourceType eq 'Microsoft.Compute/virtualMachines'" }),
    );
    expect(resources.map(({ name }) => name)).toEqual(expect.arrayContaining(['web', 'archive']));
    expect((await all(azure.resources().resourceGroups.list())).map(({ name }) => name)).toContain(
      SHOP_GROUP,
    );
    expect((await azure.sendRaw('GET', `/subscriptions/${PRODUCTION}/locations`)).status).toBe(200);
  });

  it('can make whole lists fail, with or without a delay', async () => {
    azure.faults.add({
      id: 'dark',
      point: 'standing',
      do: { kind: 'regionDark', region: 'eastasia', lists: 'failing', hangs: 200 },
    });
    const { virtualMachines } = azure.compute();
    const begun = performance.now();
    expect(await errorOf(all(virtualMachines.listAll()))).toEqual({
      code: 'GatewayTimeout',
      statusCode: 504,
    });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(195);
    expect(await errorOf(virtualMachines.get(SHOP_GROUP, 'web'))).toEqual({
      code: 'GatewayTimeout',
      statusCode: 504,
    });
    expect((await all(virtualMachines.list('contoso-archive'))).map(({ name }) => name)).toEqual(['archive']);
  });

  it('stops Site Recovery when the vault is in it', async () => {
    const jobs = `${groupPath('contoso-recovery-services')}/providers/Microsoft.RecoveryServices/vaults/contoso-vault/replicationJobs`;
    expect((await azure.sendRaw('GET', jobs)).status).toBe(200);
    azure.faults.add({ id: 'there', point: 'standing', do: { kind: 'regionDark', region: 'southeastasia' } });
    expect((await azure.sendRaw('GET', jobs)).status).toBe(503);
  });
});

it('an exhausted quota leaves no core, of one family or of all', async () => {
  const region = azure.world.region('southeastasia');
  if (!region) throw new Error('no region');
  const short = (size: string) => exceededQuota(azure.world, azure.faults, PRODUCTION, region, size)?.name;
  const limit = async (name: string) =>
    (await all(azure.compute().usage.list('southeastasia'))).find((one) => one.name.value === name)?.limit;
  expect([short('Standard_D2s_v5'), short('Standard_F8s_v2'), short('Standard_M64s')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  azure.faults.add({
    id: 'family',
    point: 'standing',
    do: { kind: 'quotaGone', region: 'southeastasia', family: 'standardDSv5Family' },
  });
  expect([short('Standard_D2s_v5'), short('Standard_F8s_v2')]).toEqual(['standardDSv5Family', undefined]);
  expect([await limit('standardDSv5Family'), await limit('cores')]).toEqual([0, 300]);
  azure.faults.add({ id: 'all', point: 'standing', do: { kind: 'quotaGone', region: 'southeastasia' } });
  expect([short('Standard_F8s_v2'), await limit('cores')]).toEqual(['cores', 0]);
});

it('a short quota refuses the machine that would exceed it', () => {
  const region = azure.world.region('southeastasia');
  if (!region) throw new Error('no region');
  const tight = { ...region, quotas: { standardDSv5Family: 3 } };
  expect(exceededQuota(azure.world, azure.faults, PRODUCTION, tight, 'Standard_D2s_v5')).toBeUndefined();
  expect(exceededQuota(azure.world, azure.faults, PRODUCTION, tight, 'Standard_D4s_v5')).toEqual({
    name: 'standardDSv5Family',
    used: 0,
    limit: 3,
  });
  expect(
    ['Standard_D2s_v5', 'Standard_L8s_v3', 'Standard_M64s', 'Standard_X1'].map((size) =>
      isSizeOffered(region, size),
    ),
  ).toEqual([true, false, false, false]);
});

it('a placement group accepts machines until it is full', () => {
  const group = `${groupPath(SHOP_RECOVERY)}/providers/Microsoft.Compute/proximityPlacementGroups/shop-near-recovery`;
  expect(hasPlacementGroupCapacity(azure.world, group)).toBe(true);
  const machine = azure.world.get(`${groupPath(SHOP_GROUP)}/providers/Microsoft.Compute/virtualMachines/web`);
  if (!machine) throw new Error('no machine');
  azure.world.put({
    ...machine,
    properties: { ...machine.properties, proximityPlacementGroup: { id: group.toUpperCase() } },
  });
  expect(hasPlacementGroupCapacity(azure.world, group)).toBe(false);
  expect(
    hasPlacementGroupCapacity(
      azure.world,
      `${groupPath(SHOP_GROUP)}/providers/Microsoft.Compute/proximityPlacementGroups/shop-near`,
    ),
  ).toBe(true);
});

it('a machine stays deallocated while its rule exists', async () => {
  const power = async () =>
    (await azure.compute().virtualMachines.instanceView(SHOP_GROUP, 'web')).statuses?.at(-1)?.code;
  azure.faults.add({ id: 'off', point: 'standing', vm: 'WEB', do: { kind: 'deallocated' } });
  expect(await power()).toBe('PowerState/deallocated');
  azure.faults.remove('off');
  expect(await power()).toBe('PowerState/running');
});

describe('a file of faults', () => {
  const file = (text: string): string => {
    const path = join(newFolder('faults'), 'day.yaml');
    writeFileSync(path, text);
    return path;
  };

  it('writes each rule as the admin route does, and may omit obvious parts', () => {
    expect(
      readFaultFile(
        file(`
rules:
  - { vm: web, until: 7200, do: { kind: fail, code: '532' } }
  - method: POST
    path: unplannedFailover
    chance: 0.1
    seed: 7
    times: 3
    do: { kind: status, status: 429, headers: { Retry-After: '5' } }
  - { id: dark, from: 2026-01-05T08:00:00Z, do: { kind: regionDark, region: eastasia } }
  - { point: applied, do: { kind: cut } }
`),
      ),
    ).toEqual([
      { id: 'rule-1', point: 'operation', vm: 'web', until: 7200, do: { kind: 'fail', code: '532' } },
      {
        id: 'rule-2',
        point: 'received',
        method: 'POST',
        path: 'unplannedFailover',
        chance: 0.1,
        seed: 7,
        times: 3,
        do: { kind: 'status', status: 429, headers: { 'Retry-After': '5' } },
      },
      {
        id: 'dark',
        point: 'standing',
        from: '2026-01-05T08:00:00Z',
        do: { kind: 'regionDark', region: 'eastasia' },
      },
      { id: 'rule-4', point: 'applied', do: { kind: 'cut' } },
    ]);
  });

  it.each([
    ['rules: [{ do: { kind: explode } }]', 'rules[0]'],
    ['rules: [{ do: { kind: cut } }, { from: soon, do: { kind: cut } }]', 'a simulated time'],
    ['rules: [{ chance: 2, do: { kind: cut } }]', 'chance'],
    ['rules: [{ unknown: 1, do: { kind: cut } }]', 'Unrecognized key: "unknown"'],
    ['rules: [{ point: received, do: { kind: stick } }]', 'rules[0]: At "received" a fault can be one of'],
    ['rules: [{ do: { kind: deallocated } }]', 'rules[0]: The rule names no machine'],
    ['rules: [{ path: "(", do: { kind: cut } }]', 'rules[0]: Invalid regular expression'],
    ['rule: []', 'rules'],
    ['rules: [', 'it is not valid YAML'],
  ])('names the mistake in it: %s', (text, message) => {
    expect(() => readFaultFile(file(text))).toThrow(message);
  });

  it('must exist', () =>
    expect(() => readFaultFile('/nowhere.yaml')).toThrow('The faults of /nowhere.yaml cannot be used'));
});
