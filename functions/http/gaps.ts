// /api/v1/gaps: what was given up telling, of whatever it tells, and tried again.
import { json } from '../../shared/http/problem.ts';
import { gapView } from '../../shared/api/views.ts';
import { jobFor } from '../../shared/jobs/control.ts';
import { resumeGap } from '../../shared/delivery/undelivered.ts';
import { openGaps } from '../../shared/delivery/deliverStore.ts';
import { jobOfStream } from '../../shared/delivery/askingStore.ts';
import { door } from './door.ts';

const NEWEST = 500;

door('listGaps', 'GET /api/v1/gaps', async () => json(200, { gaps: (await openGaps(NEWEST)).map(gapView) }));

door('resumeAnyGap', 'POST /api/v1/gaps/{stream}/{gapId}/resume', async (request, caller) => {
  const stream = request.params['stream'] ?? '';
  const job = jobOfStream(stream);
  // Of a job it is for whoever may steer that.
  if (job !== undefined) await jobFor(job, caller);
  return json(200, gapView(await resumeGap(stream, request.params['gapId'] ?? '', caller)));
});
