// Recovery plans, one partition each.
import { batch, create, query, type Stored } from './cosmos.ts';
import type { PlanDocument } from './documents.ts';

const PLANS = 'plans';

export const nativePlansOf = (vaultId: string): Promise<Stored<PlanDocument>[]> =>
  query<PlanDocument>(PLANS, { where: "c.type = 'plan' AND c.origin.kind = 'native' AND c.origin.vaultId = @vaultId", parameters: { vaultId } });

/** False when somebody else has made or changed it meanwhile. */
export async function savePlan(plan: PlanDocument, before: Stored<PlanDocument> | undefined): Promise<boolean> {
  return before ? (await batch(PLANS, plan.planId, [{ replace: plan, etag: before._etag }])) !== undefined : create(PLANS, plan);
}

export async function removePlan(plan: Stored<PlanDocument>): Promise<void> {
  await batch(PLANS, plan.planId, [{ remove: plan.id, etag: plan._etag }]);
}
