// Recovery plans, one partition each: the plan as it is now, and beside it every version that it had.
import { batch, query, read, type Stored, type Write } from '../store/cosmos.ts';
import type { PlanDocument, PlanVersionDocument } from './documents.ts';

const PLANS = 'plans';
const inPlan = (planId: string) => ({ key: 'planId', value: planId });
const versionIdOf = (version: number): string => `version:${String(version).padStart(6, '0')}`;

export const readPlan = (planId: string): Promise<Stored<PlanDocument> | undefined> =>
  read<PlanDocument>(PLANS, 'plan', planId);

export const readPlanVersion = (planId: string, version: number): Promise<PlanVersionDocument | undefined> =>
  read<PlanVersionDocument>(PLANS, versionIdOf(version), planId);

export async function versionsOf(
  planId: string,
): Promise<readonly { readonly version: number; readonly savedAt: string }[]> {
  const versions = await query<PlanVersionDocument>(PLANS, {
    where: "c.type = 'planVersion'",
    order: 'c.id DESC',
    partition: inPlan(planId),
  });
  return versions.map(({ version, savedAt, origin }) => ({
    version,
    savedAt,
    by: origin.kind === 'own' ? origin.by.name : null,
  }));
}

export const allPlans = (): Promise<Stored<PlanDocument>[]> =>
  query<PlanDocument>(PLANS, { where: "c.type = 'plan'" });

export const nativePlansOf = (vaultId: string): Promise<Stored<PlanDocument>[]> =>
  query<PlanDocument>(PLANS, {
    where: "c.type = 'plan' AND c.origin.kind = 'native' AND c.origin.vaultId = @vaultId",
    parameters: { vaultId },
  });

/** The plan and its version in one batch. False when somebody else has made or changed it meanwhile. */
export async function savePlan(
  plan: PlanDocument,
  before: Stored<PlanDocument> | undefined,
): Promise<boolean> {
  const version: PlanVersionDocument = { ...plan, id: versionIdOf(plan.version), type: 'planVersion' };
  const write: Write = before ? { replace: plan, etag: before._etag } : { create: plan };
  return (await batch(PLANS, plan.planId, [write, { put: version }])) !== undefined;
}

/** Its versions stay: a job may have run one of them. */
export async function removePlan(plan: Stored<PlanDocument>): Promise<void> {
  await batch(PLANS, plan.planId, [{ remove: plan.id, etag: plan._etag }]);
}
