// The rights on the resources that a write of Site Recovery names. Resource Manager checks them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkedAuthorizationError } from '../../arm/linked-authorization.ts';
import { readAppActions } from '../../azure/app-role.ts';
import agreement from '../../agreement.example.json' with { type: 'json' };
import { makeExchange } from '../siterecovery/test-azure.ts';

const GROUP = '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/shop';
const NETWORK = `${GROUP}/providers/Microsoft.Network/virtualNetworks/shop-network`;
const PATH = `${GROUP}/providers/Microsoft.RecoveryServices/vaults/v/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/web/testFailover?api-version=2023-06-01`;
const testFailover = (networkId: string) =>
  makeExchange('POST', PATH, {
    properties: {
      providerSpecificDetails: { instanceType: 'A2A' },
      networkType: 'VmNetworkAsInput',
      networkId,
    },
  });
const refusal = (actions: readonly string[] | undefined, exchange = testFailover(NETWORK)) =>
  linkedAuthorizationError({ principal: 'app', ...(actions && { actions }) }, exchange);

test("a write that names a network is refused when one of the network's actions is missing", () => {
  expect(
    refusal(['Microsoft.Network/virtualNetworks/read', 'microsoft.network/virtualnetworks/subnets/READ']),
  ).toEqual({
    status: 403,
    body: {
      error: {
        code: 'LinkedAuthorizationFailed',
        message: expect.stringMatching(
          /replicationProtectedItems\/testFailover\/action'.* action\(s\) 'Microsoft\.Network\/virtualNetworks\/subnets\/join\/action' on the linked scope\(s\) '.*shop-network'/,
        ) as string,
      },
    },
  });
});

test('a covered write passes: by name, by pattern, without a list, and without a named resource', () => {
  for (const actions of [
    agreement.armActions.linked,
    ['*'],
    ['Microsoft.Network/*'],
    ['Microsoft.Network/*/read', 'Microsoft.Network/virtualNetworks/subnets/*'],
    undefined,
  ])
    expect(refusal(actions)).toBeUndefined();
  const vaultsOwn = `${GROUP}/providers/Microsoft.RecoveryServices/vaults/v/replicationPolicies/p`;
  expect(
    refusal([], makeExchange('PUT', PATH, { properties: { policyId: vaultsOwn, groups: [] } })),
  ).toBeUndefined();
  expect(refusal([], makeExchange('GET', PATH))).toBeUndefined();
  expect(refusal([], makeExchange('POST', PATH))).toBeUndefined();
});

test.each([
  [
    'a resource group in another case',
    GROUP.replace('resourceGroups', 'RESOURCEGROUPS'),
    'Microsoft.Resources/deployments/write',
  ],
  [
    'a source VM',
    `${GROUP}/providers/Microsoft.Compute/virtualMachines/web`,
    'Microsoft.Compute/virtualMachines/write',
  ],
  [
    'a network interface',
    `${GROUP}/providers/Microsoft.Network/networkInterfaces/web-nic`,
    'Microsoft.Network/networkInterfaces/join/action',
  ],
  [
    'a cache account',
    `${GROUP}/providers/Microsoft.Storage/storageAccounts/cache`,
    'Microsoft.Storage/storageAccounts/listKeys/action',
  ],
  [
    'a cloud service',
    `${GROUP}/providers/Microsoft.ClassicCompute/domainNames/till`,
    'Microsoft.ClassicCompute/domainNames/write',
  ],
])('%s is checked deep inside a body', (_name, resourceId, action) => {
  const exchange = makeExchange('PUT', PATH, {
    properties: {
      providerSpecificDetails: {
        vmManagedDisks: [{ diskId: `${GROUP}/providers/Microsoft.Compute/disks/os`, resourceId }],
      },
    },
  });
  expect(JSON.stringify(refusal(['Microsoft.Compute/disks/read'], exchange)?.body)).toContain(action);
  expect(refusal(agreement.armActions.linked, exchange)).toBeUndefined();
});

describe('the role of the app', () => {
  const folder = mkdtempSync(join(tmpdir(), 'app-role-'));
  const file = join(folder, 'agreement.json');
  const read = (content: unknown) => {
    writeFileSync(file, JSON.stringify(content));
    return readAppActions(file);
  };
  afterAll(() => rmSync(folder, { recursive: true }));

  test('joins all lists of the file, gives every right without a list, and refuses a wrong list', () => {
    expect(read({ armActions: { operate: ['a/read', 'b/read'], linked: ['b/read', 'c/*'] } })).toEqual([
      'a/read',
      'b/read',
      'c/*',
    ]);
    expect(read({ database: 'd' })).toBeUndefined();
    expect(() => read({ armActions: { operate: 'all' } })).toThrow(/actions of the app's role.*/s);
  });
});
