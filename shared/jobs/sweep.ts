// Finds what fell between two chairs: jobs accepted and not started, jobs whose walk has failed or is gone, summaries behind their job.
import { clock } from '../clock.ts';
import { logLine, Place, saveJob, unfinishedJobs } from '../store/jobs.ts';
import type { JobDocument } from '../store/documents.ts';
import type { Stored } from '../store/cosmos.ts';
import { repairSummaries } from './summaries.ts';

/** The little of the durable client that jobs need. */
export interface Walks {
  start(jobId: string, epoch: number): Promise<void>;
  /** Gone: no such walk, or one that ended without ending the job. */
  state(jobId: string, epoch: number): Promise<'alive' | 'gone'>;
}

/** A door starts its job within this time, or has died. */
const STARTS_WITHIN = 30_000;

export async function sweep(walks: Walks): Promise<{ started: number; repaired: number; indexed: number }> {
  const now = await clock().now();
  const unfinished = await unfinishedJobs();
  let started = 0;
  let repaired = 0;
  for (const job of unfinished) {
    if ((await walks.state(job.jobId, job.epoch)) === 'alive') continue;
    if (job.run === null) {
      if (now.getTime() - Date.parse(job.repairedAt ?? job.acceptedAt) < STARTS_WITHIN) continue;
      await walks.start(job.jobId, job.epoch);
      started++;
    } else if (await raiseEpoch(job, now)) {
      await walks.start(job.jobId, job.epoch + 1);
      repaired++;
    }
  }
  return { started, repaired, indexed: await repairSummaries(unfinished) };
}

/** From here on nothing that the dead walk still tries is taken. */
const raiseEpoch = (job: Stored<JobDocument>, now: Date): Promise<boolean> =>
  saveJob(job, { epoch: job.epoch + 1, run: null, repairedAt: now.toISOString() }, [
    logLine(job.jobId, Place.first, `repair:${job.epoch + 1}`, `The walk of epoch ${job.epoch} was found dead; epoch ${job.epoch + 1} takes over.`, now),
  ], now);
