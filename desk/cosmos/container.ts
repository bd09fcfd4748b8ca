// What a container is: its resource as callers see it, checked, and the parts of it that decide how documents are kept.

import { refusal, unsupported } from './errors.ts';
import { containerRid, databaseRid } from './resource-ids.ts';
import { isObject, type Json, type JsonObject } from './sql/values.ts';
import type { ResourceRow } from './store.ts';

/** A container that is there from the start, as Azure's template would have made it. */
export interface ContainerDefinition {
  readonly database: string;
  readonly id: string;
  /** Like `/jobId`. */
  readonly partitionKeyPath: string;
  /** Needed for ORDER BY over several properties, as in Azure: lists of path and order. */
  readonly compositeIndexes?: readonly (readonly CompositePath[])[];
}

export interface CompositePath {
  readonly path: string;
  readonly order?: 'ascending' | 'descending';
}

export interface Container {
  readonly number: number;
  readonly database: number;
  readonly rid: string;
  /** `dbs/{database}/colls/{container}` */
  readonly link: string;
  readonly keyPath: string;
  readonly compositeIndexes: readonly (readonly CompositePath[])[];
  readonly resource: JsonObject;
}

/** What may be written beside id, partitionKey and indexingPolicy, and what of it would change nothing here. */
const HARMLESS: Readonly<Record<string, (value: Json) => boolean>> = {
  conflictResolutionPolicy: () => true,
  geospatialConfig: () => true,
  uniqueKeyPolicy: (value) => isObject(value) && Array.isArray(value['uniqueKeys']) && value['uniqueKeys'].length === 0,
  computedProperties: (value) => Array.isArray(value) && value.length === 0,
};

export function checkedId(body: JsonObject): string {
  const { id } = body;
  if (typeof id !== 'string' || id === '') throw refusal(400, 'The input content is invalid because the required properties - \'id; \' - are missing');
  if (/[/\\?#]/.test(id) || id.endsWith(' ') || id.length > 255) throw refusal(400, `The input name '${id}' is invalid. Ensure to provide a unique non-empty string less than '255' characters.`);
  return id;
}

/** The resource of a container, from what a caller asked for. */
export function containerResource(body: JsonObject): JsonObject {
  const id = checkedId(body);
  const { partitionKey, indexingPolicy, ...others } = body;
  for (const [name, value] of Object.entries(others)) {
    const known = name === 'id' || name.startsWith('_') || HARMLESS[name]?.(value) === true;
    if (!known) throw unsupported(`The container property '${name}'`);
  }
  return {
    id,
    indexingPolicy: policyOf(indexingPolicy),
    partitionKey: { paths: [keyPathOf(partitionKey)], kind: 'Hash', version: 2 },
    conflictResolutionPolicy: { mode: 'LastWriterWins', conflictResolutionPath: '/_ts', conflictResolutionProcedure: '' },
    geospatialConfig: { type: 'Geography' },
  };
}

function keyPathOf(partitionKey: Json | undefined): string {
  if (!isObject(partitionKey) || !Array.isArray(partitionKey['paths'])) throw refusal(400, 'The partition key definition is missing.');
  const { paths, kind = 'Hash', version = 2 } = partitionKey;
  const [path] = paths;
  if (paths.length !== 1 || kind !== 'Hash') throw unsupported('A hierarchical partition key');
  if (version !== 2) throw unsupported('Version 1 of the partition key hash');
  if (typeof path !== 'string' || !path.startsWith('/')) throw refusal(400, `The partition key component definition path '${JSON.stringify(path)}' could not be accepted.`);
  return path;
}

function policyOf(policy: Json | undefined): JsonObject {
  const asked = isObject(policy) ? policy : {};
  const { compositeIndexes = [], includedPaths = [{ path: '/*' }], excludedPaths = [{ path: '/"_etag"/?' }] } = asked;
  if (asked['indexingMode'] === 'none') throw unsupported('A container without an index');
  for (const name of ['vectorIndexes', 'fullTextIndexes', 'spatialIndexes']) {
    const list = asked[name];
    if (Array.isArray(list) && list.length > 0) throw unsupported(`The index kind '${name}'`);
  }
  return { indexingMode: 'consistent', automatic: true, includedPaths, excludedPaths, compositeIndexes };
}

export function containerOf(database: ResourceRow, row: ResourceRow): Container {
  const resource = JSON.parse(row.body) as JsonObject;
  const databaseId = (JSON.parse(database.body) as { id: string }).id;
  const { paths } = resource['partitionKey'] as unknown as { paths: [string] };
  const { compositeIndexes } = resource['indexingPolicy'] as unknown as { compositeIndexes: CompositePath[][] };
  return {
    number: row.number,
    database: database.number,
    rid: containerRid(database.number, row.number),
    link: `dbs/${databaseId}/colls/${resource['id'] as string}`,
    keyPath: paths[0],
    compositeIndexes,
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
    _rid: rid, _self: `dbs/${databaseRid(database)}/colls/${rid}/`,
    _docs: 'docs/', _sprocs: 'sprocs/', _triggers: 'triggers/', _udfs: 'udfs/', _conflicts: 'conflicts/',
  };
}
