// GET /api/v1/vaults/{vaultId}/plans: the recovery plans of Site Recovery, as plans of Lifeboat's.
import { readPlans } from '../../shared/plans/nativePlans.ts';
import { json } from '../../shared/http/problem.ts';
import { door } from './door.ts';
import { toldVault } from './toldVault.ts';

door('listPlans', 'GET /api/v1/vaults/{vaultId}/plans', async (request) => {
  const { armId } = await toldVault(request);
  const plans = await readPlans(armId);
  return json(200, {
    plans: plans.map(({ id, armId: native, plan, warnings }) => ({
      id,
      origin: { kind: 'native', armId: native },
      ...plan,
      warnings,
    })),
  });
});
