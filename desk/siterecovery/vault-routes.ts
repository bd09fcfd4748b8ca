// Everything that can be read of a vault and done in it.

import type { Answer, Exchange } from '../wire/exchange.ts';
import type { Faults } from '../wire/fault.ts';
import { accepted, armError, badRequest, list, notFound, ok, operationHeaders, type RequestMarks } from './answers.ts';
import type { Engine } from './engine.ts';
import { containerBody, containerMappingBody, fabricBody, networkMappingBody, policyBody } from './ground.ts';
import { wireTime } from './ids.ts';
import { jobBody, listedJobBody, operationStatusBody, type JobPicture } from './job-bodies.ts';
import type { Provider } from './provider.ts';
import { errorOf, type ItemRecord, type JobRecord } from './records.ts';
import type { Route } from './routes.ts';
import type { Store } from './store.ts';
import { operationNamed, operationRow } from './table.ts';
import type { VaultWorld } from './world.ts';

const TYPE = 'Microsoft.RecoveryServices/vaults';
const CONTAINER = 'replicationFabrics/{fabric}/replicationProtectionContainers/{container}';
const ITEM = `${CONTAINER}/replicationProtectedItems/{item}`;

/** How many items one page of a list holds. */
const PAGE = 1000;

/** One request on its way to its answer. */
export interface VaultRequest {
  readonly world: VaultWorld;
  readonly store: Store;
  readonly engine: Engine;
  readonly faults: Faults;
  readonly providerOf: (item: ItemRecord) => Provider;
  readonly exchange: Exchange;
  readonly query: URLSearchParams;
  readonly principal: string;
  readonly marks: RequestMarks;
  readonly baseUrl: string;
  readonly now: number;
}

type Names = Readonly<Record<string, string>>;
type VaultRoute = Route<VaultRequest>;

const called = (name: string) => (thing: { readonly name: string }): boolean => thing.name.toLowerCase() === name.toLowerCase();

const get = (pattern: string, answer: VaultRoute['answer']): VaultRoute => ({ method: 'GET', pattern, answer });
const post = (pattern: string, answer: VaultRoute['answer']): VaultRoute => ({ method: 'POST', pattern, answer });

/** The one thing of that name, or 404. */
function one<T extends { readonly name: string }>({ marks }: VaultRequest, things: readonly T[], name: string, body: (thing: T) => unknown): Answer {
  const found = things.find(called(name));
  return found ? ok(body(found)) : notFound(name, marks);
}

/** Goes on with the container, or answers 404 for what of its path is missing. */
function inContainer(request: VaultRequest, { fabric = '', container = '' }: Names, go: (container: string) => Answer | undefined): Answer | undefined {
  const home = request.world.fabric(fabric);
  if (!home) return notFound(fabric, request.marks);
  const found = home.containers.find((name) => name.toLowerCase() === container.toLowerCase());
  return found === undefined ? notFound(container, request.marks) : go(found);
}

function atItem(request: VaultRequest, names: Names, go: (item: ItemRecord) => Answer | undefined): Answer | undefined {
  return inContainer(request, names, (container) => {
    const { item: name = '' } = names;
    const item = request.store.itemAt(request.world.key, container, name);
    return item ? go(item) : notFound(name, request.marks);
  });
}

function itemBody({ world, now, providerOf }: VaultRequest, item: ItemRecord) {
  return {
    id: world.itemId(item.container, item.name),
    name: item.name,
    type: `${TYPE}/replicationFabrics/replicationProtectionContainers/replicationProtectedItems`,
    properties: providerOf(item).properties(item, world, now),
  };
}

const itemsOf = ({ store, world }: VaultRequest, container?: string): ItemRecord[] =>
  [...store.items()].filter((item) => item.vault === world.key && (container === undefined || item.container === container));

/** A page that is not empty always names a next one; the last of them is empty. */
function pageOfItems(request: VaultRequest, items: readonly ItemRecord[]): Answer {
  const { query, exchange, baseUrl, marks } = request;
  const skipped = Number(query.get('$skipToken')?.replace(/^ReplicationGroup:/, '') ?? 0) || 0;
  const page = items.slice(skipped, skipped + PAGE);
  const path = exchange.path.split('?')[0] ?? '';
  const token = encodeURIComponent(`ReplicationGroup:${skipped + page.length}`);
  const nextLink = page.length === 0 ? null : `${baseUrl}${path}?api-version=${marks.apiVersion}&$skipToken=${token}`;
  return list(page.map((item) => itemBody(request, item)), nextLink);
}

function containerView(request: VaultRequest, container: string) {
  return containerBody(request.world, container, itemsOf(request, container).length);
}

