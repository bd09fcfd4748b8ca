// Polls the due actions and holds of a plan's run: starts waiting ones, and follows started ones.
// The orchestration of a job calls this activity until no action is open.

import { clock } from '../core/clock.ts';
import { TIME_TO_LIVE } from '../plans/rules/graph.ts';
import { isSuccessfulStepState } from '../core/states/step.ts';
import { messageOf } from '../core/errors.ts';
import { mapLimited } from '../azure/clients.ts';
import { listAnswers } from '../journal/answers.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { controlStateFor, readControl } from '../journal/control.ts';
import type { ControlDocument, JobDocument, StepDocument } from '../journal/documents.ts';
import { readNewestAttempt } from '../journal/attempts.ts';
import { isSuperseded, readJob } from '../journal/job.ts';
import { cancelledStepChange, saveStep } from '../journal/saveStep.ts';
import { listDueActionSteps, readStep, stepIdOf } from '../journal/steps.ts';
import { handlerOf } from './handlers.ts';
import {
  startedFields,
  deadlineOf,
  fail,
  MAX_POLL_SECONDS,
  skipAction,
  rejectedFault,
  saveActionThen,
  secondsUntil,
  SOON_SECONDS,
  succeed,
  timedOutFault,
  type NextActionPoll,
  type ActionContext,
} from '../attempts/actionContext.ts';

/** Names the job and the epoch of the calling orchestration. */
export interface PollActionsInput {
  readonly jobId: string;
  readonly epoch: number;
}

/** Tells the orchestration how many actions are open, and when to poll again. */
export interface PollActionsResult {
  readonly superseded: boolean;
  /** Number of due actions that have not ended. */
  readonly open: number;
  readonly nextSeconds: number;
}

const RETRY_SECONDS_AFTER_FAULT = 30;
/** A paused job checks after this time whether it may continue. */
const PAUSED_POLL_SECONDS = 30;

/** Polls each due action once. The result says `superseded` when a newer epoch owns the job. */
export async function pollActions({ jobId, epoch }: PollActionsInput): Promise<PollActionsResult> {
  const [job, steps, control] = await Promise.all([
    readJob(jobId),
    listDueActionSteps(jobId),
    readControl(jobId),
  ]);
  if (!job || isSuperseded(job, epoch) || steps.some((step) => isSuperseded(step, epoch)))
    return { superseded: true, open: steps.length, nextSeconds: 0 };
  const now = await clock().now();
  const isDrillOver = await isDrillTimeOver(job);
  const isActing = steps.some((step) => handlerOf(step).runsExternally && step.state !== 'waiting');
  let answersRead: ReturnType<typeof listAnswers> | undefined;
  const answers = () => (answersRead ??= listAnswers(jobId));
  const nextPolls = await mapLimited(steps, (step) =>
    processActionSafely(
      { step, job, epoch, now, answers, isDrillOver },
      isCancelledHold(step, control) && !isActing ? 'cancelled' : controlStateFor(step, control),
    ),
  );
  const openPolls = nextPolls.filter((next) => next !== 'ended');
  return {
    superseded: false,
    open: openPolls.length,
    nextSeconds: openPolls.length === 0 ? 0 : Math.max(1, Math.min(...openPolls, MAX_POLL_SECONDS)),
  };
}

/** True: the drill's time to live is over, so no action may wait any longer. */
async function isDrillTimeOver({ jobId, command, plan }: JobDocument): Promise<boolean> {
  if (command.operation !== 'testFailover' || plan === null) return false;
  const holdStep = await readStep(jobId, stepIdOf('action', TIME_TO_LIVE));
  return holdStep !== undefined && isSuccessfulStepState(holdStep.state);
}

/**
 * A cancelled job still cleans up its test VMs. The hold before the clean-up then ends as soon as no
 * action runs in the test VMs.
 */
const isCancelledHold = ({ work }: StepDocument, control: ControlDocument | undefined): boolean =>
  work.kind === 'hold' && control?.wish === 'cancelled';

