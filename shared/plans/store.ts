// Reads and writes recovery plans. Each plan has a partition with the current plan and all versions.

import { issueSentence } from '../core/issueSentence.ts';
import {
  writeBatch,
  queryDocuments,
  queryReadableDocuments,
  readDocument,
  type WithEtag,
  type BatchWrite,
} from '../store/cosmos.ts';
import type { PlanDocument, PlanVersionDocument } from './documents.ts';
import { Plan } from './rules/plan.ts';

const PLANS = 'plans';
const partitionOf = (planId: string) => ({ key: 'planId', value: planId });
const versionIdOf = (version: number): string => `version:${String(version).padStart(6, '0')}`;

/** Reads the current version of a plan. */
export const readPlan = (planId: string): Promise<WithEtag<PlanDocument> | undefined> =>
  readDocument<PlanDocument>(PLANS, 'plan', planId);

/** Reads one version of a plan, also of a deleted plan. */
export const readPlanVersion = (planId: string, version: number): Promise<PlanVersionDocument | undefined> =>
  readDocument<PlanVersionDocument>(PLANS, versionIdOf(version), planId);

/** Lists the versions of a plan, newest first. */
export async function readPlanVersions(
  planId: string,
): Promise<readonly { readonly version: number; readonly savedAt: string }[]> {
  const versions = await queryDocuments<PlanVersionDocument>(PLANS, {
    where: "c.type = 'planVersion'",
    orderBy: 'c.id DESC',
    partition: partitionOf(planId),
  });
  return versions.map(({ version, savedAt, origin }) => ({
    version,
    savedAt,
    by: origin.kind === 'own' ? origin.by.name : null,
  }));
}

/** Reads the current version of every plan. */
export const readAllPlans = (): Promise<WithEtag<PlanDocument>[]> =>
  queryDocuments<PlanDocument>(PLANS, { where: "c.type = 'plan'" });

/** A plan that Lifeboat cannot read. */
export interface UnreadablePlan {
  readonly planId: string;
  readonly reason: string;
}

/** Reads the current version of every plan. An unreadable plan does not hide the others. */
export async function readAllReadablePlans(): Promise<{
  readonly plans: readonly WithEtag<PlanDocument>[];
  readonly unreadable: readonly UnreadablePlan[];
}> {
  const { documents, unreadable } = await queryReadableDocuments<PlanDocument>(PLANS, {
    where: "c.type = 'plan'",
  });
  const plans: WithEtag<PlanDocument>[] = [];
  const unreadablePlans = unreadable.map(({ document, reason }): UnreadablePlan => ({
    planId: (document as PlanDocument).planId,
    reason,
  }));
  for (const document of documents) {
    const { data: plan, error } = Plan.safeParse(document.plan, { error: issueSentence });
    const [issue] = error?.issues ?? [];
    if (plan) plans.push({ ...document, plan });
    else
      unreadablePlans.push({
        planId: document.planId,
        reason: `${issue?.path.map(String).join('.') ?? 'the plan'}: ${issue?.message ?? ''}`,
      });
  }
  return { plans, unreadable: unreadablePlans };
}

/** Reads the imported native plans of a vault. */
export const readNativePlansOf = (vaultId: string): Promise<WithEtag<PlanDocument>[]> =>
  queryDocuments<PlanDocument>(PLANS, {
    where: "c.type = 'plan' AND c.origin.kind = 'native' AND c.origin.vaultId = @vaultId",
    parameters: { vaultId },
  });

/** Saves the plan and its version in one batch. False: another writer has created or changed the plan. */
export async function savePlan(
  plan: PlanDocument,
  before: WithEtag<PlanDocument> | undefined,
): Promise<boolean> {
  const version: PlanVersionDocument = { ...plan, id: versionIdOf(plan.version), type: 'planVersion' };
  const write: BatchWrite = before ? { replace: plan, etag: before._etag } : { create: plan };
  return (await writeBatch(PLANS, plan.planId, [write, { put: version }])) !== undefined;
}

/**
 * Deletes a plan. Its versions stay: a job may have run one of them. False: another writer has changed
 * the plan.
 */
export const removePlan = async (plan: WithEtag<PlanDocument>): Promise<boolean> =>
  (await writeBatch(PLANS, plan.planId, [{ remove: plan.id, etag: plan._etag }])) !== undefined;
