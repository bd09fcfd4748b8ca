// Databases, containers and partition key ranges.

import type { Answer, Exchange } from '../../wire/exchange.ts';
import { refusal, unsupported } from '../errors.ts';
import { queryList } from '../queries.ts';
import type { JsonObject } from '../sql/values.ts';
import { bodyObject, isTrue, methodNotAllowed, targetOf, type Account, type Request } from './request.ts';

export function databaseAnswer({ catalog, now }: Account, { exchange, address: { id } }: Request): Answer {
  const { method } = exchange;
  if (id === undefined) {
    if (method === 'GET' || isQuery(exchange)) return list(exchange, 'Databases', catalog.databases(), now());
    if (method === 'POST') return created(catalog.createDatabase(definition(exchange)));
  } else {
    if (method === 'GET') return found(catalog.database(id));
    if (method === 'DELETE') return gone(() => catalog.deleteDatabase(id));
  }
  throw methodNotAllowed(method);
}

export function containerAnswer(
  { catalog, now }: Account,
  { exchange, address: { database = '', id } }: Request,
): Answer {
  const { method } = exchange;
  if (id === undefined) {
    if (method === 'GET' || isQuery(exchange))
      return list(exchange, 'DocumentCollections', catalog.containers(database), now());
    if (method === 'POST') return created(catalog.createContainer(database, definition(exchange)));
  } else {
    if (method === 'GET') return found(catalog.container(database, id).resource);
    if (method === 'PUT') return found(catalog.replaceContainer(database, id, bodyObject(exchange)));
    if (method === 'DELETE') return gone(() => catalog.deleteContainer(database, id));
  }
  throw methodNotAllowed(method);
}

export function rangesAnswer(
  { catalog, settings: { ranges } }: Account,
  { exchange, address: { database = '', container = '', id } }: Request,
): Answer {
  if (exchange.method !== 'GET' || id !== undefined)
    throw unsupported('Anything but listing the partition key ranges');
  const { rid, resource } = catalog.owner(database, container);
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

/** The account is a serverless one: nothing in it has a throughput of its own. */
function definition(exchange: Exchange): JsonObject {
  const { 'x-ms-offer-throughput': offer, 'x-ms-cosmos-offer-autopilot-settings': autopilot } =
    exchange.headers;
  if (offer !== undefined || autopilot !== undefined)
    throw refusal(
      400,
      'Setting offer throughput or autopilot on container is not supported for serverless accounts.',
    );
  return bodyObject(exchange);
}

export function offerAnswer(): never {
  throw refusal(400, 'Reading or replacing offers is not supported for serverless accounts.');
}

function isQuery({ method, headers }: Exchange): boolean {
  return method === 'POST' && isTrue(headers['x-ms-documentdb-isquery']);
}

function list(exchange: Exchange, name: string, resources: readonly JsonObject[], now: number): Answer {
  const body = isQuery(exchange) ? exchange.json() : { query: 'SELECT * FROM c' };
  const { rows, continuation } = queryList(body, resources, targetOf(exchange), now);
  const headers = {
    'x-ms-item-count': String(rows.length),
    ...(continuation === undefined ? {} : { 'x-ms-continuation': continuation }),
  };
  return { status: 200, headers, body: { _rid: '', [name]: rows, _count: rows.length } };
}

function found(resource: JsonObject): Answer {
  return { status: 200, headers: { etag: resource['_etag'] as string }, body: resource };
}

function created(resource: JsonObject): Answer {
  return { ...found(resource), status: 201 };
}

function gone(remove: () => void): Answer {
  remove();
  return { status: 204 };
}
