// The resources of each side: machines, caches, networks and interfaces of VMs that fail over and
// back.
import {
  makeStorageAccountId,
  makeContosoWith,
  DEVELOPMENT,
  EnablingEnvironment,
  makeNetworkId,
  PRODUCTION,
  makeShopVm,
  makeVmId,
} from '../../support/enabling-environment.ts';
import { callAsPortalUser } from '../../support/portal.ts';
import { story } from '../../support/story.ts';

// A later test uses the state that the earlier tests leave behind.
const test = story();

let testEnvironment: EnablingEnvironment;
beforeAll(async () => {
  const environment = makeContosoWith({
    storageAccounts: ['otherhomecache', 'premiumhomecache'].map((name) => ({
      name,
      resourceGroup: 'contoso-shop',
      sku: name.startsWith('premium') ? 'Premium_LRS' : 'Standard_LRS',
      kind: 'StorageV2',
    })),
    resourceGroups: [{ name: 'elsewhere', subscription: 'contoso-development', region: 'southeastasia' }],
    networks: [{ name: 'elsewhere-network', resourceGroup: 'elsewhere', subnets: ['web'] }],
    virtualMachines: [makeShopVm('ware')],
  });
  testEnvironment = await EnablingEnvironment.start({ environment });
});
afterAll(() => testEnvironment.stop());

const HOME_CACHE = makeStorageAccountId('contoso-shop', 'shopcacheeastasia');
const AWAY_CACHE = makeStorageAccountId('contoso-shop-recovery', 'shopcachesoutheastasia');
const OTHER_CACHE = makeStorageAccountId('contoso-shop', 'otherhomecache');
const AWAY_NETWORK = makeNetworkId('contoso-shop-recovery', 'shop-network-recovery');
const id = async (name: string): Promise<string> => (await testEnvironment.waitForReplication(name)).id;
const on = async (operation: string, name: string, more: object = {}) => ({
  operation,
  vms: [await id(name)],
  ...more,
});

interface Listed {
  readonly name: string;
  readonly canBeProtected: boolean;
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
}

async function listed(region: string, name: string): Promise<Listed> {
  const { status, body } = await testEnvironment.lifeboat.call<{ vms: Listed[] }>(
    `/api/v1/sources/vms?region=${region}&subscription=${PRODUCTION}`,
  );
  if (status !== 200) throw new Error(JSON.stringify(body));
  const found = body.vms.find((vm) => vm.name === name);
  if (!found) throw new Error(`${name} is not listed in ${region}.`);
  return found;
}
const codesOf = async (region: string, name: string) =>
  (await listed(region, name)).reasons.map(({ code }) => code);
/** A request to enable the VM in its present location. */
async function refusalOf(name: string, there: string, region: string): Promise<string | undefined> {
  const before = testEnvironment.listArmWrites().length;
  const job = await testEnvironment.runJob(
    {
      operation: 'enableReplication',
      ...(region === 'southeastasia' && { vault: VAULT }),
      target: { region },
      vms: [makeVmId(name, there)],
    },
    'owner',
  );
  expect(job.steps.map(({ state }) => state)).toEqual(['failed']);
  expect(testEnvironment.listArmWrites().slice(before)).toEqual([]);
  return job.exceptions[0]?.code;
}
const VAULT = {
  id: `/subscriptions/${PRODUCTION}/resourceGroups/contoso-recovery-services/providers/Microsoft.RecoveryServices/vaults/contoso-vault`,
};
const cachesOf = async (name: string) =>
  (await testEnvironment.readItemDetails(name)).protectedManagedDisks?.map(
    (disk) => disk.primaryStagingAzureStorageAccountId,
  );

test('Lifeboat offers neither the other side of a failed-over VM nor a test VM [A2A-2] [OP-12]', async () => {
  const web = await id('web');
  expect(
    await testEnvironment.runJob(await on('testFailover', 'web', { networkId: AWAY_NETWORK })),
  ).toMatchObject({
    state: 'completed',
  });
  expect(await codesOf('southeastasia', 'web-test')).toEqual(['TestVm']);
  expect(await refusalOf('web-test', 'contoso-shop-recovery', 'japaneast')).toBe('TestVm');
  expect(await testEnvironment.runJob(await on('cleanUpTestFailover', 'web'))).toMatchObject({
    state: 'completed',
  });

  expect(await testEnvironment.runJob(await on('failover', 'web', { shutDownSource: true }))).toMatchObject({
    state: 'completed',
  });
  const source = await listed('eastasia', 'web');
  expect(source).toMatchObject({
    canBeProtected: false,
    reasons: [
      {
        code: 'OtherSide',
        message: `It is the other side of web (${web}), which runs in southeastasia. Leave it off.`,
      },
      { code: 'AlreadyProtected' },
    ],
  });
  expect(JSON.stringify(source)).not.toMatch(/start/i);
  expect(await codesOf('southeastasia', 'web')).toEqual(['FailedOver']);
  expect(await refusalOf('web', 'contoso-shop', 'southeastasia')).toBe('OtherSide');
  expect(await refusalOf('web', 'contoso-shop-recovery', 'japaneast')).toBe('FailedOver');
  const {
    vms: [previewed],
  } = await testEnvironment.readPreview({ vault: VAULT, vms: [makeVmId('web')] });
  expect(previewed).toMatchObject({ verdict: 'refused', refusals: [{ code: 'OtherSide' }] });
  expect(JSON.stringify(previewed)).not.toMatch(/start/i);

  // A colleague fails another VM over in the portal, and Lifeboat sees it at once.
  const { armId } = await testEnvironment.waitForReplication('app');
  expect(
    (
      await callAsPortalUser(testEnvironment.simulator, 'POST', `${armId}/unplannedFailover`, {
        properties: { sourceSiteOperations: 'Required', providerSpecificDetails: { instanceType: 'A2A' } },
      })
    ).status,
  ).toBe(202);
  await testEnvironment.lifeboat.waitFor(
    async () => ((await codesOf('eastasia', 'app')).includes('OtherSide') ? true : undefined),
    'app over, by the portal',
  );
  expect(await codesOf('southeastasia', 'app')).toEqual(['FailedOver']);
});

