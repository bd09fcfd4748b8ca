// Pause, resume, cancel, retry, skip, take over, source lost: the requests of persons to a job.
// Each request records the person and the reason. The HTTP routes call this module.
import * as z from 'zod';
import type { Command } from '../commands/command.ts';
import { clock } from '../core/clock.ts';
import { isFinalJobState, mayBeRetried } from '../core/states/job.ts';
import { hasBegun } from '../core/states/step.ts';
import { ErrorKind, rejected } from '../core/errors.ts';
import type { WithEtag } from '../store/cosmos.ts';
import {
  controlWrites,
  readControl,
  saveControl,
  saveSourceLost,
  sourceFoundWrites,
} from '../journal/control.ts';
import type { ControlDocument, JobDocument, StepDocument } from '../journal/documents.ts';
import type { Caller } from '../access/caller.ts';
import { saveJobSummary } from '../journal/jobSummaries.ts';
import { transitionJob, requireJob, saveJob } from '../journal/job.ts';
import { logLine, LogSection } from '../journal/log.ts';
import { saveStep } from '../journal/saveStep.ts';
import { isOpen, listSteps } from '../journal/steps.ts';
import { findLocks } from '../replications/registry.ts';
import { blockedMessage, lockTargetsOf } from '../runs/lockTargets.ts';
import { isLeftOver } from '../journal/leftOver.ts';
import { findControlRefusal } from './answerRules.ts';

const reason = z.string().trim().min(1).max(1000);
/** A request body with a required reason. */
export const RequiredReason = z.strictObject({ reason: reason.describe('The reason, for the log.') });
/** A request body with an optional reason. */
export const OptionalReason = z.strictObject({
  reason: reason.optional().describe('The reason, for the log. Default: none.'),
});
/** The request body of a skip. */
export const SkipRequest = RequiredReason.extend({
  target: z.string().trim().min(1).max(100).describe('The target of the step, as the step shows it.'),
  phase: z
    .string()
    .trim()
    .min(1)
    .max(40)
    .optional()
    .describe('The phase of the step. Default: the only open step of the target.'),
});

/**
 * Reads a job for a caller that may control it. Control needs the same roles as the start of the
 * operation.
 */
export async function readSteerableJob(jobId: string, caller: Caller): Promise<WithEtag<JobDocument>> {
  const job = await requireJob(jobId);
  const refusal = findControlRefusal(job, caller);
  if (refusal) throw refusal;
  return job;
}

const MAX_TRIES = 5;

/** Records the request once. The same request again changes nothing. */
export async function setControlState(
  jobId: string,
  wanted: ControlDocument['wish'],
  caller: Caller,
  reason: string | undefined,
): Promise<JobDocument> {
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const [job, before] = [await readSteerableJob(jobId, caller), await readControl(jobId)];
    if (isFinalJobState(job.state))
      throw rejected(409, 'JobEnded', `Job ${jobId} has ended: ${job.state}. Nothing was changed.`);
    const current = before?.wish ?? 'running';
    if (current === wanted) return job;
    if (current === 'cancelled')
      throw rejected(
        409,
        'JobCancelled',
        `A person has cancelled job ${jobId}. Running steps continue to their end, and no new step ` +
          'starts. Nothing was changed.',
      );
    if (
      await saveControl(
        jobId,
        before,
        { wish: wanted, by: caller, reason: reason ?? null },
        await clock().now(),
      )
    )
      return job;
  }
  throw rejected(
    409,
    'JobContended',
    `Other requests change job ${jobId} at the same time. Nothing was changed. ` +
      'Check the job, then try again.',
  );
}

/** Retries the unsuccessful steps of an ended job at the next epoch. Successful steps stay done. */
export async function retry(jobId: string, caller: Caller, reason: string | undefined): Promise<JobDocument> {
  const job = await readSteerableJob(jobId, caller);
  if (!mayBeRetried(job.state))
    throw rejected(
      409,
      'NothingToRetry',
      `Job ${jobId} is ${job.state}. Only an ended job with unsuccessful steps can be ` +
        'retried. Nothing was started.',
    );
  const steps = await listSteps(jobId);
  const leftOverSteps = steps.filter(isLeftOver);
  if (leftOverSteps.length === 0)
    throw rejected(
      409,
      'NothingToRetry',
      steps.length > 0
        ? `Job ${jobId} has no unsuccessful step that can be tried again. Nothing was started.`
        : `Job ${jobId} ended before it had any ` +
            `steps${job.error ? ` (${job.error.message})` : ''}. Nothing was started. Send the command ` +
            'again, with a new key.',
    );
  const names = new Map(lockTargetsOf(steps, leftOverSteps).map(({ targetId, name }) => [targetId, name]));
  const locked = (await findLocks([...names.keys()])).map((lock) => ({
    name: names.get(lock.targetId) ?? lock.targetId,
    jobId: lock.jobId,
  }));
  if (locked.length > 0) throw rejected(409, 'VmHeld', blockedMessage(locked));
  const now = await clock().now();
  const epoch = job.epoch + 1;
  const message =
    `${leftOverSteps.length} steps are tried again at epoch ${epoch}, by ` +
    `${caller.name}${reason ? `: ${reason}` : '.'}`;
  // The outcome stays until the new epoch has its own. Only state and end change, to those of an
  // unfinished job.
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
  // In one batch with the job: a later cancellation is for the new epoch, and must stay.
  const controlChange =
    control && (control.wish !== 'running' || control.yields.length > 0)
      ? controlWrites(
          jobId,
          control,
          { wish: 'running', by: caller, reason: reason ?? null, yields: [] },
          now,
        )
      : [];
  if (
    !(await transitionJob(
      job,
      'retry',
      next,
      [logLine(jobId, LogSection.first, `retry:${epoch}`, message, now, caller)],
      now,
      [...controlChange, ...(await sourceFoundWrites(jobId, epoch, caller, now))],
    ))
  )
    return retry(jobId, caller, reason);
  const nextJob = { ...job, ...next };
  await saveJobSummary(nextJob).catch(() => false);
  return nextJob;
}

