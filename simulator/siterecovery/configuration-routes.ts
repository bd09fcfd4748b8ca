// The routes of fabrics, containers, policies, mappings and alerts.

import { listResponse, ok } from './responses.ts';
import {
  alertBody,
  containerBody,
  containerMappingBody,
  fabricBody,
  fabricName,
  networkMappingBody,
  policyBody,
  protectableItemBody,
} from './configuration-bodies.ts';
import type { ConfigurationRecords, ContainerPath } from './configuration-records.ts';
import type { ConfigurationOperation } from './configuration-table.ts';
import type { ProtectableItem } from './fabric-kind.ts';
import {
  createContainer,
  createFabric,
  removeByJob,
  writeAlert,
  writeMapping,
  writeNetworkMapping,
  writePolicy,
} from './configuration-writes.ts';
import {
  CONTAINER,
  filteredList,
  get,
  invalidResponse,
  listPage,
  withContainer,
  withFabric,
  namedResponse,
  patch,
  post,
  put,
  remove,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';
import { fabricResourceRoutes } from './fabric-resource-routes.ts';
import { isSameName } from './vault.ts';

const itemCount = ({ vault }: VaultRequest, place: ContainerPath): number => vault.items(place).length;
const containerBodyOf = (request: VaultRequest, container: ConfigurationRecords['container']) =>
  containerBody(
    request.view,
    container,
    itemCount(request, { fabric: container.fabric, container: container.name }),
  );

const fabricRoutes: VaultRoute[] = [
  get('replicationFabrics', (request) =>
    filteredList(
      request,
      request.vault.fabrics(),
      {
        location: ({ settings }) => settings['location'] as string | undefined,
        name: ({ name }) => name,
        friendlyname: ({ name }) => fabricName(request.view, name),
      },
      (fabrics) => listResponse(fabrics.map((fabric) => fabricBody(request.view, fabric, true))),
    ),
  ),
  get('replicationFabrics/{fabric}', (request, { fabric = '' }) =>
    namedResponse(request, request.vault.fabrics(), fabric, (found) =>
      fabricBody(request.view, found, false),
    ),
  ),
  put('replicationFabrics/{fabric}', createFabric),
  post('replicationFabrics/{fabric}/remove', (request, { fabric = '' }) =>
    removeByJob(request, 'removeFabric', 'fabric', fabric, request.vault.fabricId(fabric)),
  ),
  remove('replicationFabrics/{fabric}', (request, { fabric = '' }) =>
    removeByJob(request, 'purgeFabric', 'fabric', fabric, request.vault.fabricId(fabric)),
  ),
  get('replicationProtectionContainers', (request) =>
    listResponse(request.vault.containers().map((container) => containerBodyOf(request, container))),
  ),
  get('replicationFabrics/{fabric}/replicationProtectionContainers', (request, names) =>
    withFabric(request, names, (fabric) =>
      listResponse(request.vault.containers(fabric).map((container) => containerBodyOf(request, container))),
    ),
  ),
  get(CONTAINER, (request, names) =>
    withContainer(request, names, (place) =>
      ok(containerBodyOf(request, request.vault.requireContainer(place))),
    ),
  ),
  put(CONTAINER, createContainer),
  post(`${CONTAINER}/remove`, (request, names) =>
    withContainer(request, names, ({ fabric, container }) =>
      removeByJob(
        request,
        'removeContainer',
        'container',
        `${fabric}/${container}`,
        request.vault.containerId({ fabric, container }),
      ),
    ),
  ),
];

const policyRoutes: VaultRoute[] = [
  get('replicationPolicies', ({ vault, store, view }) =>
    listResponse(store.listConfiguration(vault.key, 'policy').map((policy) => policyBody(view, policy))),
  ),
  get('replicationPolicies/{policy}', (request, { policy = '' }) =>
    namedResponse(request, request.store.listConfiguration(request.vault.key, 'policy'), policy, (found) =>
      policyBody(request.view, found),
    ),
  ),
  put('replicationPolicies/{policy}', (request, { policy = '' }) =>
    writePolicy(request, policy, 'providerSpecificInput'),
  ),
  patch('replicationPolicies/{policy}', (request, { policy = '' }) =>
    writePolicy(request, policy, 'replicationProviderSettings'),
  ),
  remove('replicationPolicies/{policy}', (request, { policy = '' }) =>
    removeByJob(request, 'deletePolicy', 'policy', policy, request.vault.policyId(policy)),
  ),
];

const MAPPINGS = `${CONTAINER}/replicationProtectionContainerMappings`;
const NETWORK_MAPPINGS =
  'replicationFabrics/{fabric}/replicationNetworks/{network}/replicationNetworkMappings';

const unmap =
  (operation: ConfigurationOperation): VaultRoute['answer'] =>
  (request, names) =>
    withContainer(request, names, (from) => {
      const { mapping = '' } = names;
      return removeByJob(
        request,
        operation,
        'containerMapping',
        `${from.fabric}/${from.container}/${mapping}`,
        `${request.vault.containerId(from)}/replicationProtectionContainerMappings/${mapping}`,
      );
    });

const networkMappingsOf = ({ vault }: VaultRequest, fabric: string, network: string) =>
  vault.networkMappings(fabric).filter((mapping) => isSameName(mapping.network, network));

const mappingRoutes: VaultRoute[] = [
  get('replicationProtectionContainerMappings', ({ vault, view }) =>
    listResponse(vault.mappings().map((mapping) => containerMappingBody(view, mapping))),
  ),
  get(MAPPINGS, (request, names) =>
    withContainer(request, names, (from) =>
      listResponse(
        request.vault.mappings(from).map((mapping) => containerMappingBody(request.view, mapping)),
      ),
    ),
  ),
  get(`${MAPPINGS}/{mapping}`, (request, names) =>
    withContainer(request, names, (from) =>
      namedResponse(request, request.vault.mappings(from), names['mapping'] ?? '', (found) =>
        containerMappingBody(request.view, found),
      ),
    ),
  ),
  put(`${MAPPINGS}/{mapping}`, writeMapping),
  patch(`${MAPPINGS}/{mapping}`, writeMapping),
  post(`${MAPPINGS}/{mapping}/remove`, unmap('removeMapping')),
  remove(`${MAPPINGS}/{mapping}`, unmap('purgeMapping')),
  get('replicationNetworkMappings', ({ vault, view }) =>
    listResponse(vault.networkMappings().map((mapping) => networkMappingBody(view, mapping))),
  ),
  get(NETWORK_MAPPINGS, (request, names) =>
    withFabric(request, names, (fabric) =>
      listResponse(
        networkMappingsOf(request, fabric, names['network'] ?? '').map((mapping) =>
          networkMappingBody(request.view, mapping),
        ),
      ),
    ),
  ),
  get(`${NETWORK_MAPPINGS}/{mapping}`, (request, names) =>
    withFabric(request, names, (fabric) =>
      namedResponse(
        request,
        networkMappingsOf(request, fabric, names['network'] ?? ''),
        names['mapping'] ?? '',
        (found) => networkMappingBody(request.view, found),
      ),
    ),
  ),
  put(`${NETWORK_MAPPINGS}/{mapping}`, writeNetworkMapping),
  patch(`${NETWORK_MAPPINGS}/{mapping}`, writeNetworkMapping),
  remove(`${NETWORK_MAPPINGS}/{mapping}`, (request, names) =>
    withFabric(request, names, (fabric) => {
      const { network = '', mapping = '' } = names;
      return removeByJob(
        request,
        'unmapNetworks',
        'networkMapping',
        `${fabric}/${network}/${mapping}`,
        `${request.vault.fabricId(fabric)}/replicationNetworks/${network}/replicationNetworkMappings/${mapping}`,
      );
    }),
  ),
];

const alertRoutes: VaultRoute[] = [
  get('replicationAlertSettings', ({ vault, store, view }) =>
    listResponse(store.listConfiguration(vault.key, 'alert').map((alert) => alertBody(view, alert))),
  ),
  get('replicationAlertSettings/{alert}', (request, { alert = '' }) =>
    namedResponse(request, request.store.listConfiguration(request.vault.key, 'alert'), alert, (found) =>
      alertBody(request.view, found),
    ),
  ),
  put('replicationAlertSettings/{alert}', writeAlert),
];

/** No machine here has such resources. */
const EMPTY_LISTS = ['replicationMigrationItems', 'replicationProtectionIntents'];
const emptyRoutes: VaultRoute[] = EMPTY_LISTS.map((name) => get(name, () => listResponse([])));

/** A page of protectable items. The service gave far fewer items than this to recordings. */
const PROTECTABLE_PAGE_SIZE = 200;
const protectableItemsOf = ({ vault, view }: VaultRequest, place: ContainerPath): ProtectableItem[] => [
  ...view.kindOf(vault.requireFabric(place.fabric)).protectableItems(place, vault),
];

const protectableRoutes: VaultRoute[] = [
  // The simulator's sites have virtual machines only, and their hosts report these.
  post(`${CONTAINER}/discoverProtectableItem`, (request, names) =>
    withContainer(request, names, ({ container }) =>
      invalidResponse(
        request,
        `No physical machine of the container '${container}' answers at this address.`,
      ),
    ),
  ),
  get(`${CONTAINER}/replicationProtectableItems`, (request, names) =>
    withContainer(request, names, (place) =>
      listPage(
        request,
        protectableItemsOf(request, place),
        (item) => protectableItemBody(request.view, place, item),
        { size: PROTECTABLE_PAGE_SIZE, token: 'ReplicationGroup', alwaysNext: true },
      ),
    ),
  ),
  get(`${CONTAINER}/replicationProtectableItems/{item}`, (request, names) =>
    withContainer(request, names, (place) =>
      namedResponse(request, protectableItemsOf(request, place), names['item'] ?? '', (item) =>
        protectableItemBody(request.view, place, item),
      ),
    ),
  ),
];

export const configurationRoutes: VaultRoute[] = [
  ...fabricRoutes,
  ...policyRoutes,
  ...mappingRoutes,
  ...fabricResourceRoutes,
  ...alertRoutes,
  ...emptyRoutes,
  ...protectableRoutes,
];
