// Fabrics, containers, policies, mappings and alerts: what a request makes, changes or takes away.
// All but the alert is a job.

import type { Answer } from '../wire/exchange.ts';
import { ok } from './answers.ts';
import { alertBody } from './ground.ts';
import type { Ground, GroundKind, Place } from './ground-records.ts';
import type { GroundOperation } from './ground-table.ts';
import type { ReadSettings } from './provider.ts';
import type { JobError } from './records.ts';
import {
  accept,
  activity,
  faultFor,
  inContainer,
  inFabric,
  missing,
  propertiesOf,
  textIn,
  wrong,
  type Names,
  type VaultRequest,
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

export function takeAway(
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

export function createFabric(request: VaultRequest, { fabric: name = '' }: Names): Answer {
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

export function createContainer(request: VaultRequest, names: Names): Reply {
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

export function writePolicy(
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

export function writeMapping(request: VaultRequest, names: Names): Reply {
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

export function writeNetworkMapping(request: VaultRequest, names: Names): Reply {
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
export function writeAlert(request: VaultRequest, { alert: name = '' }: Names): Answer {
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
