// The HTTP endpoints of the durable client. The host serves them at two addresses: one for the
// client's calls, one for its public links.

import { jsonResponse, type HostRequest, type HostResponse } from '../http/request.ts';
import { messageOf } from '../log.ts';
import type { DurableSettings } from '../settings.ts';
import { managementLinks } from './client-data.ts';
import { RequestRefusedError, type Instances } from './instances.ts';
import { instanceStatus } from './status.ts';
import type { InstanceFilter, InstanceRow, InstanceStatus } from './store.ts';

const PAGE_SIZE = 100;
const CONTINUATION_HEADER = 'x-ms-continuation-token';

/** Azure's extension explains these answers with no body. The client has texts of its own for them. */
const WITHOUT_BODY = [404, 410, 412];

/** Answers a request of the durable client. `path` excludes the base address. */
export async function handleDurableRequest(
  instances: Instances,
  settings: DurableSettings,
  request: HostRequest,
  path: readonly string[],
): Promise<HostResponse> {
  try {
    return await routeRequest(instances, settings, request, path);
  } catch (error) {
    if (!(error instanceof RequestRefusedError)) throw error;
    // Azure's extension reports an unexpected error in this shape.
    if (error.status === 500)
      return jsonResponse(500, {
        Message: 'Something went wrong while processing your request',
        ExceptionMessage: error.message,
      });
    if (WITHOUT_BODY.includes(error.status)) return { status: error.status };
    // The client shows this body to the app. It expects text.
    if (error.status === 501)
      return { status: 501, headers: { 'content-type': 'text/plain' }, body: error.message };
    return jsonResponse(error.status, { Message: error.message });
  }
}

async function routeRequest(
  instances: Instances,
  settings: DurableSettings,
  request: HostRequest,
  path: readonly string[],
): Promise<HostResponse> {
  const [collection, id, operation, name] = path;
  if (collection === 'orchestrators' && id !== undefined && request.method === 'POST' && path.length <= 3) {
    return await startInstance(instances, settings, request, id, operation);
  }
  if (collection === 'instances') {
    if (id === undefined && request.method === 'GET')
      return listInstances(instances, request.url.searchParams, request.headers[CONTINUATION_HEADER]);
    if (id === undefined && request.method === 'DELETE')
      return await purgeInstances(instances, request.url.searchParams);
    if (id !== undefined && operation === undefined && request.method === 'GET')
      return statusResponse(instances, request, id);
    if (id !== undefined && operation === undefined && request.method === 'DELETE')
      return purgedResponse(await instances.purge(id));
    if (id !== undefined && operation !== undefined && request.method === 'POST')
      return await operateInstance(instances, settings, request, id, operation, name);
  }
  if (collection === 'entities') throw new RequestRefusedError(501, 'This host has no entities.');
  return { status: 404 };
}

async function startInstance(
  instances: Instances,
  settings: DurableSettings,
  request: HostRequest,
  name: string,
  requestedId: string | undefined,
): Promise<HostResponse> {
  if (request.url.searchParams.has('timeout'))
    throw new RequestRefusedError(501, 'This host cannot wait for the end of an orchestration at its start.');
  const input = request.body.length === 0 ? 'null' : requireJsonText(request.body);
  const id = await instances.start({
    name,
    id: requestedId,
    version: request.url.searchParams.get('version'),
    input,
  });
  return startedResponse(settings, request, id);
}

function startedResponse(settings: DurableSettings, request: HostRequest, id: string): HostResponse {
  const links = managementLinks(request.url.origin, settings, encodeURIComponent(id));
  return jsonResponse(
    202,
    { ...links, id },
    { location: links.statusQueryGetUri ?? '', 'retry-after': '10' },
  );
}

