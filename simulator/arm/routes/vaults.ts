// Recovery Services vaults: made, shown, taken away. What happens in them is Site Recovery's.

import { armError, shown } from '../answers.ts';
import type { Kind, Made, Wanted } from '../kinds.ts';
import { TYPES } from '../types.ts';
import { vaultResource } from '../vault.ts';
import type { Resource } from '../resource.ts';

/** A vault in the making tells less of itself. */
function body(vault: Resource): unknown {
  if (vault.properties['provisioningState'] !== 'Creating') return shown(vault);
  const told = Object.entries(vault.properties).filter(
    ([name]) => name !== 'backupStorageVersion' && name !== 'securitySettings',
  );
  return { ...shown(vault), properties: Object.fromEntries(told) };
}

function make({ id, name, location, tags, sku, before }: Wanted): Made {
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
  return before ? { ...vault, properties: before.properties } : vault;
}

export const vaultKind: Kind = {
  type: TYPES.vault,
  body: (_request, resource) => body(resource),
  make: (_request, wanted) => make(wanted),
  makes: 'created',
  seconds: 12,
  patches: true,
  mayRemove: () => undefined,
};
