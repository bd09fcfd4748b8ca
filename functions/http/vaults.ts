// /api/v1/vaults: the registered vaults and their recovery plans.
import type { HttpRequest } from '@azure/functions';
import { withReadFaults } from '../../shared/azure/readFaults.ts';
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../../shared/core/armId.ts';
import { etagOf } from '../../shared/core/etags.ts';
import { rejected } from '../../shared/core/errors.ts';
import { vaultKeyOf } from '../../shared/core/ids.ts';
import { parseInput } from '../../shared/core/parse.ts';
import { makeRegistrationKey, RegistrationKeyRequest } from '../../shared/enabling/registrationKey.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { readNativePlans } from '../../shared/plans/nativePlans.ts';
import { readAddedVault, vaultVersionOf } from '../../shared/replications/addedVaults.ts';
import { listVaultArmIds } from '../../shared/replications/refreshVaults.ts';
import { readFactsOfVault as readInAzure } from '../../shared/replications/vaultFacts.ts';
import { removeVault as removeUnusedVault } from '../../shared/removal/removeVault.ts';
import { bodyOf, pathPart } from './input.ts';

/** The vault in the path, by its key in the registry. */
async function readKnownVault(
  request: HttpRequest,
): Promise<{ readonly id: string; readonly armId: string }> {
  const id = pathPart(request, 'vaultId');
  const armId = (await listVaultArmIds()).find((vaultArmId) => vaultKeyOf(vaultArmId) === id);
  if (armId === undefined)
    throw rejected(
      404,
      'VaultUnknown',
      `Lifeboat knows no vault ${id}. GET /api/v1/vaults lists the known vaults.`,
    );
  return { id, armId };
}

export async function listVaults(): Promise<HttpAnswer> {
  const vaults = (await listVaultArmIds()).map((armId) => {
    const id = vaultKeyOf(armId);
    return {
      id,
      armId,
      name: nameOf(armId),
      subscription: subscriptionOf(armId),
      resourceGroup: resourceGroupNameOf(armId),
      links: { self: `/api/v1/vaults/${id}` },
    };
  });
  return jsonAnswer(200, { vaults });
}

/** The vault as Azure shows it now. */
export async function readVault(request: HttpRequest): Promise<HttpAnswer> {
  const { id, armId } = await readKnownVault(request);
  const vault = await withReadFaults(`the vault ${armId}`, () => readInAzure(armId));
  if (!vault)
    throw rejected(
      404,
      'VaultGone',
      `Lifeboat knows the vault ${armId}, but Azure has no such vault. Create it again, or ` +
        'remove it from the settings.',
    );
  // The answer omits machines and sites: other routes and the rules for enabling read them.
  const added = await readAddedVault(id);
  return jsonAnswer(
    200,
    {
      ...vault,
      replicatedVms: undefined,
      sites: undefined,
      id,
      armId,
      items: vault.items.length,
      links: { self: `/api/v1/vaults/${id}`, plans: `/api/v1/vaults/${id}/plans` },
    },
    // Version 0 stands for a vault that only the settings name.
    { etag: etagOf({ version: added ? vaultVersionOf(added) : 0 }) },
  );
}

/** Makes Lifeboat forget a vault that nothing uses. Nothing changes in Azure. */
export async function removeVault(request: HttpRequest): Promise<HttpAnswer> {
  await removeUnusedVault(pathPart(request, 'vaultId'), request.headers.get('if-match'));
  return { status: 204, headers: {}, body: '' };
}

/** Makes a key with which servers on premises register in the vault. Only this answer holds the key. */
export async function createRegistrationKey(request: HttpRequest): Promise<HttpAnswer> {
  const wanted = parseInput(RegistrationKeyRequest, await bodyOf(request), 'The request');
  const { armId } = await readKnownVault(request);
  return jsonAnswer(201, await makeRegistrationKey(armId, wanted));
}

/** The recovery plans of Site Recovery in the vault, as plans of Lifeboat. */
export async function listNativePlans(request: HttpRequest): Promise<HttpAnswer> {
  const { armId } = await readKnownVault(request);
  const plans = await readNativePlans(armId);
  return jsonAnswer(200, {
    plans: plans.map(({ id, armId: native, plan, warnings }) => ({
      id,
      origin: { kind: 'native', armId: native },
      ...plan,
      warnings,
    })),
  });
}
