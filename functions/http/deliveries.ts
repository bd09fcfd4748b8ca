// Deliveries of events to their receivers, and undelivered ranges: listed, and delivered again.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { deliveryView, undeliveredView } from '../../shared/api/views.ts';
import { jobOfStream } from '../../shared/delivery/askingStore.ts';
import { deliveriesOf, gapsOf, openGaps } from '../../shared/delivery/deliverStore.ts';
import { resumeDelivery as deliverAgain } from '../../shared/delivery/undelivered.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { jobFor } from '../../shared/jobs/control.ts';
import { readRelay } from '../../shared/journal/outbox.ts';
import { pathPart } from './input.ts';
import { knownJob } from './jobs.ts';

const NEWEST = 500;

export async function listJobDeliveries(request: HttpRequest): Promise<Answer> {
  const { jobId } = await knownJob(request);
  const [relay, deliveries, gaps] = await Promise.all([readRelay(jobId), deliveriesOf(jobId), gapsOf(jobId)]);
  const last = relay?.last ?? 0;
  return json(200, {
    last,
    targets: deliveries.map((delivery) => deliveryView(delivery, last)),
    undelivered: gaps.map(undeliveredView),
  });
}

export async function resumeJobDelivery(request: HttpRequest, caller: Caller): Promise<Answer> {
  const { jobId } = await jobFor(pathPart(request, 'id'), caller);
  return json(200, undeliveredView(await deliverAgain(jobId, pathPart(request, 'undeliveredId'), caller)));
}

export async function listUndelivered(): Promise<Answer> {
  return json(200, { undelivered: (await openGaps(NEWEST)).map(undeliveredView) });
}

export async function resumeDelivery(request: HttpRequest, caller: Caller): Promise<Answer> {
  const stream = pathPart(request, 'stream');
  const jobId = jobOfStream(stream);
  // The events of a job may be delivered again only by callers who may steer the job.
  if (jobId !== undefined) await jobFor(jobId, caller);
  return json(200, undeliveredView(await deliverAgain(stream, pathPart(request, 'undeliveredId'), caller)));
}
