// The vault that a path names, by the registry's key.
import type { HttpRequest } from '@azure/functions';
import { rejected } from '../../shared/core/errors.ts';
import { vaultKeyOf } from '../../shared/core/ids.ts';
import { knownVaults } from '../../shared/replications/registerVms.ts';

export async function toldVault(
  request: HttpRequest,
): Promise<{ readonly id: string; readonly armId: string }> {
  const id = request.params['vaultId'] ?? '';
  const armId = (await knownVaults()).find((one) => vaultKeyOf(one) === id);
  if (armId === undefined)
    throw rejected(
      404,
      'VaultUnknown',
      `Lifeboat was not told of a vault ${id}. GET /api/v1/vaults lists those that it knows.`,
    );
  return { id, armId };
}
