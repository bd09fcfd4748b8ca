// Keeps the list of jobs true: each job's summary is written again where it is missing, or behind its job.
import type { JobDocument } from '../journal/documents.ts';
import { indexJob, isBehind, unfinishedSummaries } from '../journal/jobIndex.ts';
import { readJob } from '../journal/job.ts';

/** As the job stands now. */
export async function reindex(jobId: string): Promise<boolean> {
  const job = await readJob(jobId);
  return job !== undefined && indexJob(job);
}

/** How many were written. A job that has ended is found by its summary, which still says that it goes on. */
export async function repairSummaries(unfinished: readonly JobDocument[]): Promise<number> {
  const open = new Map((await unfinishedSummaries()).map((summary) => [summary.id, summary]));
  const known = new Set(unfinished.map((job) => job.jobId));
  const behind = unfinished.filter((job) => isBehind(open.get(job.jobId), job)).map((job) => job.jobId);
  const left = [...open.keys()].filter((jobId) => !known.has(jobId));
  let written = 0;
  for (const jobId of [...behind, ...left]) if (await reindex(jobId)) written++;
  return written;
}
