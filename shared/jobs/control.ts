// Pausing, resuming and cancelling a job; trying again what failed; leaving something out; taking a
// job over. Each says who and why.
import * as z from 'zod';
import { OPERATIONS } from '../access/roles.ts';
import { type Role } from '../core/role.ts';
import { clock } from '../core/clock.ts';
import { isFinalJob, mayBeRetried } from '../core/states/job.ts';
import { hasBegun } from '../core/states/step.ts';
import { ErrorKind, rejected } from '../core/errors.ts';
import type { Stored } from '../store/cosmos.ts';
import { controlWrites, readControl, saveControl, saySourceLost } from '../journal/control.ts';
import type { ControlDocument, JobDocument, StepDocument } from '../journal/documents.ts';
import type { Caller } from '../access/caller.ts';
import { indexJob } from '../journal/jobIndex.ts';
import { moveJob, readJob, saveJob } from '../journal/job.ts';
import { logLine, Place } from '../journal/log.ts';
import { saveStep } from '../journal/saveStep.ts';
import { isOpen, stepsOf } from '../journal/steps.ts';
import { findLocks } from '../replications/registry.ts';
import { messageOfHeld, targetsOf } from '../runs/held.ts';
import { isLeftOver } from '../journal/leftOver.ts';

export const Why = z.strictObject({ reason: z.string().trim().min(1).max(1000) });
export const MaybeWhy = z.strictObject({ reason: z.string().trim().min(1).max(1000).optional() });
export const Skip = Why.extend({
  target: z.string().trim().min(1).max(100),
  phase: z.string().trim().min(1).max(40).optional(),
});

/** Whoever may begin an operation may also hold it up. */
export async function jobFor(jobId: string, caller: Caller): Promise<Stored<JobDocument>> {
  const job = await readJob(jobId);
  if (!job) throw rejected(404, 'JobUnknown', `There is no job ${jobId}.`);
  const roles: readonly Role[] = OPERATIONS[job.command.operation];
  if (!roles.some((role) => caller.roles.includes(role)))
    throw rejected(
      403,
      'RoleMissing',
      `A job of ${job.command.operation} is steered by ${roles.join(' or ')}; ${caller.name} ` +
        `has ${caller.roles.join(', ') || 'none'}. Nothing was changed.`,
    );
  return job;
}

const MOST_TRIES = 5;

/** Says it once; who says the same again changes nothing. */
export async function steer(
  jobId: string,
  wish: ControlDocument['wish'],
  caller: Caller,
  reason: string | undefined,
): Promise<JobDocument> {
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const [job, before] = [await jobFor(jobId, caller), await readControl(jobId)];
    if (isFinalJob(job.state))
      throw rejected(409, 'JobEnded', `Job ${jobId} has ended: ${job.state}. Nothing was changed.`);
    const present = before?.wish ?? 'running';
    if (present === wish) return job;
    if (present === 'cancelled')
      throw rejected(
        409,
        'JobCancelled',
        `Job ${jobId} is to be cancelled; what runs is followed to its end, and nothing new is ` +
          'started. Nothing was changed.',
      );
    if (await saveControl(jobId, before, { wish, by: caller, reason: reason ?? null }, await clock().now()))
      return job;
  }
  throw rejected(
    409,
    'JobContended',
    `Others steer job ${jobId} at the same time. Nothing was changed; look at it, and say it again.`,
  );
}

/** The failed and skipped steps of a job that has ended, at the next epoch; those done stay done. */
export async function retry(jobId: string, caller: Caller, reason: string | undefined): Promise<JobDocument> {
  const job = await jobFor(jobId, caller);
  if (!mayBeRetried(job.state))
    throw rejected(
      409,
      'NothingToRetry',
      `Job ${jobId} is ${job.state}; only one that has ended with something left over can be ` +
        'tried again. Nothing was started.',
    );
  const steps = await stepsOf(jobId);
  const left = steps.filter(isLeftOver);
  if (left.length === 0)
    throw rejected(
      409,
      'NothingToRetry',
      `Job ${jobId} ended before anything of it was laid ` +
        `out${job.error ? ` (${job.error.message})` : ''}. Nothing was started. Send the command ` +
        'anew, with a new key.',
    );
  const names = new Map(targetsOf(steps, left).map(({ targetId, name }) => [targetId, name]));
  const held = (await findLocks([...names.keys()])).map((lock) => ({
    name: names.get(lock.targetId) ?? lock.targetId,
    jobId: lock.jobId,
  }));
  if (held.length > 0) throw rejected(409, 'VmHeld', messageOfHeld(held));
  const now = await clock().now();
  const epoch = job.epoch + 1;
  const said =
    `${left.length} steps are tried again at epoch ${epoch}, by ` +
    `${caller.name}${reason ? `: ${reason}` : '.'}`;
  // The outcome stays until the new epoch has one; its state and its end give way to those of a job
  // that goes on.
  const { state, error, endedAt } = job;
  const next = {
    epoch,
    state: 'accepted',
    run: null,
    retried: epoch,
    endedAt: null,
    endedBefore: { state, error, endedAt },
    repairedAt: now.toISOString(),
  } as const;
  const control = await readControl(jobId);
  // In one batch with the job: a cancel that comes later is for the new epoch, and must stand.
  const also =
    control && control.wish !== 'running'
      ? controlWrites(jobId, control, { wish: 'running', by: caller, reason: reason ?? null }, now)
      : [];
  if (
    !(await moveJob(
      job,
      'retry',
      next,
      [logLine(jobId, Place.first, `retry:${epoch}`, said, now, caller)],
      now,
      also,
    ))
  )
    return retry(jobId, caller, reason);
  const begun = { ...job, ...next };
  await indexJob(begun).catch(() => false);
  return begun;
}

