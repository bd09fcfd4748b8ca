// The routes of vCenters, of replication appliances, and of the registration of servers.

import * as z from 'zod';

import type { SimulatorResponse } from '../../../wire/exchange.ts';
import type { OnPremisesServer, VCenterRecord } from '../../configuration-records.ts';
import { createByJob, removeByJob } from '../../configuration-writes.ts';
import { formatTime, guidOf } from '../../ids.ts';
import { listResponse } from '../../responses.ts';
import {
  get,
  invalidResponse,
  namedResponse,
  notFoundResponse,
  patch,
  propertiesOf,
  put,
  remove,
  withFabric,
  type PathParameters,
  type VaultRequest,
  type VaultRoute,
} from '../../request.ts';
import { changeServer, SERVICES_PROVIDER } from '../../services-provider-routes.ts';
import { isSameName, VAULT_TYPE, type Vault } from '../../vault.ts';
import {
  factsOf,
  hasAccount,
  lastHeartbeat,
  registeredServers,
  replicationServers,
  SERVER_KINDS,
} from './estate.ts';
import { applianceProviderName, serverHealth } from './servers.ts';

type Reply = SimulatorResponse | undefined;

const VCENTERS = 'replicationFabrics/{fabric}/replicationvCenters';
const VCENTER = `${VCENTERS}/{vCenter}`;

const vCenterId = (vault: Vault, { fabric, name }: VCenterRecord): string =>
  `${vault.fabricId(fabric)}/replicationvCenters/${name}`;

/** The discovery of a vCenter needs the vCenter and its process server. */
function vCenterBody({ vault, now }: VaultRequest, record: VCenterRecord) {
  const server = vault.onPremises
    .servers()
    .find(
      (found) =>
        found.kind === SERVER_KINDS.vCenter &&
        (isSameName(found.name, record.address) || factsOf(found).address === record.address),
    );
  const process = replicationServers(vault, record.fabric).find(({ id }) => id === record.processServerId);
  const isReached = server !== undefined && !vault.onPremises.isDark(server.name);
  return {
    name: record.name,
    type: `${VAULT_TYPE}/replicationFabrics/replicationvCenters`,
    id: vCenterId(vault, record),
    properties: {
      friendlyName: record.friendlyName,
      internalId: guidOf(vault.key, 'vCenter', record.name).slice(0, 4),
      lastHeartbeat: formatTime(process ? lastHeartbeat(vault, process, now) : now),
      discoveryStatus: isReached ? 'Completed' : 'Failed',
      processServerId: record.processServerId,
      ipAddress: record.address,
      infrastructureId: server?.id ?? '',
      port: record.port,
      runAsAccountId: record.accountId,
      fabricArmResourceName: record.fabric,
      healthErrors: server && !isReached ? serverHealth(server, { vault, now }).healthErrors : [],
    },
  };
}

const text = z.string().min(1);
const vCenterInput = z.object({
  friendlyName: text,
  ipAddress: text,
  processServerId: text,
  port: text,
  runAsAccountId: text,
});

function writeVCenter(
  request: VaultRequest,
  names: PathParameters,
  operation: 'addVCenter' | 'updateVCenter',
): Reply {
  return withFabric(request, names, (fabric) => {
    const { vault } = request;
    const name = names['vCenter'] ?? '';
    const isNamed = (record: VCenterRecord) => isSameName(record.name, name);
    const existing = vault.vCenters(fabric).find(isNamed);
    if (operation === 'updateVCenter' && !existing) return notFoundResponse(request, name);
    const before = existing && {
      friendlyName: existing.friendlyName,
      ipAddress: existing.address,
      processServerId: existing.processServerId,
      port: existing.port,
      runAsAccountId: existing.accountId,
    };
    const read = vCenterInput.safeParse({ ...before, ...propertiesOf(request) });
    if (!read.success) return invalidResponse(request, z.prettifyError(read.error));
    const servers = replicationServers(vault, fabric);
    const { friendlyName, ipAddress: address, processServerId, port, runAsAccountId: accountId } = read.data;
    if (!servers.some(({ id }) => isSameName(id, processServerId)))
      return invalidResponse(request, `The process server '${processServerId}' is not registered.`);
    if (!servers.some((server) => hasAccount(server, accountId)))
      return invalidResponse(request, `The account '${accountId}' does not exist.`);
    const other = vault.vCenters(fabric).find((record) => record.address === address && !isNamed(record));
    if (other) return invalidResponse(request, `The vCenter '${address}' was added as '${other.name}'.`);
    const thing = {
      name: existing?.name ?? name,
      fabric,
      friendlyName,
      address,
      processServerId,
      port,
      accountId,
    };
    return createByJob(request, { operation, kind: 'vCenter', thing, resource: vCenterId(vault, thing) });
  });
}

