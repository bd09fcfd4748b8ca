// The facts that the real SDKs read from the simulator before enabling.
import type * as z from 'zod';
import type { AzureFacts } from '../../../shared/azure/facts.ts';
import { readRequestFacts } from '../../../shared/enabling/readRequestFacts.ts';
import { PrepareRequest } from '../../../shared/scenarios/azureToAzure/enabling/request/request.ts';
import { startSimulatedAzure, type SimulatedAzure } from '../../support/simulated-azure.ts';

const PRODUCTION = '2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
const DEVELOPMENT = '81c0d6e4-7b2f-4f5d-9a3c-2e6b4d8f1a90';
const idIn = (group: string, type: string, name: string): string =>
  `/subscriptions/${PRODUCTION}/resourceGroups/${group}/providers/${type}/${name}`;
const vm = (name: string, group = 'contoso-shop') => ({
  id: idIn(group, 'Microsoft.Compute/virtualMachines', name),
});
const vaultId = idIn('contoso-recovery-services', 'Microsoft.RecoveryServices/vaults', 'contoso-vault');
const target = { region: 'southeastasia' };
const source = { region: 'eastasia', model: 'resourceManager' as const, subscription: PRODUCTION };

const findByName = <T extends { readonly name: string }>(list: readonly T[], name: string): T | undefined =>
  list.find((candidate) => candidate.name === name);

let azure: SimulatedAzure;
let facts: AzureFacts;
const readFacts = (request: Partial<z.input<typeof PrepareRequest>>) =>
  readRequestFacts(PrepareRequest.parse({ target, vault: { id: vaultId }, ...request }), { one: 2 });
beforeAll(async () => {
  azure = await startSimulatedAzure('contoso');
  facts = await readFacts({ source });
});
afterAll(() => azure.close());

test('machines: their parts, their placement, and whether they run and answer [A2A-1] [A2A-2]', () => {
  expect(facts.vms.map(({ name }) => name).sort()).toEqual([
    'app',
    'app-set-1',
    'app-set-2',
    'kiosk',
    'ledger-1',
    'ledger-2',
    'legacy',
    'night-batch',
    'orders-1',
    'orders-2',
    'pricing',
    'search',
    'sql',
    'web',
    'web-zone-1',
    'web-zone-2',
  ]);
  expect(findByName(facts.vms, 'sql')).toEqual({
    id: vm('sql').id,
    name: 'sql',
    subscription: PRODUCTION,
    resourceGroup: 'contoso-shop',
    region: 'eastasia',
    model: 'resourceManager',
    cloudService: null,
    size: 'Standard_E8s_v5',
    osType: 'Windows',
    os: 'Windows Server 2022 Datacenter 10.0.20348.2340',
    generation: 'V2',
    power: 'running',
    agentReady: true,
    zone: null,
    availabilitySetId: null,
    placementGroupId: null,
    scaleSetId: null,
    disks: [
      ['sql-os', true, 128],
      ['sql-data', false, 1024],
      ['sql-log', false, 256],
    ].map(([name, isOs, sizeGb]) => ({
      id: idIn('contoso-shop', 'Microsoft.Compute/disks', String(name)),
      name,
      isOs,
      sizeGb,
      accountType: 'Premium_LRS',
      managed: true,
      storageAccountId: null,
      shared: false,
    })),
    nics: [
      {
        id: idIn('contoso-shop', 'Microsoft.Network/networkInterfaces', 'sql-nic'),
        name: 'sql-nic',
        primary: true,
        networkId: idIn('contoso-shop', 'Microsoft.Network/virtualNetworks', 'shop-network'),
        subnet: 'data',
        securityGroupId: null,
        acceleratedNetworking: false,
      },
    ],
  });
  expect(findByName(facts.vms, 'legacy')).toMatchObject({
    generation: 'V1',
    availabilitySetId: idIn('contoso-shop', 'Microsoft.Compute/availabilitySets', 'shop-legacy-set'),
    disks: [
      {
        id: 'https://shoplegacydisks.blob.core.windows.net/vhds/legacy-os.vhd',
        managed: false,
        accountType: null,
        storageAccountId: idIn('contoso-shop', 'Microsoft.Storage/storageAccounts', 'shoplegacydisks'),
      },
      { isOs: false, sizeGb: 256 },
    ],
  });
  expect(
    ['night-batch', 'kiosk', 'web'].map((name) => [
      findByName(facts.vms, name)?.power,
      findByName(facts.vms, name)?.agentReady,
    ]),
  ).toEqual([
    ['deallocated', null],
    ['running', false],
    ['running', true],
  ]);
  expect(findByName(facts.vms, 'web-zone-2')).toMatchObject({
    zone: '2',
    disks: [{ accountType: 'Premium_ZRS' }],
    nics: [
      { securityGroupId: idIn('contoso-shop', 'Microsoft.Network/networkSecurityGroups', 'shop-rules') },
    ],
  });
  expect(findByName(facts.vms, 'search')?.nics.map(({ name, primary }) => [name, primary])).toEqual([
    ['search-nic', true],
    ['search-data-nic', false],
  ]);
});

