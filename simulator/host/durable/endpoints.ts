// The HTTP that the durable client speaks. It is served twice: where the client calls, and where
// the links that it shows lead.

import { jsonResponse, type Request, type Response } from '../http/request.ts';
import { messageOf } from '../log.ts';
import { managementLinks } from './client-data.ts';
import { Refused, type Instances } from './instances.ts';
import { statusOf } from './status.ts';
import type { InstanceFilter, InstanceRow, Status } from './store.ts';

const PAGE = 100;
const CONTINUATION = 'x-ms-continuation-token';

/** `path` is what follows the base address. */
export async function answerDurable(
  instances: Instances,
  taskHub: string,
  request: Request,
  path: readonly string[],
): Promise<Response> {
  try {
    return await route(instances, taskHub, request, path);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // The shape in which Azure's extension reports a refusal that it did not foresee.
    if (error.status === 500)
      return jsonResponse(500, {
        Message: 'Something went wrong while processing your request',
        ExceptionMessage: error.message,
      });
    return jsonResponse(error.status, { Message: error.message });
  }
}

async function route(
  instances: Instances,
  taskHub: string,
  request: Request,
  path: readonly string[],
): Promise<Response> {
  const [collection, id, operation, name] = path;
  if (collection === 'orchestrators' && id !== undefined && request.method === 'POST' && path.length <= 3) {
    return await start(instances, taskHub, request, id, operation);
  }
  if (collection === 'instances') {
    if (id === undefined && request.method === 'GET')
      return list(instances, request.url.searchParams, request.headers[CONTINUATION]);
    if (id === undefined && request.method === 'DELETE')
      return await purgeMany(instances, request.url.searchParams);
    if (id !== undefined && operation === undefined && request.method === 'GET')
      return status(instances, request, id);
    if (id !== undefined && operation === undefined && request.method === 'DELETE')
      return purged(await instances.purge(id));
    if (id !== undefined && operation !== undefined && request.method === 'POST')
      return await operate(instances, request, id, operation, name);
  }
  return { status: 404 };
}

async function start(
  instances: Instances,
  taskHub: string,
  request: Request,
  name: string,
  given: string | undefined,
): Promise<Response> {
  const input = request.body.length === 0 ? 'null' : jsonText(request.body);
  const id = await instances.start({
    name,
    id: given,
    version: request.url.searchParams.get('version'),
    input,
  });
  const links = managementLinks(request.url.origin, taskHub, encodeURIComponent(id));
  return jsonResponse(
    202,
    { ...links, id },
    { location: links.statusQueryGetUri ?? '', 'retry-after': '10' },
  );
}

async function operate(
  instances: Instances,
  request: Request,
  id: string,
  operation: string,
  name: string | undefined,
): Promise<Response> {
  const accepted = { status: 202 };
  switch (operation.toLowerCase()) {
    case 'raiseevent': {
      if (name === undefined) return { status: 404 };
      if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
        throw new Refused(400, 'Only application/json request content is supported');
      await instances.raiseEvent(id, name, request.body.length === 0 ? '' : jsonText(request.body));
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
    case 'rewind':
      return {
        status: 501,
        headers: { 'content-type': 'text/plain' },
        body: 'The rewind operation is not known to this host.',
      };
    default:
      return { status: 404 };
  }
}

function status(instances: Instances, request: Request, id: string): Response {
  const query = request.url.searchParams;
  const { finished, status: body } = instances.status(id, {
    showInput: flag(query, 'showInput', true),
    showHistory: flag(query, 'showHistory', false),
    showHistoryOutput: flag(query, 'showHistoryOutput', false),
  });
  return finished
    ? jsonResponse(200, body)
    : jsonResponse(202, body, { location: request.url.href, 'retry-after': '5' });
}

function list(instances: Instances, query: URLSearchParams, continuation: string | undefined): Response {
  const limit = Number(query.get('top') ?? PAGE) || PAGE;
  const after =
    continuation === undefined || continuation === '' ? undefined : parseContinuation(continuation);
  const rows = instances.list({ ...filterOf(query), after }, limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const showInput = flag(query, 'showInput', true);
  const body = page.map((row) => statusOf(row, { showInput, showHistoryOutput: false }));
  return jsonResponse(
    200,
    body,
    rows.length > limit && last ? { [CONTINUATION]: continuationAfter(last) } : {},
  );
}

function flag(query: URLSearchParams, name: string, otherwise: boolean): boolean {
  const value = query.get(name)?.toLowerCase();
  return value === 'true' || (value !== 'false' && otherwise);
}

async function purgeMany(instances: Instances, query: URLSearchParams): Promise<Response> {
  const filter = filterOf(query);
  if (filter.createdFrom === undefined)
    throw new Refused(400, "Please provide value for 'createdTimeFrom' parameter.");
  return purged(await instances.purgeBy(filter));
}

function purged(instancesDeleted: number): Response {
  return instancesDeleted === 0 ? { status: 404 } : jsonResponse(200, { instancesDeleted });
}

function filterOf(query: URLSearchParams): InstanceFilter {
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
    statuses: statuses.length > 0 ? (statuses as Status[]) : undefined,
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
    // Answered below, like a token that can be read and says nothing.
  }
  throw new Refused(400, 'The continuation token cannot be read.');
}

function jsonText(body: Buffer): string {
  const text = body.toString();
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Refused(400, `Invalid JSON content: ${messageOf(error)}`);
  }
  return text;
}
