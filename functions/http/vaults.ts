// /api/v1/vaults: the vaults that Lifeboat was told of, and their recovery plans.
import type { HttpRequest } from '@azure/functions';
import { reading } from '../../shared/azure/faults.ts';
import { groupNameOf, nameOf, subscriptionOf } from '../../shared/core/armId.ts';
import { rejected } from '../../shared/core/errors.ts';
import { vaultKeyOf } from '../../shared/core/ids.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { readPlans } from '../../shared/plans/nativePlans.ts';
import { knownVaults } from '../../shared/replications/registerVms.ts';
import { readVault as readInAzure } from '../../shared/replications/vaultFacts.ts';
import { pathPart } from './input.ts';

/** The vault that the path names, by the registry's key. */
async function knownVault(request: HttpRequest): Promise<{ readonly id: string; readonly armId: string }> {
  const id = pathPart(request, 'vaultId');
  const armId = (await knownVaults()).find((one) => vaultKeyOf(one) === id);
  if (armId === undefined)
    throw rejected(
      404,
      'VaultUnknown',
      `Lifeboat was not told of a vault ${id}. GET /api/v1/vaults lists those that it knows.`,
    );
  return { id, armId };
}

export async function listVaults(): Promise<Answer> {
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
}

/** The vault as Azure shows it now. */
export async function readVault(request: HttpRequest): Promise<Answer> {
  const { id, armId } = await knownVault(request);
  const vault = await reading(`the vault ${armId}`, () => readInAzure(armId));
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
}

/** The recovery plans of Site Recovery in the vault, as plans of Lifeboat. */
export async function listNativePlans(request: HttpRequest): Promise<Answer> {
  const { armId } = await knownVault(request);
  const plans = await readPlans(armId);
  return json(200, {
    plans: plans.map(({ id, armId: native, plan, warnings }) => ({
      id,
      origin: { kind: 'native', armId: native },
      ...plan,
      warnings,
    })),
  });
}
