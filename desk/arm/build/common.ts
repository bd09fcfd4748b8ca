// What all resources have in common, and those with little of their own.

import { guidOf } from '../guid.ts';
import { parseArmId } from '../ids.ts';
import { TYPES } from '../types.ts';
import type { Resource } from '../world.ts';

export type Tags = Readonly<Record<string, string>>;

export const SUCCEEDED = { provisioningState: 'Succeeded' } as const;

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const etagOf = (id: string): string => `W/"${guidOf(id, 'etag')}"`;
export const nameOf = (id: string): string => parseArmId(id)?.name ?? id;

export const groupResource = (id: string, name: string, location: string, tags?: Tags): Resource =>
  ({ id, name, type: TYPES.resourceGroup, location, ...(tags && { tags }), properties: SUCCEEDED });

export interface StorageAccountParts {
  readonly id: string;
  readonly location: string;
  readonly sku?: string;
  readonly kind?: string;
  readonly tags?: Tags;
}

export function storageAccountResource({ id, location, sku = 'Standard_LRS', kind = 'StorageV2', tags = {} }: StorageAccountParts): Resource {
  const name = nameOf(id);
  return {
    id,
    name,
    type: TYPES.storageAccount,
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
