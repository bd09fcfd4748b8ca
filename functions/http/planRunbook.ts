// GET /api/v1/plans/{planId}/runbook: what to do by hand when Lifeboat itself is down, to be
// printed and mirrored.
import { holds } from '../../shared/core/conditions.ts';
import { json } from '../../shared/http/problem.ts';
import { runbookOfPlan } from '../../shared/runs/runbook.ts';
import { door } from './door.ts';

door('readRunbook', 'GET /api/v1/plans/{planId}/runbook', async (request) => {
  const { text, digest } = await runbookOfPlan(request.params['planId'] ?? '');
  const etag = `"${digest}"`;
  if (holds(request.headers.get('if-none-match'), etag))
    return { status: 304, headers: { etag, 'cache-control': 'no-cache' }, body: '' };
  return {
    ...json(200, null, { 'content-type': 'text/markdown; charset=utf-8', 'cache-control': 'no-cache', etag }),
    body: text,
  };
});