function recoveryPointBody({ world }: VaultRequest, item: ItemRecord, point: ReturnType<Provider['recoveryPoints']>[number]) {
  return {
    name: point.name,
    type: `${TYPE}/replicationFabrics/replicationProtectionContainers/replicationProtectedItems/recoveryPoints`,
    id: `${world.itemId(item.container, item.name)}/recoveryPoints/${point.name}`,
    properties: { recoveryPointTime: wireTime(point.time), recoveryPointType: point.type },
  };
}

function jobPicture({ store, world, now, providerOf }: VaultRequest, job: JobRecord): JobPicture {
  const rowOf = (one: JobRecord) => operationRow(providerOf(store.item(one.item)).table, one.operation);
  const child = (id: string) => {
    const found = store.job(id);
    return found && { job: found, row: rowOf(found) };
  };
  return { job, row: rowOf(job), world, now, child };
}

function atJob(request: VaultRequest, id: string, go: (job: JobRecord) => Answer): Answer {
  const job = request.store.job(id.toLowerCase());
  return job?.vault === request.world.key ? go(job) : notFound(id, request.marks);
}

/** Newest first; all of them on one page. */
function jobList(request: VaultRequest): Answer {
  const listed = [...request.store.jobs()].filter((job) => job.listed && job.vault === request.world.key);
  return list(listed.reverse().map((job) => listedJobBody(jobPicture(request, job))));
}

/** Starts an operation's job on an item; Location hangs off what was acted on, without the verb. */
function start(request: VaultRequest, item: ItemRecord, operation: string, resource: string): Answer {
  const { engine, faults, exchange, marks, world, baseUrl, principal, now } = request;
  const read = request.providerOf(item).readBody(operation, exchange.json());
  if ('problem' in read) return badRequest(read.problem, marks);
  const { clientRequestId, correlationId } = marks;
  const fault = () => faults.take('operation', exchange);
  const job = engine.accept({ item, operation, input: read.input, principal, clientRequestId, correlationId, fault }, now);
  return accepted({ baseUrl, vault: world, resource, operation: job }, marks);
}

function itemAction(request: VaultRequest, names: Names): Answer | undefined {
  return atItem(request, names, (item) => {
    const operation = operationNamed(request.providerOf(item).table, names['action'] ?? '', 'item');
    return operation === undefined ? undefined : start(request, item, operation, request.world.itemId(item.container, item.name));
  });
}

function nameInBody(body: unknown): string | undefined {
  const properties = (body as { properties?: { replicationProtectedItemName?: unknown } } | null | undefined)?.properties;
  return typeof properties?.replicationProtectedItemName === 'string' ? properties.replicationProtectedItemName : undefined;
}

/** An action of the container names its item in the body. */
function containerAction(request: VaultRequest, names: Names, providers: readonly Provider[]): Answer | undefined {
  return inContainer(request, names, (container) => {
    if (!providers.some((provider) => operationNamed(provider.table, names['action'] ?? '', 'container') !== undefined)) return undefined;
    const name = nameInBody(request.exchange.json());
    if (name === undefined) return badRequest("The value of 'properties.replicationProtectedItemName' is not valid.", request.marks);
    return atItem(request, { ...names, item: name }, (item) => {
      const operation = operationNamed(request.providerOf(item).table, names['action'] ?? '', 'container');
      return operation === undefined ? undefined : start(request, item, operation, request.world.containerId(container));
    });
  });
}

/** What an operation's Location tells: wait, or the resource as it is now, or why there is nothing to tell. */
function operationResult(request: VaultRequest, id: string, resource: string, body: () => unknown): Answer {
  return atJob(request, id, (job) => {
    const headers = operationHeaders({ baseUrl: request.baseUrl, vault: request.world, resource, operation: job.id }, request.marks);
    if (job.endedAt === null) return { status: 202, headers: { ...headers, 'Retry-After': '30' } };
    const error = errorOf(job);
    if (error) return armError(400, error.code, error.message);
    return { status: 200, headers: { 'Azure-AsyncOperation': headers['Azure-AsyncOperation'] ?? '' }, body: body() };
  });
}

