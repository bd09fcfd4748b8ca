// The network interfaces and caches of replicated machines: the allowed locations, and the address
// of each interface.

import { networkResource, nicResource } from '../../arm/build/networks.ts';
import {
  RECOVERY_SIDE,
  TestAzure,
  cacheAccountOf,
  sendCommit,
  sendFailover,
  PRIMARY_SIDE,
  MINUTE,
  sendReprotect,
  sendWrite,
  VAULT_GROUP,
  VAULT,
} from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const a2a = { instanceType: 'A2A' };
const CONTAINER = (place: typeof PRIMARY_SIDE): string =>
  `/replicationFabrics/${place.fabric}/replicationProtectionContainers/${place.container}`;
const ITEM = (name: string): string => `${CONTAINER(PRIMARY_SIDE)}/replicationProtectedItems/${name}`;
const group = (name: string, subscription = 0): string =>
  `/subscriptions/${azure.environment.subscriptions[subscription]?.id ?? ''}/resourceGroups/${name}`;
const idIn = (where: string, type: string, name: string): string =>
  `${group(where)}/providers/${type}/${name}`;
const RECOVERY = 'contoso-shop-recovery';

/** Returns the errors of the job that a write starts. */
async function run(method: string, path: string, body: object): Promise<readonly string[]> {
  const answer = await azure.sendRaw(method, path, body);
  expect([path, answer.status]).toEqual([path, 202]);
  await azure.advance(10 * MINUTE);
  const job = (answer.headers?.['Azure-AsyncOperation'] ?? '').split('?')[0]?.split('/').at(-1) ?? '';
  const { properties } = (await azure.sendRaw('GET', `/replicationJobs/${job}`)).body as {
    properties: { errors: readonly { serviceErrorDetails: { code: string; possibleCauses: string } }[] };
  };
  return properties.errors.map(
    ({ serviceErrorDetails: { code, possibleCauses } }) => `${code} ${possibleCauses}`,
  );
}

async function enable(name: string, more: object = {}): Promise<readonly string[]> {
  const providerSpecificDetails = {
    ...a2a,
    fabricObjectId: idIn('contoso-shop', 'Microsoft.Compute/virtualMachines', name),
    recoveryResourceGroupId: group(RECOVERY),
    recoveryContainerId: `${azure.vaultPath}${CONTAINER(RECOVERY_SIDE)}`,
    ...more,
  };
  const told = await run('PUT', ITEM(name), {
    properties: { policyId: `${azure.vaultPath}/replicationPolicies/day-of-points`, providerSpecificDetails },
  });
  await azure.advance(30 * MINUTE);
  return told;
}

const change = (name: string, properties: object) =>
  run('PATCH', ITEM(name), { properties: { ...properties, providerSpecificDetails: a2a } });
const test = (name: string, networkId: string) =>
  run('POST', `${ITEM(name)}/testFailover`, {
    properties: { networkType: 'VmNetworkAsInput', networkId, providerSpecificDetails: a2a },
  });

/** Returns subnet and address of an interface. */
function at(where: string, name: string): string {
  const [configuration] = (azure.world.get(idIn(where, 'Microsoft.Network/networkInterfaces', name))
    ?.properties['ipConfigurations'] ?? []) as {
    properties: { subnet: { id: string }; privateIPAddress: string };
  }[];
  return (
    `${configuration?.properties.subnet.id.split('/').at(-1) ?? ''} ` +
    (configuration?.properties.privateIPAddress ?? '')
  );
}

