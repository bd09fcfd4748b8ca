// Fabrics, containers, policies, mappings: read, made, changed, taken away. All but reading is a job.

import type { Answer } from '../wire/exchange.ts';
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
import type { Ground, GroundKind, Place } from './ground-records.ts';
import type { GroundOperation } from './ground-table.ts';
import type { ReadSettings } from './provider.ts';
import type { JobError } from './records.ts';
import {
  accept,
  activity,
  CONTAINER,
  faultFor,
  filteredList,
  get,
  inContainer,
  inFabric,
  missing,
  one,
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
import { fabricIn, lastOf, placeIn, sameName } from './vault.ts';

type Reply = Answer | undefined;

interface Change<Kind extends GroundKind> {
  readonly operation: GroundOperation;
  readonly kind: Kind;
  readonly thing: Ground[Kind];
  readonly resource: string;
  readonly error?: JobError;
}

/** Starts the job that puts a thing there. */
function make<Kind extends GroundKind>(
  request: VaultRequest,
  { operation, kind, thing, resource, error }: Change<Kind>,
): Answer {
  const { vault, ground, now } = request;
  return accept(request, { operation, name: thing.name, resource }, () =>
    ground.accept({
      vault,
      operation,
      name: thing.name,
      input: { kind, thing },
      error,
      activityId: activity(request),
      fault: faultFor(request, thing.name),
      now,
    }),
  );
}

function takeAway(
  request: VaultRequest,
  operation: GroundOperation,
  kind: 'fabric' | 'container' | 'policy' | 'containerMapping' | 'networkMapping',
  path: string,
  resource: string,
): Answer {
  const { vault, store, ground, now } = request;
  const thing = store.thing(vault.key, kind, path);
  if (!thing) return missing(request, lastOf(path));
  return accept(request, { operation, name: thing.name, resource }, () =>
    ground.accept({
      vault,
      operation,
      name: thing.name,
      input: { kind, path },
      activityId: activity(request),
      fault: faultFor(request, thing.name),
      now,
    }),
  );
}

/** The provider whose `part` of the body names it, or nothing. */
const providerNamed = ({ providers }: VaultRequest, part: unknown) =>
  providers[String((part as { readonly instanceType?: unknown } | null | undefined)?.instanceType)];
const fabricProvider = ({ providers }: VaultRequest, part: unknown) =>
  Object.values(providers).find(
    ({ ground }) =>
      ground.fabricInstance ===
      (part as { readonly instanceType?: unknown } | null | undefined)?.instanceType,
  );

const NO_INSTANCE = 'The instance type of the provider specific part is missing or not known.';
const errorIn = (read: Exclude<ReadSettings, { problem: string }>) =>
  'error' in read ? { error: read.error } : {};
const settingsIn = (read: Exclude<ReadSettings, { problem: string }>, instanceType: string) =>
  'settings' in read ? read.settings : { instanceType };

function createFabric(request: VaultRequest, { fabric: name = '' }: Names): Answer {
  const { vault } = request;
  const { customDetails } = propertiesOf(request);
  const read = fabricProvider(request, customDetails)?.ground.readFabric(customDetails, vault) ?? {
    problem: NO_INSTANCE,
  };
  if ('problem' in read) return wrong(request, read.problem);
  const settings = settingsIn(read, '');
  const twin = vault
    .fabrics()
    .find((one) => one.settings['location'] === settings['location'] && !sameName(one.name, name));
  if (twin) return wrong(request, `The fabric '${twin.name}' is there for this location already.`);
  return make(request, {
    operation: 'createFabric',
    kind: 'fabric',
    thing: { name: vault.fabric(name)?.name ?? name, settings },
    resource: vault.fabricId(name),
    ...errorIn(read),
  });
}

function createContainer(request: VaultRequest, names: Names): Reply {
  return inFabric(request, names, (fabric) => {
    const name = names['container'] ?? '';
    const resource = request.vault.containerId({ fabric, container: name });
    return make(request, {
      operation: 'createContainer',
      kind: 'container',
      thing: { name, fabric },
      resource,
    });
  });
}

function writePolicy(
  request: VaultRequest,
  name: string,
  key: 'providerSpecificInput' | 'replicationProviderSettings',
): Answer {
  const { vault } = request;
  const input = propertiesOf(request)[key];
  const before = vault.policy(name);
  const operation = key === 'providerSpecificInput' ? 'createPolicy' : 'updatePolicy';
  if (operation === 'updatePolicy' && !before) return missing(request, name);
  const provider = providerNamed(request, input);
  if (!provider) return wrong(request, NO_INSTANCE);
  const read = provider.ground.readPolicy(input, before?.settings);
  if ('problem' in read) return wrong(request, read.problem);
  return make(request, {
    operation,
    kind: 'policy',
    thing: { name: before?.name ?? name, settings: settingsIn(read, provider.instanceType) },
    resource: vault.policyId(name),
    ...errorIn(read),
  });
}

function writeMapping(request: VaultRequest, names: Names): Reply {
  return inContainer(request, names, (from) => {
    const { vault } = request;
    const properties = propertiesOf(request);
    const name = names['mapping'] ?? '';
    const before = vault.mappings(from).find((mapping) => sameName(mapping.name, name));
    if (request.exchange.method === 'PATCH' && !before) return missing(request, name);
    const to = placeIn(textIn(properties, 'targetProtectionContainerId')) ?? before?.to;
    const policy = lastOf(textIn(properties, 'policyId')) || before?.policy;
    const target = to && vault.container(to);
    if (!to || !target)
      return wrong(request, "The container of 'properties.targetProtectionContainerId' does not exist.");
    if (policy === undefined || !vault.policy(policy))
      return wrong(request, "The policy of 'properties.policyId' does not exist.");
    const input = properties['providerSpecificInput'];
    const provider =
      input === undefined || input === null
        ? request.providers[vault.policyMust(policy).settings.instanceType]
        : providerNamed(request, input);
    const read = provider?.ground.readMapping(input, before?.settings) ?? { problem: NO_INSTANCE };
    if ('problem' in read) return wrong(request, read.problem);
    const place: Place = { fabric: vault.fabricMust(to.fabric).name, container: target.name };
    const thing = {
      name: before?.name ?? name,
      from,
      to: place,
      policy: vault.policyMust(policy).name,
      settings: settingsIn(read, ''),
    };
    return make(request, {
      operation: 'createMapping',
      kind: 'containerMapping',
      thing,
      resource: `${vault.containerId(from)}/replicationProtectionContainerMappings/${name}`,
      ...errorIn(read),
    });
  });
}

function writeNetworkMapping(request: VaultRequest, names: Names): Reply {
  return inFabric(request, names, (fabric) => {
    const { vault } = request;
    const properties = propertiesOf(request);
    const { network = '', mapping: name = '' } = names;
    const provider = fabricProvider(request, vault.fabricMust(fabric).settings);
    const read = provider?.ground.readNetworkMapping(properties['fabricSpecificDetails']) ?? {
      problem: NO_INSTANCE,
    };
    if ('problem' in read) return wrong(request, read.problem);
    const recoveryFabric = vault.fabric(
      textIn(properties, 'recoveryFabricName') || (fabricIn(textIn(properties, 'recoveryFabricName')) ?? ''),
    );
    const recoveryNetworkId = textIn(properties, 'recoveryNetworkId');
    if (!recoveryFabric)
      return wrong(request, "The fabric of 'properties.recoveryFabricName' does not exist.");
    const gone = [read.primaryNetworkId, recoveryNetworkId].find((id) => !vault.azure.get(id));
    if (gone !== undefined) return wrong(request, `The network '${gone}' does not exist.`);
    const thing = {
      name,
      fabric,
      network,
      primaryNetworkId: read.primaryNetworkId,
      recoveryNetworkId,
      recoveryFabric: recoveryFabric.name,
      settings: read.settings,
    };
    const resource = `${vault.fabricId(fabric)}/replicationNetworks/${network}/replicationNetworkMappings/${name}`;
    return make(request, { operation: 'mapNetworks', kind: 'networkMapping', thing, resource });
  });
}

/** The one setting that is written at once. */
function writeAlert(request: VaultRequest, { alert: name = '' }: Names): Answer {
  const { vault, store, engine, view } = request;
  const properties = propertiesOf(request);
  const addresses = properties['customEmailAddresses'];
  const alert = {
    name: store.thing(vault.key, 'alert', name)?.name ?? name,
    sendToOwners: textIn(properties, 'sendToOwners') || 'DoNotSend',
    customEmailAddresses: Array.isArray(addresses) ? addresses.map(String) : [],
    locale: textIn(properties, 'locale') || 'en-US',
  };
  engine.transaction(() => store.putThing(vault.key, 'alert', alert));
  return ok(alertBody(view, alert));
}

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