test('a source can be a resource group, a cloud service or another subscription [A2A-1]', async () => {
  expect(
    (await readFacts({ source: { ...source, resourceGroup: 'CONTOSO-ledger' } })).vms.map(({ name }) => name),
  ).toEqual(['ledger-1', 'ledger-2']);
  const classic = await readFacts({ source: { ...source, model: 'classic', cloudService: 'contoso-till' } });
  expect(classic.vms).toMatchObject([
    {
      name: 'till',
      model: 'classic',
      cloudService: 'contoso-till',
      size: 'Standard_D2_v2',
      osType: 'Windows',
      power: 'running',
    },
  ]);
  expect((await readFacts({ source: { ...source, model: 'classic', cloudService: 'another' } })).vms).toEqual(
    [],
  );
  const both = await readFacts({
    source: { ...source, subscription: DEVELOPMENT },
    target: { ...target, subscription: PRODUCTION },
  });
  expect(both.vms.map(({ name }) => name)).toEqual(['build-agent']);
  expect(both.networks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['development-network', 'shop-network-recovery']),
  );
});

test('the survey reads no foreign subscription, and invents no missing resource [A2A-3]', async () => {
  const foreign =
    '/subscriptions/c5e93b17-0d68-4a2b-b7f1-93a1e4c6d258/resourceGroups/fabrikam-web/providers/Microsoft.Compute/virtualMachines/fabrikam-web';
  const seen = await readFacts({
    vms: [foreign, vm('nobody').id],
    vault: { id: idIn('contoso-recovery-services', 'Microsoft.RecoveryServices/vaults', 'nowhere') },
  });
  expect(seen.subscriptions.map(({ name, enabled }) => [name, enabled])).toEqual([
    ['contoso-production', true],
    ['contoso-development', true],
  ]);
  expect(seen.vms.map(({ name }) => name)).not.toContain('nobody');
  expect(seen.vault).toBeNull();
});

