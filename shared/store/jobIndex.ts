// One summary per job, for lists. It follows the job: written after the job itself, and written again whenever it is found behind.
import { isFinalJob, JobState } from '../domain/words.ts';
import { batch, create, page, query, read, type Page, type Stored } from './cosmos.ts';
import { SCHEMA, type JobDocument, type JobSummaryDocument } from './documents.ts';

const INDEX = 'jobIndex';
const MOST_TRIES = 5;

export const monthOf = (time: string): string => time.slice(0, 7);

export const summaryOf = (job: JobDocument): JobSummaryDocument => ({
  id: job.jobId, type: 'jobSummary', schema: SCHEMA, month: monthOf(job.acceptedAt), epoch: job.epoch, state: job.state,
  operation: job.command.operation, vms: job.command.vms.length,
  requestedBy: { id: job.caller.id, name: job.caller.name, door: job.caller.door }, ticket: job.command.ticket ?? null,
  acceptedAt: job.acceptedAt, startedAt: job.startedAt, endedAt: job.endedAt,
  exceptions: job.exceptionCount, error: job.error?.code ?? null,
});

/** How far the job has come; a summary never goes back, however late a slow writer is. */
const progress = ({ state, epoch }: Pick<JobDocument, 'state' | 'epoch'>): number =>
  3 * epoch + (isFinalJob(state) ? 2 : state === JobState.running ? 1 : 0);

/** Whether the job has gone on since its summary was written. */
export const isBehind = (summary: JobSummaryDocument | undefined, job: JobDocument): boolean => !summary || progress(summary) < progress(job);

/** True when the summary had to be written. */
export async function indexJob(job: JobDocument): Promise<boolean> {
  const summary = summaryOf(job);
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const known = await read<JobSummaryDocument>(INDEX, summary.id, summary.month);
    if (!isBehind(known, job)) return false;
    const written = known ? await batch(INDEX, summary.month, [{ replace: summary, etag: known._etag }]) : await create(INDEX, summary);
    if (written) return true;
  }
  return false;
}

/** Summaries that say the job goes on: true of it, or left behind by it. */
export const unfinishedSummaries = (): Promise<Stored<JobSummaryDocument>[]> =>
  query<JobSummaryDocument>(INDEX, { where: "c.type = 'jobSummary' AND c.state IN ('accepted', 'running')" });

/** The jobs accepted in a month, newest first. */
export const jobsOfMonth = (month: string, size: number, token?: string): Promise<Page<JobSummaryDocument>> =>
  page<JobSummaryDocument>(INDEX, { where: "c.type = 'jobSummary'", order: 'c.acceptedAt DESC', partition: { key: 'month', value: month } }, size, token);
