// POST /api/v1/jobs: a command becomes a job, once.
import type { HttpRequest } from '@azure/functions';
import { rejected } from '../../shared/errors.ts';
import { json } from '../../shared/http/problem.ts';
import { jobAddress, jobView } from '../../shared/http/views.ts';
import { accept } from '../../shared/jobs/accept.ts';
import { kick } from '../../shared/messaging/relay.ts';
import { walks } from '../walks.ts';
import { door } from './door.ts';

const MOST_BYTES = 1_000_000;

door('createJob', 'POST /api/v1/jobs', async (request, caller, context) => {
  const job = await accept(await bodyOf(request), request.headers.get('idempotency-key') ?? undefined, caller);
  // The job is in the store: should the start fail now, the sweep starts it.
  if (job.state === 'accepted') await walks(context).start(job.jobId, job.epoch).catch((error: unknown) => context.warn(`Job ${job.jobId} is left to the sweep: ${String(error)}`));
  kick(job.jobId);
  return json(202, jobView(job), { location: jobAddress(job.jobId), 'retry-after': '10' });
});

async function bodyOf(request: HttpRequest): Promise<unknown> {
  const text = await request.text();
  if (text.length > MOST_BYTES) throw rejected(413, 'BodyTooLarge', `A command has at most ${MOST_BYTES} bytes. Nothing was started.`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw rejected(400, 'NotJson', 'The body is not JSON. Nothing was started.');
  }
}
