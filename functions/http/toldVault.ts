// The vault that a path names, by the registry's key.
import type { HttpRequest } from '@azure/functions';
import { rejected } from '../../shared/errors.ts';
import { toldVaults, type ToldVault } from '../../shared/store/vaults.ts';

export async function toldVault(request: HttpRequest): Promise<ToldVault> {
  const id = request.params['vaultId'] ?? '';
  const vault = (await toldVaults()).find((one) => one.id === id);
  if (!vault) throw rejected(404, 'VaultUnknown', `Lifeboat was not told of a vault ${id}. GET /api/v1/vaults lists those that it knows.`);
  return vault;
}
