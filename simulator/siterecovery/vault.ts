// Looks up the records of a vault by name, in any casing. The ids have the casing of the service.

import type { AzureWorld } from '../arm/world.ts';
import type { Resource } from '../arm/resource.ts';
import type { ConditionTracker } from './condition-tracker.ts';
import type {
  ContainerMappingRecord,
  ContainerRecord,
  FabricRecord,
  NetworkMappingRecord,
  PolicyRecord,
  ContainerPath,
  StorageMappingRecord,
  VCenterRecord,
} from './configuration-records.ts';
import { guidOf, isSameName } from './ids.ts';
import type { OnPremises } from './on-premises.ts';
import type { ItemRecord } from './records.ts';
import type { SiteRecoveryStore } from './store.ts';

export const VAULT_TYPE = 'Microsoft.RecoveryServices/vaults';

export { isSameName };

export const isSameContainer = (left: ContainerPath, right: ContainerPath): boolean =>
  isSameName(left.fabric, right.fabric) && isSameName(left.container, right.container);

function requireFound<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new Error(`The vault has no ${what}.`);
  return thing;
}

/** The text that replaces an id and a name where machines replicate from a company's site to Azure. */
export const MICROSOFT_AZURE = 'Microsoft Azure';
/** The service's own container for machines that replicate to Azure. It is the same in all vaults. */
export const AZURE_CONTAINER: ContainerPath = {
  fabric: 'd49858f157601230a6ac5862fbbc6e63bf38d23ecd96cf953767945d457fe9d5',
  container: 'd38048d4-b460-4791-8ece-108395ee8478',
};
export const isAzureContainer = (place: ContainerPath): boolean => isSameContainer(place, AZURE_CONTAINER);

/** Returns the names in a Site Recovery id, or undefined when the id has no container. */
export function parseContainerPath(id: string): ContainerPath | undefined {
  if (isSameName(id, MICROSOFT_AZURE)) return AZURE_CONTAINER;
  const [, fabric, container] =
    /\/replicationFabrics\/([^/]+)\/replicationProtectionContainers\/([^/]+)/i.exec(id) ?? [];
  return fabric === undefined || container === undefined ? undefined : { fabric, container };
}

export const parseFabricName = (id: string): string | undefined =>
  /\/replicationFabrics\/([^/]+)/i.exec(id)?.[1];
export const lastSegment = (id: string): string => id.split('/').at(-1) ?? '';

/** The services that all vaults use. */
export interface VaultServices {
  readonly store: SiteRecoveryStore;
  readonly azure: AzureWorld;
  readonly onPremises: OnPremises;
  readonly conditions: ConditionTracker;
}

export class Vault {
  readonly name: string;
  readonly location: string;
  /** The prefix of ids below the vault: with a capital S. */
  readonly id: string;
  /** The vault's id as ARM itself writes it. */
  readonly armId: string;
  readonly key: string;
  readonly store: SiteRecoveryStore;
  readonly azure: AzureWorld;
  readonly onPremises: OnPremises;
  readonly conditions: ConditionTracker;

  constructor(resource: Resource, { store, azure, onPremises, conditions }: VaultServices) {
    this.name = resource.name;
    this.location = resource.location ?? '';
    this.armId = resource.id;
    this.id = resource.id.replace('/subscriptions/', '/Subscriptions/');
    this.key = resource.id.toLowerCase();
    this.store = store;
    this.azure = azure;
    this.onPremises = onPremises;
    this.conditions = conditions;
  }

  regionName(region: string): string {
    return this.azure.region(region)?.displayName ?? region;
  }

  fabrics(): FabricRecord[] {
    return this.store.listConfiguration(this.key, 'fabric');
  }

  fabric(name: string): FabricRecord | undefined {
    return this.store.findConfiguration(this.key, 'fabric', name);
  }

  requireFabric(name: string): FabricRecord {
    return requireFound(this.fabric(name), `fabric "${name}"`);
  }

