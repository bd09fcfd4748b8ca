// GET /api/v1/jobs/{id}: the job, each VM's steps, and the newest lines of its log.
import { rejected } from '../../shared/core/errors.ts';
import { json } from '../../shared/http/problem.ts';
import { measuresView } from '../../shared/api/measureViews.ts';
import { jobView, logView, stepView } from '../../shared/api/views.ts';
import { measuresOf } from '../../shared/runs/measure.ts';
import { readControl } from '../../shared/journal/control.ts';
import { readJob } from '../../shared/journal/job.ts';
import { logsOf } from '../../shared/journal/log.ts';
import { stepsOf } from '../../shared/journal/steps.ts';
import { door } from './door.ts';

const NEWEST_LINES = 200;

door('readJob', 'GET /api/v1/jobs/{id}', async (request) => {
  const id = request.params['id'] ?? '';
  const job = await readJob(id);
  if (!job) throw rejected(404, 'JobUnknown', `There is no job ${id}.`);
  const [steps, log, control] = await Promise.all([stepsOf(id), logsOf(id, NEWEST_LINES), readControl(id)]);
  steps.sort((a, b) => a.order - b.order || a.targetName.localeCompare(b.targetName));
  const measures = job.measures ?? (await measuresOf(job, steps));
  return json(200, {
    ...jobView(job, control),
    measures: measures && measuresView(measures, steps),
    steps: steps.map(stepView),
    log: log.reverse().map(logView),
  });
});
