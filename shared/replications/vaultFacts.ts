// A vault as it stands, with all that Site Recovery keeps in it for every replicated VM: the facts
// about the ground.
import type {
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
import { readItem, readPolicy } from '../scenarios/drivers.ts';
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
      items.flatMap((item) => readItem(item) ?? []),
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

export function toPolicy(policy: Policy): PolicyFacts {
  const { id = '', name, properties } = policy;
  const provider = properties?.providerSpecificDetails?.instanceType ?? '';
  return { id, name: name ?? nameOf(id), provider, ...(readPolicy(policy) ?? NO_VALUES) };
}

/** Of a policy that no scenario of Lifeboat uses. */
const NO_VALUES = { retentionMinutes: 0, appConsistentMinutes: 0 };

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

/** Items of other scenarios stand in the vault too: their names are taken. */
function toItemFacts(raw: ReplicationProtectedItem): ItemFacts {
  const { id = '', name, properties } = raw;
  const item = readItem(raw);
  const group = item?.settings.multiVmGroup;
  return {
    id,
    name: name ?? nameOf(id),
    friendlyName: properties?.friendlyName ?? '',
    sourceVmId: item?.sourceVmId ?? '',
    protectionState: properties?.protectionState ?? '',
    multiVmGroupName: group?.name ?? null,
    multiVmGroupId: group?.id ?? null,
  };
}
