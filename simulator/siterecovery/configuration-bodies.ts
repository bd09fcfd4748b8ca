// Prints fabrics, containers, policies, mappings and alert settings as the API does.

import type {
  AlertRecord,
  ContainerMappingRecord,
  ContainerRecord,
  FabricRecord,
  NetworkMappingRecord,
  PolicyRecord,
  ContainerPath,
} from './configuration-records.ts';
import { guidOf, NEVER_STARTED } from './ids.ts';
import type { FabricKind, ProtectableItem, ServicesProvider } from './fabric-kind.ts';
import {
  isAzureContainer,
  lastSegment,
  isSameContainer,
  isSameName,
  MICROSOFT_AZURE,
  VAULT_TYPE as TYPE,
  type Vault,
} from './vault.ts';

/** The data for the bodies of fabrics, containers, policies and mappings. */
export interface ConfigurationView {
  readonly vault: Vault;
  readonly kindOf: (fabric: FabricRecord) => FabricKind;
  readonly now: number;
}

/** Returns the display name of a fabric. A fabric that is gone has only its name. */
export function fabricName({ vault, kindOf }: ConfigurationView, name: string): string {
  const fabric = vault.fabric(name);
  return fabric ? kindOf(fabric).fabricName(fabric, vault) : name;
}

export function fabricBody(view: ConfigurationView, fabric: FabricRecord, inList: boolean) {
  const { vault, kindOf, now } = view;
  const errors = kindOf(fabric).healthErrors?.(fabric, vault, now) ?? [];
  const encryption = { kekState: 'None', kekCertThumbprint: null };
  return {
    name: fabric.name,
    type: `${TYPE}/replicationFabrics`,
    id: vault.fabricId(fabric.name),
    properties: {
      friendlyName: fabricName(view, fabric.name),
      encryptionDetails: encryption,
      rolloverEncryptionDetails: encryption,
      internalIdentifier: vault.fabricGuid(fabric.name),
      bcdrState: 'Valid',
      customDetails: kindOf(fabric).fabricDetails(fabric, vault, inList, now),
      healthErrorDetails: errors,
      health: errors.length === 0 ? 'Normal' : 'Critical',
    },
  };
}

/** A container is paired when a mapping leads from it, or only to it. */
function pairingState(
  vault: Vault,
  place: ContainerPath,
): { readonly pairingStatus: string; readonly role: string } {
  if (vault.mappings(place).length > 0) return { pairingStatus: 'Paired', role: 'Primary' };
  if (vault.mappings().some(({ to }) => isSameContainer(to, place)))
    return { pairingStatus: 'Paired', role: 'Recovery' };
  return { pairingStatus: 'NotPaired', role: '' };
}

export function containerBody(
  view: ConfigurationView,
  { name, fabric, own }: ContainerRecord,
  protectedItemCount: number,
) {
  const { vault, kindOf } = view;
  const place = { fabric, container: name };
  return {
    id: vault.containerId(place),
    name,
    type: `${TYPE}/replicationFabrics/replicationProtectionContainers`,
    properties: {
      fabricFriendlyName: fabricName(view, fabric),
      friendlyName: own?.friendlyName ?? name,
      fabricType: kindOf(vault.requireFabric(fabric)).fabricType,
      protectedItemCount,
      ...pairingState(vault, place),
      fabricSpecificDetails: null,
    },
  };
}

export function policyBody({ vault }: ConfigurationView, { name, settings }: PolicyRecord) {
  return {
    id: vault.policyId(name),
    name,
    type: `${TYPE}/replicationPolicies`,
    properties: { friendlyName: name, providerSpecificDetails: settings },
  };
}

export function containerMappingBody(
  view: ConfigurationView,
  { name, from, to, policy, settings }: ContainerMappingRecord,
) {
  const { vault } = view;
  const toAzure = isAzureContainer(to);
  const friendlyName = (place: ContainerPath): string =>
    vault.container(place)?.own?.friendlyName ?? place.container;
  return {
    id: `${vault.containerId(from)}/replicationProtectionContainerMappings/${name}`,
    name,
    type: `${TYPE}/replicationFabrics/replicationProtectionContainers/replicationProtectionContainerMappings`,
    properties: {
      targetProtectionContainerId: toAzure ? MICROSOFT_AZURE : vault.containerId(to),
      targetProtectionContainerFriendlyName: toAzure ? MICROSOFT_AZURE : friendlyName(to),
      // A mapping without settings of its own shows none.
      providerSpecificDetails: Object.keys(settings).length > 1 ? settings : null,
      health: 'Normal',
      healthErrorDetails: [],
      policyId: vault.policyId(policy),
      state: 'Paired',
      sourceProtectionContainerFriendlyName: friendlyName(from),
      sourceFabricFriendlyName: fabricName(view, from.fabric),
      targetFabricFriendlyName: toAzure ? MICROSOFT_AZURE : fabricName(view, to.fabric),
      policyFriendlyName: policy,
    },
  };
}