test('the survey reads regions, groups, networks, rules, accounts, sets, sizes and quotas', () => {
  expect(findByName(facts.regions, 'eastasia')).toMatchObject({
    displayName: 'East Asia',
    zones: ['1', '2', '3'],
    offersSiteRecovery: true,
  });
  expect(findByName(facts.regions, 'southindia')?.zones).toEqual([]);
  expect(findByName(facts.resourceGroups, 'contoso-shop')).toEqual({
    id: `/subscriptions/${PRODUCTION}/resourceGroups/contoso-shop`,
    name: 'contoso-shop',
    subscription: PRODUCTION,
    region: 'eastasia',
  });
  expect(findByName(facts.networks, 'shop-network')).toMatchObject({
    addressPrefixes: ['10.20.0.0/16'],
    subnets: [
      { name: 'web' },
      { name: 'app' },
      { name: 'data', addressPrefixes: ['10.20.3.0/24'], securityGroupId: null },
    ],
  });
  expect(findByName(facts.networks, 'ledger-network')?.subnets[0]?.securityGroupId).toBe(
    idIn('contoso-ledger', 'Microsoft.Network/networkSecurityGroups', 'ledger-rules'),
  );
  const rules = findByName(facts.securityGroups, 'ledger-rules')?.rules ?? [];
  expect(rules[0]).toEqual({
    name: 'storage-out',
    priority: 100,
    direction: 'Outbound',
    access: 'Allow',
    protocol: 'Tcp',
    sources: ['VirtualNetwork'],
    destinations: ['Storage'],
    destinationPorts: ['443'],
  });
  expect(rules.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['no-internet', 'AllowInternetOutBound', 'DenyAllOutBound']),
  );
  expect(findByName(facts.storageAccounts, 'shoplegacydisks')).toMatchObject({
    sku: 'Premium_LRS',
    kind: 'StorageV2',
    region: 'eastasia',
    madeAsCache: false,
  });
  expect(findByName(facts.availabilitySets, 'shop-legacy-set')).toMatchObject({
    aligned: false,
    faultDomains: 2,
    updateDomains: 5,
    placementGroupId: null,
  });
  expect(findByName(facts.placementGroups, 'shop-near')).toMatchObject({ region: 'eastasia', zones: [] });
  const size = (name: string) =>
    facts.sizes.find((sizeFacts) => sizeFacts.name === name && sizeFacts.region === 'southeastasia');
  expect(size('Standard_E8s_v5')).toEqual({
    name: 'Standard_E8s_v5',
    region: 'southeastasia',
    family: 'standardESv5Family',
    vcpus: 8,
    memoryGb: 64,
    premiumStorage: true,
    nics: 4,
    dataDisks: 16,
    generations: ['V1', 'V2'],
    zones: ['1', '2', '3'],
    restricted: false,
    acceleratedNetworking: true,
  });
  expect([size('Standard_M64s')?.restricted, size('Standard_L8s_v3')]).toEqual([true, undefined]);
  expect(facts.sizes.find((sizeFacts) => sizeFacts.name === 'Standard_L8s_v3')?.region).toBe('eastasia');
  expect(findByName(facts.quotas, 'standardFSv2Family')).toMatchObject({ limit: 16, used: 0 });
});

test('the vault: fabrics, containers, policies, mappings, items [VAULT-2]', () => {
  const { vault } = facts;
  expect(vault).toMatchObject({
    name: 'contoso-vault',
    region: 'southeastasia',
    resourceGroup: 'contoso-recovery-services',
    subscription: PRODUCTION,
  });
  expect(vault?.fabrics.map(({ name, region }) => [name, region])).toEqual([
    ['fabric-eastasia', 'eastasia'],
    ['fabric-southeastasia', 'southeastasia'],
  ]);
  expect(vault?.containers.map(({ name, fabricName }) => [name, fabricName])).toEqual([
    ['container-eastasia', 'fabric-eastasia'],
    ['container-southeastasia', 'fabric-southeastasia'],
  ]);
  expect(vault?.policies).toMatchObject([
    { name: 'day-of-points', instanceType: 'A2A', retentionMinutes: 1440, appConsistentMinutes: 240 },
  ]);
  const [mapping] = vault?.containerMappings ?? [];
  expect([mapping?.fromContainerId, mapping?.toContainerId].map((id) => id?.split('/').at(-1))).toEqual([
    'container-eastasia',
    'container-southeastasia',
  ]);
  expect(
    vault?.networkMappings.map(({ fabricName, recoveryFabricName, networkId }) => [
      fabricName,
      recoveryFabricName,
      networkId.split('/').at(-1),
    ]),
  ).toEqual([
    ['fabric-eastasia', 'fabric-southeastasia', 'shop-network'],
    ['fabric-southeastasia', 'fabric-eastasia', 'shop-network-recovery'],
  ]);
  expect(
    vault?.items.map(({ friendlyName, protectionState, sourceVmId }) => [
      friendlyName,
      protectionState,
      sourceVmId.split('/').at(-1),
    ]),
  ).toEqual([
    ['web', 'Protected', 'web'],
    ['app', 'Protected', 'app'],
    ['sql', 'Protected', 'sql'],
    ['orders-1', 'Protected', 'orders-1'],
    ['orders-2', 'Protected', 'orders-2'],
  ]);
  expect(vault?.items.map(({ multiVmGroupName }) => multiVmGroupName).slice(2)).toEqual([
    null,
    'orders',
    'orders',
  ]);
  expect(facts.enableCounts).toEqual({ one: 2 });
});
