// Repairs the list of jobs: writes the summary of a job again if it is missing or lags behind. The
// sweep calls this module.
import { messageOf } from '../core/errors.ts';
import type { JobDocument } from '../journal/documents.ts';
import { saveJobSummary, isOutdated, listUnfinishedSummaries } from '../journal/jobSummaries.ts';
import { readJob } from '../journal/job.ts';

/** Writes the summary from the current state of the job. True: a write was necessary. */
export async function refreshSummary(jobId: string): Promise<boolean> {
  const job = await readJob(jobId);
  return job !== undefined && saveJobSummary(job);
}

/**
 * Returns the number of written summaries. A summary that still calls an ended job unfinished leads
 * to that job. `warn` receives the failure of one summary, and the others are still repaired.
 */
export async function repairSummaries(
  unfinished: readonly JobDocument[],
  warn: (message: string) => void,
): Promise<number> {
  const open = new Map((await listUnfinishedSummaries()).map((summary) => [summary.id, summary]));
  const known = new Set(unfinished.map((job) => job.jobId));
  const behind = unfinished.filter((job) => isOutdated(open.get(job.jobId), job)).map((job) => job.jobId);
  const left = [...open.keys()].filter((jobId) => !known.has(jobId));
  let written = 0;
  for (const jobId of [...behind, ...left]) {
    const isWritten = await refreshSummary(jobId).catch((error: unknown) =>
      warn(`The summary of job ${jobId} is left to the next sweep: ${messageOf(error)}`),
    );
    if (isWritten) written++;
  }
  return written;
}
