// One request below a vault on its way to its answer, and what all routes need for it.

import type { Answer, Exchange } from '../wire/exchange.ts';
import type { Faults } from '../wire/fault.ts';
import type { Route } from '../wire/paths.ts';
import { accepted, badRequest, list, notFound, ok, type RequestMarks } from './answers.ts';
import type { Engine } from './engine.ts';
import { filtered, type Fields } from './filter.ts';
import type { GroundView } from './ground.ts';
import type { GroundWork } from './ground-work.ts';
import type { ItemWork, Providers } from './items.ts';
import type { PlanWork } from './plan-work.ts';
import type { ItemRecord, JobRecord } from './records.ts';
import type { Place } from './ground-records.ts';
import { stateRow } from './table.ts';
import type { Store } from './store.ts';
import type { Vault } from './vault.ts';
import { activityOf } from './work.ts';

export interface VaultRequest {
  readonly vault: Vault;
  readonly store: Store;
  readonly engine: Engine;
  readonly items: ItemWork;
  readonly ground: GroundWork;
  readonly plans: PlanWork;
  readonly providers: Providers;
  readonly view: GroundView;
  readonly faults: Faults;
  readonly exchange: Exchange;
  readonly query: URLSearchParams;
  readonly principal: string;
  readonly marks: RequestMarks;
  readonly baseUrl: string;
  readonly now: number;
}

export type Names = Readonly<Record<string, string>>;
type Reply = Answer | undefined;
export type VaultRoute = Route<(request: VaultRequest, names: Names) => Reply>;

export const CONTAINER = 'replicationFabrics/{fabric}/replicationProtectionContainers/{container}';
export const ITEM = `${CONTAINER}/replicationProtectedItems/{item}`;

export const get = (pattern: string, answer: VaultRoute['answer']): VaultRoute => ({
  method: 'GET',
  pattern,
  answer,
});
export const post = (pattern: string, answer: VaultRoute['answer']): VaultRoute => ({
  method: 'POST',
  pattern,
  answer,
});
export const put = (pattern: string, answer: VaultRoute['answer']): VaultRoute => ({
  method: 'PUT',
  pattern,
  answer,
});
export const patch = (pattern: string, answer: VaultRoute['answer']): VaultRoute => ({
  method: 'PATCH',
  pattern,
  answer,
});
export const remove = (pattern: string, answer: VaultRoute['answer']): VaultRoute => ({
  method: 'DELETE',
  pattern,
  answer,
});

const called =
  (name: string) =>
  (thing: { readonly name: string }): boolean =>
    thing.name.toLowerCase() === name.toLowerCase();

/** The one thing of that name, or 404. */
export function one<T extends { readonly name: string }>(
  { marks }: VaultRequest,
  things: readonly T[],
  name: string,
  body: (thing: T) => unknown,
): Answer {
  const found = things.find(called(name));
  return found ? ok(body(found)) : notFound(name, marks);
}

export function inFabric(
  request: VaultRequest,
  { fabric = '' }: Names,
  go: (fabric: string) => Reply,
): Reply {
  const found = request.vault.fabric(fabric);
  return found ? go(found.name) : notFound(fabric, request.marks);
}

/** Goes on with the container, or answers 404 for what of its path is missing. */
export function inContainer(request: VaultRequest, names: Names, go: (place: Place) => Reply): Reply {
  return inFabric(request, names, (fabric) => {
    const found = request.vault.container({ fabric, container: names['container'] ?? '' });
    return found ? go({ fabric, container: found.name }) : notFound(names['container'] ?? '', request.marks);
  });
}

/** What nobody may see yet is not there. */
export const isSeen = ({ items }: VaultRequest, item: ItemRecord): boolean =>
  stateRow(items.providerOf(item).table, item.state).hidden === undefined;

export function atItem(request: VaultRequest, names: Names, go: (item: ItemRecord) => Reply): Reply {
  return inContainer(request, names, (place) => {
    const { item: name = '' } = names;
    const item = request.store.itemAt(request.vault.key, place, name);
    return item && isSeen(request, item) ? go(item) : notFound(name, request.marks);
  });
}

/** The things that pass the request's filter, as a list; undefined for a filter that nobody knows. */
export function filteredList<T>(
  request: VaultRequest,
  things: readonly T[],
  fields: Fields<T>,
  show: (passing: readonly T[]) => Answer,
): Reply {
  const passing = filtered(things, request.query.get('$filter'), fields);
  return passing && show(passing);
}

export interface Paging {
  readonly size: number;
  readonly token: string;
  /** A page that is not empty names a next one even when that is empty. */
  readonly alwaysNext?: true;
}

export function pageOf<T>(
  { query, exchange, baseUrl, marks }: VaultRequest,
  things: readonly T[],
  body: (thing: T) => unknown,
  { size, token, alwaysNext }: Paging,
): Answer {
  const skipped = Number(query.get('$skipToken')?.split(':').at(-1) ?? 0) || 0;
  const page = things.slice(skipped, skipped + size);
  const reached = skipped + page.length;
  const goesOn = alwaysNext ? page.length > 0 : reached < things.length;
  const filter = query.get('$filter');
  const kept = filter ? `&$filter=${encodeURIComponent(filter)}` : '';
  const path = exchange.path.split('?')[0] ?? '';
  const skipToken = encodeURIComponent(`${token}:${reached}`);
  const next = `${baseUrl}${path}?api-version=${marks.apiVersion}${kept}&$skipToken=${skipToken}`;
  return list(page.map(body), goesOn ? next : null);
}

/** What is written down of an accepted write. */
export interface Written {
  readonly operation: string;
  readonly name: string;
  readonly key?: string;
  /** What was acted on, without the verb; for what has no other resource the job itself. */
  readonly resource?: string;
}

/** Starts a job and answers 202; the write is written down with it, or neither is done. */
export function accept(
  { engine, store, vault, marks, principal, baseUrl, now }: VaultRequest,
  { operation, name, key = '', resource }: Written,
  begin: () => JobRecord,
): Answer {
  const job = engine.transaction(() => {
    const begun = begin();
    const { clientRequestId } = marks;
    store.addWrite({
      jobId: begun.id,
      operation,
      itemName: name,
      lifecycleId: key,
      vault: vault.name,
      principal,
      clientRequestId,
      at: now,
      outcome: 'accepted',
    });
    return begun;
  });
  return accepted({ baseUrl, vault, resource: resource ?? vault.jobId(job.id), operation: job.id }, marks);
}

export const activity = ({ marks }: VaultRequest): string => activityOf(marks);
export const faultFor =
  ({ faults, exchange }: VaultRequest, subject: string) =>
  () =>
    faults.take('operation', exchange, subject);
export const wrong = ({ marks }: VaultRequest, problem: string): Answer => badRequest(problem, marks);
export const missing = ({ marks }: VaultRequest, name: string): Answer => notFound(name, marks);

/** `properties` of a body, or nothing. */
export function propertiesOf({ exchange }: VaultRequest): Readonly<Record<string, unknown>> {
  const body = exchange.json() as { readonly properties?: unknown } | null | undefined;
  return typeof body?.properties === 'object' && body.properties !== null
    ? (body.properties as Record<string, unknown>)
    : {};
}

export const textIn = (properties: Readonly<Record<string, unknown>>, name: string): string =>
  typeof properties[name] === 'string' ? properties[name] : '';
