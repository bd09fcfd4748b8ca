// The routes of databases, containers and partition key ranges.

import type { SimulatorResponse, Exchange } from '../../wire/exchange.ts';
import { createCosmosError, unsupportedError } from '../errors.ts';
import { queryList } from '../queries.ts';
import type { JsonObject } from '../sql/values.ts';
import {
  requireBodyObject,
  isTrue,
  methodNotAllowed,
  queryTarget,
  type CosmosAccount,
  type CosmosRequest,
} from './request.ts';

export function handleDatabases(
  { catalog, now }: CosmosAccount,
  { exchange, address: { id } }: CosmosRequest,
): SimulatorResponse {
  const { method } = exchange;
  if (id === undefined) {
    if (method === 'GET' || isQuery(exchange))
      return listResponse(exchange, 'Databases', catalog.databases(), now());
    if (method === 'POST') return createdResponse(catalog.createDatabase(readDefinition(exchange)));
  } else {
    if (method === 'GET') return resourceResponse(catalog.database(id));
    if (method === 'DELETE') return deletedResponse(() => catalog.deleteDatabase(id));
  }
  throw methodNotAllowed(method);
}

export function handleContainers(
  { catalog, now }: CosmosAccount,
  { exchange, address: { database = '', id } }: CosmosRequest,
): SimulatorResponse {
  const { method } = exchange;
  if (id === undefined) {
    if (method === 'GET' || isQuery(exchange))
      return listResponse(exchange, 'DocumentCollections', catalog.containers(database), now());
    if (method === 'POST')
      return createdResponse(catalog.createContainer(database, readDefinition(exchange)));
  } else {
    if (method === 'GET') return resourceResponse(catalog.container(database, id).resource);
    if (method === 'PUT')
      return resourceResponse(catalog.replaceContainer(database, id, requireBodyObject(exchange)));
    if (method === 'DELETE') return deletedResponse(() => catalog.deleteContainer(database, id));
  }
  throw methodNotAllowed(method);
}

export function handleKeyRanges(
  { catalog, settings: { ranges } }: CosmosAccount,
  { exchange, address: { database = '', container = '', id } }: CosmosRequest,
): SimulatorResponse {
  if (exchange.method !== 'GET' || id !== undefined)
    throw unsupportedError('Anything but listing the partition key ranges');
  const { rid, resource } = catalog.ownerContainer(database, container);
  const described = ranges.map(({ id: range, min, max }) => ({
    _rid: rid,
    id: range,
    _etag: resource['_etag'],
    minInclusive: min,
    maxExclusive: max,
    ridPrefix: Number(range),
    _self: `${resource['_self'] as string}pkranges/${range}/`,
    throughputFraction: 1 / ranges.length,
    status: 'online',
    parents: [],
    _ts: resource['_ts'],
  }));
  return { status: 200, body: { _rid: rid, PartitionKeyRanges: described, _count: described.length } };
}

/**
 * Reads the body of a new database or container. The account is serverless, so nothing has its own
 * throughput.
 */
function readDefinition(exchange: Exchange): JsonObject {
  const { 'x-ms-offer-throughput': offer, 'x-ms-cosmos-offer-autopilot-settings': autopilot } =
    exchange.headers;
  if (offer !== undefined || autopilot !== undefined)
    throw createCosmosError(
      400,
      'Setting offer throughput or autopilot on container is not supported for serverless accounts.',
    );
  return requireBodyObject(exchange);
}

export function handleOffers(): never {
  throw createCosmosError(400, 'Reading or replacing offers is not supported for serverless accounts.');
}

function isQuery({ method, headers }: Exchange): boolean {
  return method === 'POST' && isTrue(headers['x-ms-documentdb-isquery']);
}

function listResponse(
  exchange: Exchange,
  name: string,
  resources: readonly JsonObject[],
  now: number,
): SimulatorResponse {
  const body = isQuery(exchange) ? exchange.json() : { query: 'SELECT * FROM c' };
  const { rows, continuation } = queryList(body, resources, queryTarget(exchange), now);
  const headers = {
    'x-ms-item-count': String(rows.length),
    ...(continuation === undefined ? {} : { 'x-ms-continuation': continuation }),
  };
  return { status: 200, headers, body: { _rid: '', [name]: rows, _count: rows.length } };
}

function resourceResponse(resource: JsonObject): SimulatorResponse {
  return { status: 200, headers: { etag: resource['_etag'] as string }, body: resource };
}

function createdResponse(resource: JsonObject): SimulatorResponse {
  return { ...resourceResponse(resource), status: 201 };
}

function deletedResponse(remove: () => void): SimulatorResponse {
  remove();
  return { status: 204 };
}
