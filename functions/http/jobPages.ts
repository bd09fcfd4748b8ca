// GET /api/v1/jobs/{id}/steps, /log and /news: what may be too long for the job's own answer, page
// by page; and news that were given up, tried again.
import type { HttpRequest } from '@azure/functions';
import { rejected } from '../../shared/core/errors.ts';
import { json } from '../../shared/http/problem.ts';
import { LogQuery, StepsQuery } from '../../shared/api/queries.ts';
import { deliveryView, gapView, logView, stepView } from '../../shared/api/views.ts';
import { jobFor } from '../../shared/jobs/control.ts';
import { resumeGap } from '../../shared/delivery/undelivered.ts';
import { deliveriesOf, gapsOf } from '../../shared/delivery/deliverStore.ts';
import { readJob } from '../../shared/journal/job.ts';
import { logPage } from '../../shared/journal/log.ts';
import { stepsPage } from '../../shared/journal/steps.ts';
import { readRelay } from '../../shared/journal/outbox.ts';
import { door } from './door.ts';
import { queryOf } from './input.ts';

async function jobIn(request: HttpRequest): Promise<string> {
  const id = request.params['id'] ?? '';
  if (!(await readJob(id))) throw rejected(404, 'JobUnknown', `There is no job ${id}.`);
  return id;
}

door('listSteps', 'GET /api/v1/jobs/{id}/steps', async (request) => {
  const { limit, continuation, ...filter } = queryOf(request, StepsQuery);
  const { items, next } = await stepsPage(await jobIn(request), filter, limit, continuation);
  return json(200, { steps: items.map(stepView), next });
});

door('readLog', 'GET /api/v1/jobs/{id}/log', async (request) => {
  const { limit, continuation, order } = queryOf(request, LogQuery);
  const { items, next } = await logPage(await jobIn(request), order, limit, continuation);
  return json(200, { log: items.map(logView), next });
});

door('readNews', 'GET /api/v1/jobs/{id}/news', async (request) => {
  const id = await jobIn(request);
  const [relay, deliveries, gaps] = await Promise.all([readRelay(id), deliveriesOf(id), gapsOf(id)]);
  const last = relay?.last ?? 0;
  return json(200, {
    last,
    targets: deliveries.map((delivery) => deliveryView(delivery, last)),
    gaps: gaps.map(gapView),
  });
});

door('resumeGap', 'POST /api/v1/jobs/{id}/gaps/{gapId}/resume', async (request, caller) => {
  const { jobId } = await jobFor(request.params['id'] ?? '', caller);
  return json(200, gapView(await resumeGap(jobId, request.params['gapId'] ?? '', caller)));
});
