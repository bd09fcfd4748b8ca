// The estate as the ARM server looks things up in it: by vault, by ARM id, whatever the casing.

import type { Estate, EstateContainerMapping, EstateFabric, EstateItem, EstateMachine, EstatePolicy, EstateVault } from '../estates/schema.ts';

function must<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new Error(`The estate has no ${what}.`);
  return thing;
}

const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** One vault with all that lies in it and around it. */
export class VaultWorld {
  readonly vault: EstateVault;
  readonly location: string;
  /** As ids of the vault's own things begin: with a capital S. */
  readonly id: string;
  /** As ARM itself writes the vault's id. */
  readonly plainId: string;
  readonly key: string;
  readonly #estate: Estate;
  readonly #machines: ReadonlyMap<string, EstateMachine>;
  readonly #items: ReadonlyMap<string, EstateItem>;
  readonly #groupIds: ReadonlyMap<string, string>;

  constructor(estate: Estate, vault: EstateVault, machines: ReadonlyMap<string, EstateMachine>) {
    this.#estate = estate;
    this.#machines = machines;
    this.#items = new Map(vault.protectedItems.map((item) => [item.name, item]));
    const subscriptions = new Map(estate.subscriptions.map((one) => [one.name, one.id]));
    this.#groupIds = new Map(estate.resourceGroups.map(({ name, subscription }) => [name, `/subscriptions/${must(subscriptions.get(subscription), `subscription "${subscription}"`)}/resourceGroups/${name}`]));
    this.vault = vault;
    this.location = this.groupRegion(vault.resourceGroup);
    this.plainId = this.idIn(vault.resourceGroup, 'Microsoft.RecoveryServices/vaults', vault.name);
    this.id = this.plainId.replace('/subscriptions/', '/Subscriptions/');
    this.key = this.plainId.toLowerCase();
  }

  groupRegion(name: string): string {
    return must(this.#estate.resourceGroups.find((group) => group.name === name), `resource group "${name}"`).region;
  }

  groupId(name: string): string {
    return must(this.#groupIds.get(name), `resource group "${name}"`);
  }

  idIn(resourceGroup: string, type: string, name: string): string {
    return `${this.groupId(resourceGroup)}/providers/${type}/${name}`;
  }

  regionName(region: string): string {
    return must(this.#estate.regions.find((one) => one.name === region), `region "${region}"`).displayName;
  }

  fabric(name: string): EstateFabric | undefined {
    return this.vault.fabrics.find((one) => sameName(one.name, name));
  }

  fabricOf(container: string): EstateFabric {
    return must(this.vault.fabrics.find((one) => one.containers.includes(container)), `fabric with the container "${container}"`);
  }

  policy(name: string): EstatePolicy {
    return must(this.vault.policies.find((one) => one.name === name), `policy "${name}"`);
  }

  mappingFrom(container: string): EstateContainerMapping | undefined {
    return this.vault.containerMappings.find((one) => one.from === container);
  }

  mappingMust(container: string): EstateContainerMapping {
    return must(this.mappingFrom(container), `container mapping from "${container}"`);
  }

  item(name: string): EstateItem {
    return must(this.#items.get(name), `protected item "${name}" in the vault "${this.vault.name}"`);
  }

  machine(name: string): EstateMachine {
    return must(this.#machines.get(name), `virtual machine "${name}"`);
  }

  /** The network that takes the place of this one on the other side, if the vault says which. */
  mappedNetwork(name: string): string | undefined {
    return this.vault.networkMappings.find((one) => one.from === name)?.to;
  }

  /** The fabric of a network is that of its region. */
  fabricOfNetwork(name: string): EstateFabric {
    const region = this.groupRegion(this.#network(name).resourceGroup);
    return must(this.vault.fabrics.find((one) => one.region === region), `fabric for the region "${region}"`);
  }

  networkId(name: string): string {
    return this.idIn(this.#network(name).resourceGroup, 'Microsoft.Network/virtualNetworks', name);
  }

  storageAccountId(name: string): string {
    const account = must(this.#estate.storageAccounts.find((one) => one.name === name), `storage account "${name}"`);
    return this.idIn(account.resourceGroup, 'Microsoft.Storage/storageAccounts', name);
  }

  fabricId(name: string): string {
    return `${this.id}/replicationFabrics/${name}`;
  }

  containerId(name: string): string {
    return `${this.fabricId(this.fabricOf(name).name)}/replicationProtectionContainers/${name}`;
  }

  itemId(container: string, name: string): string {
    return `${this.containerId(container)}/replicationProtectedItems/${name}`;
  }

  jobId(id: string): string {
    return `${this.id}/replicationJobs/${id}`;
  }

  policyId(name: string): string {
    return `${this.id}/replicationPolicies/${name}`;
  }

  #network(name: string) {
    return must(this.#estate.networks.find((one) => one.name === name), `network "${name}"`);
  }
}

export class World {
  readonly vaults: readonly VaultWorld[];
  readonly #estate: Estate;
  readonly #byKey: ReadonlyMap<string, VaultWorld>;

  constructor(estate: Estate) {
    const machines = new Map(estate.virtualMachines.map((machine) => [machine.name, machine]));
    this.#estate = estate;
    this.vaults = estate.vaults.map((vault) => new VaultWorld(estate, vault, machines));
    this.#byKey = new Map(this.vaults.map((vault) => [vault.key, vault]));
  }

  vaultAt(id: string): VaultWorld | undefined {
    return this.#byKey.get(id.toLowerCase());
  }

  vaultMust(key: string): VaultWorld {
    return must(this.#byKey.get(key), `vault "${key}"`);
  }

  hasSubscription(id: string): boolean {
    return this.#estate.subscriptions.some((one) => sameName(one.id, id));
  }

  hasResourceGroup(name: string): boolean {
    return this.#estate.resourceGroups.some((one) => sameName(one.name, name));
  }
}
