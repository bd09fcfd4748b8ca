// Handles writes on fabrics, containers, policies, mappings and alerts. Every write starts a job,
// except a write of an alert.

import type { SimulatorResponse } from '../wire/exchange.ts';
import { ok } from './responses.ts';
import { alertBody } from './configuration-bodies.ts';
import type {
  ConfigurationRecords,
  ConfigurationKind,
  ContainerPath,
  NetworkMappingRecord,
} from './configuration-records.ts';
import type { ConfigurationOperation } from './configuration-table.ts';
import type { SecondsRange } from './ids.ts';
import type { SettingsResult } from './provider.ts';
import type { JobError } from './records.ts';
import {
  acceptWrite,
  requestActivityId,
  operationFault,
  withContainer,
  withFabric,
  notFoundResponse,
  propertiesOf,
  textProperty,
  invalidResponse,
  type PathParameters,
  type VaultRequest,
} from './request.ts';
import {
  isAzureContainer,
  parseFabricName,
  lastSegment,
  parseContainerPath,
  isSameName,
  type Vault,
} from './vault.ts';

type Reply = SimulatorResponse | undefined;

interface ConfigurationChange<Kind extends ConfigurationKind> {
  readonly operation: ConfigurationOperation;
  readonly kind: Kind;
  readonly thing: ConfigurationRecords[Kind];
  readonly resource: string;
  readonly error?: JobError;
  readonly seconds?: SecondsRange | undefined;
}

/** Starts the job that creates a record. */
export function createByJob<Kind extends ConfigurationKind>(
  request: VaultRequest,
  { operation, kind, thing, resource, error, seconds }: ConfigurationChange<Kind>,
): SimulatorResponse {
  const { vault, configuration, now } = request;
  return acceptWrite(request, { operation, name: thing.name, resource }, () =>
    configuration.accept({
      vault,
      operation,
      name: thing.name,
      input: { kind, thing },
      error,
      seconds,
      activityId: requestActivityId(request),
      fault: operationFault(request, thing.name),
      now,
    }),
  );
}

export function removeByJob(
  request: VaultRequest,
  operation: ConfigurationOperation,
  kind:
    'fabric' | 'container' | 'policy' | 'containerMapping' | 'networkMapping' | 'storageMapping' | 'vCenter',
  path: string,
  resource: string,
): SimulatorResponse {
  const { vault, store, configuration, now } = request;
  const thing = store.findConfiguration(vault.key, kind, path);
  if (!thing) return notFoundResponse(request, lastSegment(path));
  return acceptWrite(request, { operation, name: thing.name, resource }, () =>
    configuration.accept({
      vault,
      operation,
      name: thing.name,
      input: { kind, path },
      activityId: requestActivityId(request),
      fault: operationFault(request, thing.name),
      now,
    }),
  );
}

/** Returns the provider that `part` of the body names, or undefined. */
const findProvider = ({ providers }: VaultRequest, part: unknown) =>
  providers[String((part as { readonly instanceType?: unknown } | null | undefined)?.instanceType)];
const findFabricKind = ({ fabricKinds }: VaultRequest, part: unknown) =>
  fabricKinds[String((part as { readonly instanceType?: unknown } | null | undefined)?.instanceType)];

const NO_INSTANCE = 'The instance type of the provider specific part is missing or not known.';
const errorIn = (read: Exclude<SettingsResult, { problem: string }>) =>
  'error' in read ? { error: read.error } : {};
const mappingError = (error: JobError | undefined) => (error ? { error } : {});
const settingsIn = (read: Exclude<SettingsResult, { problem: string }>, instanceType: string) =>
  'settings' in read ? read.settings : { instanceType };