  containers(fabric?: string): ContainerRecord[] {
    return this.store
      .listConfiguration(this.key, 'container')
      .filter((record) => fabric === undefined || isSameName(record.fabric, fabric));
  }

  container({ fabric, container }: ContainerPath): ContainerRecord | undefined {
    return this.store.findConfiguration(this.key, 'container', `${fabric}/${container}`);
  }

  requireContainer(place: ContainerPath): ContainerRecord {
    return requireFound(this.container(place), `container "${place.container}"`);
  }

  policy(name: string): PolicyRecord | undefined {
    return this.store.findConfiguration(this.key, 'policy', name);
  }

  requirePolicy(name: string): PolicyRecord {
    return requireFound(this.policy(name), `policy "${name}"`);
  }

  mappings(from?: ContainerPath): ContainerMappingRecord[] {
    return this.store
      .listConfiguration(this.key, 'containerMapping')
      .filter((mapping) => from === undefined || isSameContainer(mapping.from, from));
  }

  /** Two containers may have several mappings, one for each policy. */
  mapping(from: ContainerPath, to: ContainerPath, policy?: string): ContainerMappingRecord | undefined {
    return this.mappings(from).find(
      (mapping) =>
        isSameContainer(mapping.to, to) && (policy === undefined || isSameName(mapping.policy, policy)),
    );
  }

  vCenters(fabric?: string): VCenterRecord[] {
    return this.store
      .listConfiguration(this.key, 'vCenter')
      .filter((record) => fabric === undefined || isSameName(record.fabric, fabric));
  }

  networkMappings(fabric?: string): NetworkMappingRecord[] {
    return this.store
      .listConfiguration(this.key, 'networkMapping')
      .filter((record) => fabric === undefined || isSameName(record.fabric, fabric));
  }

  storageMappings(): StorageMappingRecord[] {
    return this.store.listConfiguration(this.key, 'storageMapping');
  }

  items(place?: ContainerPath): ItemRecord[] {
    const found: ItemRecord[] = [];
    for (const item of this.store.items()) {
      if (item.vault === this.key && (place === undefined || isSameContainer(item.place, place)))
        found.push(item);
    }
    return found;
  }

  fabricId(name: string): string {
    return `${this.id}/replicationFabrics/${name}`;
  }

  /** The internal GUID of a fabric. */
  fabricGuid(name: string): string {
    return guidOf(this.key, 'fabric', name);
  }

  containerId({ fabric, container }: ContainerPath): string {
    return `${this.fabricId(fabric)}/replicationProtectionContainers/${container}`;
  }

  itemId({ place, name }: Pick<ItemRecord, 'place' | 'name'>): string {
    return `${this.containerId(place)}/replicationProtectedItems/${name}`;
  }

  /** Returns the item of an id, if the item is there now. */
  findItem(id: string): ItemRecord | undefined {
    const place = parseContainerPath(id);
    return place && this.store.findItem(this.key, place, lastSegment(id));
  }

  jobId(id: string): string {
    return `${this.id}/replicationJobs/${id}`;
  }

  policyId(name: string): string {
    return `${this.id}/replicationPolicies/${name}`;
  }

  planId(name: string): string {
    return `${this.id}/replicationRecoveryPlans/${name}`;
  }
}

/**
 * The vaults of the environment. ARM creates and deletes them. Site Recovery keeps its records by
 * the vault's id.
 */
export class Vaults {
  readonly #surroundings: VaultServices;
  readonly #known = new Map<string, Vault>();

  constructor(surroundings: VaultServices) {
    this.#surroundings = surroundings;
  }

  find(id: string): Vault | undefined {
    const resource = this.#surroundings.azure.get(id);
    if (!resource || !isSameName(resource.type, VAULT_TYPE)) return undefined;
    const key = resource.id.toLowerCase();
    const known = this.#known.get(key) ?? new Vault(resource, this.#surroundings);
    this.#known.set(key, known);
    return known;
  }

  require(key: string): Vault {
    return requireFound(this.find(key), `id "${key}"`);
  }
}
