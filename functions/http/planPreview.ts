// POST /api/v1/plans/{planId}/preview: what a run of the plan would do now, how long it would take,
// and what is in its way. Nothing is changed.
import { json } from '../../shared/http/problem.ts';
import { parse } from '../../shared/core/parse.ts';
import { previewPlan, RunWish } from '../../shared/runs/preview.ts';
import { door } from './door.ts';
import { bodyOf } from './input.ts';

door('previewPlan', 'POST /api/v1/plans/{planId}/preview', async (request) =>
  json(
    200,
    await previewPlan(
      request.params['planId'] ?? '',
      parse(RunWish, await bodyOf(request), 'What the plan would be run for'),
    ),
  ),
);
