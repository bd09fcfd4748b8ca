// Describes a request in stable words. The kill schedule uses these words to recognise and name a
// boundary.
import type { OutgoingRequest } from './app-instance.ts';

export interface NamedRequest {
  readonly name: string;
  /** A `write` changes something outside the app, a `look` reads Azure, a `read` reads the store. */
  readonly kind: 'write' | 'look' | 'read';
}

type Document = Readonly<Record<string, unknown>>;
interface BatchOperation {
  readonly operationType: string;
  readonly id?: string;
  readonly resourceBody?: Document;
}

/** Requests that carry events belong to the relay, whichever function triggered the relay. */
const EVENT_REQUEST = /^call-back|delivery|relay|callback|type = 'news'/;
export const requestOwner = (asker: string, { name }: NamedRequest): string =>
  EVENT_REQUEST.test(name) ? 'relay' : asker;

/** Returns undefined for requests without meaning for a job: the time, tokens and keys. */
export function nameRequest(request: OutgoingRequest): NamedRequest | undefined {
  const { pathname } = request.url;
  const store = /^\/dbs\/[^/]+\/colls\/([^/]+)\/docs(?:\/(.+))?$/.exec(pathname);
  if (store) return nameStoreRequest(request, store[1] ?? '', store[2]);
  if (/^\/subscriptions\//i.test(pathname))
    return {
      name: `${request.method} ${armPathKind(pathname)}`,
      kind: request.method === 'GET' ? 'look' : 'write',
    };
  if (pathname.startsWith('/durabletask/')) return nameOrchestrationRequest(request);
  if (request.headers['webhook-id'] !== undefined)
    return {
      name: request.headers['webhook-id'].includes(':step:action') ? 'request around a VM' : 'call-back',
      kind: 'write',
    };
  return undefined;
}

const nameOrchestrationRequest = ({ method, url }: OutgoingRequest): NamedRequest =>
  method === 'GET'
    ? { name: 'orchestration polled', kind: 'read' }
    : { name: `orchestration ${url.pathname.includes('/raiseEvent/') ? 'woken' : 'started'}`, kind: 'write' };

function nameStoreRequest(
  { method, body, headers }: OutgoingRequest,
  container: string,
  id: string | undefined,
): NamedRequest {
  if (method === 'GET')
    return { name: `${container}: read ${withoutIds(decodeURIComponent(id ?? ''))}`, kind: 'read' };
  if (
    headers['x-ms-documentdb-isquery'] !== undefined ||
    headers['x-ms-cosmos-is-query-plan-request'] !== undefined
  )
    return { name: `${container}: ${queryName(body)}`, kind: 'read' };
  const document = JSON.parse(body) as Document | readonly BatchOperation[];
  const changes = Array.isArray(document)
    ? (document as readonly BatchOperation[]).map(
        ({ operationType, id: of, resourceBody }) =>
          `${operationType.toLowerCase()} ${resourceBody ? documentKind(resourceBody) : withoutIds(of ?? '')}`,
      )
    : [`${method === 'POST' ? 'create' : 'replace'} ${documentKind(document as Document)}`];
  // A log line accompanies every step and adds no information.
  return {
    name:
      `${container}: ` +
      [...new Set(changes)].filter((change) => !change.startsWith('upsert log')).join(', '),
    kind: 'write',
  };
}

/** Describes a document by its type and its state. */
function documentKind(document: Document): string {
  const { type, phase, state, needs, laidOut: planned } = document;
  const asking = type === 'job' && Array.isArray(needs) && needs.length > 0;
  const at = [
    phase,
    state,
    ...(asking ? ['asking'] : []),
    ...(planned === true && state === 'running' ? ['planned'] : []),
  ].filter((word) => typeof word === 'string');
  return at.length > 0 ? `${String(type)} (${withoutIds(at.join(' '))})` : String(type);
}

/** Removes ids and numbers. */
const withoutIds = (text: string): string =>
  text.replaceAll(/[a-z2-7]{20,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+/gi, '*');

function queryName(body: string): string {
  const { query = '' } = JSON.parse(body) as { query?: string };
  return `asked ${withoutIds(query)
    .replace(/^SELECT .* FROM c WHERE /, '')
    .slice(0, 90)}`;
}

/** The kinds of resources in an ARM id, and the name of an action, without resource names. */
function armPathKind(pathname: string): string {
  const [, after = pathname] = /providers\/(.*)$/i.exec(pathname) ?? [];
  const segments = after.split('/');
  return segments
    .filter((_segment, at) => at === 0 || at % 2 === 1)
    .slice(segments.length > 3 ? 2 : 0)
    .join('/');
}