/** A fault in one step does not delay other steps. The step stores the fault, and Lifeboat polls again. */
async function processActionSafely(
  context: ActionContext,
  controlRequest: ControlDocument['wish'],
): Promise<NextActionPoll> {
  try {
    const nextPoll = await processAction(context, controlRequest);
    const deadline = deadlineOf(context.step);
    if (nextPoll === 'ended' || deadline === null || deadline <= context.now) return nextPoll;
    return Math.min(nextPoll, secondsUntil(deadline, context.now));
  } catch (error) {
    await recordWaitReason(
      context.step,
      `the next poll; this one has failed: ${messageOf(error)}`,
      context.now,
    );
    return RETRY_SECONDS_AFTER_FAULT;
  }
}

async function recordWaitReason(step: WithEtag<StepDocument>, waitsFor: string, now: Date): Promise<void> {
  if (step.waitsFor === waitsFor) return;
  await saveStep(step, { step: { waitsFor }, log: `Waits for ${waitsFor}.` }, now).catch(() => undefined);
}

function processAction(
  context: ActionContext,
  controlRequest: ControlDocument['wish'],
): Promise<NextActionPoll> {
  const handler = handlerOf(context.step);
  if (context.isDrillOver) return endWithDrill(context);
  if (controlRequest === 'cancelled' && (context.step.state === 'waiting' || !handler.runsExternally))
    return giveUpAction(context);
  if (context.step.state !== 'waiting') return pollStartedAction(context);
  return controlRequest === 'paused' ? Promise.resolve(PAUSED_POLL_SECONDS) : beginAction(context);
}

/** Gives up a waiting action. Stops an action in Azure, as after its own timeout. */
async function endWithDrill(context: ActionContext): Promise<NextActionPoll> {
  const { step } = context;
  const handler = handlerOf(step);
  const waitText = step.waitsFor === null ? '' : ` It was waiting for ${step.waitsFor}.`;
  const fault = rejectedFault(
    'TimeToLiveOver',
    `${step.targetName} was given up: the drill's time to live was over.${waitText}`,
  );
  if (step.state === 'waiting' || !handler.runsExternally) return skipAction(context, fault);
  // Lifeboat sends no further request here. It first finds out whether an action started, and polls
  // that action once more.
  const attempt = await readNewestAttempt(step);
  const isStarted =
    attempt?.state === 'sending' ||
    attempt?.state === 'accepted' ||
    (attempt?.state === 'unknown' && handler.timeOut !== undefined);
  if (isStarted && (await handler.poll(context)) === 'ended') return 'ended';
  return handler.timeOut ? handler.timeOut(context, fault) : fail(context, fault);
}

/**
 * Ends an action of a cancelled run that has not begun, or only waits. The hold of a drill succeeds:
 * the clean-up waits for that hold.
 */
function giveUpAction(context: ActionContext): Promise<NextActionPoll> {
  const { work, state } = context.step;
  if (work.kind === 'hold' && work.why === 'timeToLive')
    return succeed(
      context,
      'Over at once, because the job was cancelled: what it brought up is cleaned up now.',
    );
  if (state === 'waiting') return saveActionThen(context, cancelledStepChange(context.now), 'ended');
  return skipAction(context, rejectedFault('JobCancelled', 'Given up, because the job was cancelled.'));
}

async function beginAction(context: ActionContext): Promise<NextActionPoll> {
  const { step, now } = context;
  const secondsTooEarly = step.notBefore === null ? 0 : secondsUntil(new Date(step.notBefore), now);
  const deadline = deadlineOf(step);
  if (deadline !== null && now >= deadline) return fail(context, timedOutFault(step));
  if (secondsTooEarly > 0) return secondsTooEarly;
  const handler = handlerOf(step);
  if (handler.begin) return handler.begin(context);
  const startedStep = await saveStep(step, { step: startedFields(now), log: 'Begun.' }, now);
  return startedStep ? handler.poll({ ...context, step: startedStep }) : SOON_SECONDS;
}

async function pollStartedAction(context: ActionContext): Promise<NextActionPoll> {
  const handler = handlerOf(context.step);
  const nextPoll = await handler.poll(context);
  const deadline = deadlineOf(context.step);
  if (nextPoll === 'ended' || deadline === null || context.now < deadline) return nextPoll;
  const fault = timedOutFault(context.step);
  return handler.timeOut ? handler.timeOut(context, fault) : fail(context, fault);
}
