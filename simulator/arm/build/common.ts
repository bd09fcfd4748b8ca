// The common properties of all resources, and the builders of simple resources.

import { stableGuid } from '../guid.ts';
import { parseArmId } from '../ids.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource } from '../resource.ts';

export type Tags = Readonly<Record<string, string>>;

export const SUCCEEDED = { provisioningState: 'Succeeded' } as const;

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const etagOf = (id: string): string => `W/"${stableGuid(id, 'etag')}"`;
export const nameOf = (id: string): string => parseArmId(id)?.name ?? id;

export const groupResource = (id: string, name: string, location: string, tags?: Tags): Resource => ({
  id,
  name,
  type: RESOURCE_TYPES.resourceGroup,
  location,
  ...(tags && { tags }),
  properties: SUCCEEDED,
});

export interface StorageAccountOptions {
  readonly id: string;
  readonly location: string;
  readonly sku?: string;
  readonly kind?: string;
  readonly tags?: Tags;
}

/** Builds a storage account. */
export function storageAccountResource({
  id,
  location,
  sku = 'Standard_LRS',
  kind = 'StorageV2',
  tags = {},
}: StorageAccountOptions): Resource {
  const name = nameOf(id);
  return {
    id,
    name,
    type: RESOURCE_TYPES.storageAccount,
    location,
    tags,
    sku: { name: sku, tier: sku.startsWith('Premium') ? 'Premium' : 'Standard' },
    kind,
    properties: {
      ...SUCCEEDED,
      accessTier: 'Hot',
      minimumTlsVersion: 'TLS1_2',
      allowBlobPublicAccess: false,
      supportsHttpsTrafficOnly: true,
      networkAcls: { bypass: 'AzureServices', virtualNetworkRules: [], ipRules: [], defaultAction: 'Allow' },
      primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` },
      primaryLocation: location,
      statusOfPrimary: 'available',
    },
  };
}
/** The resource types that an environment references by name. */
export const NAMED_TYPES = {
  networks: RESOURCE_TYPES.virtualNetwork,
  securityGroups: RESOURCE_TYPES.networkSecurityGroup,
  availabilitySets: RESOURCE_TYPES.availabilitySet,
  placementGroups: RESOURCE_TYPES.proximityPlacementGroup,
  storageAccounts: RESOURCE_TYPES.storageAccount,
  classicNetworks: RESOURCE_TYPES.classicNetwork,
  classicStorageAccounts: RESOURCE_TYPES.classicStorageAccount,
} as const;

/** Finds the ids of an environment's resources by their names. */
export interface EnvironmentIds {
  regionOf(group: string): string;
  idOf(group: string, type: string, name: string): string;
  /** Returns the id of the resource of this kind with this name. */
  idByName(kind: keyof typeof NAMED_TYPES, name: string): string;
}
