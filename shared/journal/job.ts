// The job's own document: created once, changed under its ETag.
import { isFinalJob, JOB_MOVES, OPEN_JOB_STATES, type JobMover } from '../core/states/job.ts';
import { mustMove } from '../core/states/moves.ts';
import { batch, query, read, type Stored, type Write } from '../store/cosmos.ts';
import type { JobDocument, LogDocument } from './documents.ts';
import type { EntryDocument } from '../outbox/documents.ts';
import { newsOfJob } from './outbox.ts';

const JOBS = 'jobs';

/** A walk of an older epoch may neither write to ARM nor to the job any more. */
export const isSuperseded = (document: { readonly epoch: number }, epoch: number): boolean =>
  document.epoch !== epoch;

/** False when the job is already there. */
export async function createJob(job: JobDocument): Promise<boolean> {
  const news = newsOfJob(undefined, job, new Date(job.acceptedAt));
  return (await batch(JOBS, job.jobId, [{ create: job }, ...news.map(toCreate)])) !== undefined;
}

export const readJob = (jobId: string): Promise<Stored<JobDocument> | undefined> =>
  read<JobDocument>(JOBS, 'job', jobId);

/**
 * A change that leaves the job's state as it is.
 * False when somebody else changed the job in between; the caller reads again. `also`: writes of the same batch.
 */
export async function saveJob(
  job: Stored<JobDocument>,
  change: Partial<Omit<JobDocument, 'state'>>,
  log: readonly LogDocument[],
  now: Date,
  also: readonly Write[] = [],
): Promise<boolean> {
  const next: JobDocument = { ...job, ...change };
  if (next.state !== job.state)
    throw new Error(`Only moveJob moves a job from ${job.state} to ${next.state}. Nothing was written.`);
  return write(job, next, log, now, also);
}

/** A change of the job's state, which the mover must be allowed to make. False as for `saveJob`. */
export async function moveJob(
  job: Stored<JobDocument>,
  mover: JobMover,
  change: Partial<JobDocument> & Pick<JobDocument, 'state'>,
  log: readonly LogDocument[],
  now: Date,
  also: readonly Write[] = [],
): Promise<boolean> {
  const next: JobDocument = { ...job, ...change };
  mustMove('job', JOB_MOVES, mover, job.state, next.state);
  // What the old epoch still tries must be refused from then on.
  if (isFinalJob(job.state) && next.epoch <= job.epoch)
    throw new Error(
      `Job ${job.jobId} has ended at epoch ${job.epoch}, and goes on only at a later one. Nothing was written.`,
    );
  return write(job, next, log, now, also);
}

async function write(
  job: Stored<JobDocument>,
  next: JobDocument,
  log: readonly LogDocument[],
  now: Date,
  also: readonly Write[],
): Promise<boolean> {
  const writes = [
    { replace: next, etag: job._etag },
    ...log.map((line): Write => ({ put: line })),
    ...newsOfJob(job, next, now).map(toCreate),
    ...also,
  ];
  return (await batch(JOBS, job.jobId, writes)) !== undefined;
}

const toCreate = (document: EntryDocument): Write => ({ create: document });

/** Of a job or its summary, as a condition of a query. */
export const IS_OPEN = `c.state IN (${OPEN_JOB_STATES.map((state) => `'${state}'`).join(', ')})`;
export const unfinishedJobs = (): Promise<Stored<JobDocument>[]> =>
  query<JobDocument>(JOBS, { where: `c.type = 'job' AND ${IS_OPEN}` });

/** The newest drill of a whole plan that completed, without exceptions. */
export async function lastGoodDrill(planId: string): Promise<Stored<JobDocument> | undefined> {
  // Jobs of schema 9 and earlier have `leaveOut` in their commands.
  const whole = ['exclude', 'leaveOut']
    .map((list) => `(NOT IS_DEFINED(c.command.${list}) OR ARRAY_LENGTH(c.command.${list}) = 0)`)
    .join(' AND ');
  const [drill] = await query<JobDocument>(JOBS, {
    where:
      `c.type = 'job' AND c.plan.id = @planId AND c.command.operation = 'testFailover' AND ` +
      `c.state = 'completed' AND ${whole}`,
    parameters: { planId },
    order: 'c.endedAt DESC',
    most: 1,
  });
  return drill;
}

/** The newest run of a plan's drill that has ended, however it ended. */
export async function lastDrillOf(planId: string): Promise<Stored<JobDocument> | undefined> {
  const [drill] = await query<JobDocument>(JOBS, {
    where:
      "c.type = 'job' AND c.plan.id = @planId AND c.command.operation = 'testFailover' AND " +
      'IS_STRING(c.endedAt)',
    parameters: { planId },
    order: 'c.endedAt DESC',
    most: 1,
  });
  return drill;
}
