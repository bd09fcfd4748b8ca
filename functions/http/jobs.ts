// /api/v1/jobs: a command becomes a job, once; jobs read, with their steps, log, events, measures and report.
import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { measureOfVmView, measuresView } from '../../shared/api/measureViews.ts';
import { EventsQuery, JobsQuery, LogQuery, PageQuery, StepsQuery } from '../../shared/api/queries.ts';
import { jobAddress, jobView, listedJobView, logView, stepView } from '../../shared/api/views.ts';
import { clock } from '../../shared/core/clock.ts';
import { rejected } from '../../shared/core/errors.ts';
import { parse } from '../../shared/core/parse.ts';
import { hear } from '../../shared/delivery/listening.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { accept } from '../../shared/jobs/accept.ts';
import { readControl } from '../../shared/journal/control.ts';
import type { JobDocument } from '../../shared/journal/documents.ts';
import { listJobs as listSummaries } from '../../shared/journal/jobIndex.ts';
import { readJob as findJob } from '../../shared/journal/job.ts';
import { logPage, logsOf } from '../../shared/journal/log.ts';
import { stepsOf, stepsPage } from '../../shared/journal/steps.ts';
import { markdownOf } from '../../shared/plans/rules/drillReport.ts';
import { measuresOf, vmMeasuresOf } from '../../shared/runs/measure.ts';
import { reportOfJob } from '../../shared/runs/report.ts';
import { pageIn } from '../../shared/store/tokens.ts';
import { startAccepted } from '../startOrchestration.ts';
import { bodyOf, pathPart, queryOf } from './input.ts';

/** The log lines in the job's own answer; all of them are under `/log`. */
const NEWEST_LINES = 200;

const unknownJob = (id: string): Error => rejected(404, 'JobUnknown', `There is no job ${id}.`);

/** The job that the path names. */
export async function knownJob(request: HttpRequest): Promise<JobDocument> {
  const id = pathPart(request, 'id');
  const job = await findJob(id);
  if (!job) throw unknownJob(id);
  return job;
}

export async function createJob(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const key = request.headers.get('idempotency-key') ?? undefined;
  const job = await accept(await bodyOf(request), key, caller);
  await startAccepted(context, job);
  return json(202, jobView(job), { location: jobAddress(job.jobId), 'retry-after': '10' });
}

export async function listJobs(request: HttpRequest): Promise<Answer> {
  const { limit, continuation, ...filter } = queryOf(request, JobsQuery);
  const { items, next } = await listSummaries(filter, limit, await clock().now(), continuation);
  return json(200, { jobs: items.map(listedJobView), next });
}

export async function readJob(request: HttpRequest): Promise<Answer> {
  const job = await knownJob(request);
  const [steps, log, control] = await Promise.all([
    stepsOf(job.jobId),
    logsOf(job.jobId, NEWEST_LINES),
    readControl(job.jobId),
  ]);
  steps.sort((a, b) => a.order - b.order || a.targetName.localeCompare(b.targetName));
  const measures = job.measures ?? (await measuresOf(job, steps));
  return json(200, {
    ...jobView(job, control),
    measures: measures && measuresView(measures, steps),
    steps: steps.map(stepView),
    log: log.reverse().map(logView),
  });
}

export async function listJobSteps(request: HttpRequest): Promise<Answer> {
  const { limit, continuation, ...filter } = queryOf(request, StepsQuery);
  const { jobId } = await knownJob(request);
  const { items, next } = await stepsPage(jobId, filter, limit, continuation);
  return json(200, { steps: items.map(stepView), next });
}

export async function readJobLog(request: HttpRequest): Promise<Answer> {
  const { limit, continuation, order } = queryOf(request, LogQuery);
  const { jobId } = await knownJob(request);
  const { items, next } = await logPage(jobId, order, limit, continuation);
  return json(200, { log: items.map(logView), next });
}

/** The events of a job since the last one that the listener received, as server-sent events. */
export async function streamJobEvents(request: HttpRequest, caller: Caller): Promise<Answer> {
  const jobId = pathPart(request, 'id');
  const asked = queryOf(request, EventsQuery);
  // A listener that was cut off sends the id of its last event; the header may be empty.
  const heard = request.headers.get('last-event-id') ?? '';
  const { after } = heard === '' ? asked : parse(EventsQuery, { after: heard }, 'Last-Event-ID');
  const news = await hear({ jobId, after, caller: `${caller.tenant} ${caller.id}`, waitSeconds: asked.wait });
  if (news === undefined) throw unknownJob(jobId);
  // An EventSource does not connect again after 204.
  if (news.over) return { status: 204, headers: { 'cache-control': 'no-store' }, body: '' };
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    body: news.text,
  };
}

/** Measured times and data loss: of the whole job, per group and per VM; of a running job, so far. */
export async function readJobMeasures(request: HttpRequest): Promise<Answer> {
  const { limit, continuation } = queryOf(request, PageQuery);
  const job = await knownJob(request);
  const steps = await stepsOf(job.jobId);
  const measures = await vmMeasuresOf(job, steps);
  if (!measures)
    throw rejected(
      404,
      'NotMeasured',
      `The job ${job.jobId} is a ${job.command.operation}, which brings no VM up: there is no ` +
        'recovery to be measured.',
    );
  const { items, next } = pageIn(['measures', job.jobId], measures.vms, limit, continuation);
  return json(200, { ...measuresView(measures, steps), vms: items.map(measureOfVmView(steps)), next });
}

/** The proof of a drill, as JSON, or as a text to be printed. */
export async function readDrillReport(request: HttpRequest): Promise<Answer> {
  const report = await reportOfJob(pathPart(request, 'id'));
  if (!request.headers.get('accept')?.includes('text/markdown')) return json(200, report);
  return { ...json(200, null, { 'content-type': 'text/markdown; charset=utf-8' }), body: markdownOf(report) };
}
