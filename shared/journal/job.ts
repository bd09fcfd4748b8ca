// The job's own document: created once, changed under its ETag.
import {
  isFinalJobState,
  JOB_TRANSITIONS,
  OPEN_JOB_STATES,
  type JobTransitionCause,
} from '../core/states/job.ts';
import { assertTransition } from '../core/states/transitions.ts';
import { writeBatch, queryDocuments, readDocument, type WithEtag, type BatchWrite } from '../store/cosmos.ts';
import type { JobDocument, LogDocument } from './documents.ts';
import type { EventDocument } from '../outbox/documents.ts';
import { eventsOfJobChange } from './outbox.ts';

const JOBS = 'jobs';

/** A walk of an older epoch may neither write to ARM nor to the job any more. */
export const isSuperseded = (document: { readonly epoch: number }, epoch: number): boolean =>
  document.epoch !== epoch;

/** False when the job is already there. */
export async function createJob(job: JobDocument): Promise<boolean> {
  const news = eventsOfJobChange(undefined, job, new Date(job.acceptedAt));
  return (await writeBatch(JOBS, job.jobId, [{ create: job }, ...news.map(createWrite)])) !== undefined;
}

export const readJob = (jobId: string): Promise<WithEtag<JobDocument> | undefined> =>
  readDocument<JobDocument>(JOBS, 'job', jobId);

/**
 * A change that leaves the job's state as it is.
 * False when somebody else changed the job in between; the caller reads again. `also`: writes of the same batch.
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
    throw new Error(`Only moveJob moves a job from ${job.state} to ${next.state}. Nothing was written.`);
  return saveWithEvents(job, next, log, now, otherWrites);
}

/** A change of the job's state, which the mover must be allowed to make. False as for `saveJob`. */
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
  // What the old epoch still tries must be refused from then on.
  if (isFinalJobState(job.state) && next.epoch <= job.epoch)
    throw new Error(
      `Job ${job.jobId} has ended at epoch ${job.epoch}, and goes on only at a later one. Nothing was written.`,
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

/** Of a job or its summary, as a condition of a query. */
export const OPEN_JOB_CONDITION = `c.state IN (${OPEN_JOB_STATES.map((state) => `'${state}'`).join(', ')})`;
export const listUnfinishedJobs = (): Promise<WithEtag<JobDocument>[]> =>
  queryDocuments<JobDocument>(JOBS, { where: `c.type = 'job' AND ${OPEN_JOB_CONDITION}` });

/** The newest drill of a whole plan that completed, without exceptions. */
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

/** The newest run of a plan's drill that has ended, however it ended. */
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