it('each interface starts in the subnet of its own name, there and back and in a test', async () => {
  await enable('search', { recoverySubnetName: 'app' });
  await test('search', idIn(RECOVERY, 'Microsoft.Network/virtualNetworks', 'shop-network-recovery'));
  expect([at(RECOVERY, 'search-nic-test'), at(RECOVERY, 'search-data-nic-test')]).toEqual([
    'app 10.21.2.149',
    'data 10.21.3.149',
  ]);
  await run('POST', `${ITEM('search')}/testFailoverCleanup`, { properties: {} });
  await sendFailover(azure, 'search');
  await azure.advance(10 * MINUTE);
  expect([at(RECOVERY, 'search-nic'), at(RECOVERY, 'search-data-nic')]).toEqual([
    'app 10.21.2.21',
    'data 10.21.3.21',
  ]);
  await sendCommit(azure, 'search');
  await azure.advance(10 * MINUTE);
  await sendReprotect(azure, 'search');
  await azure.advance(60 * MINUTE);
  await sendFailover(azure, 'search', RECOVERY_SIDE);
  await azure.advance(10 * MINUTE);
  expect([at('contoso-shop', 'search-nic'), at('contoso-shop', 'search-data-nic')]).toEqual([
    'app 10.20.2.21',
    'data 10.20.3.21',
  ]);
});

it('each interface gets a free address of its own inside the subnet', async () => {
  const one = networkResource(
    idIn(RECOVERY, 'Microsoft.Network/virtualNetworks', 'one-subnet'),
    'southeastasia',
    ['10.40.0.0/16'],
    [{ name: 'only', prefix: '10.40.1.0/24' }],
  );
  azure.world.put(one);
  azure.world.put(
    nicResource({
      id: idIn(RECOVERY, 'Microsoft.Network/networkInterfaces', 'somebody'),
      location: 'southeastasia',
      subnetId: `${one.id}/subnets/only`,
      privateAddress: '10.40.1.4',
    }),
  );
  await enable('search', { recoveryAzureNetworkId: one.id });
  const nicId = (name: string): string => idIn('contoso-shop', 'Microsoft.Network/networkInterfaces', name);
  const fixed = (address: string) => [
    { isPrimary: true, recoverySubnetName: 'only', recoveryStaticIPAddress: address },
  ];
  expect(
    await change('search', {
      vmNics: [
        { nicId: nicId('search-nic'), ipConfigs: fixed('10.40.1.4') },
        { nicId: nicId('search-data-nic'), ipConfigs: fixed('10.99.0.9') },
      ],
    }),
  ).toEqual([]);
  await sendFailover(azure, 'search');
  await azure.advance(10 * MINUTE);
  expect([at(RECOVERY, 'search-nic'), at(RECOVERY, 'search-data-nic')]).toEqual([
    'only 10.40.1.5',
    'only 10.40.1.6',
  ]);
  const full = networkResource(
    idIn(RECOVERY, 'Microsoft.Network/virtualNetworks', 'full'),
    'southeastasia',
    ['10.41.0.0/29'],
    [{ name: 'only', prefix: '10.41.0.0/29' }],
  );
  azure.world.put(full);
  for (const last of [4, 5, 6])
    azure.world.put(
      nicResource({
        id: idIn(RECOVERY, 'Microsoft.Network/networkInterfaces', `full-${last}`),
        location: 'southeastasia',
        subnetId: `${full.id}/subnets/only`,
        privateAddress: `10.41.0.${last}`,
      }),
    );
  expect(await test('app', full.id)).toEqual([expect.stringMatching(/^161018 .*no free address left/)]);
});

