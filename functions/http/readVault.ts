// GET /api/v1/vaults/{vaultId}: the vault as Azure shows it now.
import { reading } from '../../shared/azure/faults.ts';
import { readVault } from '../../shared/replications/vaultFacts.ts';
import { rejected } from '../../shared/core/errors.ts';
import { json } from '../../shared/http/problem.ts';
import { door } from './door.ts';
import { toldVault } from './toldVault.ts';

door('readVault', 'GET /api/v1/vaults/{vaultId}', async (request) => {
  const { id, armId } = await toldVault(request);
  const vault = await reading(`the vault ${armId}`, () => readVault(armId));
  if (!vault)
    throw rejected(
      404,
      'VaultGone',
      `Lifeboat was told of the vault ${armId}, but Azure has none there. Make it again, or ` +
        'take it out of the settings.',
    );
  // Its machines are for the rules of enabling, and no part of the answer.
  return json(200, {
    ...vault,
    replicas: undefined,
    id,
    armId,
    items: vault.items.length,
    links: { self: `/api/v1/vaults/${id}`, plans: `/api/v1/vaults/${id}/plans` },
  });
});
