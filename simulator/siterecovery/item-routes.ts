// The routes of replicated items, their recovery points and their operations.

import type { SimulatorResponse } from '../wire/exchange.ts';
import { fabricName } from './configuration-bodies.ts';
import type { FilterFields } from './filter.ts';
import { formatTime } from './ids.ts';
import type { Provider, RecoveryPoint } from './provider.ts';
import type { ItemRecord, ProviderInput } from './records.ts';
import type { ContainerPath } from './configuration-records.ts';
import {
  acceptWrite,
  requestActivityId,
  withItem,
  CONTAINER,
  operationFault,
  filteredList,
  get,
  withContainer,
  isVisible,
  ITEM,
  namedResponse,
  listPage,
  patch,
  post,
  propertiesOf,
  put,
  remove,
  textProperty,
  invalidResponse,
  type PathParameters,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';
import { findOperation, type OperationTrigger } from './provider-table.ts';
import { lastSegment, VAULT_TYPE } from './vault.ts';

const ITEM_TYPE = `${VAULT_TYPE}/replicationFabrics/replicationProtectionContainers/replicationProtectedItems`;

/** The number of items on a page. The server builds such a page in a few hundredths of a second. */
const PAGE_SIZE = 200;

export function itemBody({ vault, now, items }: VaultRequest, item: ItemRecord) {
  return {
    id: vault.itemId(item),
    name: item.name,
    type: ITEM_TYPE,
    properties: items.providerOf(item).properties(item, vault, now),
  };
}

const visibleItems = (request: VaultRequest, place?: ContainerPath): ItemRecord[] =>
  request.vault.items(place).filter((item) => isVisible(request, item));

function filterFields({ vault, view }: VaultRequest): FilterFields<ItemRecord> {
  const planNames = new Map<string, string[]>();
  for (const { name, groups } of vault.store.listConfiguration(vault.key, 'plan')) {
    for (const key of groups.flatMap(({ items }) => items))
      planNames.set(key, [...(planNames.get(key) ?? []), name]);
  }
  return {
    recoveryplanname: ({ key }) => planNames.get(key)?.[0],
    sourcefabricname: ({ place }) => place.fabric,
    sourcefabriclocation: ({ place }) => fabricName(view, place.fabric),
    instancetype: ({ details }) => details.instanceType,
    name: ({ name }) => name,
  };
}

const itemPage = (request: VaultRequest, items: readonly ItemRecord[]): SimulatorResponse | undefined =>
  filteredList(request, items, filterFields(request), (passing) =>
    listPage(request, passing, (item) => itemBody(request, item), {
      size: PAGE_SIZE,
      token: 'ReplicationGroup',
      alwaysNext: true,
    }),
  );

function pointBody({ vault }: VaultRequest, item: ItemRecord, point: RecoveryPoint) {
  return {
    name: point.name,
    type: `${ITEM_TYPE}/recoveryPoints`,
    id: `${vault.itemId(item)}/recoveryPoints/${point.name}`,
    properties: {
      recoveryPointTime: formatTime(point.time),
      recoveryPointType: point.type,
      ...(point.details && { providerSpecificDetails: point.details }),
    },
  };
}

const pointsOf = ({ items, vault, now }: VaultRequest, item: ItemRecord): RecoveryPoint[] =>
  items.providerOf(item).recoveryPoints(item, vault, now);

function acceptOperation(
  request: VaultRequest,
  item: ItemRecord,
  operation: string,
  input: ProviderInput,
  resource: string,
): SimulatorResponse {
  const { vault, items, now } = request;
  const name = items.providerOf(item).friendlyName(item);
  return acceptWrite(request, { operation, name: item.name, key: item.key, resource }, () =>
    items.accept({
      vault,
      item,
      operation,
      input,
      activityId: requestActivityId(request),
      fault: operationFault(request, name),
      now,
    }),
  );
}

/**
 * Starts an operation's job on an item. Location contains the path of the target, without the verb.
 */
function startOperation(
  request: VaultRequest,
  item: ItemRecord,
  operation: string,
  resource: string,
): SimulatorResponse {
  const provider = request.items.providerOf(item);
  const read = provider.readBody(operation, request.exchange.json());
  if ('problem' in read) return invalidResponse(request, read.problem);
  const variant = provider.variantOf?.(operation, item, read.input) ?? operation;
  return acceptOperation(request, item, variant, read.input, resource);
}

function itemAction(
  request: VaultRequest,
  names: PathParameters,
  action: string,
  on: OperationTrigger,
): SimulatorResponse | undefined {
  return withItem(request, names, (item) => {
    const { table } = request.items.providerOf(item);
    const operation =
      on === 'item'
        ? findOperation(table, action, on)
        : Object.entries(table.operations).find(([, row]) => row.on === on)?.[0];
    return operation === undefined
      ? undefined
      : startOperation(request, item, operation, request.vault.itemId(item));
  });
}

const enableOperation = ({ table }: Provider): string | undefined =>
  Object.entries(table.operations).find(([, row]) => row.on === 'put')?.[0];

/** Creates an item, or finds that the item exists. The body names the provider. */
function enableReplication(request: VaultRequest, names: PathParameters): SimulatorResponse | undefined {
  return withContainer(request, names, (place) => {
    const properties = propertiesOf(request);
    const specific = properties['providerSpecificDetails'] as { readonly instanceType?: unknown } | undefined;
    const provider = request.providers[String(specific?.instanceType)];
    const operation = provider && enableOperation(provider);
    if (!provider || operation === undefined)
      return invalidResponse(
        request,
        "The value of 'properties.providerSpecificDetails.instanceType' is not valid.",
      );
    const { vault, store, items, exchange, now } = request;
    const name = names['item'] ?? '';
    const read = provider.readBody(operation, exchange.json());
    if ('problem' in read) return invalidResponse(request, read.problem);
    const existing = store.findItem(vault.key, place, name);
    const resource = vault.itemId({ place, name: existing?.name ?? name });
    if (existing) return acceptOperation(request, existing, operation, read.input, resource);
    return request.engine.transaction(() => {
      const item = items.addItem(
        vault,
        place,
        name,
        provider,
        lastSegment(textProperty(properties, 'policyId')),
        read.input,
        now,
      );
      return acceptOperation(request, item, operation, read.input, resource);
    });
  });
}

/** An action of the container names its item in the body. */
function containerAction(request: VaultRequest, names: PathParameters): SimulatorResponse | undefined {
  return withContainer(request, names, (place) => {
    const action = names['action'] ?? '';
    if (
      !Object.values(request.providers).some(
        ({ table }) => findOperation(table, action, 'container') !== undefined,
      )
    )
      return undefined;
    const name = textProperty(propertiesOf(request), 'replicationProtectedItemName');
    if (name === '')
      return invalidResponse(request, "The value of 'properties.replicationProtectedItemName' is not valid.");
    return withItem(request, { ...names, item: name }, (item) => {
      const operation = findOperation(request.items.providerOf(item).table, action, 'container');
      return operation === undefined
        ? undefined
        : startOperation(request, item, operation, request.vault.containerId(place));
    });
  });
}

function listTargetSizes(request: VaultRequest, item: ItemRecord): SimulatorResponse {
  const { items, vault } = request;
  const bodies = items
    .providerOf(item)
    .targetSizes(item, vault)
    .map((properties) => {
      const name = String(properties['name']);
      return {
        id: `${vault.itemId(item)}/targetComputeSizes/${name}`,
        name,
        type: `${ITEM_TYPE}/targetComputeSizes`,
        properties,
      };
    });
  return listPage(request, bodies, (body) => body, { size: bodies.length, token: 'Sizes' });
}

export const itemRoutes: VaultRoute[] = [
  get('replicationProtectedItems', (request) => itemPage(request, visibleItems(request))),
  get(`${CONTAINER}/replicationProtectedItems`, (request, names) =>
    withContainer(request, names, (place) => itemPage(request, visibleItems(request, place))),
  ),
  get(ITEM, (request, names) =>
    withItem(request, names, (item) => ({ status: 200, body: itemBody(request, item) })),
  ),
  put(ITEM, enableReplication),
  patch(ITEM, (request, names) => itemAction(request, names, '', 'patch')),
  remove(ITEM, (request, names) => itemAction(request, names, '', 'delete')),
  get(`${ITEM}/recoveryPoints`, (request, names) =>
    withItem(request, names, (item) =>
      listPage(request, pointsOf(request, item), (point) => pointBody(request, item, point), {
        size: 5000,
        token: 'RecoveryPoint',
      }),
    ),
  ),
  get(`${ITEM}/recoveryPoints/{point}`, (request, names) =>
    withItem(request, names, (item) =>
      namedResponse(request, pointsOf(request, item), names['point'] ?? '', (point) =>
        pointBody(request, item, point),
      ),
    ),
  ),
  get(`${ITEM}/targetComputeSizes`, (request, names) =>
    withItem(request, names, (item) => listTargetSizes(request, item)),
  ),
  post(`${ITEM}/{action}`, (request, names) => itemAction(request, names, names['action'] ?? '', 'item')),
];

/** Add these routes after all other routes: they match any action of a container. */
export const containerActions: VaultRoute[] = [post(`${CONTAINER}/{action}`, containerAction)];
