// GET /api/v1/jobs: the jobs that there are and were, the newest first, page by page.
import { clock } from '../../shared/core/clock.ts';
import { json } from '../../shared/http/problem.ts';
import { JobsQuery } from '../../shared/api/queries.ts';
import { listedJobView } from '../../shared/api/views.ts';
import { listJobs } from '../../shared/journal/jobIndex.ts';
import { door } from './door.ts';
import { queryOf } from './input.ts';

door('listJobs', 'GET /api/v1/jobs', async (request) => {
  const { limit, continuation, ...filter } = queryOf(request, JobsQuery);
  const { items, next } = await listJobs(filter, limit, await clock().now(), continuation);
  return json(200, { jobs: items.map(listedJobView), next });
});
