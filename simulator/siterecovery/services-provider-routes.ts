// The routes of recovery services providers: the registrations of servers in their fabrics.

import type { SimulatorResponse } from '../wire/exchange.ts';
import { servicesProviderBody } from './configuration-bodies.ts';
import type { ConfigurationRecords, OnPremisesServer } from './configuration-records.ts';
import type { ConfigurationOperation } from './configuration-table.ts';
import { serverUnreachable } from './errors.ts';
import type { JobError } from './records.ts';
import {
  acceptWrite,
  get,
  invalidResponse,
  namedResponse,
  notFoundResponse,
  operationFault,
  post,
  remove,
  requestActivityId,
  withFabric,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';
import { listResponse } from './responses.ts';
import { isSameName } from './vault.ts';

export const SERVICES_PROVIDERS = 'replicationFabrics/{fabric}/replicationRecoveryServicesProviders';
export const SERVICES_PROVIDER = `${SERVICES_PROVIDERS}/{provider}`;

function servicesProvidersOf(request: VaultRequest, fabric: ConfigurationRecords['fabric']) {
  const { vault, view, now } = request;
  const items = vault
    .containers(fabric.name)
    .reduce((sum, { name }) => sum + vault.items({ fabric: fabric.name, container: name }).length, 0);
  return view
    .kindOf(fabric)
    .servicesProviders(fabric, vault, now)
    .map((provider) => servicesProviderBody(view, fabric, provider, items));
}

/** Starts the job that changes the registration of a server. */
export function changeServer(
  request: VaultRequest,
  operation: ConfigurationOperation,
  server: OnPremisesServer,
  resource: string,
  error?: JobError,
): SimulatorResponse {
  const { vault, configuration, now } = request;
  return acceptWrite(request, { operation, name: server.name, resource }, () =>
    configuration.accept({
      vault,
      operation,
      name: server.name,
      input: operation === 'refreshServer' ? {} : { kind: 'server', thing: server },
      error,
      activityId: requestActivityId(request),
      fault: operationFault(request, server.name),
      now,
    }),
  );
}

type Change = (
  request: VaultRequest,
  server: OnPremisesServer,
  fabric: string,
  resource: string,
) => SimulatorResponse;

/** Finds the registered server of a provider's name. */
const onRegistered =
  (change: Change): VaultRoute['answer'] =>
  (request, names) =>
    withFabric(request, names, (fabric) => {
      const { vault, view, now } = request;
      const name = names['provider'] ?? '';
      const record = vault.requireFabric(fabric);
      const found = view
        .kindOf(record)
        .servicesProviders(record, vault, now)
        .find((provider) => isSameName(provider.name, name));
      if (!found?.server) return notFoundResponse(request, name);
      const resource = `${vault.fabricId(fabric)}/replicationRecoveryServicesProviders/${found.name}`;
      return change(request, found.server, fabric, resource);
    });

const refresh: Change = (request, server, _fabric, resource) => {
  const isDark = request.vault.onPremises.isDark(server.name);
  const error = isDark ? serverUnreachable(server.name) : undefined;
  return changeServer(request, 'refreshServer', server, resource, error);
};

const purge: Change = (request, server, _fabric, resource) =>
  changeServer(
    request,
    'unregisterServer',
    { ...server, registered: null, unregisteredAt: request.now },
    resource,
  );

const unregister: Change = (request, server, fabric, resource) => {
  const { vault, view } = request;
  const user = view.kindOf(vault.requireFabric(fabric)).serverUser?.(server, fabric, vault);
  return user === undefined
    ? purge(request, server, fabric, resource)
    : invalidResponse(request, `The server '${server.name}' is used by '${user}'.`);
};

export const servicesProviderRoutes: VaultRoute[] = [
  get('replicationRecoveryServicesProviders', (request) =>
    listResponse(request.vault.fabrics().flatMap((fabric) => servicesProvidersOf(request, fabric))),
  ),
  get(SERVICES_PROVIDERS, (request, names) =>
    withFabric(request, names, (fabric) =>
      listResponse(servicesProvidersOf(request, request.vault.requireFabric(fabric))),
    ),
  ),
  get(SERVICES_PROVIDER, (request, names) =>
    withFabric(request, names, (fabric) =>
      namedResponse(
        request,
        servicesProvidersOf(request, request.vault.requireFabric(fabric)),
        names['provider'] ?? '',
        (found) => found,
      ),
    ),
  ),
  post(`${SERVICES_PROVIDER}/refreshProvider`, onRegistered(refresh)),
  post(`${SERVICES_PROVIDER}/remove`, onRegistered(unregister)),
  remove(SERVICES_PROVIDER, onRegistered(purge)),
];
