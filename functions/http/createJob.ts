// POST /api/v1/jobs: a command becomes a job, once.
import { json } from '../../shared/http/problem.ts';
import { jobAddress, jobView } from '../../shared/api/views.ts';
import { accept } from '../../shared/jobs/accept.ts';
import { kick } from '../../shared/delivery/relay.ts';
import { walks } from '../walks.ts';
import { door } from './door.ts';
import { bodyOf } from './input.ts';

door('createJob', 'POST /api/v1/jobs', async (request, caller, context) => {
  const job = await accept(
    await bodyOf(request),
    request.headers.get('idempotency-key') ?? undefined,
    caller,
  );
  // The job is in the store: should the start fail now, the sweep starts it.
  if (job.state === 'accepted')
    await walks(context)
      .start(job.jobId, job.epoch)
      .catch((error: unknown) => context.warn(`Job ${job.jobId} is left to the sweep: ${String(error)}`));
  kick(job.jobId);
  return json(202, jobView(job), { location: jobAddress(job.jobId), 'retry-after': '10' });
});
