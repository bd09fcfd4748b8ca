// Creates the Azure-to-Azure replication of an environment file in the vaults, once at the first
// start.

import { resourceGroupIdFor, resourceId } from '../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../arm/resource-types.ts';
import type { Environment, EnvironmentItem, EnvironmentVault } from '../../environments/schema.ts';
import type { PlanGroup, PlanRecord, ContainerPath } from '../configuration-records.ts';
import { guidOf } from '../ids.ts';
import type { ItemJobs } from '../item-jobs.ts';
import type { SiteRecoveryStore } from '../store.ts';
import type { Vault, Vaults } from '../vault.ts';
import { azureToAzure } from './azure-to-azure.ts';
import { createReplicas } from './azure-to-azure-replicas.ts';

/** How long the environment's first items have already replicated. */
const REPLICATED_BEFORE_MS = 2 * 24 * 3_600_000;

/** Resolves the environment's names to ids. */
class EnvironmentNames {
  readonly #groups: ReadonlyMap<string, { readonly id: string; readonly region: string }>;
  readonly #groupOf: ReadonlyMap<string, string>;

  constructor(environment: Environment) {
    const subscriptions = new Map(environment.subscriptions.map(({ name, id }) => [name, id]));
    this.#groups = new Map(
      environment.resourceGroups.map(({ name, subscription, region }) => [
        name,
        { id: resourceGroupIdFor(subscriptions.get(subscription) ?? '', name), region },
      ]),
    );
    const named = {
      vaults: environment.vaults,
      networks: environment.networks,
      storageAccounts: environment.storageAccounts,
      machines: environment.virtualMachines,
    };
    this.#groupOf = new Map(
      Object.entries(named).flatMap(([kind, things]) =>
        things.map(({ name, resourceGroup }) => [`${kind}/${name}`, resourceGroup] as const),
      ),
    );
  }

  group = (name: string): string => this.#groups.get(name)?.id ?? '';
  network = (name: string): string => this.#id('networks', RESOURCE_TYPES.virtualNetwork, name);
  networkRegion = (name: string): string =>
    this.#groups.get(this.#groupOf.get(`networks/${name}`) ?? '')?.region ?? '';
  vault = (name: string): string => this.#id('vaults', RESOURCE_TYPES.vault, name);
  storageAccount = (name: string): string => this.#id('storageAccounts', RESOURCE_TYPES.storageAccount, name);
  machineId = (name: string): string => this.#id('machines', RESOURCE_TYPES.virtualMachine, name);

  #id(kind: string, type: string, name: string): string {
    return resourceId(this.group(this.#groupOf.get(`${kind}/${name}`) ?? ''), type, name);
  }
}

export function loadEnvironmentVaults(
  environment: Environment,
  vaults: Vaults,
  store: SiteRecoveryStore,
  items: ItemJobs,
  now: number,
): void {
  const names = new EnvironmentNames(environment);
  for (const definition of environment.vaults) {
    const vault = vaults.require(names.vault(definition.name));
    createConfiguration(definition, vault, store, names);
    for (const item of definition.protectedItems) loadItem(item, definition, vault, store, items, names, now);
    for (const plan of definition.recoveryPlans)
      store.putConfiguration(vault.key, 'plan', toPlanRecord(plan, vault));
  }
}

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
    const read = azureToAzure.configuration.readPolicy(input, undefined);
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
    const read = azureToAzure.configuration.readMapping(undefined, undefined);
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

function toPlanRecord(
  { name, from, to, groups }: EnvironmentVault['recoveryPlans'][number],
  vault: Vault,
): PlanRecord {
  const keys = new Map(vault.items().map((item) => [item.name, item.key]));
  const group = (groupType: string, members: readonly string[]): PlanGroup => ({
    groupType,
    items: members.flatMap((member) => keys.get(member) ?? []),
    startGroupActions: [],
    endGroupActions: [],
  });
  return {
    name,
    primaryFabricId: vault.fabricId(from),
    recoveryFabricId: vault.fabricId(to),
    failoverDeploymentModel: 'ResourceManager',
    groups: [
      group('Shutdown', []),
      group('Failover', []),
      ...groups.map((members) => group('Boot', members)),
    ],
    run: null,
    state: 'ready',
    lastTestFailover: null,
    lastUnplannedFailover: null,
  };
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
