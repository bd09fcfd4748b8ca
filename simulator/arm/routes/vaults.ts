// The routes of Recovery Services vaults. Site Recovery handles the contents of a vault.

import { armError, withoutHidden } from '../responses.ts';
import type { ResourceKind, CreationResult, ResourceDefinition } from '../resource-kinds.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import { vaultResource } from '../vault.ts';
import type { Resource } from '../resource.ts';

/** A new vault shows fewer properties until its creation ends. */
function vaultBody(vault: Resource): unknown {
  if (vault.properties['provisioningState'] !== 'Creating') return withoutHidden(vault);
  const visibleProperties = Object.entries(vault.properties).filter(
    ([name]) => name !== 'backupStorageVersion' && name !== 'securitySettings',
  );
  return { ...withoutHidden(vault), properties: Object.fromEntries(visibleProperties) };
}

function createVault({ id, name, location, tags, sku, existing }: ResourceDefinition): CreationResult {
  if (!/^[A-Za-z][A-Za-z0-9-]{1,49}$/.test(name)) {
    return {
      refused: armError(
        400,
        'InvalidVaultName',
        `The vault name '${name}' is not valid: 2 to 50 letters, digits and hyphens, beginning ` +
          'with a letter.',
      ),
    };
  }
  if (!['RS0', 'Standard'].includes(String(sku['name'])))
    return {
      refused: armError(
        400,
        'InvalidVaultSku',
        `The SKU '${String(sku['name'])}' is not valid for a vault: RS0 or Standard.`,
      ),
    };
  const vault = vaultResource(id, location, Object.keys(tags).length > 0 ? tags : undefined);
  return existing ? { ...vault, properties: existing.properties } : vault;
}

export const vaultKind: ResourceKind = {
  type: RESOURCE_TYPES.vault,
  body: (_request, resource) => vaultBody(resource),
  create: (_request, definition) => createVault(definition),
  creationStyle: 'created',
  seconds: 12,
  canPatchTags: true,
  checkRemoval: () => undefined,
};
