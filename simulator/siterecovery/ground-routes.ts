// The routes of fabrics, containers, policies, mappings and alerts.

import { list, ok } from './answers.ts';
import {
  alertBody,
  containerBody,
  containerMappingBody,
  fabricBody,
  networkMappingBody,
  policyBody,
  servicesProviderBody,
} from './ground.ts';
import type { Ground, Place } from './ground-records.ts';
import type { GroundOperation } from './ground-table.ts';
import {
  createContainer,
  createFabric,
  takeAway,
  writeAlert,
  writeMapping,
  writeNetworkMapping,
  writePolicy,
} from './ground-writes.ts';
import {
  CONTAINER,
  filteredList,
  get,
  inContainer,
  inFabric,
  one,
  patch,
  post,
  put,
  remove,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';
import { sameName } from './vault.ts';

const itemCount = ({ vault }: VaultRequest, place: Place): number => vault.items(place).length;
const containerView = (request: VaultRequest, { fabric, name }: Ground['container']) =>
  containerBody(request.view, { fabric, name }, itemCount(request, { fabric, container: name }));

const fabricRoutes: VaultRoute[] = [
  get('replicationFabrics', (request) =>
    filteredList(
      request,
      request.vault.fabrics(),
      {
        location: ({ settings }) => settings['location'] as string | undefined,
        name: ({ name }) => name,
        friendlyname: (fabric) =>
          request.view.groundOf(fabric.settings.instanceType).fabricName(fabric, request.vault),
      },
      (fabrics) => list(fabrics.map((fabric) => fabricBody(request.view, fabric, true))),
    ),
  ),
  get('replicationFabrics/{fabric}', (request, { fabric = '' }) =>
    one(request, request.vault.fabrics(), fabric, (found) => fabricBody(request.view, found, false)),
  ),
  put('replicationFabrics/{fabric}', createFabric),
  post('replicationFabrics/{fabric}/remove', (request, { fabric = '' }) =>
    takeAway(request, 'removeFabric', 'fabric', fabric, request.vault.fabricId(fabric)),
  ),
  remove('replicationFabrics/{fabric}', (request, { fabric = '' }) =>
    takeAway(request, 'purgeFabric', 'fabric', fabric, request.vault.fabricId(fabric)),
  ),
  get('replicationProtectionContainers', (request) =>
    list(request.vault.containers().map((container) => containerView(request, container))),
  ),
  get('replicationFabrics/{fabric}/replicationProtectionContainers', (request, names) =>
    inFabric(request, names, (fabric) =>
      list(request.vault.containers(fabric).map((container) => containerView(request, container))),
    ),
  ),
  get(CONTAINER, (request, names) =>
    inContainer(request, names, ({ fabric, container }) =>
      ok(containerView(request, { fabric, name: container })),
    ),
  ),
  put(CONTAINER, createContainer),
  post(`${CONTAINER}/remove`, (request, names) =>
    inContainer(request, names, ({ fabric, container }) =>
      takeAway(
        request,
        'removeContainer',
        'container',
        `${fabric}/${container}`,
        request.vault.containerId({ fabric, container }),
      ),
    ),
  ),
  get('replicationRecoveryServicesProviders', (request) =>
    list(request.vault.fabrics().map((fabric) => serverOf(request, fabric))),
  ),
  get('replicationFabrics/{fabric}/replicationRecoveryServicesProviders', (request, names) =>
    inFabric(request, names, (fabric) => list([serverOf(request, request.vault.fabricMust(fabric))])),
  ),
  get('replicationFabrics/{fabric}/replicationRecoveryServicesProviders/{provider}', (request, names) =>
    inFabric(request, names, (fabric) =>
      one(
        request,
        [serverOf(request, request.vault.fabricMust(fabric))],
        names['provider'] ?? '',
        (found) => found,
      ),
    ),
  ),
];

const serverOf = (request: VaultRequest, fabric: Ground['fabric']) =>
  servicesProviderBody(
    request.view,
    fabric,
    request.vault
      .containers(fabric.name)
      .reduce((sum, { name }) => sum + itemCount(request, { fabric: fabric.name, container: name }), 0),
  );

const policyRoutes: VaultRoute[] = [
  get('replicationPolicies', ({ vault, store, view }) =>
    list(store.things(vault.key, 'policy').map((policy) => policyBody(view, policy))),
  ),
  get('replicationPolicies/{policy}', (request, { policy = '' }) =>
    one(request, request.store.things(request.vault.key, 'policy'), policy, (found) =>
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
    takeAway(request, 'deletePolicy', 'policy', policy, request.vault.policyId(policy)),
  ),
];

const MAPPINGS = `${CONTAINER}/replicationProtectionContainerMappings`;
const NETWORK_MAPPINGS =
  'replicationFabrics/{fabric}/replicationNetworks/{network}/replicationNetworkMappings';

const unmap =
  (operation: GroundOperation): VaultRoute['answer'] =>
  (request, names) =>
    inContainer(request, names, (from) => {
      const { mapping = '' } = names;
      return takeAway(
        request,
        operation,
        'containerMapping',
        `${from.fabric}/${from.container}/${mapping}`,
        `${request.vault.containerId(from)}/replicationProtectionContainerMappings/${mapping}`,
      );
    });

const networkMappingsOf = ({ vault }: VaultRequest, fabric: string, network: string) =>
  vault.networkMappings(fabric).filter((mapping) => sameName(mapping.network, network));

const mappingRoutes: VaultRoute[] = [
  get('replicationProtectionContainerMappings', ({ vault, view }) =>
    list(vault.mappings().map((mapping) => containerMappingBody(view, mapping))),
  ),
  get(MAPPINGS, (request, names) =>
    inContainer(request, names, (from) =>
      list(request.vault.mappings(from).map((mapping) => containerMappingBody(request.view, mapping))),
    ),
  ),
  get(`${MAPPINGS}/{mapping}`, (request, names) =>
    inContainer(request, names, (from) =>
      one(request, request.vault.mappings(from), names['mapping'] ?? '', (found) =>
        containerMappingBody(request.view, found),
      ),
    ),
  ),
  put(`${MAPPINGS}/{mapping}`, writeMapping),
  patch(`${MAPPINGS}/{mapping}`, writeMapping),
  post(`${MAPPINGS}/{mapping}/remove`, unmap('removeMapping')),
  remove(`${MAPPINGS}/{mapping}`, unmap('purgeMapping')),
  get('replicationNetworkMappings', ({ vault, view }) =>
    list(vault.networkMappings().map((mapping) => networkMappingBody(view, mapping))),
  ),
  get(NETWORK_MAPPINGS, (request, names) =>
    inFabric(request, names, (fabric) =>
      list(
        networkMappingsOf(request, fabric, names['network'] ?? '').map((mapping) =>
          networkMappingBody(request.view, mapping),
        ),
      ),
    ),
  ),
  get(`${NETWORK_MAPPINGS}/{mapping}`, (request, names) =>
    inFabric(request, names, (fabric) =>
      one(
        request,
        networkMappingsOf(request, fabric, names['network'] ?? ''),
        names['mapping'] ?? '',
        (found) => networkMappingBody(request.view, found),
      ),
    ),
  ),
  put(`${NETWORK_MAPPINGS}/{mapping}`, writeNetworkMapping),
  remove(`${NETWORK_MAPPINGS}/{mapping}`, (request, names) =>
    inFabric(request, names, (fabric) => {
      const { network = '', mapping = '' } = names;
      return takeAway(
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
    list(store.things(vault.key, 'alert').map((alert) => alertBody(view, alert))),
  ),
  get('replicationAlertSettings/{alert}', (request, { alert = '' }) =>
    one(request, request.store.things(request.vault.key, 'alert'), alert, (found) =>
      alertBody(request.view, found),
    ),
  ),
  put('replicationAlertSettings/{alert}', writeAlert),
];

/** What Azure machines have none of; other providers will. */
const EMPTY_LISTS = [
  'replicationAppliances',
  'replicationMigrationItems',
  'replicationNetworks',
  'replicationStorageClassifications',
  'replicationStorageClassificationMappings',
  'replicationvCenters',
  'replicationProtectionIntents',
];
const emptyRoutes: VaultRoute[] = [
  ...EMPTY_LISTS.map((name) => get(name, () => list([]))),
  get(`${CONTAINER}/replicationProtectableItems`, (request, names) =>
    inContainer(request, names, () => list([])),
  ),
];

export const groundRoutes: VaultRoute[] = [
  ...fabricRoutes,
  ...policyRoutes,
  ...mappingRoutes,
  ...alertRoutes,
  ...emptyRoutes,
];
