// What an environment says of replication from Azure to Azure, put into the vaults once at the beginning.

import { groupId, resourceId } from '../../arm/ids.ts';
import { TYPES } from '../../arm/types.ts';
import type { Environment, EnvironmentItem, EnvironmentVault } from '../../environments/schema.ts';
import type { PlanGroup, PlanRecord, Place } from '../ground-records.ts';
import { guidOf } from '../ids.ts';
import type { ItemWork } from '../items.ts';
import type { Store } from '../store.ts';
import type { Vault, Vaults } from '../vault.ts';
import { azureToAzure } from './azure-to-azure.ts';
import { placeReplicas } from './azure-to-azure-replicas.ts';

/** Items that the environment has from its beginning have replicated for so long already. */
const REPLICATED_BEFORE = 2 * 24 * 3_600_000;

/** Finds ids for the environment's names. */
class Names {
  readonly #groups: ReadonlyMap<string, { readonly id: string; readonly region: string }>;
  readonly #groupOf: ReadonlyMap<string, string>;

  constructor(environment: Environment) {
    const subscriptions = new Map(environment.subscriptions.map(({ name, id }) => [name, id]));
    this.#groups = new Map(
      environment.resourceGroups.map(({ name, subscription, region }) => [
        name,
        { id: groupId(subscriptions.get(subscription) ?? '', name), region },
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
  network = (name: string): string => this.#id('networks', TYPES.virtualNetwork, name);
  networkRegion = (name: string): string =>
    this.#groups.get(this.#groupOf.get(`networks/${name}`) ?? '')?.region ?? '';
  vault = (name: string): string => this.#id('vaults', TYPES.vault, name);
  storageAccount = (name: string): string => this.#id('storageAccounts', TYPES.storageAccount, name);
  machineId = (name: string): string => this.#id('machines', TYPES.virtualMachine, name);

  #id(kind: string, type: string, name: string): string {
    return resourceId(this.group(this.#groupOf.get(`${kind}/${name}`) ?? ''), type, name);
  }
}

export function readInEnvironment(
  environment: Environment,
  vaults: Vaults,
  store: Store,
  items: ItemWork,
  now: number,
): void {
  const names = new Names(environment);
  for (const described of environment.vaults) {
    const vault = vaults.must(names.vault(described.name));
    layGround(described, vault, store, names);
    for (const item of described.protectedItems) readInItem(item, described, vault, store, items, names, now);
    for (const plan of described.recoveryPlans) store.putThing(vault.key, 'plan', planOf(plan, vault));
  }
}

function layGround(described: EnvironmentVault, vault: Vault, store: Store, names: Names): void {
  const { key } = vault;
  for (const { name, recoveryPointHistoryInMinutes, ...rhythm } of described.policies) {
    const input = {
      instanceType: 'A2A',
      recoveryPointHistory: recoveryPointHistoryInMinutes,
      ...rhythm,
      multiVmSyncStatus: rhythm.multiVmSyncStatus.replace(/d$/, ''),
    };
    const read = azureToAzure.ground.readPolicy(input, undefined);
    if (!('settings' in read))
      throw new Error(
        `The policy "${name}" of the vault "${vault.name}" is not one that Site Recovery takes: ` +
          ('error' in read ? read.error.possibleCauses : read.problem),
      );
    store.putThing(key, 'policy', { name, settings: read.settings });
  }
  for (const { name, region, containers } of described.fabrics) {
    store.putThing(key, 'fabric', { name, settings: { instanceType: 'Azure', location: region } });
    for (const container of containers) store.putThing(key, 'container', { name: container, fabric: name });
  }
  for (const { name, from, to, policy } of described.containerMappings) {
    const read = azureToAzure.ground.readMapping(undefined, undefined);
    store.putThing(key, 'containerMapping', {
      name,
      from: placeOf(described, from),
      to: placeOf(described, to),
      policy,
      settings: 'settings' in read ? read.settings : { instanceType: 'A2A' },
    });
  }
  for (const { name, from, to } of described.networkMappings) {
    const fabricOf = (network: string): string =>
      described.fabrics.find(({ region }) => region === names.networkRegion(network))?.name ?? '';
    store.putThing(key, 'networkMapping', {
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

function planOf(
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

function placeOf({ fabrics }: EnvironmentVault, container: string): Place {
  return { fabric: fabrics.find(({ containers }) => containers.includes(container))?.name ?? '', container };
}

function readInItem(
  item: EnvironmentItem,
  described: EnvironmentVault,
  vault: Vault,
  store: Store,
  items: ItemWork,
  names: Names,
  now: number,
): void {
  const since = now - REPLICATED_BEFORE;
  const place = placeOf(described, item.container);
  const mapping = described.containerMappings.find(({ from }) => from === item.container);
  const policy = mapping?.policy ?? '';
  const stagingAccountId = names.storageAccount(item.home.cacheStorageAccount);
  const recoveryPlaceId = names.group(item.away.resourceGroup);
  const machineId = names.machineId(item.virtualMachine);
  const input = {
    machineId,
    policyId: vault.policyId(policy),
    recoveryContainerId: vault.containerId(placeOf(described, mapping?.to ?? '')),
    settings: { resourceGroupId: recoveryPlaceId },
    ...(item.multiVmGroup !== '' && { groupName: item.multiVmGroup }),
  };
  const enrolled = items.enrol(
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
  const replicating = azureToAzure.enrolled(
    { ...enrolled, details, state: 'protected', stateSince: since },
    since,
  );
  store.putItem(replicating);
  placeReplicas(replicating, vault.azure);
}
