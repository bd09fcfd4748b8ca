// The routes of jobs: list with few fields, read by id, cancel, restart, resume, export.

import type { SimulatorResponse } from '../wire/exchange.ts';
import { ok } from './responses.ts';
import { doesWork } from './job-engine.ts';
import type { FilterFields } from './filter.ts';
import type { ConfigurationOperation } from './configuration-table.ts';
import { providerRefuses } from './errors.ts';
import { jobBody, listedJobBody, operationStatusBody, type JobView } from './job-bodies.ts';
import type { JobRecord } from './records.ts';
import {
  acceptWrite,
  requestActivityId,
  operationFault,
  filteredList,
  get,
  notFoundResponse,
  listPage,
  post,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';

/** The service returns all jobs on one page, unless there are very many. */
const PAGE_SIZE = 1000;

function jobViewOf({ store, engine, vault, now }: VaultRequest, job: JobRecord): JobView {
  const rowOf = (job: JobRecord) => engine.workOf(job.table).row(job.table, job.operation);
  const child = (id: string) => {
    const found = store.job(id);
    return found && { job: found, row: rowOf(found) };
  };
  return { job, row: rowOf(job), vault, now, findChild: child };
}

export function withJob(
  request: VaultRequest,
  id: string,
  go: (job: JobRecord) => SimulatorResponse,
): SimulatorResponse {
  const job = request.store.job(id.toLowerCase());
  return job?.vault === request.vault.key ? go(job) : notFoundResponse(request, id);
}

/** Newest first. */
function listedJobs({ store, vault }: VaultRequest): JobRecord[] {
  const jobs: JobRecord[] = [];
  for (const job of store.jobs()) if (job.listed && job.vault === vault.key) jobs.push(job);
  return jobs.reverse();
}

function filterFields({ engine }: VaultRequest): FilterFields<JobRecord> {
  const row = (job: JobRecord) => engine.workOf(job.table).row(job.table, job.operation);
  const state = (job: JobRecord): string => job.state;
  return {
    jobstatus: state,
    state,
    starttime: ({ acceptedAt }) => acceptedAt,
    endtime: ({ endedAt }) => endedAt ?? undefined,
    affectedobjecttype: ({ target }) => target.instanceType,
    affectedobjecttypes: ({ target }) => target.instanceType,
    targetobjectname: ({ target }) => target.name,
    targetobjectid: ({ target }) => target.id,
    jobname: (job) => row(job).friendlyName,
    friendlyname: (job) => row(job).friendlyName,
    scenarioname: (job) => row(job).scenarioName,
    fabricid: ({ target }) => target.affectedObjects['primaryVmmId'],
  };
}

/**
 * Returns true when a cancel would leave partial work: the first task that changes something has
 * started.
 */
function isPastCancel({ engine }: VaultRequest, job: JobRecord, now: number): boolean {
  if (!doesWork(job)) return false;
  const row = engine.workOf(job.table).row(job.table, job.operation);
  const changing = job.tasks.find((task) => {
    const change = row.tasks.find(({ name }) => name === task.name)?.change;
    return (
      (change?.effect !== undefined && !change.canBeCancelled) || task.group?.rpGroupType === 'BootGroup'
    );
  });
  return (
    changing !== undefined &&
    changing.startsAt !== null &&
    !changing.skipped &&
    now >= changing.startsAt &&
    job.state !== 'Suspended'
  );
}

function actionProblem(request: VaultRequest, operation: ConfigurationOperation, job: JobRecord) {
  const { state, ending } = job;
  const fits = {
    cancelJob:
      (state === 'InProgress' || state === 'Suspended' || state === 'NotStarted') &&
      job.parent === null &&
      !isPastCancel(request, job, request.now),
    restartJob:
      (state === 'Failed' || state === 'PartiallySucceeded') &&
      ending.kind !== 'refused' &&
      job.parent === null,
    resumeJob: state === 'Suspended',
  }[operation as 'cancelJob' | 'restartJob' | 'resumeJob'];
  return fits
    ? undefined
    : providerRefuses(
        job.table,
        `The job is ${state} and does not allow this action at its present step.`,
        'Check the allowed actions of the job.',
      );
}

const jobAction =
  (operation: ConfigurationOperation): VaultRoute['answer'] =>
  (request, { job: id = '' }) =>
    withJob(request, id, (job) => {
      const { vault, configuration, now } = request;
      const error = actionProblem(request, operation, job);
      return acceptWrite(request, { operation, name: job.target.name }, () =>
        configuration.accept({
          vault,
          operation,
          name: job.target.name,
          input: { jobId: job.id },
          error,
          activityId: requestActivityId(request),
          fault: operationFault(request, job.target.name),
          now,
        }),
      );
    });

function exportJobs(request: VaultRequest): SimulatorResponse {
  const { vault, configuration, now } = request;
  return acceptWrite(request, { operation: 'exportJobs', name: vault.name }, () =>
    configuration.accept({
      vault,
      operation: 'exportJobs',
      name: vault.name,
      input: {},
      activityId: requestActivityId(request),
      fault: operationFault(request, vault.name),
      now,
    }),
  );
}

export const jobRoutes: VaultRoute[] = [
  get('replicationJobs', (request) =>
    filteredList(request, listedJobs(request), filterFields(request), (jobs) =>
      listPage(request, jobs, (job) => listedJobBody(jobViewOf(request, job)), {
        size: PAGE_SIZE,
        token: 'Job',
      }),
    ),
  ),
  get('replicationJobs/{job}', (request, { job = '' }) =>
    withJob(request, job, (found) =>
      ok(jobBody(jobViewOf(request, found), request.store.lag.freshJobHidesActivityId)),
    ),
  ),
  post('replicationJobs/export', exportJobs),
  post('replicationJobs/{job}/cancel', jobAction('cancelJob')),
  post('replicationJobs/{job}/restart', jobAction('restartJob')),
  post('replicationJobs/{job}/resume', jobAction('resumeJob')),
  get('replicationOperationStatus/{job}', (request, { job = '' }) =>
    withJob(request, job, (found) => ok(operationStatusBody(jobViewOf(request, found)))),
  ),
];