it('enabling, changes, tests and failovers refuse resources of another subscription', async () => {
  const [development] = [group('elsewhere', 1)];
  const foreign = networkResource(
    `${development}/providers/Microsoft.Network/virtualNetworks/foreign`,
    'southeastasia',
    ['10.40.0.0/16'],
    [{ name: 'web', prefix: '10.40.1.0/24' }],
  );
  azure.world.put(foreign);
  azure.world.put({
    id: development,
    name: 'elsewhere',
    type: 'Microsoft.Resources/resourceGroups',
    location: 'southeastasia',
    properties: {},
  });
  const refused = [expect.stringMatching(/^539 .*of another subscription/)];
  expect(await enable('web-zone-1', { recoveryAzureNetworkId: foreign.id })).toEqual(refused);
  const disk = {
    diskId: idIn('contoso-shop', 'Microsoft.Compute/disks', 'web-zone-1-os'),
    primaryStagingAzureStorageAccountId: cacheAccountOf(azure, PRIMARY_SIDE),
    recoveryResourceGroupId: development,
  };
  expect(await enable('web-zone-1', { vmManagedDisks: [disk] })).toEqual(refused);
  for (const which of ['selectedRecoveryAzureNetworkId', 'selectedTfoAzureNetworkId'])
    expect(await change('app', { [which]: foreign.id })).toEqual(refused);
  expect(await test('app', foreign.id)).toEqual(refused);
  expect(
    await test('app', idIn('contoso-shop', 'Microsoft.Network/virtualNetworks', 'shop-network')),
  ).toEqual([expect.stringMatching(/^539 .*is in 'eastasia'/)]);
  // The mapping leads to this network, and the enable request names no network.
  await sendWrite(
    (options) =>
      azure.client.replicationNetworkMappings.beginCreate(
        VAULT,
        VAULT_GROUP,
        PRIMARY_SIDE.fabric,
        'azureNetwork',
        'shop-out',
        {
          properties: {
            recoveryFabricName: RECOVERY_SIDE.fabric,
            recoveryNetworkId: foreign.id,
            fabricSpecificDetails: {
              instanceType: 'AzureToAzure',
              primaryNetworkId: idIn('contoso-shop', 'Microsoft.Network/virtualNetworks', 'shop-network'),
            },
          },
        },
        options,
      ),
    'mapping',
  );
  await azure.advance(MINUTE);
  expect(await enable('web-zone-1')).toEqual([]);
  expect(
    await run('POST', `${ITEM('web-zone-1')}/unplannedFailover`, {
      properties: { providerSpecificDetails: a2a },
    }),
  ).toEqual(refused);
});

it('enabling and reprotecting accept only a standard cache account of the source region', async () => {
  const disk = (cache: string) => ({
    vmManagedDisks: [
      {
        diskId: idIn('contoso-shop', 'Microsoft.Compute/disks', 'web-zone-1-os'),
        primaryStagingAzureStorageAccountId: cache,
        recoveryResourceGroupId: group(RECOVERY),
      },
    ],
  });
  expect(await enable('web-zone-1', disk(cacheAccountOf(azure, RECOVERY_SIDE)))).toEqual([
    expect.stringMatching(/^539 .*is in 'southeastasia', and the machine is replicated from 'eastasia'/),
  ]);
  expect(
    await enable(
      'web-zone-1',
      disk(idIn('contoso-shop', 'Microsoft.Storage/storageAccounts', 'shoplegacydisks')),
    ),
  ).toEqual([expect.stringContaining('is a premium one')]);
  expect(await enable('web-zone-1', disk('cache'))).toEqual([
    expect.stringContaining("'cache' does not exist"),
  ]);
  await sendFailover(azure, 'app');
  await azure.advance(10 * MINUTE);
  const { jobId } = await sendReprotect(azure, 'app', PRIMARY_SIDE, {
    cacheId: cacheAccountOf(azure, PRIMARY_SIDE),
  });
  await azure.advance(10 * MINUTE);
  expect((await azure.readJob(jobId)).properties).toMatchObject({
    state: 'Failed',
    errors: [
      {
        serviceErrorDetails: {
          code: '539',
          possibleCauses: expect.stringContaining("is in 'eastasia'") as string,
        },
      },
    ],
  });
  await sendReprotect(azure, 'app', PRIMARY_SIDE);
  await azure.advance(60 * MINUTE);
  expect((await azure.readItem('app', RECOVERY_SIDE)).properties?.providerSpecificDetails).toMatchObject({
    protectedManagedDisks: [
      { primaryStagingAzureStorageAccountId: cacheAccountOf(azure, RECOVERY_SIDE) },
      {},
    ],
  });
});
