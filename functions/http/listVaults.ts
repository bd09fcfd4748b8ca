// GET /api/v1/vaults: the vaults that Lifeboat was told of.
import { groupNameOf, nameOf, subscriptionOf } from '../../shared/core/armId.ts';
import { json } from '../../shared/http/problem.ts';
import { vaultKeyOf } from '../../shared/core/ids.ts';
import { knownVaults } from '../../shared/replications/registerVms.ts';
import { door } from './door.ts';

door('listVaults', 'GET /api/v1/vaults', async () => {
  const vaults = (await knownVaults()).map((armId) => {
    const id = vaultKeyOf(armId);
    return {
      id,
      armId,
      name: nameOf(armId),
      subscription: subscriptionOf(armId),
      resourceGroup: groupNameOf(armId),
      links: { self: `/api/v1/vaults/${id}` },
    };
  });
  return json(200, { vaults });
});
