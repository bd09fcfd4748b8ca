// Creates the Azure-to-Azure replication of an environment file in the vaults, once at the first
// start.

import type { EnvironmentItem, EnvironmentVault } from '../../../environments/schema.ts';
import type { ContainerPath } from '../../configuration-records.ts';
import type { EnvironmentLoader, EnvironmentNames } from '../../environment.ts';
import { guidOf } from '../../ids.ts';
import type { ItemJobs } from '../../item-jobs.ts';
import type { SiteRecoveryStore } from '../../store.ts';
import type { Vault } from '../../vault.ts';
import { readMapping, readPolicy } from './configuration.ts';
import { azureToAzure } from './provider.ts';
import { createReplicas } from './replicas.ts';

/** How long the environment's first items have already replicated. */
const REPLICATED_BEFORE_MS = 2 * 24 * 3_600_000;

/** Creates the Azure-to-Azure part of a vault. */
export const loadAzureToAzure: EnvironmentLoader = (definition, { vault, store, items, names, now }) => {
  createConfiguration(definition, vault, store, names);
  for (const item of definition.protectedItems) loadItem(item, definition, vault, store, items, names, now);
};

function createConfiguration(
  definition: EnvironmentVault,
  vault: Vault,
  store: SiteRecoveryStore,
  names: EnvironmentNames,
): void {
  const { key } = vault;
  for (const { name, recoveryPointHistoryInMinutes, ...settings } of definition.policies) {
    const input = {
      instanceType: 'A2A',
      recoveryPointHistory: recoveryPointHistoryInMinutes,
      ...settings,
      multiVmSyncStatus: settings.multiVmSyncStatus.replace(/d$/, ''),
    };
    const read = readPolicy(input, undefined);
    if (!('settings' in read))
      throw new Error(
        `The policy "${name}" of the vault "${vault.name}" is not valid for Site Recovery: ` +
          ('error' in read ? read.error.possibleCauses : read.problem),
      );
    store.putConfiguration(key, 'policy', { name, settings: read.settings });
  }
  for (const { name, region, containers } of definition.fabrics) {
    store.putConfiguration(key, 'fabric', { name, settings: { instanceType: 'Azure', location: region } });
    for (const container of containers)
      store.putConfiguration(key, 'container', { name: container, fabric: name });
  }
  for (const { name, from, to, policy } of definition.containerMappings) {
    const read = readMapping(undefined, undefined);
    store.putConfiguration(key, 'containerMapping', {
      name,
      from: containerPathOf(definition, from),
      to: containerPathOf(definition, to),
      policy,
      settings: 'settings' in read ? read.settings : { instanceType: 'A2A' },
    });
  }
  for (const { name, from, to } of definition.networkMappings) {
    const fabricOf = (network: string): string =>
      definition.fabrics.find(({ region }) => region === names.networkRegion(network))?.name ?? '';
    store.putConfiguration(key, 'networkMapping', {
      name,
      fabric: fabricOf(from),
      network: 'azureNetwork',
      primaryNetworkId: names.network(from),
      recoveryNetworkId: names.network(to),
      recoveryFabric: fabricOf(to),
      settings: { instanceType: 'AzureToAzure' },
    });
  }
}

function containerPathOf({ fabrics }: EnvironmentVault, container: string): ContainerPath {
  return { fabric: fabrics.find(({ containers }) => containers.includes(container))?.name ?? '', container };
}

function loadItem(
  item: EnvironmentItem,
  definition: EnvironmentVault,
  vault: Vault,
  store: SiteRecoveryStore,
  items: ItemJobs,
  names: EnvironmentNames,
  now: number,
): void {
  const since = now - REPLICATED_BEFORE_MS;
  const place = containerPathOf(definition, item.container);
  const mapping = definition.containerMappings.find(({ from }) => from === item.container);
  const policy = mapping?.policy ?? '';
  const stagingAccountId = names.storageAccount(item.home.cacheStorageAccount);
  const recoveryPlaceId = names.group(item.away.resourceGroup);
  const machineId = names.machineId(item.virtualMachine);
  const input = {
    machineId,
    policyId: vault.policyId(policy),
    recoveryContainerId: vault.containerId(containerPathOf(definition, mapping?.to ?? '')),
    settings: { resourceGroupId: recoveryPlaceId },
    ...(item.multiVmGroup !== '' && { groupName: item.multiVmGroup }),
  };
  const enrolled = items.addItem(
    vault,
    place,
    item.name,
    azureToAzure,
    policy,
    input,
    now,
    guidOf(vault.key, 'item', item.name),
  );
  const details = {
    ...enrolled.details,
    disks: enrolled.details.disks.map((disk) =>
      disk.managed
        ? { ...disk, stagingAccountId }
        : { ...disk, stagingAccountId, recoveryPlaceId: names.storageAccount(item.away.cacheStorageAccount) },
    ),
  };
  const replicating = azureToAzure.replicatedSince(
    { ...enrolled, details, state: 'protected', stateSince: since },
    since,
  );
  store.putItem(replicating);
  createReplicas(replicating, vault.azure);
}
