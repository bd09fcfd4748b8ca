// Databases and containers: made, listed, found, changed, dropped.

import {
  checkedId,
  containerLinks,
  containerOf,
  containerResource,
  databaseLinks,
  type Container,
  type ContainerDefinition,
} from './container.ts';
import { refusal, SubStatus } from './errors.ts';
import { etagOf } from './resource-ids.ts';
import { equal, type Json, type JsonObject } from './sql/values.ts';
import type { ResourceRow, Store } from './store.ts';

export class Catalog {
  private readonly store: Store;
  private readonly seconds: () => number;

  /** `seconds` is the time that goes into `_ts`. */
  constructor(store: Store, seconds: () => number) {
    this.store = store;
    this.seconds = seconds;
  }

  /** What Azure's template makes before the app starts. */
  predefine(definitions: readonly ContainerDefinition[]): void {
    this.store.transaction(() => {
      for (const definition of definitions) this.predefineOne(definition);
    });
  }

  databases(): JsonObject[] {
    return this.store.databases().map(resourceOf);
  }

  database(id: string): JsonObject {
    return resourceOf(this.databaseRow(id));
  }

  createDatabase(body: JsonObject): JsonObject {
    const id = checkedId(body);
    return this.store.transaction(() => {
      if (this.store.database(id) !== undefined) throw exists();
      const number = this.store.nextWrite();
      const resource = { id, ...databaseLinks(number), ...this.stamp(number) };
      this.store.insertDatabase(number, id, JSON.stringify(resource));
      return resource;
    });
  }

  deleteDatabase(id: string): void {
    this.store.transaction(() => this.store.deleteDatabase(this.databaseRow(id).number));
  }

  containers(databaseId: string): JsonObject[] {
    return this.store.containers(this.databaseRow(databaseId).number).map(resourceOf);
  }

  container(databaseId: string, id: string): Container {
    const database = this.store.database(databaseId);
    const row = database === undefined ? undefined : this.store.container(database.number, id);
    if (database === undefined || row === undefined) throw missing();
    return containerOf(database, row);
  }

  /** For what lies in a container: that the owner is missing is told apart from a missing document. */
  owner(databaseId: string, id: string): Container {
    const database = this.store.database(databaseId);
    const row = database === undefined ? undefined : this.store.container(database.number, id);
    if (database === undefined || row === undefined)
      throw refusal(404, 'Owner resource does not exist', SubStatus.ownerNotFound);
    return containerOf(database, row);
  }

  createContainer(databaseId: string, body: JsonObject): JsonObject {
    const wanted = containerResource(body);
    return this.store.transaction(() => {
      const database = this.databaseRow(databaseId);
      if (this.store.container(database.number, wanted['id'] as string) !== undefined) throw exists();
      const number = this.store.nextWrite();
      const resource = { ...wanted, ...containerLinks(database.number, number), ...this.stamp(number) };
      this.store.insertContainer(number, database.number, wanted['id'] as string, JSON.stringify(resource));
      return resource;
    });
  }

  /** The items stay; the partition key and the unique keys cannot change. */
  replaceContainer(databaseId: string, id: string, body: JsonObject): JsonObject {
    const wanted = containerResource(body);
    return this.store.transaction(() => {
      const container = this.container(databaseId, id);
      if (
        wanted['id'] !== id ||
        !equal(wanted['partitionKey'] as Json, container.resource['partitionKey'] as Json)
      ) {
        throw refusal(400, 'The id and the partition key of a container cannot be changed.');
      }
      if (!equal(uniqueKeysOf(wanted), uniqueKeysOf(container.resource)))
        throw refusal(
          400,
          'The unique index cannot be modified. To change the unique index, remove the collection ' +
            'and re-create a new one.',
        );
      const resource = {
        ...wanted,
        ...containerLinks(container.database, container.number),
        ...this.stamp(this.store.nextWrite()),
      };
      this.store.replaceContainer(
        container.number,
        JSON.stringify(resource),
        resource['defaultTtl'] as number | undefined,
      );
      return resource;
    });
  }

  deleteContainer(databaseId: string, id: string): void {
    this.store.transaction(() => this.store.deleteContainer(this.container(databaseId, id).number));
  }

  private predefineOne({
    database,
    id,
    partitionKeyPaths,
    compositeIndexes = [],
    defaultTtl,
    uniqueKeys = [],
  }: ContainerDefinition): void {
    const wanted = containerResource({
      id,
      partitionKey: { paths: [...partitionKeyPaths] },
      indexingPolicy: { compositeIndexes: compositeIndexes as unknown as Json },
      uniqueKeyPolicy: { uniqueKeys: uniqueKeys as unknown as Json },
      ...(defaultTtl === undefined ? {} : { defaultTtl }),
    });
    const known = this.store.database(database) ?? this.addDatabase(database);
    const row = this.store.container(known.number, id);
    if (row === undefined) {
      const number = this.store.nextWrite();
      this.store.insertContainer(
        number,
        known.number,
        id,
        JSON.stringify({ ...wanted, ...containerLinks(known.number, number), ...this.stamp(number) }),
      );
      return;
    }
    const { keyPaths, resource } = containerOf(known, row);
    if (keyPaths.join() !== partitionKeyPaths.join())
      throw madeOtherwise(
        database,
        id,
        `the partition key ${keyPaths.join(', ')}, not ${partitionKeyPaths.join(', ')}`,
      );
    if (!equal(uniqueKeysOf(resource), uniqueKeysOf(wanted)))
      throw madeOtherwise(database, id, 'other unique keys');
    const lasting = Object.fromEntries(Object.entries(resource).filter(([name]) => name !== 'defaultTtl'));
    this.store.replaceContainer(row.number, JSON.stringify({ ...lasting, ...wanted }), defaultTtl);
  }

  private addDatabase(id: string): ResourceRow {
    const number = this.store.nextWrite();
    const body = JSON.stringify({ id, ...databaseLinks(number), ...this.stamp(number) });
    this.store.insertDatabase(number, id, body);
    return { number, body };
  }

  private databaseRow(id: string): ResourceRow {
    const row = this.store.database(id);
    if (row === undefined) throw missing();
    return row;
  }

  private stamp(write: number): JsonObject {
    const seconds = this.seconds();
    return { _etag: etagOf(write, seconds), _ts: seconds };
  }
}

function resourceOf(row: ResourceRow): JsonObject {
  return JSON.parse(row.body) as JsonObject;
}

function uniqueKeysOf(resource: JsonObject): Json {
  return (resource['uniqueKeyPolicy'] as JsonObject | undefined)?.['uniqueKeys'] ?? [];
}

function madeOtherwise(database: string, id: string, how: string): Error {
  return new Error(
    `The container ${database}/${id} was made with ${how}. Remove the simulator's data to start anew.`,
  );
}

function missing() {
  return refusal(404, 'Resource Not Found. Learn more: https://aka.ms/cosmosdb-tsg-not-found');
}

function exists() {
  return refusal(409, 'Resource with specified id or name already exists.');
}
