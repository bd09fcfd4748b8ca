// A vault as things are looked up in it: by name whatever the casing, with the ids that the service writes.

import type { AzureWorld } from '../arm/world.ts';
import type { Resource } from '../arm/resource.ts';
import type { Conditions } from './conditions.ts';
import type {
  ContainerMappingRecord,
  ContainerRecord,
  FabricRecord,
  NetworkMappingRecord,
  PolicyRecord,
  Place,
} from './ground-records.ts';
import type { ItemRecord } from './records.ts';
import type { Store } from './store.ts';

export const VAULT_TYPE = 'Microsoft.RecoveryServices/vaults';

export const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

export const samePlace = (one: Place, other: Place): boolean =>
  sameName(one.fabric, other.fabric) && sameName(one.container, other.container);

function must<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new Error(`The vault has no ${what}.`);
  return thing;
}

/** The names in an id of Site Recovery's own, or undefined when it does not reach so far. */
export function placeIn(id: string): Place | undefined {
  const [, fabric, container] =
    /\/replicationFabrics\/([^/]+)\/replicationProtectionContainers\/([^/]+)/i.exec(id) ?? [];
  return fabric === undefined || container === undefined ? undefined : { fabric, container };
}

export const fabricIn = (id: string): string | undefined => /\/replicationFabrics\/([^/]+)/i.exec(id)?.[1];
export const lastOf = (id: string): string => id.split('/').at(-1) ?? '';

/** What vaults stand in. */
export interface Surroundings {
  readonly store: Store;
  readonly azure: AzureWorld;
  readonly conditions: Conditions;
}

export class Vault {
  readonly name: string;
  readonly location: string;
  /** As ids of the vault's own things begin: with a capital S. */
  readonly id: string;
  /** As ARM itself writes the vault's id. */
  readonly plainId: string;
  readonly key: string;
  readonly store: Store;
  readonly azure: AzureWorld;
  readonly conditions: Conditions;

  constructor(resource: Resource, { store, azure, conditions }: Surroundings) {
    this.name = resource.name;
    this.location = resource.location ?? '';
    this.plainId = resource.id;
    this.id = resource.id.replace('/subscriptions/', '/Subscriptions/');
    this.key = resource.id.toLowerCase();
    this.store = store;
    this.azure = azure;
    this.conditions = conditions;
  }

  regionName(region: string): string {
    return this.azure.region(region)?.displayName ?? region;
  }

  fabrics(): FabricRecord[] {
    return this.store.things(this.key, 'fabric');
  }

  fabric(name: string): FabricRecord | undefined {
    return this.store.thing(this.key, 'fabric', name);
  }

  fabricMust(name: string): FabricRecord {
    return must(this.fabric(name), `fabric "${name}"`);
  }

  containers(fabric?: string): ContainerRecord[] {
    return this.store
      .things(this.key, 'container')
      .filter((one) => fabric === undefined || sameName(one.fabric, fabric));
  }

  container({ fabric, container }: Place): ContainerRecord | undefined {
    return this.store.thing(this.key, 'container', `${fabric}/${container}`);
  }

  policy(name: string): PolicyRecord | undefined {
    return this.store.thing(this.key, 'policy', name);
  }

  policyMust(name: string): PolicyRecord {
    return must(this.policy(name), `policy "${name}"`);
  }

  mappings(from?: Place): ContainerMappingRecord[] {
    return this.store
      .things(this.key, 'containerMapping')
      .filter((one) => from === undefined || samePlace(one.from, from));
  }

  /** Two containers may be mapped several times, once for each policy. */
  mapping(from: Place, to: Place, policy?: string): ContainerMappingRecord | undefined {
    return this.mappings(from).find(
      (one) => samePlace(one.to, to) && (policy === undefined || sameName(one.policy, policy)),
    );
  }

  networkMappings(fabric?: string): NetworkMappingRecord[] {
    return this.store
      .things(this.key, 'networkMapping')
      .filter((one) => fabric === undefined || sameName(one.fabric, fabric));
  }

  items(place?: Place): ItemRecord[] {
    const found: ItemRecord[] = [];
    for (const item of this.store.items()) {
      if (item.vault === this.key && (place === undefined || samePlace(item.place, place))) found.push(item);
    }
    return found;
  }

  fabricId(name: string): string {
    return `${this.id}/replicationFabrics/${name}`;
  }

  containerId({ fabric, container }: Place): string {
    return `${this.fabricId(fabric)}/replicationProtectionContainers/${container}`;
  }

  itemId({ place, name }: Pick<ItemRecord, 'place' | 'name'>): string {
    return `${this.containerId(place)}/replicationProtectedItems/${name}`;
  }

  /** The item of an id, if it lives there now. */
  itemOf(id: string): ItemRecord | undefined {
    const place = placeIn(id);
    return place && this.store.itemAt(this.key, place, lastOf(id));
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
 * The vaults of the world. They come and go with ARM; what Site Recovery knows of them is kept by
 * their id.
 */
export class Vaults {
  readonly #surroundings: Surroundings;
  readonly #known = new Map<string, Vault>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  at(id: string): Vault | undefined {
    const resource = this.#surroundings.azure.get(id);
    if (!resource || !sameName(resource.type, VAULT_TYPE)) return undefined;
    const key = resource.id.toLowerCase();
    const known = this.#known.get(key) ?? new Vault(resource, this.#surroundings);
    this.#known.set(key, known);
    return known;
  }

  must(key: string): Vault {
    return must(this.at(key), `id "${key}"`);
  }
}
