// The sweep repairs jobs after a crash. It starts accepted jobs, replaces dead orchestrations,
// releases the locks of ended jobs, and repairs summaries. A timer calls it.
import { clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { listUnfinishedJobIds, readJob, saveJob } from '../journal/job.ts';
import { logLine, LogSection } from '../journal/log.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { findLockOwners } from '../replications/registry.ts';
import { releaseIfEnded } from '../runs/lockTargets.ts';
import { repairSummaries } from './repairSummaries.ts';

/** The part of the Durable client that jobs need. */
export interface Orchestrations {
  start(jobId: string, epoch: number): Promise<void>;
  /**
   * `ended`: the orchestration has ended, but its job has not. `missing`: the client knows no such
   * orchestration.
   */
  state(jobId: string, epoch: number): Promise<'alive' | 'ended' | 'missing'>;
}

/** A route starts its job within this time, or its process has died. */
const START_GRACE_MILLISECONDS = 30_000;
/** Two checks must be at least this far apart to count as two observations. */
const MISSING_GRACE_MILLISECONDS = 30_000;

/** How many jobs the sweep started and repaired, and how many summaries it wrote. */
export interface SweepResult {
  readonly started: number;
  readonly repaired: number;
  readonly indexed: number;
}

/**
 * Repairs all jobs. `warn` receives the failure of one job, and the sweep continues with the
 * others.
 */
export async function sweep(
  orchestrations: Orchestrations,
  warn: (message: string) => void,
): Promise<SweepResult> {
  const now = await clock().now();
  const counts = { started: 0, repaired: 0 };
  const unfinished: WithEtag<JobDocument>[] = [];
  // Reads each job alone: one unreadable document, such as one of a newer Lifeboat, stops no other.
  const known = new Set(await listUnfinishedJobIds());
  for (const jobId of known) {
    await warnOnFailure(`Job ${jobId} is`, warn, async () => {
      const job = await readJob(jobId);
      if (!job || isFinalJobState(job.state)) return;
      unfinished.push(job);
      const outcome = await repairJob(job, orchestrations, now);
      if (outcome) counts[outcome]++;
    });
  }
  await warnOnFailure('The release of locks of ended jobs is', warn, async () => {
    for (const jobId of await findLockOwners())
      if (!known.has(jobId))
        await warnOnFailure(`The release of locks of job ${jobId} is`, warn, () => releaseIfEnded(jobId));
  });
  return { ...counts, indexed: await repairSummaries(unfinished, warn) };
}

const warnOnFailure = (
  subject: string,
  warn: (message: string) => void,
  act: () => Promise<void>,
): Promise<void> =>
  act().catch((error: unknown) => {
    warn(`${subject} left to the next sweep: ${messageOf(error)}`);
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
  // One `missing` answer may be a mistake. Two in a row count.
  if (missingSince !== null && now.getTime() - Date.parse(missingSince) < MISSING_GRACE_MILLISECONDS)
    return undefined;
  if (!(await raiseEpoch(job, now))) return undefined;
  await orchestrations.start(job.jobId, job.epoch + 1);
  return 'repaired';
}

/** From now on every write of the dead orchestration fails. */
const raiseEpoch = (job: WithEtag<JobDocument>, now: Date): Promise<boolean> =>
  saveJob(
    job,
    { epoch: job.epoch + 1, run: null, repairedAt: now.toISOString(), walkMissingSince: null },
    [
      logLine(
        job.jobId,
        LogSection.first,
        `repair:${job.epoch + 1}`,
        `The orchestration of epoch ${job.epoch} was dead; epoch ${job.epoch + 1} takes over.`,
        now,
      ),
    ],
    now,
  );
