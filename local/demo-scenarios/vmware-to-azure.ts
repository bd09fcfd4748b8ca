// The demo of VMware to Azure: the machines of the sample harbour. Its replication appliances are
// registered at the start.

import type { DemoScenario } from './demo-scenario.ts';

const SUBSCRIPTION = '2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
const resourceId = (group: string, type: string, name: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/${type}/${name}`;
const RECOVERY_GROUP = 'contoso-harbour-recovery';
const REQUEST = {
  goal: { protect: 'vmwareVm', to: 'azure' },
  vault: {
    id: resourceId('contoso-recovery-services', 'Microsoft.RecoveryServices/vaults', 'harbour-vault'),
  },
  source: { site: 'harbour', server: 'harbour-appliance', account: 'windows-installer' },
  target: {
    region: 'southeastasia',
    resourceGroup: RECOVERY_GROUP,
    networkId: resourceId(RECOVERY_GROUP, 'Microsoft.Network/virtualNetworks', 'harbour-network-recovery'),
    subnet: 'quay',
    storageAccountId: resourceId(RECOVERY_GROUP, 'Microsoft.Storage/storageAccounts', 'harbourlogs'),
  },
};
const VM_NAMES = ['cargo-web', 'cargo-app', 'cargo-sql'];

export const vmwareToAzure: DemoScenario = {
  environment: 'contoso-vmware',
  vmNames: VM_NAMES,
  enable: async (_simulator, run) => {
    await run({ operation: 'enableReplication', ...REQUEST, vms: VM_NAMES }, 'contributor');
  },
  commands: () => [
    { operation: 'testFailover' },
    { operation: 'cleanUpTestFailover' },
    { operation: 'failover', shutDownSource: true },
    { operation: 'commit' },
    { operation: 'reprotect' },
    { operation: 'failback' },
  ],
  itemMovesWith: null,
};
