// Makes Lifeboat forget a vault that nothing uses. Nothing changes in Azure: its VMs stay replicated.
// The vault route calls this module.
import { readAllAlertRules } from '../alerts/alertRules.ts';
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { rejected } from '../core/errors.ts';
import { assertIfMatch, changedByOthers } from '../core/etags.ts';
import { vaultKeyOf } from '../core/ids.ts';
import { vmsOfPlan } from '../plans/rules/planRuns.ts';
import { readAllPlans, readNativePlansOf, removePlan } from '../plans/store.ts';
import type { VaultDocument } from '../replications/documents.ts';
import { readVmsOfVault } from '../replications/registry.ts';
import {
  forgetVaultVms,
  markVaultRemoved,
  readAddedVault,
  vaultVersionOf,
} from '../replications/addedVaults.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { documentNameOf } from '../store/namedDocuments.ts';
import { assertUnused, findOpenJobs } from './users.ts';

/** Unregisters a vault. Refuses a vault of the settings, a stale ETag, and a vault in use. */
export async function removeVault(vaultId: string, ifMatch: string | null): Promise<void> {
  const vault = await requireAddedVault(vaultId);
  const label = { noun: 'Vault', name: `the vault ${vaultId}` };
  assertIfMatch(label, { version: vaultVersionOf(vault) }, ifMatch);
  const vmIds = new Set((await readVmsOfVault(vaultId)).map(({ id }) => id));
  const namesVm = (ids: readonly string[]): boolean => ids.some((id) => vmIds.has(id));
  const [jobs, plans, rules] = await Promise.all([
    findOpenJobs(({ targets }) => namesVm(targets)),
    readAllPlans(),
    readAllAlertRules(),
  ]);
  assertUnused('VaultInUse', label.name, {
    jobs,
    plans: plans
      .filter(({ origin, plan }) => origin.kind === 'own' && namesVm(vmsOfPlan(plan)))
      .map(({ planId }) => planId),
    alertRules: rules
      .filter(({ rule: { command } }) => 'vms' in command && namesVm(command.vms))
      .map(documentNameOf),
  });
  const now = await clock().now();
  // The vault first: a running read of the vault then adds no VM that stays behind.
  if (!(await markVaultRemoved(vault, now)))
    throw changedByOthers(label, { version: vaultVersionOf((await readAddedVault(vaultId)) ?? vault) });
  await forgetVaultVms(vaultId, now);
  for (const plan of await readNativePlansOf(vaultId)) await removePlan(plan);
}

async function requireAddedVault(vaultId: string): Promise<WithEtag<VaultDocument>> {
  if (config().LIFEBOAT_VAULTS.some((armId) => vaultKeyOf(armId) === vaultId))
    throw rejected(
      409,
      'VaultInSettings',
      `The settings of Lifeboat name the vault ${vaultId}. Nothing was changed. Take it out of ` +
        'LIFEBOAT_VAULTS.',
    );
  const vault = await readAddedVault(vaultId);
  if (!vault || vault.removedAt !== undefined)
    throw rejected(
      404,
      'VaultUnknown',
      `Lifeboat knows no vault ${vaultId}. Nothing was changed. GET /api/v1/vaults lists the known vaults.`,
    );
  return vault;
}
