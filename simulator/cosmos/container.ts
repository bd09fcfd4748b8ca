// Validates the resource of a container. The parsed Container has the settings that decide how the
// store keeps documents.

import { createCosmosError, unsupportedError } from './errors.ts';
import { requireTtl } from './expiry.ts';
import { containerRid, databaseRid } from './resource-ids.ts';
import { isObject, type Json, type JsonObject } from './sql/values.ts';
import type { ResourceRow } from './store.ts';

/** A container that exists from the start, as Azure's deployment template would create it. */
export interface ContainerDefinition {
  readonly database: string;
  readonly id: string;
  /** A path such as `/jobId`, or several paths for a hierarchical key. */
  readonly partitionKeyPaths: readonly string[];
  /** The composite indexes. As in Azure, ORDER BY over several properties needs one. */
  readonly compositeIndexes?: readonly (readonly CompositePath[])[];
  /** The default time to live in seconds. With -1 only documents with their own time to live expire. */
  readonly defaultTtl?: number;
  readonly uniqueKeys?: readonly UniqueKey[];
}

export interface CompositePath {
  readonly path: string;
  readonly order?: 'ascending' | 'descending';
}

/** A unique key: two documents of a partition cannot have the same values at these paths. */
export interface UniqueKey {
  readonly paths: readonly string[];
}

export interface Container {
  readonly number: number;
  readonly database: number;
  readonly rid: string;
  /** For example `dbs/{database}/colls/{container}`. */
  readonly link: string;
  readonly keyPaths: readonly string[];
  readonly compositeIndexes: readonly (readonly CompositePath[])[];
  readonly uniqueKeys: readonly UniqueKey[];
  readonly defaultTtl: number | undefined;
  readonly resource: JsonObject;
}

const MAX_KEY_LEVELS = 3;
/** Azure's limits for the number of unique keys and of their paths. */
const MAX_UNIQUE_KEYS = 16;

/** Other properties that a container may have, with the values that change nothing in the simulator. */
const IGNORED_PROPERTIES: Readonly<Record<string, (value: Json) => boolean>> = {
  conflictResolutionPolicy: () => true,
  geospatialConfig: () => true,
  computedProperties: (value) => Array.isArray(value) && value.length === 0,
};

