// A full preview for three cases: defaults, the settings of one VM, and a request without VMs.
import { previewEnabling } from '../../../shared/scenarios/azureToAzure/enabling/previewEnabling.ts';
import {
  FACTS,
  storageAccountId,
  groupId,
  idOf,
  networkId,
  prerequisitesOf,
  settingsOf,
  vaultId,
  makeRequest,
} from './facts.ts';

const VAULT = vaultId('lifeboat-southeastasia');
const cacheOf = (preview: ReturnType<typeof previewEnabling>): string =>
  prerequisitesOf(preview, 'storageAccount')[0]?.id ?? '';

test('a preview with defaults lists all new prerequisites in the order of creation [A2A-19]', () => {
  const preview = previewEnabling(FACTS, makeRequest(['web', 'app']));
  expect(preview.refusals).toEqual([]);
  expect(preview.prerequisites.map(({ spec, name, action }) => [spec.kind, name, action])).toEqual([
    ['resourceGroup', 'shop-asr', 'create'],
    ['resourceGroup', 'lifeboat-southeastasia', 'create'],
    ['network', 'shop-network-asr', 'create'],
    ['storageAccount', expect.stringMatching(/^cacheeastasia[0-9a-f]{6}asr$/), 'create'],
    ['vault', 'lifeboat-southeastasia', 'create'],
    ['fabric', 'fabric-eastasia', 'create'],
    ['fabric', 'fabric-southeastasia', 'create'],
    ['policy', 'retention-24h-snapshots-1h', 'create'],
    ['container', 'container-eastasia', 'create'],
    ['container', 'container-southeastasia', 'create'],
    ['containerMapping', 'eastasia-to-southeastasia-retention-24h-snapshots-1h', 'create'],
    ['containerMapping', 'southeastasia-to-eastasia-retention-24h-snapshots-1h', 'create'],
    ['networkMapping', expect.stringMatching(/^shop-network-to-shop-network-asr-/), 'create'],
    ['networkMapping', expect.stringMatching(/^shop-network-asr-to-shop-network-/), 'create'],
  ]);
});

test('the settings of a VM contain everything for enabling, and each decision has a reason [A2A-19]', () => {
  const preview = previewEnabling(FACTS, makeRequest(['web']));
  expect(settingsOf(preview)).toEqual({
    containerId: `${VAULT}/replicationFabrics/fabric-eastasia/replicationProtectionContainers/container-eastasia`,
    recoveryContainerId: `${VAULT}/replicationFabrics/fabric-southeastasia/replicationProtectionContainers/container-southeastasia`,
    policyId: `${VAULT}/replicationPolicies/retention-24h-snapshots-1h`,
    resourceGroupId: groupId('shop-asr'),
    networkId: networkId('shop-network-asr', 'shop-asr'),
    nics: [
      {
        id: idOf('shop', 'Microsoft.Network/networkInterfaces', 'web-nic'),
        name: 'web-nic',
        primary: true,
        sourceSubnet: 'web',
        subnet: 'web',
        address: null,
      },
    ],
    size: null,
    availability: { type: 'single' },
    placementGroupId: null,
    multiVmGroup: null,
    disks: [
      {
        managed: true,
        id: idOf('shop', 'Microsoft.Compute/disks', 'web-os'),
        cacheStorageAccountId: cacheOf(preview),
        resourceGroupId: groupId('shop-asr'),
        replicaType: 'Premium_LRS',
        targetType: 'Premium_LRS',
      },
    ],
  });
  expect(cacheOf(preview)).toContain(storageAccountId('cacheeastasia', 'lifeboat-southeastasia'));
  expect(preview.vms[0]?.choices.map(({ what }) => what)).toEqual([
    'resourceGroup',
    'subnet',
    'network',
    'availability',
    'cacheStorageAccount of web-os',
    'replicaType of web-os',
    'targetType of web-os',
    'size',
    'policy',
  ]);
  for (const { reason } of preview.vms[0]?.choices ?? []) expect(reason).toMatch(/^[A-Z].*\.$/);
});

test('a request without VMs prepares the vault and creates no network [VAULT-2]', () => {
  const preview = previewEnabling(FACTS, makeRequest([]));
  expect(preview.refusals).toEqual([]);
  expect(preview.prerequisites.map(({ spec }) => spec.kind)).toEqual([
    'resourceGroup',
    'vault',
    'storageAccount',
    'fabric',
    'fabric',
    'policy',
    'container',
    'container',
    'containerMapping',
    'containerMapping',
  ]);
});
