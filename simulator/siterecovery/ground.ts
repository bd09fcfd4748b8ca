// Fabrics, containers, policies, mappings and alert settings as the API prints them.

import type {
  AlertRecord,
  ContainerMappingRecord,
  ContainerRecord,
  FabricRecord,
  NetworkMappingRecord,
  PolicyRecord,
  Place,
} from './ground-records.ts';
import { guidOf, NEVER_STARTED } from './ids.ts';
import type { ProviderGround } from './provider.ts';
import { lastOf, samePlace, VAULT_TYPE as TYPE, type Vault } from './vault.ts';

/** The view of the provider that a fabric belongs to. */
export type GroundOf = (fabricInstance: string) => ProviderGround;

/** Everything that bodies of the ground are made from. */
export interface GroundView {
  readonly vault: Vault;
  readonly groundOf: GroundOf;
}

const fabricName = ({ vault, groundOf }: GroundView, name: string): string => {
  const fabric = vault.fabric(name);
  return fabric ? groundOf(fabric.settings.instanceType).fabricName(fabric, vault) : name;
};

export function fabricBody(view: GroundView, fabric: FabricRecord, inList: boolean) {
  const { vault, groundOf } = view;
  const encryption = { kekState: 'None', kekCertThumbprint: null };
  return {
    name: fabric.name,
    type: `${TYPE}/replicationFabrics`,
    id: vault.fabricId(fabric.name),
    properties: {
      friendlyName: fabricName(view, fabric.name),
      encryptionDetails: encryption,
      rolloverEncryptionDetails: encryption,
      internalIdentifier: guidOf(vault.key, 'fabric', fabric.name),
      bcdrState: 'Valid',
      customDetails: groundOf(fabric.settings.instanceType).fabricDetails(fabric, vault, inList),
      healthErrorDetails: [],
      health: 'Normal',
    },
  };
}

/** Paired once a mapping leads from it, or only to it. */
function pairing(vault: Vault, place: Place): { readonly pairingStatus: string; readonly role: string } {
  if (vault.mappings(place).length > 0) return { pairingStatus: 'Paired', role: 'Primary' };
  if (vault.mappings().some(({ to }) => samePlace(to, place)))
    return { pairingStatus: 'Paired', role: 'Recovery' };
  return { pairingStatus: 'NotPaired', role: '' };
}

export function containerBody(
  view: GroundView,
  { name, fabric }: ContainerRecord,
  protectedItemCount: number,
) {
  const { vault, groundOf } = view;
  const place = { fabric, container: name };
  return {
    id: vault.containerId(place),
    name,
    type: `${TYPE}/replicationFabrics/replicationProtectionContainers`,
    properties: {
      fabricFriendlyName: fabricName(view, fabric),
      friendlyName: name,
      fabricType: groundOf(vault.fabric(fabric)?.settings.instanceType ?? '').fabricType,
      protectedItemCount,
      ...pairing(vault, place),
      fabricSpecificDetails: null,
    },
  };
}

export function policyBody({ vault }: GroundView, { name, settings }: PolicyRecord) {
  return {
    id: vault.policyId(name),
    name,
    type: `${TYPE}/replicationPolicies`,
    properties: { friendlyName: name, providerSpecificDetails: settings },
  };
}

export function containerMappingBody(
  view: GroundView,
  { name, from, to, policy, settings }: ContainerMappingRecord,
) {
  const { vault } = view;
  return {
    id: `${vault.containerId(from)}/replicationProtectionContainerMappings/${name}`,
    name,
    type: `${TYPE}/replicationFabrics/replicationProtectionContainers/replicationProtectionContainerMappings`,
    properties: {
      targetProtectionContainerId: vault.containerId(to),
      targetProtectionContainerFriendlyName: to.container,
      providerSpecificDetails: settings,
      health: 'Normal',
      healthErrorDetails: [],
      policyId: vault.policyId(policy),
      state: 'Paired',
      sourceProtectionContainerFriendlyName: from.container,
      sourceFabricFriendlyName: fabricName(view, from.fabric),
      targetFabricFriendlyName: fabricName(view, to.fabric),
      policyFriendlyName: policy,
    },
  };
}

export function networkMappingBody(view: GroundView, mapping: NetworkMappingRecord) {
  const { vault, groundOf } = view;
  const { name, fabric, network, primaryNetworkId, recoveryNetworkId, recoveryFabric } = mapping;
  return {
    type: `${TYPE}/replicationFabrics/replicationNetworks/replicationNetworkMappings`,
    id: `${vault.fabricId(fabric)}/replicationNetworks/${network}/replicationNetworkMappings/${name}`,
    name,
    properties: {
      state: 'Paired',
      primaryNetworkFriendlyName: lastOf(primaryNetworkId),
      primaryNetworkId: primaryNetworkId.toLowerCase(),
      primaryFabricFriendlyName: fabricName(view, fabric),
      recoveryNetworkFriendlyName: lastOf(recoveryNetworkId),
      recoveryNetworkId: recoveryNetworkId.toLowerCase(),
      recoveryFabricArmId: vault.fabricId(recoveryFabric),
      recoveryFabricFriendlyName: fabricName(view, recoveryFabric),
      fabricSpecificSettings: groundOf(vault.fabric(fabric)?.settings.instanceType ?? '').networkDetails(
        mapping,
        vault,
      ),
    },
  };
}

export function alertBody({ vault }: GroundView, { name, ...properties }: AlertRecord) {
  return {
    name,
    type: `${TYPE}/replicationAlertSettings`,
    id: `${vault.id}/replicationAlertSettings/${name}`,
    properties,
  };
}

/** Each fabric of Azure's own has one server, which nobody installed. */
export function servicesProviderBody(view: GroundView, fabric: FabricRecord, protectedItemCount: number) {
  const { vault } = view;
  const name = guidOf(vault.key, 'provider', fabric.name);
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
      fabricType: view.groundOf(fabric.settings.instanceType).fabricType,
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
    },
  };
}
