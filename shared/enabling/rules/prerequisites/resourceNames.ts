// How what is made is called, and where an ARM id comes from.
import { guidOf, shortHash } from '../../../core/hash.ts';

const ASR_SUFFIX = '-asr';
/** The longest names that Azure takes. */
export const MAX_NAME_LENGTHS = {
  resourceGroup: 90,
  network: 64,
  availabilitySet: 80,
  placementGroup: 80,
  cloudService: 63,
} as const;

/** The source's name with `-asr`; a name too long for that is cut, and a tail keeps it its own. */
export function withAsrSuffix(name: string, maxLength: number): string {
  if (name.length + ASR_SUFFIX.length <= maxLength) return `${name}${ASR_SUFFIX}`;
  return `${name.slice(0, maxLength - ASR_SUFFIX.length - 7)}-${shortHash(name)}${ASR_SUFFIX}`;
}

const MAX_ACCOUNT_NAME_LENGTH = 24;
const ACCOUNT_SUFFIX = 'asr';

/**
 * Names for a storage account, the best first: names are taken for the whole of Azure, so there
 * must be others. All are stable.
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

export const resourceGroupIdOf = (subscription: string, name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${name}`;
export const resourceIdOf = (groupId: string, type: string, name: string): string =>
  `${groupId}/providers/${type}/${name}`;

export const RESOURCE_TYPES = {
  vault: 'Microsoft.RecoveryServices/vaults',
  network: 'Microsoft.Network/virtualNetworks',
  storageAccount: 'Microsoft.Storage/storageAccounts',
  availabilitySet: 'Microsoft.Compute/availabilitySets',
  placementGroup: 'Microsoft.Compute/proximityPlacementGroups',
} as const;

export const fabricIdOf = (vaultId: string, name: string): string => `${vaultId}/replicationFabrics/${name}`;
export const containerIdOf = (fabricId: string, name: string): string =>
  `${fabricId}/replicationProtectionContainers/${name}`;
export const policyIdOf = (vaultId: string, name: string): string => `${vaultId}/replicationPolicies/${name}`;
export const containerMappingIdOf = (containerId: string, name: string): string =>
  `${containerId}/replicationProtectionContainerMappings/${name}`;
/** All networks of an Azure fabric go by this one name. */
export const networkMappingIdOf = (fabricId: string, name: string): string =>
  `${fabricId}/replicationNetworks/azureNetwork/replicationNetworkMappings/${name}`;
export const itemIdOf = (containerId: string, name: string): string =>
  `${containerId}/replicationProtectedItems/${name}`;

/** The name of a replicated item: who asks again, by whatever command, finds the same one. */
export const itemNameOf = (vmId: string, generation: number): string =>
  guidOf(`${vmId.toLowerCase()}#${generation}`);

/** The first of its kind that is free, else one with a tail of its own. */
export function freeName(wanted: string, isTaken: (name: string) => boolean, owner: string): string {
  return isTaken(wanted) ? `${wanted}-${shortHash(`${owner} ${wanted}`)}` : wanted;
}