export function createFabric(
  request: VaultRequest,
  { fabric: name = '' }: PathParameters,
): SimulatorResponse {
  const { vault } = request;
  const { customDetails } = propertiesOf(request);
  const kind = findFabricKind(request, customDetails);
  const read = kind?.readFabric(customDetails, name, vault) ?? { problem: NO_INSTANCE };
  if ('problem' in read) return invalidResponse(request, read.problem);
  const settings = settingsIn(read, '');
  return createByJob(request, {
    operation: 'createFabric',
    kind: 'fabric',
    thing: { name: vault.fabric(name)?.name ?? name, settings },
    resource: vault.fabricId(name),
    seconds: kind?.createSeconds,
    ...errorIn(read),
  });
}

export function createContainer(request: VaultRequest, names: PathParameters): Reply {
  return withFabric(request, names, (fabric) => {
    const { vault, view } = request;
    const record = vault.requireFabric(fabric);
    const kind = view.kindOf(record);
    if (kind.containersAreReported)
      return invalidResponse(request, 'The server of the fabric reports its containers.');
    if (kind.ownContainer(record, vault))
      return invalidResponse(request, 'The service creates the container of this kind of fabric.');
    const name = names['container'] ?? '';
    const resource = vault.containerId({ fabric, container: name });
    return createByJob(request, {
      operation: 'createContainer',
      kind: 'container',
      thing: { name, fabric },
      resource,
    });
  });
}

export function writePolicy(
  request: VaultRequest,
  name: string,
  key: 'providerSpecificInput' | 'replicationProviderSettings',
): SimulatorResponse {
  const { vault } = request;
  const input = propertiesOf(request)[key];
  const existing = vault.policy(name);
  const operation = key === 'providerSpecificInput' ? 'createPolicy' : 'updatePolicy';
  if (operation === 'updatePolicy' && !existing) return notFoundResponse(request, name);
  const provider = findProvider(request, input);
  if (!provider) return invalidResponse(request, NO_INSTANCE);
  const read = provider.readPolicy(input, existing?.settings);
  if ('problem' in read) return invalidResponse(request, read.problem);
  return createByJob(request, {
    operation,
    kind: 'policy',
    thing: { name: existing?.name ?? name, settings: settingsIn(read, provider.instanceType) },
    resource: vault.policyId(name),
    ...errorIn(read),
  });
}

/** Returns the path of a container in the casing of its names. */
function existingContainer(vault: Vault, { fabric, container }: ContainerPath): ContainerPath | undefined {
  const found = vault.container({ fabric, container });
  return found && { fabric: vault.requireFabric(fabric).name, container: found.name };
}

export function writeMapping(request: VaultRequest, names: PathParameters): Reply {
  return withContainer(request, names, (from) => {
    const { vault } = request;
    const properties = propertiesOf(request);
    const name = names['mapping'] ?? '';
    const existing = vault.mappings(from).find((mapping) => isSameName(mapping.name, name));
    if (request.exchange.method === 'PATCH' && !existing) return notFoundResponse(request, name);
    const to = parseContainerPath(textProperty(properties, 'targetProtectionContainerId')) ?? existing?.to;
    const policy = lastSegment(textProperty(properties, 'policyId')) || existing?.policy;
    const target = to && (isAzureContainer(to) ? to : existingContainer(vault, to));
    if (!target)
      return invalidResponse(
        request,
        "The container of 'properties.targetProtectionContainerId' does not exist.",
      );
    if (policy === undefined || !vault.policy(policy))
      return invalidResponse(request, "The policy of 'properties.policyId' does not exist.");
    const input = properties['providerSpecificInput'];
    const provider =
      input === undefined || input === null
        ? request.providers[vault.requirePolicy(policy).settings.instanceType]
        : findProvider(request, input);
    const read = provider?.readMapping(input, existing?.settings) ?? { problem: NO_INSTANCE };
    if ('problem' in read) return invalidResponse(request, read.problem);
    const thing = {
      name: existing?.name ?? name,
      from,
      to: target,
      policy: vault.requirePolicy(policy).name,
      settings: settingsIn(read, ''),
    };
    return createByJob(request, {
      operation: 'createMapping',
      kind: 'containerMapping',
      thing,
      resource: `${vault.containerId(from)}/replicationProtectionContainerMappings/${name}`,
      seconds: provider?.mappingSeconds,
      ...mappingError(provider?.mappingError?.(thing, vault)),
      ...errorIn(read),
    });
  });
}