test('a reprotect accepts only a cache of the present source region [A2A-10] [OP-4] [PPG-6]', async () => {
  const before = testEnvironment.listArmWrites().length;
  expect(
    await testEnvironment.sendRefused(await on('reprotect', 'web', { cacheStorageAccountId: HOME_CACHE })),
  ).toMatchObject({ status: 422, code: 'CacheElsewhere' });
  const other = await testEnvironment.runJob(
    await on('reprotect', 'web', { cacheStorageAccountId: OTHER_CACHE }),
  );
  expect(other).toMatchObject({ state: 'failed', error: { code: 'CacheElsewhere' } });
  expect(other.error?.message).toMatch(
    /otherhomecache is in eastasia; .* southeastasia\. Nothing was started/,
  );
  expect(
    await testEnvironment.runJob(
      await on('reprotect', 'web', {
        cacheStorageAccountId: makeStorageAccountId('contoso-shop', 'missing'),
      }),
    ),
  ).toMatchObject({ state: 'failed', error: { code: 'StorageAccountUnknown' } });
  const groups = (await testEnvironment.lifeboat.listReplications()).filter(({ name }) =>
    name.startsWith('orders-'),
  );
  expect(
    await testEnvironment.runJob({ operation: 'failover', vms: groups.map((group) => group.id) }),
  ).toMatchObject({
    state: 'completed',
  });
  expect(
    await testEnvironment.sendRefused({
      operation: 'reprotect',
      vms: groups.map((group) => group.id),
      cacheStorageAccountId: AWAY_CACHE,
    }),
  ).toMatchObject({ status: 422, code: 'CacheOfGroup' });
  expect(
    testEnvironment
      .listArmWrites()
      .slice(before)
      .filter((write) => /switchprotection|reProtect/i.test(write)),
  ).toEqual([]);

  expect(
    await testEnvironment.runJob(await on('reprotect', 'web', { cacheStorageAccountId: AWAY_CACHE })),
  ).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await cachesOf('web')).toEqual([AWAY_CACHE]);
  expect(await codesOf('eastasia', 'web')).toEqual(['OtherSide']);
  expect(await refusalOf('web', 'contoso-shop', 'southeastasia')).toBe('OtherSide');

  // A failback reports this before it starts.
  expect(
    await testEnvironment.runJob(
      await on('failback', 'web', {
        cacheStorageAccountId: makeStorageAccountId('contoso-shop', 'premiumhomecache'),
      }),
    ),
  ).toMatchObject({ state: 'failed', error: { code: 'CacheNotStandard' }, steps: [] });
  expect(await testEnvironment.waitForReplication('web')).toMatchObject({
    direction: 'reversed',
    state: 'protected',
  });
  expect(
    await testEnvironment.runJob(
      await on('failback', 'web', { cacheStorageAccountId: OTHER_CACHE, shutDownSource: true }),
    ),
  ).toMatchObject({ state: 'completed', exceptions: [] });
  expect(await cachesOf('web')).toEqual([OTHER_CACHE]);
  expect(await codesOf('southeastasia', 'web')).toEqual(['OtherSide']);
  expect(await codesOf('eastasia', 'web')).toEqual(['AlreadyProtected']);
});