const groundRoutes: VaultRoute[] = [
  get('replicationFabrics', ({ world }) => list(world.vault.fabrics.map((fabric) => fabricBody(world, fabric, true)))),
  get('replicationFabrics/{fabric}', (request, { fabric = '' }) => one(request, request.world.vault.fabrics, fabric, (found) => fabricBody(request.world, found, false))),
  get('replicationProtectionContainers', (request) => list(request.world.vault.fabrics.flatMap((fabric) => fabric.containers).map((name) => containerView(request, name)))),
  get('replicationFabrics/{fabric}/replicationProtectionContainers', (request, { fabric = '' }) => {
    const found = request.world.fabric(fabric);
    return found ? list(found.containers.map((name) => containerView(request, name))) : notFound(fabric, request.marks);
  }),
  get(CONTAINER, (request, names) => inContainer(request, names, (container) => ok(containerView(request, container)))),
  get('replicationPolicies', ({ world }) => list(world.vault.policies.map((policy) => policyBody(world, policy)))),
  get('replicationPolicies/{policy}', (request, { policy = '' }) => one(request, request.world.vault.policies, policy, (found) => policyBody(request.world, found))),
];

const mappingsFrom = ({ world }: VaultRequest, container: string) => world.vault.containerMappings.filter((mapping) => mapping.from === container);
const networkMappingsOf = ({ world }: VaultRequest, fabric: string) => world.vault.networkMappings.filter((mapping) => called(fabric)(world.fabricOfNetwork(mapping.from)));
const NETWORK_MAPPINGS = 'replicationFabrics/{fabric}/replicationNetworks/azureNetwork/replicationNetworkMappings';

const mappingRoutes: VaultRoute[] = [
  get('replicationProtectionContainerMappings', ({ world }) => list(world.vault.containerMappings.map((mapping) => containerMappingBody(world, mapping)))),
  get(`${CONTAINER}/replicationProtectionContainerMappings`, (request, names) =>
    inContainer(request, names, (container) => list(mappingsFrom(request, container).map((mapping) => containerMappingBody(request.world, mapping))))),
  get(`${CONTAINER}/replicationProtectionContainerMappings/{mapping}`, (request, names) =>
    inContainer(request, names, (container) => one(request, mappingsFrom(request, container), names['mapping'] ?? '', (found) => containerMappingBody(request.world, found)))),
  get('replicationNetworkMappings', ({ world }) => list(world.vault.networkMappings.map((mapping) => networkMappingBody(world, mapping)))),
  get(NETWORK_MAPPINGS, (request, { fabric = '' }) => list(networkMappingsOf(request, fabric).map((mapping) => networkMappingBody(request.world, mapping)))),
  get(`${NETWORK_MAPPINGS}/{mapping}`, (request, { fabric = '', mapping = '' }) =>
    one(request, networkMappingsOf(request, fabric), mapping, (found) => networkMappingBody(request.world, found))),
];

const itemRoutes: VaultRoute[] = [
  get('replicationProtectedItems', (request) => pageOfItems(request, itemsOf(request))),
  get(`${CONTAINER}/replicationProtectedItems`, (request, names) => inContainer(request, names, (container) => pageOfItems(request, itemsOf(request, container)))),
  get(ITEM, (request, names) => atItem(request, names, (item) => ok(itemBody(request, item)))),
  get(`${ITEM}/recoveryPoints`, (request, names) =>
    atItem(request, names, (item) => list(request.providerOf(item).recoveryPoints(item, request.world, request.now).map((point) => recoveryPointBody(request, item, point))))),
  get(`${ITEM}/recoveryPoints/{point}`, (request, names) =>
    atItem(request, names, (item) => one(request, request.providerOf(item).recoveryPoints(item, request.world, request.now), names['point'] ?? '', (point) => recoveryPointBody(request, item, point)))),
  get(`${ITEM}/operationresults/{operation}`, (request, names) =>
    atItem(request, names, (item) => operationResult(request, names['operation'] ?? '', request.world.itemId(item.container, item.name), () => itemBody(request, item)))),
  post(`${ITEM}/{action}`, itemAction),
];

const jobRoutes: VaultRoute[] = [
  get('replicationJobs', jobList),
  get('replicationJobs/{job}', (request, { job = '' }) => atJob(request, job, (found) => ok(jobBody(jobPicture(request, found), request.store.lag.freshJobHidesActivityId)))),
  get('replicationOperationStatus/{job}', (request, { job = '' }) => atJob(request, job, (found) => ok(operationStatusBody(jobPicture(request, found))))),
  get(`${CONTAINER}/operationresults/{operation}`, (request, names) =>
    inContainer(request, names, (container) => operationResult(request, names['operation'] ?? '', request.world.containerId(container), () => containerView(request, container)))),
];

export function vaultRoutes(providers: readonly Provider[]): VaultRoute[] {
  return [...groundRoutes, ...mappingRoutes, ...itemRoutes, ...jobRoutes, post(`${CONTAINER}/{action}`, (request, names) => containerAction(request, names, providers))];
}
