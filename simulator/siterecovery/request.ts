// One request below a vault, and the helpers of all routes.

import type { SimulatorResponse, Exchange } from '../wire/exchange.ts';
import type { Faults } from '../wire/fault.ts';
import type { Route } from '../wire/route-matching.ts';
import { acceptedResponse, badRequest, listResponse, notFound, ok, type RequestIds } from './responses.ts';
import type { JobEngine } from './job-engine.ts';
import { applyFilter, type FilterFields } from './filter.ts';
import type { ConfigurationView } from './configuration-bodies.ts';
import type { ConfigurationJobs } from './configuration-jobs.ts';
import type { FabricKinds } from './fabric-kind.ts';
import type { ItemJobs, Providers } from './item-jobs.ts';
import type { PlanJobs } from './plan-jobs.ts';
import type { ItemRecord, JobRecord } from './records.ts';
import type { ContainerPath } from './configuration-records.ts';
import { stateRow } from './provider-table.ts';
import type { SiteRecoveryStore } from './store.ts';
import type { Vault } from './vault.ts';
import { activityIdOf } from './job-handler.ts';

export interface VaultRequest {
  readonly vault: Vault;
  readonly store: SiteRecoveryStore;
  readonly engine: JobEngine;
  readonly items: ItemJobs;
  readonly configuration: ConfigurationJobs;
  readonly plans: PlanJobs;
  readonly providers: Providers;
  readonly fabricKinds: FabricKinds;
  readonly view: ConfigurationView;
  readonly faults: Faults;
  readonly exchange: Exchange;
  readonly query: URLSearchParams;
  readonly principal: string;
  readonly requestIds: RequestIds;
  readonly baseUrl: string;
  readonly now: number;
}

export type PathParameters = Readonly<Record<string, string>>;
type Reply = SimulatorResponse | undefined;
export type VaultRoute = Route<(request: VaultRequest, names: PathParameters) => Reply>;

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

const hasName =
  (name: string) =>
  (thing: { readonly name: string }): boolean =>
    thing.name.toLowerCase() === name.toLowerCase();

/** Returns the item with this name, or 404. */
export function namedResponse<T extends { readonly name: string }>(
  { requestIds }: VaultRequest,
  things: readonly T[],
  name: string,
  body: (thing: T) => unknown,
): SimulatorResponse {
  const found = things.find(hasName(name));
  return found ? ok(body(found)) : notFound(name, requestIds);
}

export function withFabric(
  request: VaultRequest,
  { fabric = '' }: PathParameters,
  respond: (fabric: string) => Reply,
): Reply {
  const found = request.vault.fabric(fabric);
  return found ? respond(found.name) : notFound(fabric, request.requestIds);
}

/** Continues with the container, or answers 404 for the missing part of its path. */
export function withContainer(
  request: VaultRequest,
  names: PathParameters,
  respond: (place: ContainerPath) => Reply,
): Reply {
  return withFabric(request, names, (fabric) => {
    const found = request.vault.container({ fabric, container: names['container'] ?? '' });
    return found
      ? respond({ fabric, container: found.name })
      : notFound(names['container'] ?? '', request.requestIds);
  });
}

/** A hidden item does not exist for clients. */
export const isVisible = ({ items }: VaultRequest, item: ItemRecord): boolean =>
  stateRow(items.providerOf(item).table, item.state).hidden === undefined;

export function withItem(
  request: VaultRequest,
  names: PathParameters,
  respond: (item: ItemRecord) => Reply,
): Reply {
  return withContainer(request, names, (place) => {
    const { item: name = '' } = names;
    const item = request.store.findItem(request.vault.key, place, name);
    return item && isVisible(request, item) ? respond(item) : notFound(name, request.requestIds);
  });
}

/** Returns a list of the items that pass the request's filter; undefined for an unknown filter. */
export function filteredList<T>(
  request: VaultRequest,
  things: readonly T[],
  fields: FilterFields<T>,
  show: (passing: readonly T[]) => SimulatorResponse,
): Reply {
  const passing = applyFilter(things, request.query.get('$filter'), fields);
  return passing && show(passing);
}

export interface Paging {
  readonly size: number;
  readonly token: string;
  /** A page with items names a next page, even when that page is empty. */
  readonly alwaysNext?: true;
}

export function listPage<T>(
  { query, exchange, baseUrl, requestIds }: VaultRequest,
  things: readonly T[],
  body: (thing: T) => unknown,
  { size, token, alwaysNext }: Paging,
): SimulatorResponse {
  const skipped = Number(query.get('$skipToken')?.split(':').at(-1) ?? 0) || 0;
  const page = things.slice(skipped, skipped + size);
  const reached = skipped + page.length;
  const goesOn = alwaysNext ? page.length > 0 : reached < things.length;
  const filter = query.get('$filter');
  const kept = filter ? `&$filter=${encodeURIComponent(filter)}` : '';
  const path = exchange.path.split('?')[0] ?? '';
  const skipToken = encodeURIComponent(`${token}:${reached}`);
  const next = `${baseUrl}${path}?api-version=${requestIds.apiVersion}${kept}&$skipToken=${skipToken}`;
  return listResponse(page.map(body), goesOn ? next : null);
}

/** The recorded facts of an accepted write. */
export interface WriteDescription {
  readonly operation: string;
  readonly name: string;
  readonly key?: string;
  /** The target, without the verb. Default: the job itself. */
  readonly resource?: string;
}

/** Starts a job and answers 202. One transaction records the write and starts the job. */
export function acceptWrite(
  { engine, store, vault, requestIds, principal, baseUrl, now }: VaultRequest,
  { operation, name, key = '', resource }: WriteDescription,
  begin: () => JobRecord,
): SimulatorResponse {
  const job = engine.transaction(() => {
    const begun = begin();
    const { clientRequestId } = requestIds;
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
  return acceptedResponse(
    { baseUrl, vault, resource: resource ?? vault.jobId(job.id), operation: job.id },
    requestIds,
  );
}

export const requestActivityId = ({ requestIds }: VaultRequest): string => activityIdOf(requestIds);
export const operationFault =
  ({ faults, exchange }: VaultRequest, subject: string) =>
  () =>
    faults.takeAction('operation', exchange, subject);
export const invalidResponse = ({ requestIds }: VaultRequest, problem: string): SimulatorResponse =>
  badRequest(problem, requestIds);
export const notFoundResponse = ({ requestIds }: VaultRequest, name: string): SimulatorResponse =>
  notFound(name, requestIds);

/** Returns `properties` of the body, or an empty object. */
export function propertiesOf({ exchange }: VaultRequest): Readonly<Record<string, unknown>> {
  const body = exchange.json() as { readonly properties?: unknown } | null | undefined;
  return typeof body?.properties === 'object' && body.properties !== null
    ? (body.properties as Record<string, unknown>)
    : {};
}

export const textProperty = (properties: Readonly<Record<string, unknown>>, name: string): string =>
  typeof properties[name] === 'string' ? properties[name] : '';
