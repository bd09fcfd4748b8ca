// GET /api/v1/jobs/{id}/measures: what a job took and lost, as a whole, per group and per VM; of
// one that runs, so far.
import { rejected } from '../../shared/core/errors.ts';
import { json } from '../../shared/http/problem.ts';
import { measuresView, measureOfVmView } from '../../shared/api/measureViews.ts';
import { PageQuery } from '../../shared/api/queries.ts';
import { vmMeasuresOf } from '../../shared/runs/measure.ts';
import { readJob } from '../../shared/journal/job.ts';
import { stepsOf } from '../../shared/journal/steps.ts';
import { pageIn } from '../../shared/store/tokens.ts';
import { door } from './door.ts';
import { queryOf } from './input.ts';

door('readMeasures', 'GET /api/v1/jobs/{id}/measures', async (request) => {
  const id = request.params['id'] ?? '';
  const { limit, continuation } = queryOf(request, PageQuery);
  const job = await readJob(id);
  if (!job) throw rejected(404, 'JobUnknown', `There is no job ${id}.`);
  const steps = await stepsOf(id);
  const measures = await vmMeasuresOf(job, steps);
  if (!measures)
    throw rejected(
      404,
      'NotMeasured',
      `The job ${id} is a ${job.command.operation}, which brings no VM up: there is no ` +
        'recovery to be measured.',
    );
  const { items, next } = pageIn(['measures', id], measures.vms, limit, continuation);
  return json(200, { ...measuresView(measures, steps), vms: items.map(measureOfVmView(steps)), next });
});