const vCenterRoutes: VaultRoute[] = [
  get('replicationvCenters', (request) =>
    listResponse(request.vault.vCenters().map((record) => vCenterBody(request, record))),
  ),
  get(VCENTERS, (request, names) =>
    withFabric(request, names, (fabric) =>
      listResponse(request.vault.vCenters(fabric).map((record) => vCenterBody(request, record))),
    ),
  ),
  get(VCENTER, (request, names) =>
    withFabric(request, names, (fabric) =>
      namedResponse(request, request.vault.vCenters(fabric), names['vCenter'] ?? '', (record) =>
        vCenterBody(request, record),
      ),
    ),
  ),
  put(VCENTER, (request, names) => writeVCenter(request, names, 'addVCenter')),
  patch(VCENTER, (request, names) => writeVCenter(request, names, 'updateVCenter')),
  remove(VCENTER, (request, names) =>
    withFabric(request, names, (fabric) => {
      const { vCenter: name = '' } = names;
      const resource = `${request.vault.fabricId(fabric)}/replicationvCenters/${name}`;
      return removeByJob(request, 'removeVCenter', 'vCenter', `${fabric}/${name}`, resource);
    }),
  ),
];

function applianceBody({ vault, now }: VaultRequest, server: OnPremisesServer) {
  const { healthErrors } = serverHealth(server, { vault, now });
  return {
    id: server.id,
    name: server.name,
    fabricArmId: vault.fabricId(server.registered?.fabric ?? ''),
    dra: { id: server.id, name: applianceProviderName(server) },
    switchProviderBlockingErrorDetails: [],
    processServer: { id: server.id, name: server.name, healthErrors },
  };
}

/** One entry for each fabric, with all of its appliances. */
const appliancesRoute = get('replicationAppliances', (request) =>
  listResponse(
    request.vault.fabrics().flatMap((fabric) => {
      const appliances = registeredServers(request.vault, fabric.name, SERVER_KINDS.appliance);
      return appliances.length === 0
        ? []
        : [
            {
              properties: {
                providerSpecificDetails: {
                  instanceType: 'InMageRcm',
                  appliances: appliances.map((server) => applianceBody(request, server)),
                },
              },
            },
          ];
    }),
  ),
);

const registrationInput = z.looseObject({ machineName: text });

/** An appliance registers itself in a fabric. It belongs to one vault. */
function registerAppliance(request: VaultRequest, names: PathParameters): Reply {
  return withFabric(request, names, (fabric) => {
    const { vault, now } = request;
    if (vault.requireFabric(fabric).settings.instanceType !== 'InMageRcm') return undefined;
    const read = registrationInput.safeParse(propertiesOf(request));
    if (!read.success) return invalidResponse(request, z.prettifyError(read.error));
    const server = vault.onPremises.server(read.data.machineName);
    if (server?.kind !== SERVER_KINDS.appliance)
      return invalidResponse(request, `There is no replication appliance '${read.data.machineName}'.`);
    if (server.registered && server.registered.vault !== vault.key)
      return invalidResponse(request, `The appliance '${server.name}' is registered in another vault.`);
    const { provider = '' } = names;
    const registered = { vault: vault.key, fabric, since: now, provider };
    const resource = `${vault.fabricId(fabric)}/replicationRecoveryServicesProviders/${provider}`;
    return changeServer(request, 'registerServer', { ...server, registered }, resource);
  });
}

export const vmwareRoutes: VaultRoute[] = [
  ...vCenterRoutes,
  appliancesRoute,
  put(SERVICES_PROVIDER, registerAppliance),
];
