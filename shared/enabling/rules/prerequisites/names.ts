// How what is made is called, and where an ARM id comes from.
import { guidOf, tail } from '../../../core/hash.ts';

const SUFFIX = '-asr';
/** The longest names that Azure takes. */
export const LONGEST = {
  resourceGroup: 90,
  network: 64,
  availabilitySet: 80,
  placementGroup: 80,
  cloudService: 63,
} as const;

/** The source's name with `-asr`; a name too long for that is cut, and a tail keeps it its own. */
export function suffixed(name: string, longest: number): string {
  if (name.length + SUFFIX.length <= longest) return `${name}${SUFFIX}`;
  return `${name.slice(0, longest - SUFFIX.length - 7)}-${tail(name)}${SUFFIX}`;
}

const MOST_ACCOUNT_LETTERS = 24;
const ACCOUNT_SUFFIX = 'asr';

/**
 * Names for a storage account, the best first: names are taken for the whole of Azure, so there
 * must be others. All are stable.
 */
export function accountNames(stem: string, owner: string): readonly string[] {
  const letters = stem.toLowerCase().replace(/[^a-z0-9]/g, '');
  const plain =
    letters.length + ACCOUNT_SUFFIX.length <= MOST_ACCOUNT_LETTERS ? [`${letters}${ACCOUNT_SUFFIX}`] : [];
  const room = MOST_ACCOUNT_LETTERS - ACCOUNT_SUFFIX.length - 6;
  return [
    ...plain,
    ...[1, 2, 3, 4].map((turn) => `${letters.slice(0, room)}${tail(`${owner} ${turn}`)}${ACCOUNT_SUFFIX}`),
  ];
}

export const groupIdOf = (subscription: string, name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${name}`;
export const resourceIdOf = (groupId: string, type: string, name: string): string =>
  `${groupId}/providers/${type}/${name}`;

export const TYPES = {
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
  return isTaken(wanted) ? `${wanted}-${tail(`${owner} ${wanted}`)}` : wanted;
}
