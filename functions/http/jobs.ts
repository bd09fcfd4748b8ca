// /api/v1/jobs: turns a command into a job, once. Reads jobs with their steps, log, events,
// measures and report.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { vmMeasuresView, measuresView } from '../../shared/api/measureViews.ts';
import { EventsQuery, JobsQuery, LogQuery, PageQuery, StepsQuery } from '../../shared/api/queries.ts';
import { jobPath, jobView, listedJobView, logView, stepView } from '../../shared/api/views.ts';
import { clock } from '../../shared/core/clock.ts';
import { rejected } from '../../shared/core/errors.ts';
import { parseInput } from '../../shared/core/parse.ts';
import { waitForEvents } from '../../shared/delivery/eventStream.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { acceptCommand } from '../../shared/jobs/acceptCommand.ts';
import { readControl } from '../../shared/journal/control.ts';
import type { JobDocument } from '../../shared/journal/documents.ts';
import { listJobs as listSummaries } from '../../shared/journal/jobSummaries.ts';
import { requireJob, unknownJob } from '../../shared/journal/job.ts';
import { listLogPage, listLogLines } from '../../shared/journal/log.ts';
import { listSteps, listStepsPage } from '../../shared/journal/steps.ts';
import { runReportMarkdown } from '../../shared/plans/rules/runReport.ts';
import { measureJobToStore, measureJob } from '../../shared/runs/jobMeasures.ts';
import { readReportOfJob } from '../../shared/runs/runReport.ts';
import { pageOfList } from '../../shared/store/continuationTokens.ts';
import type { OrchestrationContext } from '../orchestrations.ts';
import { startAccepted } from '../startOrchestration.ts';
import { bodyOf, pathPart, queryOf } from './input.ts';

/** The log lines in the job's own answer; all of them are under `/log`. */
const MAX_LOG_LINES = 200;

/** The job that the path names. */
export const readKnownJob = (request: HttpRequest): Promise<JobDocument> =>
  requireJob(pathPart(request, 'id'));

export async function createJob(
  request: HttpRequest,
  caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  const key = request.headers.get('idempotency-key') ?? undefined;
  const job = await acceptCommand(await bodyOf(request), key, caller);
  await startAccepted(context, job);
  return jsonAnswer(202, jobView(job), { location: jobPath(job.jobId), 'retry-after': '10' });
}

export async function listJobs(request: HttpRequest): Promise<HttpAnswer> {
  const { limit, continuation, ...filter } = queryOf(request, JobsQuery);
  const { items, next } = await listSummaries(filter, limit, await clock().now(), continuation);
  return jsonAnswer(200, { jobs: items.map(listedJobView), next });
}

export async function readJob(request: HttpRequest): Promise<HttpAnswer> {
  const job = await readKnownJob(request);
  const [steps, log, control] = await Promise.all([
    listSteps(job.jobId),
    listLogLines(job.jobId, MAX_LOG_LINES),
    readControl(job.jobId),
  ]);
  steps.sort((a, b) => a.order - b.order || a.targetName.localeCompare(b.targetName));
  const measures = job.measures ?? (await measureJobToStore(job, steps));
  return jsonAnswer(200, {
    ...jobView(job, control),
    measures: measures && measuresView(measures, steps),
    steps: steps.map(stepView),
    log: log.reverse().map(logView),
  });
}

export async function listJobSteps(request: HttpRequest): Promise<HttpAnswer> {
  const { limit, continuation, ...filter } = queryOf(request, StepsQuery);
  const { jobId } = await readKnownJob(request);
  const { items, next } = await listStepsPage(jobId, filter, limit, continuation);
  return jsonAnswer(200, { steps: items.map(stepView), next });
}

export async function readJobLog(request: HttpRequest): Promise<HttpAnswer> {
  const { limit, continuation, order } = queryOf(request, LogQuery);
  const { jobId } = await readKnownJob(request);
  const { items, next } = await listLogPage(jobId, order, limit, continuation);
  return jsonAnswer(200, { log: items.map(logView), next });
}

/** The events of a job since the last one that the listener received, as server-sent events. */
export async function streamJobEvents(request: HttpRequest, caller: Caller): Promise<HttpAnswer> {
  const jobId = pathPart(request, 'id');
  const query = queryOf(request, EventsQuery);
  // After a lost connection the listener sends the id of its last event. The header may be empty.
  const lastEventId = request.headers.get('last-event-id') ?? '';
  const { after } =
    lastEventId === '' ? query : parseInput(EventsQuery, { after: lastEventId }, 'Last-Event-ID');
  const stream = await waitForEvents({
    jobId,
    lastEventNumber: after,
    caller: `${caller.tenant} ${caller.id}`,
    waitSeconds: query.wait,
  });
  if (stream === undefined) throw unknownJob(jobId);
  // An EventSource does not connect again after 204.
  if (stream.hasEnded) return { status: 204, headers: { 'cache-control': 'no-store' }, body: '' };
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    body: stream.text,
  };
}

/** Measured times and data loss: of the whole job, per group and per VM; of a running job, so far. */
export async function readJobMeasures(request: HttpRequest): Promise<HttpAnswer> {
  const { limit, continuation } = queryOf(request, PageQuery);
  const job = await readKnownJob(request);
  const steps = await listSteps(job.jobId);
  const measures = await measureJob(job, steps);
  if (!measures)
    throw rejected(
      404,
      'NotMeasured',
      `The job ${job.jobId} is a ${job.command.operation}, which starts no VM. So there is no ` +
        'recovery to measure.',
    );
  const { items, next } = pageOfList(['measures', job.jobId], measures.vms, limit, continuation);
  return jsonAnswer(200, { ...measuresView(measures, steps), vms: items.map(vmMeasuresView(steps)), next });
}

/** The report of a job, as JSON or as a printable text. */
export async function readRunReport(request: HttpRequest): Promise<HttpAnswer> {
  const report = await readReportOfJob(pathPart(request, 'id'));
  if (!request.headers.get('accept')?.includes('text/markdown')) return jsonAnswer(200, report);
  return {
    ...jsonAnswer(200, null, { 'content-type': 'text/markdown; charset=utf-8' }),
    body: runReportMarkdown(report),
  };
}
