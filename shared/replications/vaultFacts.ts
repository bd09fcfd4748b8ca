// A vault as it stands, with all that Site Recovery keeps in it for every replicated VM: the facts
// about the ground.
import type {
  A2APolicyDetails,
  A2AReplicationDetails,
  AzureFabricSpecificDetails,
  Fabric,
  NetworkMapping,
  Policy,
  ProtectionContainer,
  ProtectionContainerMapping,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';
import { above, groupNameOf, nameOf, regionName, segmentOf, subscriptionOf } from '../core/armId.ts';
import type { ItemFacts, PolicyFacts, VaultFacts } from '../azure/facts.ts';
import { replicasAmong } from './items.ts';
import { toItem } from '../siterecovery/read.ts';
import { all, orUndefined, siteRecovery, vaults } from '../azure/clients.ts';

/** Null when there is no such vault. */
export async function readVault(id: string): Promise<VaultFacts | null> {
  const [subscription, group, name] = [subscriptionOf(id), groupNameOf(id), nameOf(id)];
  const [vault, client] = await Promise.all([
    orUndefined((await vaults(subscription)).vaults.get(group, name)),
    siteRecovery(subscription),
  ]);
  if (!vault) return null;
  const [fabrics, containers, policies, containerMappings, networkMappings, items] = await Promise.all([
    all(client.replicationFabrics.list(name, group)),
    all(client.replicationProtectionContainers.list(name, group)),
    all(client.replicationPolicies.list(name, group)),
    all(client.replicationProtectionContainerMappings.list(name, group)),
    all(client.replicationNetworkMappings.list(name, group)),
    all(client.replicationProtectedItems.list(name, group)),
  ]);
  return {
    id: vault.id ?? id,
    name: vault.name ?? name,
    subscription,
    resourceGroup: group,
    region: regionName(vault.location),
    fabrics: fabrics.map(toFabric),
    containers: containers.map(toContainer),
    policies: policies.map(toPolicy),
    containerMappings: containerMappings.map(toContainerMapping),
    networkMappings: networkMappings.map(toNetworkMapping),
    items: items.map(toItemFacts),
    replicas: replicasAmong(
      id,
      items.flatMap((item) => toItem(item) ?? []),
    ),
  };
}

/** The region of a fabric that is a region of Azure; empty for a site. */
const toFabric = ({ id = '', name, properties }: Fabric): VaultFacts['fabrics'][number] => ({
  id,
  name: name ?? nameOf(id),
  region:
    properties?.customDetails?.instanceType === 'Azure'
      ? regionName((properties.customDetails as AzureFabricSpecificDetails).location)
      : '',
});

const toContainer = ({ id = '', name }: ProtectionContainer): VaultFacts['containers'][number] => ({
  id,
  name: name ?? nameOf(id),
  fabricName: segmentOf(id, 'replicationFabrics'),
});

export function toPolicy({ id = '', name, properties }: Policy): PolicyFacts {
  const details = properties?.providerSpecificDetails;
  const a2a = details?.instanceType === 'A2A' ? (details as A2APolicyDetails) : undefined;
  return {
    id,
    name: name ?? nameOf(id),
    provider: details?.instanceType ?? '',
    retentionMinutes: a2a?.recoveryPointHistory ?? 0,
    appConsistentMinutes: a2a?.appConsistentFrequencyInMinutes ?? 0,
  };
}

const toContainerMapping = ({
  id = '',
  name,
  properties,
}: ProtectionContainerMapping): VaultFacts['containerMappings'][number] => ({
  id,
  name: name ?? nameOf(id),
  fromContainerId: above(id, 'replicationProtectionContainerMappings'),
  toContainerId: properties?.targetProtectionContainerId ?? '',
  policyId: properties?.policyId ?? '',
});

const toNetworkMapping = ({
  id = '',
  name,
  properties,
}: NetworkMapping): VaultFacts['networkMappings'][number] => ({
  id,
  name: name ?? nameOf(id),
  fabricName: segmentOf(id, 'replicationFabrics'),
  networkId: properties?.primaryNetworkId ?? '',
  recoveryNetworkId: properties?.recoveryNetworkId ?? '',
  recoveryFabricName: nameOf(properties?.recoveryFabricArmId ?? ''),
});

function toItemFacts({ id = '', name, properties }: ReplicationProtectedItem): ItemFacts {
  const details = properties?.providerSpecificDetails;
  const a2a = details?.instanceType === 'A2A' ? (details as A2AReplicationDetails) : undefined;
  // In no group the service makes one for the VM alone.
  const ofOne = a2a?.multiVmGroupCreateOption === 'AutoCreated';
  return {
    id,
    name: name ?? nameOf(id),
    friendlyName: properties?.friendlyName ?? '',
    sourceVmId: a2a?.fabricObjectId ?? '',
    protectionState: properties?.protectionState ?? '',
    multiVmGroupName: ofOne ? null : a2a?.multiVmGroupName || null,
    multiVmGroupId: ofOne ? null : a2a?.multiVmGroupId || null,
  };
}
