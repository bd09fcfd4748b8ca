// /api/v1/plans: saves, reads, checks and previews recovery plans, and prints their runbooks.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { matchesEtag } from '../../shared/core/etags.ts';
import { lintText } from '../../shared/plans/rules/lint.ts';
import { PlanId } from '../../shared/plans/rules/plan.ts';
import { rejected } from '../../shared/core/errors.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { PlanQuery } from '../../shared/api/queries.ts';
import { lastDrillView, planPath, planSummaryView, planView } from '../../shared/api/views.ts';
import { parseInput } from '../../shared/core/parse.ts';
import { readLintFacts } from '../../shared/plans/lintFacts.ts';
import {
  previewWithRecoveryPoints as previewRun,
  PreviewRequest,
} from '../../shared/runs/previewFromStore.ts';
import { readRunbookPage, startPublishingRunbook } from '../../shared/runs/publishRunbook.ts';
import { planEtagOf, savePlanText } from '../../shared/plans/savePlan.ts';
import { findLastGoodDrill } from '../../shared/journal/job.ts';
import {
  readAllPlans,
  readPlan as findPlan,
  readPlanVersion,
  readPlanVersions,
} from '../../shared/plans/store.ts';
import { removePlan as removeUnusedPlan } from '../../shared/removal/removePlan.ts';
import { bodyOf, pathPart, queryOf, textOf } from './input.ts';

const idOf = (request: HttpRequest): string =>
  parseInput(PlanId, request.params['planId'], 'The id of the plan');

export async function savePlan(request: HttpRequest, caller: Caller): Promise<HttpAnswer> {
  const { plan, how, findings } = await savePlanText(
    idOf(request),
    await textOf(request),
    request.headers.get('if-match'),
    caller,
  );
  startPublishingRunbook(plan.planId);
  return jsonAnswer(
    how === 'made' ? 201 : 200,
    { ...planView(plan), findings },
    { etag: planEtagOf(plan), location: planPath(plan.planId) },
  );
}

/** Removes a plan that nothing uses. Its jobs and versions stay. */
export async function removePlan(request: HttpRequest): Promise<HttpAnswer> {
  await removeUnusedPlan(idOf(request), request.headers.get('if-match'));
  return { status: 204, headers: {}, body: '' };
}

export async function readPlan(request: HttpRequest): Promise<HttpAnswer> {
  const id = pathPart(request, 'planId');
  const { version } = queryOf(request, PlanQuery);
  const plan = version === undefined ? await findPlan(id) : await readPlanVersion(id, version);
  if (!plan)
    throw rejected(
      404,
      'PlanUnknown',
      `There is no plan ${id}${version === undefined ? '' : ` of version ${version}`}. GET ` +
        '/api/v1/plans lists the existing plans.',
    );
  if (version !== undefined) return jsonAnswer(200, planView(plan), { etag: planEtagOf(plan) });
  const [versions, drill] = await Promise.all([readPlanVersions(id), findLastGoodDrill(id)]);
  return jsonAnswer(
    200,
    { ...planView(plan), versions, lastDrill: lastDrillView(drill) },
    { etag: planEtagOf(plan) },
  );
}

export async function listPlans(): Promise<HttpAnswer> {
  return jsonAnswer(200, { plans: (await readAllPlans()).map(planSummaryView) });
}

export async function lintPlan(request: HttpRequest): Promise<HttpAnswer> {
  const { findings } = lintText(await textOf(request), await readLintFacts());
  return jsonAnswer(200, { findings });
}

/** A preview of a run now: its order, its length, and the obstacles. The route changes nothing. */
export async function previewPlan(request: HttpRequest): Promise<HttpAnswer> {
  const runRequest = parseInput(PreviewRequest, await bodyOf(request), 'What the plan would be run for');
  return jsonAnswer(200, await previewRun(pathPart(request, 'planId'), runRequest));
}

/** The printable page: it explains manual recovery while Lifeboat is down. */
export async function readRunbook(request: HttpRequest): Promise<HttpAnswer> {
  const { text, digest } = await readRunbookPage(pathPart(request, 'planId'));
  const etag = `"${digest}"`;
  if (matchesEtag(request.headers.get('if-none-match'), etag))
    return { status: 304, headers: { etag, 'cache-control': 'no-cache' }, body: '' };
  return {
    ...jsonAnswer(200, null, {
      'content-type': 'text/markdown; charset=utf-8',
      'cache-control': 'no-cache',
      etag,
    }),
    body: text,
  };
}
