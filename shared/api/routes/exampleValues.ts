// Names for the examples. They come from the sample environment, so that readers can send each
// example unchanged to a simulator.
const EXAMPLE_SUBSCRIPTION_ID = '2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
const resourceId = (group: string, type: string, name: string): string =>
  `/subscriptions/${EXAMPLE_SUBSCRIPTION_ID}/resourceGroups/${group}/providers/${type}/${name}`;

export const EXAMPLE_SOURCE = { subscription: EXAMPLE_SUBSCRIPTION_ID, region: 'eastasia' } as const;
export const EXAMPLE_VM_ID = 'vm-3kcuvnnxf4jigebwruorc3phmn';
/** A VM that no other example changes. */
export const EXAMPLE_WEB_VM_ID = 'vm-2jc664vmympj2fpymcazuerv7t';
export const UNKNOWN_VM_ID = 'vm-aaaaaaaaaaaaaaaaaaaaaaaaaa';
/** The job of the first command example, sent by the operator of the simulator. */
export const EXAMPLE_JOB_ID = 'job-2oe4orcgqtdp4sz74t7ohp5duz';
export const EXAMPLE_VAULT_ARM_ID = resourceId(
  'contoso-recovery-services',
  'Microsoft.RecoveryServices/vaults',
  'contoso-vault',
);
export const EXAMPLE_VAULT_ID = 'vault-b6nqjqdy24a6m7v5gl2wmvfpb4';
export const EXAMPLE_SOURCE_VM_ID = resourceId('contoso-shop', 'Microsoft.Compute/virtualMachines', 'search');
/** A machine of a Hyper-V site, as GET /api/v1/sources/sites lists it. */
const EXAMPLE_MACHINE_ID =
  `${EXAMPLE_VAULT_ARM_ID}/replicationFabrics/head-office/replicationProtectionContainers/cloud_head-office` +
  '/replicationProtectableItems/erp-db';
export const EXAMPLE_SITE_REQUEST = {
  goal: { protect: 'hyperVVm', to: 'azure' },
  vault: { id: EXAMPLE_VAULT_ARM_ID },
  source: { site: 'head-office' },
  target: {
    region: 'southeastasia',
    osType: 'Windows',
    resourceGroup: 'contoso-shop-recovery',
    networkId: resourceId(
      'contoso-shop-recovery',
      'Microsoft.Network/virtualNetworks',
      'shop-network-recovery',
    ),
    subnet: 'app',
    storageAccountId: resourceId(
      'contoso-shop-recovery',
      'Microsoft.Storage/storageAccounts',
      'shopcachesoutheastasia',
    ),
    managedDisks: false,
  },
  vms: [EXAMPLE_MACHINE_ID],
  perVm: { [EXAMPLE_MACHINE_ID]: { osDisk: 'erp-db-system' } },
} as const;

export const EXAMPLE_PLAN = {
  name: 'Shop',
  runs: { failover: [{ name: 'front', vms: [EXAMPLE_VM_ID] }] },
  targets: { recoveryMinutes: 60 },
} as const;
