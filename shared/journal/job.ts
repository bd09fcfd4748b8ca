// The document of a job: created once, then changed only under its ETag. Every module that changes
// a job uses this module.
import {
  isFinalJobState,
  JOB_TRANSITIONS,
  OPEN_JOB_STATES,
  type JobTransitionCause,
} from '../core/states/job.ts';
import { assertTransition } from '../core/states/transitions.ts';
import { rejected } from '../core/errors.ts';
import {
  writeBatch,
  queryDocuments,
  queryFields,
  readDocument,
  type WithEtag,
  type BatchWrite,
} from '../store/cosmos.ts';
import type { JobDocument, LogDocument } from './documents.ts';
import type { EventDocument } from '../outbox/documents.ts';
import { eventsOfJobChange } from './outbox.ts';

const JOBS = 'jobs';

/** True for an orchestration of another epoch: it must no longer write to ARM or to the job. */
export const isSuperseded = (document: { readonly epoch: number }, epoch: number): boolean =>
  document.epoch !== epoch;

/** Creates a job. False: the job exists already. */
export async function createJob(job: JobDocument): Promise<boolean> {
  const news = eventsOfJobChange(undefined, job, new Date(job.acceptedAt));
  return (await writeBatch(JOBS, job.jobId, [{ create: job }, ...news.map(createWrite)])) !== undefined;
}

/** Reads a job. */
export const readJob = (jobId: string): Promise<WithEtag<JobDocument> | undefined> =>
  readDocument<JobDocument>(JOBS, 'job', jobId);

/** The refusal of the id of a missing job. */
export const unknownJob = (jobId: string): Error => rejected(404, 'JobUnknown', `There is no job ${jobId}.`);

/** Reads a job that a caller names, or throws 404 JobUnknown. */
export async function requireJob(jobId: string): Promise<WithEtag<JobDocument>> {
  const job = await readJob(jobId);
  if (!job) throw unknownJob(jobId);
  return job;
}

/**
 * Changes a job without a change of its state. False: another process changed the job meanwhile,
 * and the caller must read again. `otherWrites`: more writes for the same batch.
 */
export async function saveJob(
  job: WithEtag<JobDocument>,
  change: Partial<Omit<JobDocument, 'state'>>,
  log: readonly LogDocument[],
  now: Date,
  otherWrites: readonly BatchWrite[] = [],
): Promise<boolean> {
  const next: JobDocument = { ...job, ...change };
  if (next.state !== job.state)
    throw new Error(
      `Only transitionJob moves a job from ${job.state} to ${next.state}. Nothing was written.`,
    );
  return saveWithEvents(job, next, log, now, otherWrites);
}

/** Changes the state of a job, if the cause allows the transition. False as for `saveJob`. */
export async function transitionJob(
  job: WithEtag<JobDocument>,
  cause: JobTransitionCause,
  change: Partial<JobDocument> & Pick<JobDocument, 'state'>,
  log: readonly LogDocument[],
  now: Date,
  otherWrites: readonly BatchWrite[] = [],
): Promise<boolean> {
  const next: JobDocument = { ...job, ...change };
  assertTransition('job', JOB_TRANSITIONS, cause, job.state, next.state);
  // From now on Cosmos must refuse the late writes of the old epoch.
  if (isFinalJobState(job.state) && next.epoch <= job.epoch)
    throw new Error(
      `Job ${job.jobId} ended at epoch ${job.epoch}. Only a later epoch can continue it. ` +
        'Nothing was written.',
    );
  return saveWithEvents(job, next, log, now, otherWrites);
}

async function saveWithEvents(
  job: WithEtag<JobDocument>,
  next: JobDocument,
  log: readonly LogDocument[],
  now: Date,
  otherWrites: readonly BatchWrite[],
): Promise<boolean> {
  const writes = [
    { replace: next, etag: job._etag },
    ...log.map((line): BatchWrite => ({ put: line })),
    ...eventsOfJobChange(job, next, now).map(createWrite),
    ...otherWrites,
  ];
  return (await writeBatch(JOBS, job.jobId, writes)) !== undefined;
}

const createWrite = (document: EventDocument): BatchWrite => ({ create: document });

/** A query condition for unfinished jobs or their summaries. */
export const OPEN_JOB_CONDITION = `c.state IN (${OPEN_JOB_STATES.map((state) => `'${state}'`).join(', ')})`;
/** All jobs that have not ended. */
export const listUnfinishedJobs = (): Promise<WithEtag<JobDocument>[]> =>
  queryDocuments<JobDocument>(JOBS, { where: `c.type = 'job' AND ${OPEN_JOB_CONDITION}` });

/** The ids of all jobs that have not ended, also of jobs that Lifeboat cannot read. */
export const listUnfinishedJobIds = async (): Promise<readonly string[]> =>
  (
    await queryFields<Pick<JobDocument, 'jobId'>>(JOBS, {
      fields: ['jobId'],
      where: `c.type = 'job' AND ${OPEN_JOB_CONDITION}`,
    })
  ).map(({ jobId }) => jobId);

/** The newest drill of a whole plan that completed without exceptions. */
export async function findLastGoodDrill(planId: string): Promise<WithEtag<JobDocument> | undefined> {
  // Jobs of schema 9 and earlier have `leaveOut` in their commands.
  const whole = ['exclude', 'leaveOut']
    .map((list) => `(NOT IS_DEFINED(c.command.${list}) OR ARRAY_LENGTH(c.command.${list}) = 0)`)
    .join(' AND ');
  const [drill] = await queryDocuments<JobDocument>(JOBS, {
    where:
      `c.type = 'job' AND c.plan.id = @planId AND c.command.operation = 'testFailover' AND ` +
      `c.state = 'completed' AND ${whole}`,
    parameters: { planId },
    orderBy: 'c.endedAt DESC',
    limit: 1,
  });
  return drill;
}

/** The newest ended drill of a plan, with any result. */
export async function findLastDrill(planId: string): Promise<WithEtag<JobDocument> | undefined> {
  const [drill] = await queryDocuments<JobDocument>(JOBS, {
    where:
      "c.type = 'job' AND c.plan.id = @planId AND c.command.operation = 'testFailover' AND " +
      'IS_STRING(c.endedAt)',
    parameters: { planId },
    orderBy: 'c.endedAt DESC',
    limit: 1,
  });
  return drill;
}
