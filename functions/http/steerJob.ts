// POST /api/v1/jobs/{id}/...: what people say to a job.
import type { HttpRequest, InvocationContext } from '@azure/functions';
import { json, type Answer } from '../../shared/http/problem.ts';
import { jobAddress, jobView } from '../../shared/api/views.ts';
import { loseSource, MaybeWhy, retry, Skip, skip, steer, takeOver, Why } from '../../shared/jobs/control.ts';
import { parse } from '../../shared/core/parse.ts';
import { kick } from '../../shared/delivery/relay.ts';
import { readControl } from '../../shared/journal/control.ts';
import type { JobDocument } from '../../shared/journal/documents.ts';
import { walks, waking } from '../walks.ts';
import { door } from './door.ts';
import { bodyOf } from './input.ts';

const idOf = (request: HttpRequest): string => request.params['id'] ?? '';
/** A reason may be left out, and the whole body with it. */
const maybeWhy = async (request: HttpRequest) => parse(MaybeWhy, await bodyOf(request, {}), 'The body');

async function told(job: JobDocument, status = 200): Promise<Answer> {
  kick(job.jobId);
  return json(status, jobView(job, await readControl(job.jobId)), { location: jobAddress(job.jobId) });
}

/** Should the start fail now, the sweep starts it. */
const begin = (context: InvocationContext, job: JobDocument): Promise<void> =>
  walks(context)
    .start(job.jobId, job.epoch)
    .catch((error: unknown) => context.warn(`Job ${job.jobId} is left to the sweep: ${String(error)}`));

for (const [verb, wish] of [
  ['pause', 'paused'],
  ['resume', 'running'],
  ['cancel', 'cancelled'],
] as const) {
  door(`${verb}Job`, `POST /api/v1/jobs/{id}/${verb}`, async (request, caller, context) => {
    const { reason } = await maybeWhy(request);
    const job = await steer(idOf(request), wish, caller, reason);
    await waking(context)(job);
    return told(job);
  });
}

door('skipStep', 'POST /api/v1/jobs/{id}/skip', async (request, caller, context) => {
  const job = await skip(idOf(request), parse(Skip, await bodyOf(request), 'The body'), caller);
  await waking(context)(job);
  return told(job);
});

door('loseSource', 'POST /api/v1/jobs/{id}/source-lost', async (request, caller) =>
  told(await loseSource(idOf(request), caller, parse(Why, await bodyOf(request), 'The body').reason)),
);

door('retryJob', 'POST /api/v1/jobs/{id}/retry', async (request, caller, context) => {
  const { reason } = await maybeWhy(request);
  const job = await retry(idOf(request), caller, reason);
  await begin(context, job);
  return told(job, 202);
});

door('takeOverJob', 'POST /api/v1/jobs/{id}/take-over', async (request, caller, context) => {
  const { reason } = parse(Why, await bodyOf(request), 'The body');
  const job = await takeOver(idOf(request), caller, reason);
  await begin(context, job);
  return told(job, 202);
});
