// Replicated items, their recovery points and their operations.

import type { Answer } from '../wire/exchange.ts';
import type { Fields } from './filter.ts';
import { wireTime } from './ids.ts';
import type { Provider, RecoveryPoint } from './provider.ts';
import type { ItemRecord, ProviderInput } from './records.ts';
import type { Place } from './ground-records.ts';
import {
  accept,
  activity,
  atItem,
  CONTAINER,
  faultFor,
  filteredList,
  get,
  inContainer,
  isSeen,
  ITEM,
  one,
  pageOf,
  patch,
  post,
  propertiesOf,
  put,
  remove,
  textIn,
  wrong,
  type Names,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';
import { operationNamed, type CalledOn } from './table.ts';
import { lastOf, VAULT_TYPE } from './vault.ts';

const ITEM_TYPE = `${VAULT_TYPE}/replicationFabrics/replicationProtectionContainers/replicationProtectedItems`;

/** How many items one page of a list holds: as many as are answered in a few hundredths of a second. */
const PAGE = 200;

export function itemBody({ vault, now, items }: VaultRequest, item: ItemRecord) {
  return {
    id: vault.itemId(item),
    name: item.name,
    type: ITEM_TYPE,
    properties: items.providerOf(item).properties(item, vault, now),
  };
}

const seenItems = (request: VaultRequest, place?: Place): ItemRecord[] =>
  request.vault.items(place).filter((item) => isSeen(request, item));

function fieldsOf({ vault, view }: VaultRequest): Fields<ItemRecord> {
  const planNames = new Map<string, string[]>();
  for (const { name, groups } of vault.store.things(vault.key, 'plan')) {
    for (const key of groups.flatMap(({ items }) => items))
      planNames.set(key, [...(planNames.get(key) ?? []), name]);
  }
  const friendly = (name: string): string => {
    const fabric = vault.fabric(name);
    return fabric ? view.groundOf(fabric.settings.instanceType).fabricName(fabric, vault) : name;
  };
  return {
    recoveryplanname: ({ key }) => planNames.get(key)?.[0],
    sourcefabricname: ({ place }) => place.fabric,
    sourcefabriclocation: ({ place }) => friendly(place.fabric),
    instancetype: ({ details }) => details.instanceType,
    name: ({ name }) => name,
  };
}

const pageOfItems = (request: VaultRequest, items: readonly ItemRecord[]): Answer | undefined =>
  filteredList(request, items, fieldsOf(request), (passing) =>
    pageOf(request, passing, (item) => itemBody(request, item), {
      size: PAGE,
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
      recoveryPointTime: wireTime(point.time),
      recoveryPointType: point.type,
      providerSpecificDetails: point.details,
    },
  };
}

const pointsOf = ({ items, vault, now }: VaultRequest, item: ItemRecord): RecoveryPoint[] =>
  items.providerOf(item).recoveryPoints(item, vault, now);

function begin(
  request: VaultRequest,
  item: ItemRecord,
  operation: string,
  input: ProviderInput,
  resource: string,
): Answer {
  const { vault, items, now } = request;
  const name = items.providerOf(item).friendlyName(item);
  return accept(request, { operation, name: item.name, key: item.key, resource }, () =>
    items.accept({
      vault,
      item,
      operation,
      input,
      activityId: activity(request),
      fault: faultFor(request, name),
      now,
    }),
  );
}

/** Starts an operation's job on an item; Location hangs off what was acted on, without the verb. */
function start(request: VaultRequest, item: ItemRecord, operation: string, resource: string): Answer {
  const read = request.items.providerOf(item).readBody(operation, request.exchange.json());
  return 'problem' in read
    ? wrong(request, read.problem)
    : begin(request, item, operation, read.input, resource);
}

function onItem(request: VaultRequest, names: Names, action: string, on: CalledOn): Answer | undefined {
  return atItem(request, names, (item) => {
    const { table } = request.items.providerOf(item);
    const operation =
      on === 'item'
        ? operationNamed(table, action, on)
        : Object.entries(table.operations).find(([, row]) => row.on === on)?.[0];
    return operation === undefined ? undefined : start(request, item, operation, request.vault.itemId(item));
  });
}

const enableOperation = ({ table }: Provider): string | undefined =>
  Object.entries(table.operations).find(([, row]) => row.on === 'put')?.[0];

/** A PUT makes an item, or finds that it is there. Its provider is the one that the body names. */
function enable(request: VaultRequest, names: Names): Answer | undefined {
  return inContainer(request, names, (place) => {
    const properties = propertiesOf(request);
    const specific = properties['providerSpecificDetails'] as { readonly instanceType?: unknown } | undefined;
    const provider = request.providers[String(specific?.instanceType)];
    const operation = provider && enableOperation(provider);
    if (!provider || operation === undefined)
      return wrong(request, "The value of 'properties.providerSpecificDetails.instanceType' is not valid.");
    const { vault, store, items, exchange, now } = request;
    const name = names['item'] ?? '';
    const read = provider.readBody(operation, exchange.json());
    if ('problem' in read) return wrong(request, read.problem);
    const there = store.itemAt(vault.key, place, name);
    const resource = vault.itemId({ place, name: there?.name ?? name });
    if (there) return begin(request, there, operation, read.input, resource);
    return request.engine.transaction(() => {
      const item = items.enrol(
        vault,
        place,
        name,
        provider,
        lastOf(textIn(properties, 'policyId')),
        read.input,
        now,
      );
      return begin(request, item, operation, read.input, resource);
    });
  });
}

/** An action of the container names its item in the body. */
function onContainer(request: VaultRequest, names: Names): Answer | undefined {
  return inContainer(request, names, (place) => {
    const action = names['action'] ?? '';
    if (
      !Object.values(request.providers).some(
        ({ table }) => operationNamed(table, action, 'container') !== undefined,
      )
    )
      return undefined;
    const name = textIn(propertiesOf(request), 'replicationProtectedItemName');
    if (name === '')
      return wrong(request, "The value of 'properties.replicationProtectedItemName' is not valid.");
    return atItem(request, { ...names, item: name }, (item) => {
      const operation = operationNamed(request.items.providerOf(item).table, action, 'container');
      return operation === undefined
        ? undefined
        : start(request, item, operation, request.vault.containerId(place));
    });
  });
}

function sizes(request: VaultRequest, item: ItemRecord): Answer {
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
  return pageOf(request, bodies, (body) => body, { size: bodies.length, token: 'Sizes' });
}

export const itemRoutes: VaultRoute[] = [
  get('replicationProtectedItems', (request) => pageOfItems(request, seenItems(request))),
  get(`${CONTAINER}/replicationProtectedItems`, (request, names) =>
    inContainer(request, names, (place) => pageOfItems(request, seenItems(request, place))),
  ),
  get(ITEM, (request, names) =>
    atItem(request, names, (item) => ({ status: 200, body: itemBody(request, item) })),
  ),
  put(ITEM, enable),
  patch(ITEM, (request, names) => onItem(request, names, '', 'patch')),
  remove(ITEM, (request, names) => onItem(request, names, '', 'delete')),
  get(`${ITEM}/recoveryPoints`, (request, names) =>
    atItem(request, names, (item) =>
      pageOf(request, pointsOf(request, item), (point) => pointBody(request, item, point), {
        size: 5000,
        token: 'RecoveryPoint',
      }),
    ),
  ),
  get(`${ITEM}/recoveryPoints/{point}`, (request, names) =>
    atItem(request, names, (item) =>
      one(request, pointsOf(request, item), names['point'] ?? '', (point) => pointBody(request, item, point)),
    ),
  ),
  get(`${ITEM}/targetComputeSizes`, (request, names) =>
    atItem(request, names, (item) => sizes(request, item)),
  ),
  post(`${ITEM}/{action}`, (request, names) => onItem(request, names, names['action'] ?? '', 'item')),
];

/** After all other routes: whatever action a container has. */
export const containerActions: VaultRoute[] = [post(`${CONTAINER}/{action}`, onContainer)];
