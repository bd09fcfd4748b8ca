// What is Azure to Azure's own: its words, what an item looks like when an operation has taken effect, and its three writes.
import type { Item } from '../domain/item.ts';
import type { Direction } from '../domain/words.ts';
import { addressOf } from './port.ts';
import type { ScenarioFile } from './scenarios.ts';

/** After a reprotect, what was the recovery side is the primary one. */
const turned = (item: Item, begunIn: Direction): boolean => item.activeLocation === 'Primary' && item.direction !== begunIn;

const rules: ScenarioFile['rules'] = {
  failover: {
    allowedBy: ['UnplannedFailover'],
    jobScenario: 'UnplannedFailover',
    mayBeAlreadySo: false,
    settled: (item) => item.activeLocation === 'Recovery' && item.allowedOperations.length > 0,
    underway: () => false,
  },
  commit: {
    allowedBy: ['Commit'],
    jobScenario: 'CommitFailover',
    mayBeAlreadySo: true,
    settled: (item) => item.activeLocation === 'Recovery' && item.allowedOperations.length > 0 && !item.allowedOperations.includes('Commit'),
    underway: () => false,
  },
  reprotect: {
    allowedBy: ['SwitchProtection'],
    jobScenario: 'SwitchReplicationGroupProtection',
    mayBeAlreadySo: true,
    settled: (item, begunIn) => turned(item, begunIn) && item.protectionState === 'Protected' && item.allowedOperations.length > 0,
    underway: (item, begunIn) => turned(item, begunIn) && item.protectionState !== 'Protected',
  },
};

/** A reprotect moves the item under the other container, where it gets another ARM id. */
const movedItemId: ScenarioFile['movedItemId'] = (item) =>
  `${item.recoveryContainerId}/replicationProtectedItems/${item.name}`;

const writes: ScenarioFile['writes'] = {
  // Without a recovery point id the service takes the latest. The source is not shut down: on the day of need it does not answer.
  failover(client, { vault, resourceGroup }, { item }, options) {
    const { fabric, container, name } = addressOf(item.armId);
    const input = { properties: { failoverDirection: 'PrimaryToRecovery', sourceSiteOperations: 'NotRequired', providerSpecificDetails: { instanceType: 'A2A' as const } } };
    return client.replicationProtectedItems.beginUnplannedFailover(vault, resourceGroup, fabric, container, name, input, options);
  },
  commit(client, { vault, resourceGroup }, { item }, options) {
    const { fabric, container, name } = addressOf(item.armId);
    return client.replicationProtectedItems.beginFailoverCommit(vault, resourceGroup, fabric, container, name, options);
  },
  // Asked of the container the item still lives in, which becomes the one that it recovers to.
  reprotect(client, { vault, resourceGroup }, { item, reprotect }, options) {
    if (!reprotect) throw new Error('A reprotect needs its resource group and its cache storage account.');
    const { fabric, container, name } = addressOf(item.armId);
    const target = { recoveryResourceGroupId: reprotect.resourceGroupId };
    const details = {
      instanceType: 'A2A' as const,
      policyId: item.policyId,
      recoveryContainerId: item.armId.replace(/\/replicationProtectedItems\/.*$/i, ''),
      ...target,
      vmManagedDisks: item.disks.map((disk) => ({
        ...target, diskId: disk.recoveryDiskId, primaryStagingAzureStorageAccountId: reprotect.cacheStorageAccountId,
      })),
    };
    const input = { properties: { replicationProtectedItemName: name, providerSpecificDetails: details } };
    return client.replicationProtectionContainers.beginSwitchProtection(vault, resourceGroup, fabric, container, input, options);
  },
};

export const azureToAzure: ScenarioFile = { rules, writes, movedItemId };
