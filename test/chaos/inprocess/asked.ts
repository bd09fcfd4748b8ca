// What a request asks, in words that are the same each time: this is how a boundary is found and called.
import type { Outgoing } from './life.ts';

export interface Asked {
  readonly name: string;
  /** A write changes something with others; a look is at Azure, a read of the store. */
  readonly kind: 'write' | 'look' | 'read';
}

type Document = Readonly<Record<string, unknown>>;
interface BatchOperation {
  readonly operationType: string;
  readonly id?: string;
  readonly resourceBody?: Document;
}

/** What carries news is the relay's, whoever has kicked it. */
const OF_NEWS = /^call-back|delivery|relay|callback|type = 'news'/;
export const onWhoseBehalf = (asker: string, { name }: Asked): string =>
  OF_NEWS.test(name) ? 'relay' : asker;

/** Undefined for what is nobody's business: the time, tokens and keys. */
export function whatIsAsked(asked: Outgoing): Asked | undefined {
  const { pathname } = asked.url;
  const store = /^\/dbs\/[^/]+\/colls\/([^/]+)\/docs(?:\/(.+))?$/.exec(pathname);
  if (store) return inStore(asked, store[1] ?? '', store[2]);
  if (/^\/subscriptions\//i.test(pathname))
    return { name: `${asked.method} ${ofAzure(pathname)}`, kind: asked.method === 'GET' ? 'look' : 'write' };
  if (pathname.startsWith('/durabletask/')) return ofWalk(asked);
  if (asked.headers['webhook-id'] !== undefined)
    return {
      name: asked.headers['webhook-id'].includes(':step:action') ? 'request around a VM' : 'call-back',
      kind: 'write',
    };
  return undefined;
}

const ofWalk = ({ method, url }: Outgoing): Asked =>
  method === 'GET'
    ? { name: 'walk asked for', kind: 'read' }
    : { name: `walk ${url.pathname.includes('/raiseEvent/') ? 'woken' : 'started'}`, kind: 'write' };

function inStore({ method, body, headers }: Outgoing, container: string, id: string | undefined): Asked {
  if (method === 'GET')
    return { name: `${container}: read ${plain(decodeURIComponent(id ?? ''))}`, kind: 'read' };
  if (
    headers['x-ms-documentdb-isquery'] !== undefined ||
    headers['x-ms-cosmos-is-query-plan-request'] !== undefined
  )
    return { name: `${container}: ${question(body)}`, kind: 'read' };
  const told = JSON.parse(body) as Document | readonly BatchOperation[];
  const changes = Array.isArray(told)
    ? (told as readonly BatchOperation[]).map(
        ({ operationType, id: of, resourceBody }) =>
          `${operationType.toLowerCase()} ${resourceBody ? kindOf(resourceBody) : plain(of ?? '')}`,
      )
    : [`${method === 'POST' ? 'create' : 'replace'} ${kindOf(told as Document)}`];
  // A line of the log comes with every step, and says nothing of its own.
  return {
    name:
      `${container}: ` +
      [...new Set(changes)].filter((change) => !change.startsWith('upsert log')).join(', '),
    kind: 'write',
  };
}

/** A document by its type and by what it stands at. */
function kindOf(document: Document): string {
  const { type, phase, state, needs, laidOut } = document;
  const asking = type === 'job' && Array.isArray(needs) && needs.length > 0;
  const at = [
    phase,
    state,
    ...(asking ? ['asking'] : []),
    ...(laidOut === true && state === 'running' ? ['laid out'] : []),
  ].filter((word) => typeof word === 'string');
  return at.length > 0 ? `${String(type)} (${plain(at.join(' '))})` : String(type);
}

/** Without ids and numbers. */
const plain = (text: string): string =>
  text.replaceAll(/[a-z2-7]{20,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+/gi, '*');

function question(body: string): string {
  const { query = '' } = JSON.parse(body) as { query?: string };
  return `asked ${plain(query)
    .replace(/^SELECT .* FROM c WHERE /, '')
    .slice(0, 90)}`;
}

/** The kinds of things in an ARM id, and the name of an action; no names. */
function ofAzure(pathname: string): string {
  const [, after = pathname] = /providers\/(.*)$/i.exec(pathname) ?? [];
  const segments = after.split('/');
  return segments
    .filter((_segment, at) => at === 0 || at % 2 === 1)
    .slice(segments.length > 3 ? 2 : 0)
    .join('/');
}