/**
 * Skips the steps that have not begun. A begun step continues to its end, because Azure cannot
 * forget a request.
 */
export async function skipOpenSteps(
  jobId: string,
  request: z.infer<typeof SkipRequest>,
  caller: Caller,
): Promise<JobDocument> {
  const job = await readSteerableJob(jobId, caller);
  const matchingSteps = (await listSteps(jobId)).filter(
    (step) =>
      step.targetId === request.target && (request.phase === undefined || step.phase === request.phase),
  );
  const openSteps = matchingSteps.filter(isOpen).sort((a, b) => a.order - b.order);
  const [first] = openSteps;
  if (!first)
    throw rejected(
      404,
      'StepUnknown',
      `Job ${jobId} has no open step of ` +
        `${request.target}${request.phase ? ` in ${request.phase}` : ''}. Nothing was changed.`,
    );
  const begunStep = openSteps.find(({ state }) => hasBegun(state));
  if (begunStep)
    throw rejected(
      409,
      'StepBegun',
      `${begunStep.phase} of ${begunStep.targetName} has begun and continues to its end. It is too late ` +
        'to skip the step. Nothing was changed.',
    );
  if (!(await skipOpenStep(first, request, caller))) return skipOpenSteps(jobId, request, caller);
  // After the skip of the first step none of the others can begin. If a save fails here, another
  // process has skipped that step for the same reason.
  for (const step of openSteps.slice(1)) await skipOpenStep(step, request, caller);
  return job;
}

async function skipOpenStep(
  step: WithEtag<StepDocument>,
  { reason }: z.infer<typeof SkipRequest>,
  caller: Caller,
): Promise<boolean> {
  const now = await clock().now();
  const error = {
    kind: ErrorKind.rejected,
    code: 'SkippedByPerson',
    message: `Skipped by ${caller.name}: ${reason}`,
  };
  const change = { state: 'skipped', error, endedAt: now.toISOString(), waitsFor: null } as const;
  return (await saveStep(step, { step: change, log: error.message, by: caller }, now)) !== undefined;
}

/**
 * Replaces an orchestration that hangs or lost its region. Every later write of the old one fails.
 */
export async function takeOver(jobId: string, caller: Caller, reason: string): Promise<JobDocument> {
  const job = await readSteerableJob(jobId, caller);
  if (isFinalJobState(job.state))
    throw rejected(409, 'JobEnded', `Job ${jobId} has ended: ${job.state}. Nothing was changed.`);
  const now = await clock().now();
  const next = { epoch: job.epoch + 1, run: null, repairedAt: now.toISOString() };
  const message = `Taken over at epoch ${next.epoch} by ${caller.name}: ${reason}`;
  if (
    !(await saveJob(
      job,
      next,
      [logLine(jobId, LogSection.first, `takeOver:${next.epoch}`, message, now, caller)],
      now,
    ))
  )
    return takeOver(jobId, caller, reason);
  return { ...job, ...next };
}

/** True for a command that shuts the source down, or waits for its last changes. */
const needsSource = (command: Command): boolean =>
  ('shutDownSource' in command && command.shutDownSource) ||
  ('kind' in command && command.kind === 'planned');

/**
 * Records that the source died during the run. The remaining VMs come up from their state in Azure:
 * nothing waits for their shutdown, and a planned failover becomes an unplanned one.
 */
export async function recordSourceLost(jobId: string, caller: Caller, reason: string): Promise<JobDocument> {
  const job = await readSteerableJob(jobId, caller);
  if (isFinalJobState(job.state))
    throw rejected(409, 'JobEnded', `Job ${jobId} has ended: ${job.state}. Nothing was changed.`);
  if (!needsSource(job.command))
    throw rejected(
      409,
      'SourceNotAwaited',
      `Job ${jobId} neither shuts its source down nor is a planned failover. Nothing was changed.`,
    );
  await saveSourceLost(jobId, caller, reason, await clock().now());
  return job;
}
