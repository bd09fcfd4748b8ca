// Keeps the list of jobs true: each job's summary is written again where it is missing, or behind its job.
import type { JobDocument } from '../journal/documents.ts';
import { saveJobSummary, isOutdated, listUnfinishedSummaries } from '../journal/jobSummaries.ts';
import { readJob } from '../journal/job.ts';

/** As the job stands now. */
export async function refreshSummary(jobId: string): Promise<boolean> {
  const job = await readJob(jobId);
  return job !== undefined && saveJobSummary(job);
}

/** How many were written. A job that has ended is found by its summary, which still says that it goes on. */
export async function repairSummaries(unfinished: readonly JobDocument[]): Promise<number> {
  const open = new Map((await listUnfinishedSummaries()).map((summary) => [summary.id, summary]));
  const known = new Set(unfinished.map((job) => job.jobId));
  const behind = unfinished.filter((job) => isOutdated(open.get(job.jobId), job)).map((job) => job.jobId);
  const left = [...open.keys()].filter((jobId) => !known.has(jobId));
  let written = 0;
  for (const jobId of [...behind, ...left]) if (await refreshSummary(jobId)) written++;
  return written;
}
