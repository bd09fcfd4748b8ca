// Jobs: lists of skeletons, each whole by its id; cancelled, restarted, resumed, exported.

import type { Answer } from '../wire/exchange.ts';
import { ok } from './answers.ts';
import { works } from './engine.ts';
import type { Fields } from './filter.ts';
import type { GroundOperation } from './ground-table.ts';
import { providerRefuses } from './errors.ts';
import { jobBody, listedJobBody, operationStatusBody, type JobPicture } from './job-bodies.ts';
import type { JobRecord } from './records.ts';
import {
  accept,
  activity,
  faultFor,
  filteredList,
  get,
  missing,
  pageOf,
  post,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';

/** All on one page, as the service does it, as long as there are not very many. */
const PAGE = 1000;

function jobPicture({ store, engine, vault, now }: VaultRequest, job: JobRecord): JobPicture {
  const rowOf = (one: JobRecord) => engine.workOf(one.table).row(one.table, one.operation);
  const child = (id: string) => {
    const found = store.job(id);
    return found && { job: found, row: rowOf(found) };
  };
  return { job, row: rowOf(job), vault, now, child };
}

export function atJob(request: VaultRequest, id: string, go: (job: JobRecord) => Answer): Answer {
  const job = request.store.job(id.toLowerCase());
  return job?.vault === request.vault.key ? go(job) : missing(request, id);
}

/** Newest first. */
function listed({ store, vault }: VaultRequest): JobRecord[] {
  const jobs: JobRecord[] = [];
  for (const job of store.jobs()) if (job.listed && job.vault === vault.key) jobs.push(job);
  return jobs.reverse();
}

function fieldsOf({ engine }: VaultRequest): Fields<JobRecord> {
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

/** Past this it would leave things half done: the first task that changes something has begun. */
function isBeyondReturn({ engine }: VaultRequest, job: JobRecord, now: number): boolean {
  if (!works(job)) return false;
  const row = engine.workOf(job.table).row(job.table, job.operation);
  const changing = job.tasks.find(
    (task) =>
      row.tasks.find(({ name }) => name === task.name)?.change?.does !== undefined ||
      task.group?.rpGroupType === 'BootGroup',
  );
  return (
    changing !== undefined &&
    changing.startsAt !== null &&
    !changing.skipped &&
    now >= changing.startsAt &&
    job.state !== 'Suspended'
  );
}

function problemOf(request: VaultRequest, operation: GroundOperation, job: JobRecord) {
  const { state, ending } = job;
  const fits = {
    cancelJob:
      (state === 'InProgress' || state === 'Suspended' || state === 'NotStarted') &&
      job.parent === null &&
      !isBeyondReturn(request, job, request.now),
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
        `The job is ${state} and has come too far, or not far enough, for this.`,
        'Look at the allowed actions of the job.',
      );
}

const onJob =
  (operation: GroundOperation): VaultRoute['answer'] =>
  (request, { job: id = '' }) =>
    atJob(request, id, (job) => {
      const { vault, ground, now } = request;
      const error = problemOf(request, operation, job);
      return accept(request, { operation, name: job.target.name }, () =>
        ground.accept({
          vault,
          operation,
          name: job.target.name,
          input: { jobId: job.id },
          error,
          activityId: activity(request),
          fault: faultFor(request, job.target.name),
          now,
        }),
      );
    });

function exportJobs(request: VaultRequest): Answer {
  const { vault, ground, now } = request;
  return accept(request, { operation: 'exportJobs', name: vault.name }, () =>
    ground.accept({
      vault,
      operation: 'exportJobs',
      name: vault.name,
      input: {},
      activityId: activity(request),
      fault: faultFor(request, vault.name),
      now,
    }),
  );
}

export const jobRoutes: VaultRoute[] = [
  get('replicationJobs', (request) =>
    filteredList(request, listed(request), fieldsOf(request), (jobs) =>
      pageOf(request, jobs, (job) => listedJobBody(jobPicture(request, job)), { size: PAGE, token: 'Job' }),
    ),
  ),
  get('replicationJobs/{job}', (request, { job = '' }) =>
    atJob(request, job, (found) =>
      ok(jobBody(jobPicture(request, found), request.store.lag.freshJobHidesActivityId)),
    ),
  ),
  post('replicationJobs/export', exportJobs),
  post('replicationJobs/{job}/cancel', onJob('cancelJob')),
  post('replicationJobs/{job}/restart', onJob('restartJob')),
  post('replicationJobs/{job}/resume', onJob('resumeJob')),
  get('replicationOperationStatus/{job}', (request, { job = '' }) =>
    atJob(request, job, (found) => ok(operationStatusBody(jobPicture(request, found)))),
  ),
];