/** Leaves out what has not begun. What has is followed to its end: Azure cannot be told to forget it. */
export async function skip(jobId: string, wish: z.infer<typeof Skip>, caller: Caller): Promise<JobDocument> {
  const job = await jobFor(jobId, caller);
  const meant = (await stepsOf(jobId)).filter(
    (step) => step.targetId === wish.target && (wish.phase === undefined || step.phase === wish.phase),
  );
  const open = meant.filter(isOpen).sort((a, b) => a.order - b.order);
  const [first] = open;
  if (!first)
    throw rejected(
      404,
      'StepUnknown',
      `Job ${jobId} has no open step of ` +
        `${wish.target}${wish.phase ? ` in ${wish.phase}` : ''}. Nothing was changed.`,
    );
  const begun = open.find(({ state }) => hasBegun(state));
  if (begun)
    throw rejected(
      409,
      'StepBegun',
      `${begun.phase} of ${begun.targetName} has begun and is followed to its end; it cannot ` +
        'be left out any more. Nothing was changed.',
    );
  if (!(await leaveOut(first, wish, caller))) return skip(jobId, wish, caller);
  // Without the first none of the others begins: one that somebody changed meanwhile was left out for that.
  for (const step of open.slice(1)) await leaveOut(step, wish, caller);
  return job;
}

async function leaveOut(
  step: Stored<StepDocument>,
  { reason }: z.infer<typeof Skip>,
  caller: Caller,
): Promise<boolean> {
  const now = await clock().now();
  const error = {
    kind: ErrorKind.rejected,
    code: 'SkippedByPerson',
    message: `Left out by ${caller.name}: ${reason}`,
  };
  const change = { state: 'skipped', error, endedAt: now.toISOString(), waitsFor: null } as const;
  return (await saveStep(step, { step: change, log: error.message, by: caller }, now)) !== undefined;
}

/**
 * A walk that hangs, or whose region is gone, is taken from here on by a new one; what the old one
 * still tries is refused.
 */
export async function takeOver(jobId: string, caller: Caller, reason: string): Promise<JobDocument> {
  const job = await jobFor(jobId, caller);
  if (isFinalJob(job.state))
    throw rejected(409, 'JobEnded', `Job ${jobId} has ended: ${job.state}. Nothing was changed.`);
  const now = await clock().now();
  const next = { epoch: job.epoch + 1, run: null, repairedAt: now.toISOString() };
  const said = `Taken over at epoch ${next.epoch} by ${caller.name}: ${reason}`;
  if (
    !(await saveJob(
      job,
      next,
      [logLine(jobId, Place.first, `takeOver:${next.epoch}`, said, now, caller)],
      now,
    ))
  )
    return takeOver(jobId, caller, reason);
  return { ...job, ...next };
}

/**
 * The source has died in mid-run: those whose turn is still to come are brought over as they stand
 * in Azure, and nothing waits for their shut-down.
 */
export async function loseSource(jobId: string, caller: Caller, reason: string): Promise<JobDocument> {
  const job = await jobFor(jobId, caller);
  if (isFinalJob(job.state))
    throw rejected(409, 'JobEnded', `Job ${jobId} has ended: ${job.state}. Nothing was changed.`);
  if (!('shutDownSource' in job.command) || !job.command.shutDownSource)
    throw rejected(
      409,
      'SourceNotAwaited',
      `Job ${jobId} does not shut its source down first. Nothing was changed.`,
    );
  await saySourceLost(jobId, caller, reason, await clock().now());
  return job;
}
