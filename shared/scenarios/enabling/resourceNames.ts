// Builds the names and ARM ids of new resources. All names are stable: the same input gives the
// same name. Pure.
import { guidOf, shortHash } from '../../core/hash.ts';

const ASR_SUFFIX = '-asr';
/** The maximum name lengths of Azure. */
export const MAX_NAME_LENGTHS = {
  resourceGroup: 90,
  network: 64,
  availabilitySet: 80,
  placementGroup: 80,
  cloudService: 63,
} as const;

/** The source name with `-asr`. Cuts a long name, and adds a hash so that it stays unique. */
export function withAsrSuffix(name: string, maxLength: number): string {
  if (name.length + ASR_SUFFIX.length <= maxLength) return `${name}${ASR_SUFFIX}`;
  return `${name.slice(0, maxLength - ASR_SUFFIX.length - 7)}-${shortHash(name)}${ASR_SUFFIX}`;
}

const MAX_ACCOUNT_NAME_LENGTH = 24;
const ACCOUNT_SUFFIX = 'asr';

/**
 * Stable names for a storage account, the best first. Account names are unique in all of Azure, so
 * there must be alternatives.
 */
export function accountNames(baseName: string, owner: string): readonly string[] {
  const cleanName = baseName.toLowerCase().replace(/[^a-z0-9]/g, '');
  const plainNames =
    cleanName.length + ACCOUNT_SUFFIX.length <= MAX_ACCOUNT_NAME_LENGTH
      ? [`${cleanName}${ACCOUNT_SUFFIX}`]
      : [];
  const maxLength = MAX_ACCOUNT_NAME_LENGTH - ACCOUNT_SUFFIX.length - 6;
  return [
    ...plainNames,
    ...[1, 2, 3, 4].map(
      (number) => `${cleanName.slice(0, maxLength)}${shortHash(`${owner} ${number}`)}${ACCOUNT_SUFFIX}`,
    ),
  ];
}

/** The ARM id of a resource group. */
export const resourceGroupIdOf = (subscription: string, name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${name}`;
/** The ARM id of a resource in a group. */
export const resourceIdOf = (groupId: string, type: string, name: string): string =>
  `${groupId}/providers/${type}/${name}`;

/** The ARM types of the resources that Lifeboat creates. */
export const RESOURCE_TYPES = {
  vault: 'Microsoft.RecoveryServices/vaults',
  network: 'Microsoft.Network/virtualNetworks',
  storageAccount: 'Microsoft.Storage/storageAccounts',
  availabilitySet: 'Microsoft.Compute/availabilitySets',
  placementGroup: 'Microsoft.Compute/proximityPlacementGroups',
} as const;

/** The ARM id of a fabric. */
export const fabricIdOf = (vaultId: string, name: string): string => `${vaultId}/replicationFabrics/${name}`;
/** The ARM id of a protection container. */
export const containerIdOf = (fabricId: string, name: string): string =>
  `${fabricId}/replicationProtectionContainers/${name}`;
/** The ARM id of a replication policy. */
export const policyIdOf = (vaultId: string, name: string): string => `${vaultId}/replicationPolicies/${name}`;
/** The ARM id of a container mapping. */
export const containerMappingIdOf = (containerId: string, name: string): string =>
  `${containerId}/replicationProtectionContainerMappings/${name}`;
/** The ARM id of a network mapping. All networks of an Azure fabric share one name in it. */
export const networkMappingIdOf = (fabricId: string, name: string): string =>
  `${fabricId}/replicationNetworks/azureNetwork/replicationNetworkMappings/${name}`;
/** The ARM id of a replicated item. */
export const itemIdOf = (containerId: string, name: string): string =>
  `${containerId}/replicationProtectedItems/${name}`;

/** The name of a replicated item. A repeat of the request finds the same item. */
export const itemNameOf = (vmId: string, generation: number): string =>
  guidOf(`${vmId.toLowerCase()}#${generation}`);

/** The wanted name, or else the wanted name with a hash when it is in use. */
export function freeName(wanted: string, isTaken: (name: string) => boolean, owner: string): string {
  return isTaken(wanted) ? `${wanted}-${shortHash(`${owner} ${wanted}`)}` : wanted;
}