export function requireId(body: JsonObject): string {
  const { id } = body;
  if (typeof id !== 'string' || id === '')
    throw createCosmosError(
      400,
      "The input content is invalid because the required properties - 'id; ' - are missing",
    );
  if (/[/\\?#]/.test(id) || id.endsWith(' ') || id.length > 255)
    throw createCosmosError(
      400,
      `The input name '${id}' is invalid. Ensure to provide a unique non-empty string less ` +
        `than '255' characters.`,
    );
  return id;
}

/** Builds the resource of a container from a request body. Refuses unsupported settings. */
export function createContainerResource(body: JsonObject): JsonObject {
  const id = requireId(body);
  const { partitionKey, indexingPolicy, uniqueKeyPolicy, defaultTtl, ...others } = body;
  for (const [name, value] of Object.entries(others)) {
    const known = name === 'id' || name.startsWith('_') || IGNORED_PROPERTIES[name]?.(value) === true;
    if (!known) throw unsupportedError(`The container property '${name}'`);
  }
  return {
    id,
    indexingPolicy: indexingPolicyDefinition(indexingPolicy),
    partitionKey: partitionKeyDefinition(partitionKey),
    ...(defaultTtl === undefined || defaultTtl === null ? {} : { defaultTtl: requireTtl(defaultTtl) }),
    uniqueKeyPolicy: { uniqueKeys: uniqueKeyDefinitions(uniqueKeyPolicy) },
    conflictResolutionPolicy: {
      mode: 'LastWriterWins',
      conflictResolutionPath: '/_ts',
      conflictResolutionProcedure: '',
    },
    geospatialConfig: { type: 'Geography' },
  };
}

function partitionKeyDefinition(partitionKey: Json | undefined): JsonObject {
  if (!isObject(partitionKey) || !Array.isArray(partitionKey['paths']))
    throw createCosmosError(400, 'The partition key definition is missing.');
  const { paths, kind = paths.length > 1 ? 'MultiHash' : 'Hash', version = 2 } = partitionKey;
  if (version !== 2) throw unsupportedError('Version 1 of the partition key hash');
  const isValid =
    kind === 'Hash'
      ? paths.length === 1
      : kind === 'MultiHash' && paths.length >= 1 && paths.length <= MAX_KEY_LEVELS;
  if (!isValid)
    throw createCosmosError(
      400,
      `A partition key of the kind '${JSON.stringify(kind)}' cannot have ${paths.length} paths.`,
    );
  return { paths: paths.map(requirePath), kind, version: 2 };
}

function requirePath(path: Json): string {
  if (typeof path !== 'string' || !path.startsWith('/') || path.length < 2)
    throw createCosmosError(
      400,
      `The partition key component definition path '${JSON.stringify(path)}' could not be accepted.`,
    );
  return path;
}

function uniqueKeyDefinitions(policy: Json | undefined): Json[] {
  const { uniqueKeys = [] } = isObject(policy) ? policy : {};
  if (!Array.isArray(uniqueKeys) || uniqueKeys.length > MAX_UNIQUE_KEYS)
    throw createCosmosError(
      400,
      `The unique key policy is invalid: it must be a list of at most ${MAX_UNIQUE_KEYS} keys.`,
    );
  return uniqueKeys.map((key) => {
    const paths = isObject(key) ? key['paths'] : undefined;
    const fits =
      Array.isArray(paths) &&
      paths.length > 0 &&
      paths.length <= MAX_UNIQUE_KEYS &&
      paths.every((path) => typeof path === 'string' && path.startsWith('/') && path.length > 1);
    if (!fits)
      throw createCosmosError(
        400,
        `The unique key ${JSON.stringify(key)} is invalid: it must have 1 to ${MAX_UNIQUE_KEYS} paths.`,
      );
    return { paths };
  });
}

function indexingPolicyDefinition(policy: Json | undefined): JsonObject {
  const requested = isObject(policy) ? policy : {};
  const {
    compositeIndexes = [],
    includedPaths = [{ path: '/*' }],
    excludedPaths = [{ path: '/"_etag"/?' }],
  } = requested;
  if (requested['indexingMode'] === 'none') throw unsupportedError('A container without an index');
  for (const name of ['vectorIndexes', 'fullTextIndexes', 'spatialIndexes']) {
    const list = requested[name];
    if (Array.isArray(list) && list.length > 0) throw unsupportedError(`The index kind '${name}'`);
  }
  return { indexingMode: 'consistent', automatic: true, includedPaths, excludedPaths, compositeIndexes };
}

export function toContainer(database: ResourceRow, row: ResourceRow): Container {
  const resource = JSON.parse(row.body) as JsonObject;
  const databaseId = (JSON.parse(database.body) as { id: string }).id;
  const { partitionKey, indexingPolicy, uniqueKeyPolicy, defaultTtl } = resource as unknown as {
    partitionKey: { paths: string[] };
    indexingPolicy: { compositeIndexes: CompositePath[][] };
    uniqueKeyPolicy?: { uniqueKeys: UniqueKey[] };
    defaultTtl?: number;
  };
  return {
    number: row.number,
    database: database.number,
    rid: containerRid(database.number, row.number),
    link: `dbs/${databaseId}/colls/${resource['id'] as string}`,
    keyPaths: partitionKey.paths,
    compositeIndexes: indexingPolicy.compositeIndexes,
    uniqueKeys: uniqueKeyPolicy?.uniqueKeys ?? [],
    defaultTtl,
    resource,
  };
}

export function databaseLinks(number: number): JsonObject {
  const rid = databaseRid(number);
  return { _rid: rid, _self: `dbs/${rid}/`, _colls: 'colls/', _users: 'users/' };
}

export function containerLinks(database: number, number: number): JsonObject {
  const rid = containerRid(database, number);
  return {
    _rid: rid,
    _self: `dbs/${databaseRid(database)}/colls/${rid}/`,
    _docs: 'docs/',
    _sprocs: 'sprocs/',
    _triggers: 'triggers/',
    _udfs: 'udfs/',
    _conflicts: 'conflicts/',
  };
}
