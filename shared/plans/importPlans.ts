// Imports the recovery plans of Site Recovery as plans of Lifeboat.
// A timer calls this module for each vault. It only reads from Site Recovery.

import { readNativePlans } from './nativePlans.ts';
import { clock } from '../core/clock.ts';
import { fingerprintOf, vaultKeyOf } from '../core/ids.ts';
import { refreshVault } from '../replications/refreshVaults.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { PlanDocument } from './documents.ts';
import { readNativePlansOf, removePlan, savePlan, readPlanVersions } from './store.ts';

/**
 * Imports the plans of a vault. A second import without changes saves nothing. A changed plan becomes
 * a new version. A plan deleted in Site Recovery disappears here too.
 */
export async function importPlans(
  vaultArmId: string,
): Promise<{ readonly saved: number; readonly removed: number }> {
  // Read the vault's VMs first. Otherwise the import could save a plan version without a new VM.
  await refreshVault(vaultArmId);
  const vaultId = vaultKeyOf(vaultArmId);
  const [nativePlans, storedPlans] = await Promise.all([
    readNativePlans(vaultArmId),
    readNativePlansOf(vaultId),
  ]);
  const storedById = new Map(storedPlans.map((plan) => [plan.planId, plan]));
  const readAt = (await clock().now()).toISOString();
  let saved = 0;
  for (const { id, armId, plan, warnings } of nativePlans) {
    const fingerprint = fingerprintOf({ plan, warnings: warnings.map(({ message }) => message) });
    const before = storedById.get(id);
    if (before?.fingerprint === fingerprint) continue;
    // A plan that returns under its old name continues its old version numbers: jobs may have run them.
    const lastVersion = before?.version ?? (await readPlanVersions(id))[0]?.version ?? 0;
    const document: PlanDocument = {
      id: 'plan',
      type: 'plan',
      schema: SCHEMA_VERSION,
      planId: id,
      origin: { kind: 'native', vaultId, armId },
      version: lastVersion + 1,
      fingerprint,
      plan,
      warnings: warnings.map((warning) => ({ ...warning, severity: 'warning', path: null })),
      savedAt: readAt,
    };
    if (await savePlan(document, before)) saved += 1;
  }
  const foundIds = new Set(nativePlans.map(({ id }) => id));
  const removedPlans = storedPlans.filter((plan) => !foundIds.has(plan.planId));
  for (const plan of removedPlans) await removePlan(plan);
  return { saved, removed: removedPlans.length };
}