/** Prints a network of a mapping. The ids of Azure's own networks are in lower case. */
function mappedNetwork({ vault, kindOf }: ConfigurationView, fabric: string, id: string) {
  const record = vault.fabric(fabric);
  const own = record && kindOf(record).networks?.(record, vault);
  const found = own?.find(({ name }) => isSameName(name, lastSegment(id)));
  return own
    ? { id, friendlyName: found?.properties.friendlyName ?? '' }
    : { id: id.toLowerCase(), friendlyName: lastSegment(id) };
}

export function networkMappingBody(view: ConfigurationView, mapping: NetworkMappingRecord) {
  const { vault, kindOf } = view;
  const { name, fabric, network, primaryNetworkId, recoveryNetworkId, recoveryFabric } = mapping;
  const primary = mappedNetwork(view, fabric, primaryNetworkId);
  const recovery = mappedNetwork(view, recoveryFabric, recoveryNetworkId);
  return {
    type: `${TYPE}/replicationFabrics/replicationNetworks/replicationNetworkMappings`,
    id: `${vault.fabricId(fabric)}/replicationNetworks/${network}/replicationNetworkMappings/${name}`,
    name,
    properties: {
      state: 'Paired',
      primaryNetworkFriendlyName: primary.friendlyName,
      primaryNetworkId: primary.id,
      primaryFabricFriendlyName: fabricName(view, fabric),
      recoveryNetworkFriendlyName: recovery.friendlyName,
      recoveryNetworkId: recovery.id,
      recoveryFabricArmId: vault.fabricId(recoveryFabric),
      recoveryFabricFriendlyName: fabricName(view, recoveryFabric),
      fabricSpecificSettings: kindOf(vault.requireFabric(fabric)).networkDetails(mapping, vault),
    },
  };
}

export function alertBody({ vault }: ConfigurationView, { name, ...properties }: AlertRecord) {
  return {
    name,
    type: `${TYPE}/replicationAlertSettings`,
    id: `${vault.id}/replicationAlertSettings/${name}`,
    properties,
  };
}

export function servicesProviderBody(
  view: ConfigurationView,
  fabric: FabricRecord,
  { name, properties }: ServicesProvider,
  protectedItemCount: number,
) {
  const { vault, kindOf } = view;
  const identity = {
    tenantId: guidOf('tenant', vault.key),
    applicationId: guidOf('application', vault.key),
    objectId: guidOf('object', vault.key),
    audience: 'https://management.azure.com/',
    aadAuthority: 'https://login.windows.net',
  };
  return {
    id: `${vault.fabricId(fabric.name)}/replicationRecoveryServicesProviders/${name}`,
    type: `${TYPE}/replicationFabrics/replicationRecoveryServicesProviders`,
    name,
    properties: {
      fabricType: kindOf(fabric).fabricType,
      friendlyName: fabricName(view, fabric.name),
      providerVersion: '',
      serverVersion: '',
      providerVersionState: 'None',
      providerVersionExpiryDate: NEVER_STARTED,
      fabricFriendlyName: fabricName(view, fabric.name),
      lastHeartBeat: NEVER_STARTED,
      connectionStatus: 'Connected',
      protectedItemCount,
      allowedScenarios: [],
      healthErrorDetails: [],
      draIdentifier: name,
      machineId: guidOf(name, 'machine'),
      machineName: fabricName(view, fabric.name),
      biosId: '',
      authenticationIdentityDetails: identity,
      resourceAccessIdentityDetails: identity,
      dataPlaneAuthenticationIdentityDetails: identity,
      providerVersionDetails: { version: '', expiryDate: NEVER_STARTED, status: 'Supported' },
      ...properties,
    },
  };
}

export function protectableItemBody(
  { vault }: ConfigurationView,
  place: ContainerPath,
  { name, properties }: ProtectableItem,
) {
  return {
    id: `${vault.containerId(place)}/replicationProtectableItems/${name}`,
    name,
    type: `${TYPE}/replicationFabrics/replicationProtectionContainers/replicationProtectableItems`,
    properties,
  };
}