async function operateInstance(
  instances: Instances,
  settings: DurableSettings,
  request: HostRequest,
  id: string,
  operation: string,
  name: string | undefined,
): Promise<HostResponse> {
  const accepted = { status: 202 };
  switch (operation.toLowerCase()) {
    case 'raiseevent': {
      if (name === undefined) return { status: 404 };
      if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
        throw new RequestRefusedError(400, 'Only application/json request content is supported');
      await instances.raiseEvent(id, name, request.body.length === 0 ? '' : requireJsonText(request.body));
      return accepted;
    }
    case 'terminate':
      await instances.terminate(id, request.url.searchParams.get('reason') ?? '');
      return accepted;
    case 'suspend':
      await instances.setSuspended(id, true);
      return accepted;
    case 'resume':
      await instances.setSuspended(id, false);
      return accepted;
    case 'restart': {
      const withNewId = readFlag(request.url.searchParams, 'restartWithNewInstanceId', true);
      return startedResponse(settings, request, await instances.restart(id, withNewId));
    }
    case 'rewind':
      instances.refuseRewind(id);
    default:
      return { status: 404 };
  }
}

function statusResponse(instances: Instances, request: HostRequest, id: string): HostResponse {
  const query = request.url.searchParams;
  const { finished, status: body } = instances.status(id, {
    showInput: readFlag(query, 'showInput', true),
    showHistory: readFlag(query, 'showHistory', false),
    showHistoryOutput: readFlag(query, 'showHistoryOutput', false),
  });
  return finished
    ? jsonResponse(200, body)
    : jsonResponse(202, body, { location: request.url.href, 'retry-after': '5' });
}

function listInstances(
  instances: Instances,
  query: URLSearchParams,
  continuation: string | undefined,
): HostResponse {
  const limit = Number(query.get('top') ?? PAGE_SIZE) || PAGE_SIZE;
  const after =
    continuation === undefined || continuation === '' ? undefined : parseContinuation(continuation);
  const rows = instances.list({ ...readFilter(query), after }, limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const showInput = readFlag(query, 'showInput', true);
  const body = page.map((row) => instanceStatus(row, { showInput, showHistoryOutput: false }));
  return jsonResponse(
    200,
    body,
    rows.length > limit && last ? { [CONTINUATION_HEADER]: continuationAfter(last) } : {},
  );
}

function readFlag(query: URLSearchParams, name: string, otherwise: boolean): boolean {
  const value = query.get(name)?.toLowerCase();
  return value === 'true' || (value !== 'false' && otherwise);
}

async function purgeInstances(instances: Instances, query: URLSearchParams): Promise<HostResponse> {
  const filter = readFilter(query);
  if (filter.createdFrom === undefined)
    throw new RequestRefusedError(400, "Please provide value for 'createdTimeFrom' parameter.");
  return purgedResponse(await instances.purgeBy(filter));
}

function purgedResponse(instancesDeleted: number): HostResponse {
  return instancesDeleted === 0 ? { status: 404 } : jsonResponse(200, { instancesDeleted });
}

function readFilter(query: URLSearchParams): InstanceFilter {
  const time = (name: string) => {
    const value = Date.parse(query.get(name) ?? '');
    return Number.isNaN(value) ? undefined : value;
  };
  const statuses = query
    .getAll('runtimeStatus')
    .flatMap((list) => list.split(','))
    .filter(Boolean);
  return {
    createdFrom: time('createdTimeFrom'),
    createdTo: time('createdTimeTo'),
    statuses: statuses.length > 0 ? (statuses as InstanceStatus[]) : undefined,
    idPrefix: query.get('instanceIdPrefix') ?? undefined,
  };
}

function continuationAfter({ created, id }: InstanceRow): string {
  return Buffer.from(JSON.stringify({ created, id })).toString('base64url');
}

function parseContinuation(token: string): { created: number; id: string } {
  try {
    const { created, id } = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
      created: unknown;
      id: unknown;
    };
    if (typeof created === 'number' && typeof id === 'string') return { created, id };
  } catch {
    // The code below answers, as it does for a readable token without a position.
  }
  throw new RequestRefusedError(400, 'The continuation token cannot be read.');
}

function requireJsonText(body: Buffer): string {
  const text = body.toString();
  try {
    JSON.parse(text);
  } catch (error) {
    throw new RequestRefusedError(400, `Invalid JSON content: ${messageOf(error)}`);
  }
  return text;
}
