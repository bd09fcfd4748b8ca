// What people keep as recovery plans in Site Recovery itself is kept as plans of Lifeboat's.
import { readPlans } from './nativePlans.ts';
import { clock } from '../core/clock.ts';
import { fingerprintOf, vaultKeyOf } from '../core/ids.ts';
import { readVault } from '../replications/registerVms.ts';
import { SCHEMA } from '../store/schema.ts';
import type { PlanDocument } from './documents.ts';
import { nativePlansOf, removePlan, savePlan, versionsOf } from './store.ts';

/**
 * Keeps the plans of a vault as plans of Lifeboat's. Done again it changes nothing; one that was
 * changed in Site Recovery is a new version, and
 * one that is gone there is gone here.
 */
export async function importPlans(
  vaultArmId: string,
): Promise<{ readonly saved: number; readonly removed: number }> {
  // What a plan holds is looked at first: a VM that nobody has looked for yet would be missing in a
  // version of its own.
  await readVault(vaultArmId);
  const vaultId = vaultKeyOf(vaultArmId);
  const [read, kept] = await Promise.all([readPlans(vaultArmId), nativePlansOf(vaultId)]);
  const known = new Map(kept.map((plan) => [plan.planId, plan]));
  const at = (await clock().now()).toISOString();
  let saved = 0;
  for (const { id, armId, plan, warnings } of read) {
    const fingerprint = fingerprintOf({ plan, warnings: warnings.map(({ message }) => message) });
    const before = known.get(id);
    if (before?.fingerprint === fingerprint) continue;
    // One that is back under its name goes on from the versions it had: jobs may have run them.
    const last = before?.version ?? (await versionsOf(id))[0]?.version ?? 0;
    const document: PlanDocument = {
      id: 'plan',
      type: 'plan',
      schema: SCHEMA,
      planId: id,
      origin: { kind: 'native', vaultId, armId },
      version: last + 1,
      fingerprint,
      plan,
      warnings: warnings.map((one) => ({ ...one, severity: 'warning', path: null })),
      savedAt: at,
    };
    if (await savePlan(document, before)) saved += 1;
  }
  const there = new Set(read.map(({ id }) => id));
  const gone = kept.filter((plan) => !there.has(plan.planId));
  for (const plan of gone) await removePlan(plan);
  return { saved, removed: gone.length };
}
