// Recovery Services vaults: made, shown, taken away. What happens in them is Site Recovery's.

import { armError } from '../answers.ts';
import type { Kind, Made, Wanted } from '../kinds.ts';
import { TYPES } from '../types.ts';
import { vaultResource } from '../vault.ts';
import type { Resource } from '../world.ts';

/** A vault in the making tells less of itself. */
function body({ hidden, ...resource }: Resource): unknown {
  if (resource.properties['provisioningState'] !== 'Creating') return hidden === undefined ? resource : { ...resource };
  const { backupStorageVersion, securitySettings, ...properties } = resource.properties;
  return backupStorageVersion === undefined && securitySettings === undefined ? resource : { ...resource, properties };
}

function make({ id, name, location, tags, sku, before }: Wanted): Made {
  if (!/^[A-Za-z][A-Za-z0-9-]{1,49}$/.test(name)) {
    return { refused: armError(400, 'InvalidVaultName', `The vault name '${name}' is not valid: 2 to 50 letters, digits and hyphens, beginning with a letter.`) };
  }
  if (!['RS0', 'Standard'].includes(String(sku['name']))) return { refused: armError(400, 'InvalidVaultSku', `The SKU '${String(sku['name'])}' is not valid for a vault: RS0 or Standard.`) };
  return { ...(before ?? vaultResource(id, location)), tags };
}

export const vaultKind = (isInUse: (vaultId: string) => boolean): Kind => ({
  type: TYPES.vault,
  body: (_request, resource) => body(resource),
  make: (_request, wanted) => make(wanted),
  makes: 'created',
  seconds: 12,
  patches: true,
  mayRemove: (_request, { id, name }) => (isInUse(id)
    ? armError(409, 'ServiceResourceNotEmptyWithContainerDetails', `The Recovery Services vault '${name}' cannot be deleted as there are existing resources within it.`)
    : undefined),
});
