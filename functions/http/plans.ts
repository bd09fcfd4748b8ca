// /api/v1/plans: recovery plans saved, read, and judged.
import type { HttpRequest } from '@azure/functions';
import { lintText } from '../../shared/plans/rules/lint.ts';
import { PlanId } from '../../shared/plans/rules/plan.ts';
import { rejected } from '../../shared/core/errors.ts';
import { json } from '../../shared/http/problem.ts';
import { PlanQuery } from '../../shared/api/queries.ts';
import { drillView, planAddress, planSummary, planView } from '../../shared/api/views.ts';
import { parse } from '../../shared/core/parse.ts';
import { lintFacts } from '../../shared/plans/facts.ts';
import { tellSoon } from '../../shared/runs/runbook.ts';
import { etagOf, savePlanText } from '../../shared/plans/save.ts';
import { lastGoodDrill } from '../../shared/journal/job.ts';
import { allPlans, readPlan, readPlanVersion, versionsOf } from '../../shared/plans/store.ts';
import { door } from './door.ts';
import { queryOf, textOf } from './input.ts';

const idOf = (request: HttpRequest): string => parse(PlanId, request.params['planId'], 'The id of the plan');

door('savePlan', 'PUT /api/v1/plans/{planId}', async (request, caller) => {
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
});

door('readPlan', 'GET /api/v1/plans/{planId}', async (request) => {
  const id = request.params['planId'] ?? '';
  const { version } = queryOf(request, PlanQuery);
  const plan = version === undefined ? await readPlan(id) : await readPlanVersion(id, version);
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
});

door('listAllPlans', 'GET /api/v1/plans', async () =>
  json(200, { plans: (await allPlans()).map(planSummary) }),
);

door('lintPlan', 'POST /api/v1/plan-lint', async (request) => {
  const { findings } = lintText(await textOf(request), await lintFacts());
  return json(200, { findings });
});
