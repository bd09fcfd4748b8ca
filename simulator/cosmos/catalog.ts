// Creates, lists, finds, replaces and deletes databases and containers.

import {
  requireId,
  containerLinks,
  toContainer,
  createContainerResource,
  databaseLinks,
  type Container,
  type ContainerDefinition,
} from './container.ts';
import { createCosmosError, SubStatus } from './errors.ts';
import { etagOf } from './resource-ids.ts';
import { isEqual, type Json, type JsonObject } from './sql/values.ts';
import type { ResourceRow, CosmosStore } from './store.ts';

export class Catalog {
  private readonly store: CosmosStore;
  private readonly seconds: () => number;

  /** `seconds` gives the time for `_ts`. */
  constructor(store: CosmosStore, seconds: () => number) {
    this.store = store;
    this.seconds = seconds;
  }

  /** Creates the containers that Azure's deployment template creates before the app starts. */
  ensureContainers(definitions: readonly ContainerDefinition[]): void {
    this.store.transaction(() => {
      for (const definition of definitions) this.ensureContainer(definition);
    });
  }

  databases(): JsonObject[] {
    return this.store.databases().map(parseResource);
  }

  database(id: string): JsonObject {
    return parseResource(this.databaseRow(id));
  }

  createDatabase(body: JsonObject): JsonObject {
    const id = requireId(body);
    return this.store.transaction(() => {
      if (this.store.database(id) !== undefined) throw alreadyExistsError();
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
    return this.store.containers(this.databaseRow(databaseId).number).map(parseResource);
  }

  container(databaseId: string, id: string): Container {
    const database = this.store.database(databaseId);
    const row = database === undefined ? undefined : this.store.container(database.number, id);
    if (database === undefined || row === undefined) throw notFoundError();
    return toContainer(database, row);
  }

  /**
   * Finds the container of a document. A missing container has another sub-status than a missing
   * document.
   */
  ownerContainer(databaseId: string, id: string): Container {
    const database = this.store.database(databaseId);
    const row = database === undefined ? undefined : this.store.container(database.number, id);
    if (database === undefined || row === undefined)
      throw createCosmosError(404, 'Owner resource does not exist', SubStatus.ownerNotFound);
    return toContainer(database, row);
  }

  createContainer(databaseId: string, body: JsonObject): JsonObject {
    const wanted = createContainerResource(body);
    return this.store.transaction(() => {
      const database = this.databaseRow(databaseId);
      if (this.store.container(database.number, wanted['id'] as string) !== undefined)
        throw alreadyExistsError();
      const number = this.store.nextWrite();
      const resource = { ...wanted, ...containerLinks(database.number, number), ...this.stamp(number) };
      this.store.insertContainer(number, database.number, wanted['id'] as string, JSON.stringify(resource));
      return resource;
    });
  }

  /**
   * Replaces the settings of a container. The items stay, and the partition key and the unique keys
   * cannot change.
   */
  replaceContainer(databaseId: string, id: string, body: JsonObject): JsonObject {
    const wanted = createContainerResource(body);
    return this.store.transaction(() => {
      const container = this.container(databaseId, id);
      if (
        wanted['id'] !== id ||
        !isEqual(wanted['partitionKey'] as Json, container.resource['partitionKey'] as Json)
      ) {
        throw createCosmosError(400, 'The id and the partition key of a container cannot be changed.');
      }
      if (!isEqual(uniqueKeysOf(wanted), uniqueKeysOf(container.resource)))
        throw createCosmosError(
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

  private ensureContainer({
    database,
    id,
    partitionKeyPaths,
    compositeIndexes = [],
    defaultTtl,
    uniqueKeys = [],
  }: ContainerDefinition): void {
    const wanted = createContainerResource({
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
    const { keyPaths, resource } = toContainer(known, row);
    if (keyPaths.join() !== partitionKeyPaths.join())
      throw definitionMismatch(
        database,
        id,
        `the partition key ${keyPaths.join(', ')}, not ${partitionKeyPaths.join(', ')}`,
      );
    if (!isEqual(uniqueKeysOf(resource), uniqueKeysOf(wanted)))
      throw definitionMismatch(database, id, 'other unique keys');
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
    if (row === undefined) throw notFoundError();
    return row;
  }

  private stamp(write: number): JsonObject {
    const seconds = this.seconds();
    return { _etag: etagOf(write, seconds), _ts: seconds };
  }
}

function parseResource(row: ResourceRow): JsonObject {
  return JSON.parse(row.body) as JsonObject;
}

function uniqueKeysOf(resource: JsonObject): Json {
  return (resource['uniqueKeyPolicy'] as JsonObject | undefined)?.['uniqueKeys'] ?? [];
}

function definitionMismatch(database: string, id: string, how: string): Error {
  return new Error(
    `The container ${database}/${id} was created with ${how}. Remove the simulator's data to start again.`,
  );
}

function notFoundError() {
  return createCosmosError(404, 'Resource Not Found. Learn more: https://aka.ms/cosmosdb-tsg-not-found');
}

function alreadyExistsError() {
  return createCosmosError(409, 'Resource with specified id or name already exists.');
}
