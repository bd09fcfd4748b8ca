// The simulated Azure around Site Recovery: all resources by their ARM ids. One SQLite file stores
// them, and memory holds a copy. A resource has the shape of Azure's response. ARM's routes and
// failovers must write resources in that shape.

import { DataFile } from '../data-file.ts';
import type { Environment } from '../environments/schema.ts';
import { stableGuid } from './guid.ts';
import { environmentResources } from './environment-resources.ts';
import type { Resource } from './resource.ts';

export interface Region {
  readonly name: string;
  readonly displayName: string;
  readonly pairedWith?: string;
  /** The zones. Empty for a region without zones. */
  readonly zones: readonly string[];
  readonly offersSiteRecovery: boolean;
  readonly missingSizes: readonly string[];
  readonly restrictedSizes: readonly string[];
  /** The core quotas by family, or `cores` for all families. Other families have a large quota. */
  readonly quotas: Readonly<Record<string, number>>;
}

export interface ListFilter {
  /** A resource type in any case. */
  readonly type: string;
  /** Only resources below this id: a subscription, a resource group, a resource. */
  readonly under?: string;
}

/** All resources of the simulated Azure. */
export interface AzureWorld {
  /** Returns a resource. Subscriptions (/subscriptions/{id}) and resource groups are resources too. */
  get(id: string): Resource | undefined;
  /** Adds a resource, or replaces the resource with the same id. */
  put(resource: Resource): void;
  /** Removes a resource. Resources below it stay. */
  remove(id: string): void;
  /** Returns the resources in the order of their creation. */
  list(filter: ListFilter): Resource[];
  region(name: string): Region | undefined;
  regions(): readonly Region[];
  /** Makes all changes of `work`, or none when `work` throws. */
  transaction<T>(work: () => T): T;
  /** Other state that must survive the process: running operations, budgets. Values are JSON. */
  readonly keyValues: KeyValues;
  close(): void;
}

export interface KeyValues {
  get(name: string): unknown;
  put(name: string, value: unknown): void;
  remove(name: string): void;
  /** Returns the values of all names with this prefix. */
  list(prefix: string): unknown[];
}

export interface WorldOptions {
  readonly dataFile: string;
  readonly environment: Environment;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS resources (sequence INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
`;

interface DocumentRow {
  readonly document: string;
}

const keyOf = (id: string): string => id.toLowerCase();

class SqliteWorld implements AzureWorld {
  readonly keyValues: KeyValues;
  readonly #file: DataFile;
  readonly #regions: ReadonlyMap<string, Region>;
  readonly #resources = new Map<string, Resource>();
  /** The resources by type in lower case, then by key. */
  readonly #types = new Map<string, Map<string, Resource>>();

  constructor(dataFile: string, regions: readonly Region[]) {
    this.#regions = new Map(regions.map((region) => [region.name, region]));
    this.#file = new DataFile(dataFile, SCHEMA);
    this.keyValues = {
      get: (name) => this.#document('SELECT document FROM notes WHERE name = ?', name),
      put: (name, value) =>
        this.#file.run(
          'INSERT INTO notes (name, document) VALUES (?, ?) ON CONFLICT DO UPDATE SET document = ' +
            'excluded.document',
          name,
          JSON.stringify(value),
        ),
      remove: (name) => this.#file.run('DELETE FROM notes WHERE name = ?', name),
      list: (prefix) =>
        this.#documents(
          'SELECT document FROM notes WHERE substr(name, 1, length(?1)) = ?1 ORDER BY rowid',
          prefix,
        ),
    };
    this.#load();
  }

  get(id: string): Resource | undefined {
    return this.#resources.get(keyOf(id));
  }

  put(resource: Resource): void {
    this.#file.run(
      'INSERT INTO resources (key, document) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET ' +
        'document = excluded.document',
      keyOf(resource.id),
      JSON.stringify(resource),
    );
    this.#remember(resource);
  }

  remove(id: string): void {
    const resource = this.get(id);
    if (!resource) return;
    this.#file.run('DELETE FROM resources WHERE key = ?', keyOf(id));
    this.#resources.delete(keyOf(id));
    this.#ofType(resource.type).delete(keyOf(id));
  }

  list({ type, under }: ListFilter): Resource[] {
    const found = [...this.#ofType(type).values()];
    if (under === undefined) return found;
    const above = `${keyOf(under)}/`;
    return found.filter(({ id }) => keyOf(id).startsWith(above));
  }

  region(name: string): Region | undefined {
    return this.#regions.get(name.toLowerCase().replaceAll(' ', ''));
  }

  regions(): readonly Region[] {
    return [...this.#regions.values()];
  }

  transaction<T>(work: () => T): T {
    return this.#file.transaction(work, () => this.#load());
  }

  close(): void {
    this.#file.close();
  }

  #load(): void {
    this.#resources.clear();
    this.#types.clear();
    for (const resource of this.#documents('SELECT document FROM resources ORDER BY sequence'))
      this.#remember(resource as Resource);
  }

  #remember(resource: Resource): void {
    this.#resources.set(keyOf(resource.id), resource);
    this.#ofType(resource.type).set(keyOf(resource.id), resource);
  }

  #ofType(type: string): Map<string, Resource> {
    const known = this.#types.get(type.toLowerCase());
    if (known) return known;
    const made = new Map<string, Resource>();
    this.#types.set(type.toLowerCase(), made);
    return made;
  }

  #document(text: string, name: string): unknown {
    const row = this.#file.first(text, name) as DocumentRow | undefined;
    return row && (JSON.parse(row.document) as unknown);
  }

  #documents(text: string, ...values: string[]): unknown[] {
    const rows = this.#file.all(text, ...values) as DocumentRow[];
    return rows.map((row) => JSON.parse(row.document) as unknown);
  }
}

/** Opens the world. The first start stores the environment; later starts use only the file. */
export function createWorld({ dataFile, environment }: WorldOptions): AzureWorld {
  const world = new SqliteWorld(dataFile, environment.regions);
  const mark = stableGuid(JSON.stringify(environment));
  const known = world.keyValues.get('environment') as
    { readonly name: string; readonly mark: string } | undefined;
  if (known === undefined) {
    world.transaction(() => {
      for (const resource of environmentResources(environment)) world.put(resource);
      world.keyValues.put('environment', { name: environment.name, mark });
    });
  } else if (known.mark !== mark) {
    world.close();
    throw new Error(
      `The data folder belongs to the environment "${known.name}" and cannot continue with another ` +
        `or a changed environment ("${environment.name}"): remove the data, or give that environment ` +
        'again.',
    );
  }
  return world;
}
