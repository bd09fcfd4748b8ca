// Reads a vault with all Site Recovery objects in it: fabrics, containers, policies, mappings and
// items. The enabling rules use these facts. It writes nothing.
import type {
  AzureFabricSpecificDetails,
  Fabric,
  NetworkMapping,
  Policy,
  ProtectionContainer,
  ProtectionContainerMapping,
  ReplicationProtectedItem,
  SiteRecoveryManagementClient,
} from '@azure/arm-recoveryservices-siterecovery';
import {
  idBefore,
  resourceGroupNameOf,
  nameOf,
  regionName,
  nameAfter,
  subscriptionOf,
} from '../core/armId.ts';
import type { ItemFacts, PolicyFacts, SiteFacts, VaultFacts } from '../azure/facts.ts';
import { toReplicas } from './items.ts';
import type { VaultName } from '../scenarios/driver.ts';
import { readList } from '../azure/readList.ts';
import { enablingDrivers, readItem, readPolicy } from '../scenarios/drivers.ts';
import {
  collectAll,
  undefinedIfNotFound,
  siteRecoveryClient,
  recoveryServicesClient,
} from '../azure/clients.ts';

/** Null when the vault does not exist. */
export async function readFactsOfVault(id: string): Promise<VaultFacts | null> {
  const [subscription, resourceGroup, name] = [subscriptionOf(id), resourceGroupNameOf(id), nameOf(id)];
  const [vault, client] = await Promise.all([
    undefinedIfNotFound((await recoveryServicesClient(subscription)).vaults.get(resourceGroup, name)),
    siteRecoveryClient(subscription),
  ]);
  if (!vault) return null;
  const [fabrics, containers, policies, containerMappings, networkMappings, items] = await Promise.all([
    collectAll(client.replicationFabrics.list(name, resourceGroup)),
    collectAll(client.replicationProtectionContainers.list(name, resourceGroup)),
    collectAll(client.replicationPolicies.list(name, resourceGroup)),
    collectAll(client.replicationProtectionContainerMappings.list(name, resourceGroup)),
    collectAll(client.replicationNetworkMappings.list(name, resourceGroup)),
    collectAll(client.replicationProtectedItems.list(name, resourceGroup)),
  ]);
  return {
    id: vault.id ?? id,
    name: vault.name ?? name,
    subscription,
    resourceGroup,
    region: regionName(vault.location),
    fabrics: fabrics.map(toFabric),
    containers: containers.map(toContainer),
    policies: policies.map(toPolicy),
    containerMappings: containerMappings.map(toContainerMapping),
    networkMappings: networkMappings.map(toNetworkMapping),
    items: items.map(toItemFacts),
    sites: await readSites(client, { vault: name, resourceGroup }, fabrics, items),
    replicatedVms: toReplicas(
      id,
      items.flatMap((item) => readItem(item) ?? []),
    ),
  };
}

/** Each driver reads the sites of its own kind. */
async function readSites(
  client: SiteRecoveryManagementClient,
  at: VaultName,
  fabrics: readonly Fabric[],
  items: readonly ReplicationProtectedItem[],
): Promise<readonly SiteFacts[]> {
  const readers = enablingDrivers.flatMap(({ capabilities }) => capabilities?.enabling.sites?.read ?? []);
  return (await Promise.all(readers.map((read) => read(client, at, fabrics, { items, readList })))).flat();
}

/** The region of an Azure fabric; empty for a site. */
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
  fabricName: nameAfter(id, 'replicationFabrics'),
});

/** Converts a policy of the SDK. */
export function toPolicy(policy: Policy): PolicyFacts {
  const { id = '', name, properties } = policy;
  const provider = properties?.providerSpecificDetails?.instanceType ?? '';
  return {
    id,
    name: name ?? nameOf(id),
    instanceType: provider,
    ...(readPolicy(policy) ?? NO_POLICY_VALUES),
  };
}

/** For a policy that no scenario of Lifeboat uses. */
const NO_POLICY_VALUES = { retentionMinutes: 0, appConsistentMinutes: 0 };

const toContainerMapping = ({
  id = '',
  name,
  properties,
}: ProtectionContainerMapping): VaultFacts['containerMappings'][number] => ({
  id,
  name: name ?? nameOf(id),
  fromContainerId: idBefore(id, 'replicationProtectionContainerMappings'),
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
  fabricName: nameAfter(id, 'replicationFabrics'),
  networkId: properties?.primaryNetworkId ?? '',
  recoveryNetworkId: properties?.recoveryNetworkId ?? '',
  recoveryFabricName: nameOf(properties?.recoveryFabricArmId ?? ''),
});

/** Includes items of other scenarios, because their names are in use too. */
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
