// GET /api/v1/plans/{planId}/runbook: what to do by hand when Lifeboat itself is down, to be printed.
import { json } from '../../shared/http/problem.ts';
import { runbookOfPlan } from '../../shared/plans/runbook.ts';
import { door } from './door.ts';

door('readRunbook', 'GET /api/v1/plans/{planId}/runbook', async (request) =>
  ({ ...json(200, null, { 'content-type': 'text/markdown; charset=utf-8' }), body: await runbookOfPlan(request.params['planId'] ?? '') }));
