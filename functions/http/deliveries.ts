// Deliveries of events to their receivers, and undelivered ranges: lists, and new deliveries.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { deliveryView, undeliveredView } from '../../shared/api/views.ts';
import { jobIdOfStream } from '../../shared/delivery/questionReminderStore.ts';
import {
  readDeliveries,
  readUndeliveredRanges,
  readOpenUndeliveredRanges,
} from '../../shared/delivery/deliveryStore.ts';
import { resumeDelivery as deliverAgain } from '../../shared/delivery/resumeUndelivered.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { readSteerableJob } from '../../shared/jobs/controlJob.ts';
import { readRelay } from '../../shared/journal/outbox.ts';
import { pathPart } from './input.ts';
import { readKnownJob } from './jobs.ts';

const MAX_GAPS = 500;

export async function listJobDeliveries(request: HttpRequest): Promise<HttpAnswer> {
  const { jobId } = await readKnownJob(request);
  const [relay, deliveries, gaps] = await Promise.all([
    readRelay(jobId),
    readDeliveries(jobId),
    readUndeliveredRanges(jobId),
  ]);
  const last = relay?.last ?? 0;
  return jsonAnswer(200, {
    last,
    targets: deliveries.map((delivery) => deliveryView(delivery, last)),
    undelivered: gaps.map(undeliveredView),
  });
}

export async function resumeJobDelivery(request: HttpRequest, caller: Caller): Promise<HttpAnswer> {
  const { jobId } = await readSteerableJob(pathPart(request, 'id'), caller);
  return jsonAnswer(
    200,
    undeliveredView(await deliverAgain(jobId, pathPart(request, 'undeliveredId'), caller)),
  );
}

export async function listUndelivered(): Promise<HttpAnswer> {
  return jsonAnswer(200, { undelivered: (await readOpenUndeliveredRanges(MAX_GAPS)).map(undeliveredView) });
}

export async function resumeDelivery(request: HttpRequest, caller: Caller): Promise<HttpAnswer> {
  const stream = pathPart(request, 'stream');
  const jobId = jobIdOfStream(stream);
  // Only callers that may control the job can request its events again.
  if (jobId !== undefined) await readSteerableJob(jobId, caller);
  return jsonAnswer(
    200,
    undeliveredView(await deliverAgain(stream, pathPart(request, 'undeliveredId'), caller)),
  );
}
