// Finds what fell between two chairs: jobs accepted and not started, jobs whose walk has failed or is gone,
// VMs that jobs still hold after their end, summaries behind their job.
import { clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import { saveJob, unfinishedJobs } from '../journal/job.ts';
import { logLine, Place } from '../journal/log.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { Stored } from '../store/cosmos.ts';
import { holders } from '../replications/registry.ts';
import { freeIfEnded } from '../runs/held.ts';
import { repairSummaries } from './summaries.ts';

/** The little of the durable client that jobs need. */
export interface Walks {
  start(jobId: string, epoch: number): Promise<void>;
  /** Ended: without ending the job. Missing: the client knows no such walk. */
  state(jobId: string, epoch: number): Promise<'alive' | 'ended' | 'missing'>;
}

/** A door starts its job within this time, or has died. */
const STARTS_WITHIN = 30_000;
/** Two looks that are so far apart are no two looks of one moment. */
const LOOKS_APART = 30_000;

export interface Swept {
  readonly started: number;
  readonly repaired: number;
  readonly indexed: number;
}

/** `warn` is told what could not be done for one job: the others are looked after all the same. */
export async function sweep(walks: Walks, warn: (message: string) => void): Promise<Swept> {
  const now = await clock().now();
  const unfinished = await unfinishedJobs();
  const done = { started: 0, repaired: 0 };
  for (const job of unfinished) {
    await leftToNext(`Job ${job.jobId} is`, warn, async () => {
      const what = await lookAfter(job, walks, now);
      if (what) done[what]++;
    });
  }
  const known = new Set(unfinished.map(({ jobId }) => jobId));
  await leftToNext('What jobs hold after their end is', warn, async () => {
    for (const jobId of await holders()) if (!known.has(jobId)) await freeIfEnded(jobId);
  });
  return { ...done, indexed: await repairSummaries(unfinished) };
}

const leftToNext = (what: string, warn: (message: string) => void, act: () => Promise<void>): Promise<void> =>
  act().catch((error: unknown) => {
    warn(`${what} left to the next sweep: ${messageOf(error)}`);
  });

async function lookAfter(
  job: Stored<JobDocument>,
  walks: Walks,
  now: Date,
): Promise<'started' | 'repaired' | undefined> {
  const state = await walks.state(job.jobId, job.epoch);
  const missingSince = state === 'missing' ? (job.walkMissingSince ?? now.toISOString()) : null;
  if (job.run !== null && state !== 'ended' && missingSince !== (job.walkMissingSince ?? null)) {
    await saveJob(job, { walkMissingSince: missingSince }, [], now);
  }
  if (state === 'alive') return undefined;
  if (job.run === null) {
    if (now.getTime() - Date.parse(job.repairedAt ?? job.acceptedAt) < STARTS_WITHIN) return undefined;
    await walks.start(job.jobId, job.epoch);
    return 'started';
  }
  // One answer that the client knows no such walk may be a mistake; two in a row are believed.
  if (missingSince !== null && now.getTime() - Date.parse(missingSince) < LOOKS_APART) return undefined;
  if (!(await raiseEpoch(job, now))) return undefined;
  await walks.start(job.jobId, job.epoch + 1);
  return 'repaired';
}

/** From here on nothing that the dead walk still tries is taken. */
const raiseEpoch = (job: Stored<JobDocument>, now: Date): Promise<boolean> =>
  saveJob(
    job,
    { epoch: job.epoch + 1, run: null, repairedAt: now.toISOString(), walkMissingSince: null },
    [
      logLine(
        job.jobId,
        Place.first,
        `repair:${job.epoch + 1}`,
        `The walk of epoch ${job.epoch} was found dead; epoch ${job.epoch + 1} takes over.`,
        now,
      ),
    ],
    now,
  );
