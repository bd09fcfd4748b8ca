// /api/v1/plans: recovery plans saved, read, checked and previewed, and their printed runbooks.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { holds } from '../../shared/core/conditions.ts';
import { lintText } from '../../shared/plans/rules/lint.ts';
import { PlanId } from '../../shared/plans/rules/plan.ts';
import { rejected } from '../../shared/core/errors.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { PlanQuery } from '../../shared/api/queries.ts';
import { drillView, planAddress, planSummary, planView } from '../../shared/api/views.ts';
import { parse } from '../../shared/core/parse.ts';
import { lintFacts } from '../../shared/plans/facts.ts';
import { previewPlan as previewRun, RunWish } from '../../shared/runs/preview.ts';
import { runbookOfPlan, tellSoon } from '../../shared/runs/runbook.ts';
import { etagOf, savePlanText } from '../../shared/plans/save.ts';
import { lastGoodDrill } from '../../shared/journal/job.ts';
import { allPlans, readPlan as findPlan, readPlanVersion, versionsOf } from '../../shared/plans/store.ts';
import { bodyOf, pathPart, queryOf, textOf } from './input.ts';

const idOf = (request: HttpRequest): string => parse(PlanId, request.params['planId'], 'The id of the plan');

export async function savePlan(request: HttpRequest, caller: Caller): Promise<Answer> {
  const { plan, how, findings } = await savePlanText(
    idOf(request),
    await textOf(request),
    request.headers.get('if-match'),
    caller,
  );
  tellSoon(plan.planId);
  return json(
    how === 'made' ? 201 : 200,
    { ...planView(plan), findings },
    { etag: etagOf(plan), location: planAddress(plan.planId) },
  );
}

export async function readPlan(request: HttpRequest): Promise<Answer> {
  const id = pathPart(request, 'planId');
  const { version } = queryOf(request, PlanQuery);
  const plan = version === undefined ? await findPlan(id) : await readPlanVersion(id, version);
  if (!plan)
    throw rejected(
      404,
      'PlanUnknown',
      `There is no plan ${id}${version === undefined ? '' : ` of version ${version}`}. GET ` +
        '/api/v1/plans lists those that there are.',
    );
  if (version !== undefined) return json(200, planView(plan), { etag: etagOf(plan) });
  const [versions, drill] = await Promise.all([versionsOf(id), lastGoodDrill(id)]);
  return json(200, { ...planView(plan), versions, lastDrill: drillView(drill) }, { etag: etagOf(plan) });
}

export async function listPlans(): Promise<Answer> {
  return json(200, { plans: (await allPlans()).map(planSummary) });
}

export async function lintPlan(request: HttpRequest): Promise<Answer> {
  const { findings } = lintText(await textOf(request), await lintFacts());
  return json(200, { findings });
}

/** A preview of a run now: its order, its length, and the obstacles. The route changes nothing. */
export async function previewPlan(request: HttpRequest): Promise<Answer> {
  const wish = parse(RunWish, await bodyOf(request), 'What the plan would be run for');
  return json(200, await previewRun(pathPart(request, 'planId'), wish));
}

/** The page to print: it says how to recover by hand while Lifeboat is down. */
export async function readRunbook(request: HttpRequest): Promise<Answer> {
  const { text, digest } = await runbookOfPlan(pathPart(request, 'planId'));
  const etag = `"${digest}"`;
  if (holds(request.headers.get('if-none-match'), etag))
    return { status: 304, headers: { etag, 'cache-control': 'no-cache' }, body: '' };
  return {
    ...json(200, null, { 'content-type': 'text/markdown; charset=utf-8', 'cache-control': 'no-cache', etag }),
    body: text,
  };
}
