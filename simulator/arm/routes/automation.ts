// The routes of Automation accounts, their runbooks and the jobs of the runbooks.

import * as z from 'zod';

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, created, invalidRequest, ok, resourceNotFound, withoutHidden } from '../responses.ts';
import { stableGuid } from '../guid.ts';
import { withResource, kindRoutes } from '../resource-kinds.ts';
import {
  get,
  RESOURCE_GROUP,
  listPage,
  post,
  put,
  type ArmRequest,
  type ArmRoute,
  type PathParameters,
} from '../request.ts';
import { RunbookJobs, type RunbookJob } from '../runbook-jobs.ts';
import { AUTOMATION_JOB, RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource } from '../resource.ts';

const ACCOUNT = `${RESOURCE_GROUP}/providers/${RESOURCE_TYPES.automationAccount}/{name}`;
/** The wait of a job for a worker, and the time that a stop takes. */
const QUEUED_MS = 10_000;
const STOPPING_MS = 5_000;

const bodyShape = z.looseObject({
  properties: z.looseObject({
    runbook: z.looseObject({ name: z.string() }),
    parameters: z.record(z.string(), z.string()).nullish(),
  }),
});

const endOf = ({ startedAt, outcome }: RunbookJob): number => startedAt + QUEUED_MS + outcome.seconds * 1000;

function statusOf(job: RunbookJob, now: number): string {
  if (job.stoppedAt !== null) return now < job.stoppedAt + STOPPING_MS ? 'Stopping' : 'Stopped';
  if (now >= endOf(job)) return job.outcome.status;
  return now < job.startedAt + QUEUED_MS ? 'New' : 'Running';
}

function jobBody(job: RunbookJob, now: number) {
  const status = statusOf(job, now);
  const isFinished = status === job.outcome.status || status === 'Stopped';
  const time = (at: number): string => new Date(at).toISOString();
  return {
    id: job.id,
    name: job.name,
    type: AUTOMATION_JOB,
    properties: {
      jobId: job.jobId,
      creationTime: time(job.startedAt),
      provisioningState: isFinished ? (status === 'Completed' ? 'Succeeded' : status) : 'Processing',
      status,
      statusDetails: 'None',
      startedBy: '',
      startTime: now < job.startedAt + QUEUED_MS ? null : time(job.startedAt + QUEUED_MS),
      endTime:
        isFinished && status !== 'Suspended'
          ? time(job.stoppedAt === null ? endOf(job) : job.stoppedAt + STOPPING_MS)
          : null,
      lastModifiedTime: time(now),
      exception: isFinished && job.stoppedAt === null ? job.outcome.exception : '',
      parameters: job.parameters,
      runbook: { name: job.runbook },
      runOn: '',
    },
  };
}

function startJob(request: ArmRequest, account: Resource, name: string): SimulatorResponse {
  const { world, exchange, now } = request;
  const read = bodyShape.safeParse(exchange.json());
  if (!read.success) return invalidRequest(z.prettifyError(read.error));
  const {
    runbook: { name: runbookName },
    parameters,
  } = read.data.properties;
  const runbook = world.get(`${account.id}/runbooks/${runbookName}`);
  if (!runbook)
    return armError(
      404,
      'NotFound',
      `The runbook '${runbookName}' was not found in the automation account '${account.name}'.`,
    );
  if (runbook.properties['state'] !== 'Published')
    return armError(400, 'BadRequest', `The runbook '${runbookName}' has no published version.`);
  const jobs = new RunbookJobs(world);
  const id = `${account.id}/jobs/${name}`;
  if (jobs.get(id)) return armError(409, 'Conflict', `A job named '${name}' is there already.`);
  const job: RunbookJob = {
    id,
    name,
    jobId: stableGuid(id, 'job'),
    runbook: runbook.name,
    parameters: parameters ?? {},
    startedAt: now,
    outcome: jobs.outcomeOf(runbook.name),
    stoppedAt: null,
  };
  jobs.put(job);
  return created(jobBody(job, now));
}

function stopJob({ world, now }: ArmRequest, job: RunbookJob): SimulatorResponse {
  if (!['New', 'Running', 'Suspended'].includes(statusOf(job, now)))
    return armError(
      409,
      'Conflict',
      `The job '${job.name}' cannot be stopped: its status is ${statusOf(job, now)}.`,
    );
  new RunbookJobs(world).put({ ...job, stoppedAt: now });
  return { status: 200 };
}

const withAccount = (
  request: ArmRequest,
  names: PathParameters,
  go: (account: Resource) => SimulatorResponse | undefined,
): SimulatorResponse | undefined => withResource(request, RESOURCE_TYPES.automationAccount, names, go);

const withJob = (
  request: ArmRequest,
  names: PathParameters,
  go: (job: RunbookJob) => SimulatorResponse,
): SimulatorResponse | undefined =>
  withAccount(request, names, (account) => {
    const job = new RunbookJobs(request.world).get(`${account.id}/jobs/${names['job'] ?? ''}`);
    return job ? go(job) : armError(404, 'NotFound', `The job '${names['job'] ?? ''}' was not found.`);
  });

export const automationRoutes: readonly ArmRoute[] = [
  ...kindRoutes({ type: RESOURCE_TYPES.automationAccount }),
  get(`${ACCOUNT}/runbooks`, (request, names) =>
    withAccount(request, names, ({ id }) =>
      listPage(request, request.world.list({ type: RESOURCE_TYPES.runbook, under: id })),
    ),
  ),
  get(`${ACCOUNT}/runbooks/{runbook}`, (request, names) =>
    withAccount(request, names, ({ id }) => {
      const runbook = request.world.get(`${id}/runbooks/${names['runbook'] ?? ''}`);
      return runbook
        ? ok(withoutHidden(runbook))
        : resourceNotFound(RESOURCE_TYPES.runbook, names['runbook'] ?? '', names['group'] ?? '');
    }),
  ),
  put(`${ACCOUNT}/jobs/{job}`, (request, names) =>
    withAccount(request, names, (account) => startJob(request, account, names['job'] ?? '')),
  ),
  get(`${ACCOUNT}/jobs/{job}`, (request, names) =>
    withJob(request, names, (job) => ok(jobBody(job, request.now))),
  ),
  get(`${ACCOUNT}/jobs/{job}/output`, (request, names) =>
    withJob(request, names, (job) => ({
      status: 200,
      headers: { 'Content-Type': 'text/plain; charset=utf-8' },
      body: request.now >= endOf(job) ? job.outcome.output : '',
    })),
  ),
  post(`${ACCOUNT}/jobs/{job}/stop`, (request, names) =>
    withJob(request, names, (job) => stopJob(request, job)),
  ),
];
