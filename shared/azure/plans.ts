// Recovery plans that were made in Site Recovery itself, read as plans of Lifeboat's.
import type { RecoveryPlan, RecoveryPlanAction, RecoveryPlanGroup } from '@azure/arm-recoveryservices-siterecovery';
import { groupNameOf, nameOf, subscriptionOf } from '../domain/armId.ts';
import { toPlan, type NativeAction, type NativeGroup, type NativePlan } from '../domain/plan/nativePlan.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { fingerprintOf, isOwnPlan, nativePlanIdOf, vaultKeyOf } from '../ids.ts';
import { clock } from '../clock.ts';
import { SCHEMA, type PlanDocument } from '../store/documents.ts';
import { nativePlansOf, removePlan, savePlan } from '../store/plans.ts';
import { vmsOfVault } from '../store/registry.ts';
import { all, orUndefined, siteRecovery, someAtATime } from './clients.ts';
import { reading } from './faults.ts';

export interface ReadPlan {
  readonly id: string;
  readonly armId: string;
  readonly plan: Plan;
  readonly warnings: readonly string[];
}

/** A list of plans tells no groups, so each is read. */
export function readPlans(vaultArmId: string): Promise<readonly ReadPlan[]> {
  return reading(`the recovery plans of ${nameOf(vaultArmId)}`, async () => {
    const [vault, group] = [nameOf(vaultArmId), groupNameOf(vaultArmId)];
    const plans = (await siteRecovery(subscriptionOf(vaultArmId))).replicationRecoveryPlans;
    const listed = (await all(plans.list(vault, group))).filter(({ name = '' }) => !isOwnPlan(name));
    // One that is gone since it was listed is none.
    const found = await someAtATime(listed, ({ name = '' }) => orUndefined(plans.get(vault, group, name)));
    const vms = new Map((await vmsOfVault(vaultKeyOf(vaultArmId))).map((vm) => [vm.armId.toLowerCase(), vm.id]));
    return found.flatMap((raw) => (raw ? [toRead(raw, vms)] : []));
  });
}

function toRead(raw: RecoveryPlan, vms: ReadonlyMap<string, string>): ReadPlan {
  const native = toNative(raw);
  return { id: nativePlanIdOf(native.armId), armId: native.armId, ...toPlan(native, (armId) => vms.get(armId.toLowerCase())) };
}

const toNative = ({ id = '', name, properties }: RecoveryPlan): NativePlan => ({ armId: id, name: properties?.friendlyName ?? name ?? nameOf(id), groups: (properties?.groups ?? []).map(toGroup) });

const toGroup = (raw: RecoveryPlanGroup): NativeGroup => ({
  type: raw.groupType,
  items: (raw.replicationProtectedItems ?? []).flatMap(({ id }) => id ?? []),
  before: (raw.startGroupActions ?? []).map(toAction),
  after: (raw.endGroupActions ?? []).map(toAction),
});

const toAction = ({ actionName, failoverTypes, failoverDirections, customDetails }: RecoveryPlanAction): NativeAction => ({
  name: actionName,
  operations: failoverTypes,
  directions: failoverDirections,
  instanceType: customDetails.instanceType,
  details: Object.fromEntries(Object.entries(customDetails).map(([key, value]: [string, unknown]) => [key, typeof value === 'string' ? value : null])),
});

/**
 * Keeps the plans of a vault as plans of Lifeboat's. Done again it changes nothing; one that was changed in Site Recovery is a new version, and
 * one that is gone there is gone here.
 */
export async function importPlans(vaultArmId: string): Promise<{ readonly saved: number; readonly removed: number }> {
  const vaultId = vaultKeyOf(vaultArmId);
  const [read, kept] = await Promise.all([readPlans(vaultArmId), nativePlansOf(vaultId)]);
  const known = new Map(kept.map((plan) => [plan.planId, plan]));
  const at = (await clock().now()).toISOString();
  let saved = 0;
  for (const { id, armId, plan, warnings } of read) {
    const fingerprint = fingerprintOf({ plan, warnings });
    const before = known.get(id);
    if (before?.fingerprint === fingerprint) continue;
    const document: PlanDocument = { id: 'plan', type: 'plan', schema: SCHEMA, planId: id, origin: { kind: 'native', vaultId, armId }, version: (before?.version ?? 0) + 1, fingerprint, plan, warnings, savedAt: at };
    if (await savePlan(document, before)) saved += 1;
  }
  const there = new Set(read.map(({ id }) => id));
  const gone = kept.filter((plan) => !there.has(plan.planId));
  for (const plan of gone) await removePlan(plan);
  return { saved, removed: gone.length };
}
