// Finds what fell between two chairs: jobs accepted and not started, jobs whose walk has failed or is gone,
// VMs that jobs still hold after their end, summaries behind their job.
import { clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import { saveJob, listUnfinishedJobs } from '../journal/job.ts';
import { logLine, LogSection } from '../journal/log.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { findLockOwners } from '../replications/registry.ts';
import { releaseIfEnded } from '../runs/lockTargets.ts';
import { repairSummaries } from './repairSummaries.ts';

/** The little of the durable client that jobs need. */
export interface Orchestrations {
  start(jobId: string, epoch: number): Promise<void>;
  /** Ended: without ending the job. Missing: the client knows no such walk. */
  state(jobId: string, epoch: number): Promise<'alive' | 'ended' | 'missing'>;
}

/** A door starts its job within this time, or has died. */
const START_GRACE_MILLISECONDS = 30_000;
/** Two looks that are so far apart are no two looks of one moment. */
const MISSING_GRACE_MILLISECONDS = 30_000;

export interface SweepResult {
  readonly started: number;
  readonly repaired: number;
  readonly indexed: number;
}

/** `warn` is told what could not be done for one job: the others are looked after all the same. */
export async function sweep(
  orchestrations: Orchestrations,
  warn: (message: string) => void,
): Promise<SweepResult> {
  const now = await clock().now();
  const unfinished = await listUnfinishedJobs();
  const counts = { started: 0, repaired: 0 };
  for (const job of unfinished) {
    await warnOnFailure(`Job ${job.jobId} is`, warn, async () => {
      const outcome = await repairJob(job, orchestrations, now);
      if (outcome) counts[outcome]++;
    });
  }
  const known = new Set(unfinished.map(({ jobId }) => jobId));
  await warnOnFailure('What jobs hold after their end is', warn, async () => {
    for (const jobId of await findLockOwners()) if (!known.has(jobId)) await releaseIfEnded(jobId);
  });
  return { ...counts, indexed: await repairSummaries(unfinished) };
}

const warnOnFailure = (
  what: string,
  warn: (message: string) => void,
  act: () => Promise<void>,
): Promise<void> =>
  act().catch((error: unknown) => {
    warn(`${what} left to the next sweep: ${messageOf(error)}`);
  });

async function repairJob(
  job: WithEtag<JobDocument>,
  orchestrations: Orchestrations,
  now: Date,
): Promise<'started' | 'repaired' | undefined> {
  const state = await orchestrations.state(job.jobId, job.epoch);
  const missingSince = state === 'missing' ? (job.walkMissingSince ?? now.toISOString()) : null;
  if (job.run !== null && state !== 'ended' && missingSince !== (job.walkMissingSince ?? null)) {
    await saveJob(job, { walkMissingSince: missingSince }, [], now);
  }
  if (state === 'alive') return undefined;
  if (job.run === null) {
    if (now.getTime() - Date.parse(job.repairedAt ?? job.acceptedAt) < START_GRACE_MILLISECONDS)
      return undefined;
    await orchestrations.start(job.jobId, job.epoch);
    return 'started';
  }
  // One answer that the client knows no such walk may be a mistake; two in a row are believed.
  if (missingSince !== null && now.getTime() - Date.parse(missingSince) < MISSING_GRACE_MILLISECONDS)
    return undefined;
  if (!(await raiseEpoch(job, now))) return undefined;
  await orchestrations.start(job.jobId, job.epoch + 1);
  return 'repaired';
}

/** From here on nothing that the dead walk still tries is taken. */
const raiseEpoch = (job: WithEtag<JobDocument>, now: Date): Promise<boolean> =>
  saveJob(
    job,
    { epoch: job.epoch + 1, run: null, repairedAt: now.toISOString(), walkMissingSince: null },
    [
      logLine(
        job.jobId,
        LogSection.first,
        `repair:${job.epoch + 1}`,
        `The walk of epoch ${job.epoch} was found dead; epoch ${job.epoch + 1} takes over.`,
        now,
      ),
    ],
    now,
  );