test('each network interface gets its own subnet and its own address [A2A-7] [A2A-18]', async () => {
  const request = { vault: VAULT, vms: [makeVmId('search')] };
  const {
    vms: [search],
  } = await testEnvironment.readPreview(request);
  expect(search?.settings?.nics).toMatchObject([
    { name: 'search-nic', primary: true, sourceSubnet: 'app', subnet: 'app' },
    { name: 'search-data-nic', primary: false, sourceSubnet: 'data', subnet: 'data' },
  ]);
  const done = await testEnvironment.enable(request);
  expect(done).toMatchObject({ state: 'completed', exceptions: [] });
  const shown = async () =>
    (await testEnvironment.readItemDetails('search')).vmNics?.map(({ ipConfigs }) => [
      ipConfigs?.[0]?.recoverySubnetName,
      ipConfigs?.[0]?.recoveryStaticIPAddress,
    ]);
  expect(await shown()).toEqual([
    ['app', ''],
    ['data', ''],
  ]);
  const nics = (await testEnvironment.readItemDetails('search')).vmNics?.map(({ nicId = '' }) => nicId) ?? [];
  const atRest = () =>
    testEnvironment.lifeboat.waitFor(
      async () =>
        (await testEnvironment.findReplication('search'))?.state === 'protected' ? true : undefined,
      'search at rest',
    );
  await atRest();
  expect(
    await testEnvironment.runJob(
      await on('updateReplication', 'search', {
        change: { nics: [{ nic: nics[1], address: '10.21.3.77' }] },
      }),
    ),
  ).toMatchObject({ state: 'completed' });
  expect(await shown()).toEqual([
    ['app', ''],
    ['data', '10.21.3.77'],
  ]);
  await atRest();
  const twice = await on('updateReplication', 'sql', {
    change: {
      nics: [
        { nic: (await testEnvironment.readItemDetails('sql')).vmNics?.[0]?.nicId, address: '10.21.3.77' },
      ],
    },
  });
  expect(await testEnvironment.sendRefused(twice)).toMatchObject({ status: 422, code: 'AddressTwice' });

  expect(await testEnvironment.runJob(await on('failover', 'search'))).toMatchObject({ state: 'completed' });
  const at = async (name: string) => {
    const nic = await testEnvironment.readResource<{
      properties: {
        ipConfigurations: { properties: { subnet: { id: string }; privateIPAddress: string } }[];
      };
    }>(`${search?.settings?.resourceGroupId ?? ''}/providers/Microsoft.Network/networkInterfaces/${name}`);
    const { subnet, privateIPAddress } = nic?.properties.ipConfigurations[0]?.properties ?? {};
    return [subnet?.id.split('/').at(-1), privateIPAddress];
  };
  expect([await at('search-nic'), await at('search-data-nic')]).toEqual([
    ['app', '10.21.2.21'],
    ['data', '10.21.3.77'],
  ]);
});

test('Lifeboat accepts no network of another subscription [A2A-3] [A2A-6] [OP-1]', async () => {
  const foreign = makeNetworkId('elsewhere', 'elsewhere-network', DEVELOPMENT);
  const request = {
    vault: VAULT,
    target: { region: 'southeastasia', subscription: DEVELOPMENT },
    vms: [makeVmId('ware')],
  };
  const {
    vms: [ware],
  } = await testEnvironment.readPreview(request);
  expect(ware?.settings?.networkId).toContain(`/subscriptions/${DEVELOPMENT}/`);
  const why =
    'The vault maps the network shop-network to shop-network-recovery, which is in the ' +
    `subscription ${PRODUCTION}`;
  expect(ware?.warnings).toMatchObject([
    { code: 'MappedElsewhere', message: expect.stringContaining(why) as string },
  ]);
  expect(await testEnvironment.enable(request)).toMatchObject({ state: 'completed', exceptions: [] });
  expect((await testEnvironment.readItemDetails('ware')).selectedRecoveryAzureNetworkId).toBe(
    ware?.settings?.networkId,
  );

  expect(
    await testEnvironment.sendRefused(await on('testFailover', 'sql', { networkId: foreign })),
  ).toMatchObject({
    status: 422,
    code: 'NetworkElsewhere',
  });
  expect(
    await testEnvironment.sendRefused(await on('testFailover', 'ware', { networkId: AWAY_NETWORK })),
  ).toMatchObject({
    status: 422,
    code: 'NetworkElsewhere',
  });
  const before = testEnvironment.listArmWrites().length;
  const plan = {
    name: 'Drilled',
    runs: { failover: [{ name: 'all', vms: [await id('sql')] }] },
    drill: { networkId: foreign },
  };
  expect(
    (
      await testEnvironment.lifeboat.call('/api/v1/plans/drilled', {
        method: 'PUT',
        principal: 'contributor',
        body: plan,
      })
    ).status,
  ).toBe(201);
  expect(await testEnvironment.sendRefused({ operation: 'testFailover', plan: 'drilled' })).toMatchObject({
    status: 409,
    code: 'PlanCannotRun',
    obstacles: [{ code: 'NetworkElsewhere' }],
  });
  expect(testEnvironment.listArmWrites().slice(before)).toEqual([]);
  // The plan's own network does not count when the command names another.
  expect(
    await testEnvironment.runJob({ operation: 'testFailover', plan: 'drilled', networkId: AWAY_NETWORK }),
  ).toMatchObject({ state: 'completed' });
});
