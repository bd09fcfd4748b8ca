// The demo of Azure to Azure: the three tiers of the sample shop.

import { SHOP_VM_NAMES } from '../known-vms.ts';
import type { DemoScenario } from './demo-scenario.ts';

export const azureToAzure: DemoScenario = {
  environment: 'contoso',
  vmNames: SHOP_VM_NAMES,
  enable: null,
  commands: ([first]) => [
    { operation: 'failover' },
    { operation: 'commit' },
    {
      operation: 'reprotect',
      cacheStorageAccountId: `${first?.sites.reversed.resourceGroupId}/providers/Microsoft.Storage/storageAccounts/shopcachesoutheastasia`,
    },
    { operation: 'failback' },
  ],
  itemMovesWith: 'reprotect',
};