/** Returns the networks of a mapping that do not exist: networks of the fabrics, or of Azure. */
function missingNetwork(
  { vault, view }: VaultRequest,
  { fabric, network, primaryNetworkId, recoveryFabric, recoveryNetworkId }: NetworkMappingRecord,
): string | undefined {
  const listOf = (name: string) => {
    const record = vault.requireFabric(name);
    return view.kindOf(record).networks?.(record, vault);
  };
  const [own, others] = [listOf(fabric), listOf(recoveryFabric)];
  if (!own) return [primaryNetworkId, recoveryNetworkId].find((id) => !vault.azure.get(id));
  if (!own.some(({ name }) => isSameName(name, network))) return network;
  const isKnown =
    isSameName(parseFabricName(recoveryNetworkId) ?? '', recoveryFabric) &&
    others?.some(({ name }) => isSameName(name, lastSegment(recoveryNetworkId)));
  return isKnown ? undefined : recoveryNetworkId;
}

export function writeNetworkMapping(request: VaultRequest, names: PathParameters): Reply {
  return withFabric(request, names, (fabric) => {
    const { vault } = request;
    const properties = propertiesOf(request);
    const { network = '', mapping: name = '' } = names;
    const existing = vault
      .networkMappings(fabric)
      .find((mapping) => isSameName(mapping.network, network) && isSameName(mapping.name, name));
    if (request.exchange.method === 'PATCH' && !existing) return notFoundResponse(request, name);
    const kind = request.view.kindOf(vault.requireFabric(fabric));
    const read = kind.readNetworkMapping(properties['fabricSpecificDetails']);
    if ('problem' in read) return invalidResponse(request, read.problem);
    const recoveryFabric = vault.fabric(
      textProperty(properties, 'recoveryFabricName') || (existing?.recoveryFabric ?? ''),
    );
    if (!recoveryFabric)
      return invalidResponse(request, "The fabric of 'properties.recoveryFabricName' does not exist.");
    const thing = {
      name: existing?.name ?? name,
      fabric,
      network,
      primaryNetworkId: kind.networks
        ? `${vault.fabricId(fabric)}/replicationNetworks/${network}`
        : read.primaryNetworkId,
      recoveryNetworkId: textProperty(properties, 'recoveryNetworkId') || (existing?.recoveryNetworkId ?? ''),
      recoveryFabric: recoveryFabric.name,
      settings: read.settings,
    };
    const missing = missingNetwork(request, thing);
    if (missing !== undefined) return invalidResponse(request, `The network '${missing}' does not exist.`);
    const resource = `${vault.fabricId(fabric)}/replicationNetworks/${network}/replicationNetworkMappings/${name}`;
    return createByJob(request, {
      operation: 'mapNetworks',
      kind: 'networkMapping',
      thing,
      resource,
      ...mappingError(kind.networkMappingError?.(thing, vault)),
    });
  });
}

/** Writes an alert at once. All other writes start a job. */
export function writeAlert(request: VaultRequest, { alert: name = '' }: PathParameters): SimulatorResponse {
  const { vault, store, engine, view } = request;
  const properties = propertiesOf(request);
  const addresses = properties['customEmailAddresses'];
  const alert = {
    name: store.findConfiguration(vault.key, 'alert', name)?.name ?? name,
    sendToOwners: textProperty(properties, 'sendToOwners') || 'DoNotSend',
    customEmailAddresses: Array.isArray(addresses) ? addresses.map(String) : [],
    locale: textProperty(properties, 'locale') || 'en-US',
  };
  engine.transaction(() => store.putConfiguration(vault.key, 'alert', alert));
  return ok(alertBody(view, alert));
}
