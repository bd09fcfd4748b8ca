// One look at all that a plan does around its groups and VMs and that has its turn: what waits is
// begun, what was begun is followed.
import { clock } from '../core/clock.ts';
import { TIME_TO_LIVE } from '../plans/rules/graph.ts';
import { isGoodStep } from '../core/states/step.ts';
import { messageOf } from '../core/errors.ts';
import { someAtATime } from '../azure/clients.ts';
import { answersOf } from '../journal/answers.ts';
import type { Stored } from '../store/cosmos.ts';
import { heldFor, readControl } from '../journal/control.ts';
import type { ControlDocument, JobDocument, StepDocument } from '../journal/documents.ts';
import { readAttempt } from '../journal/attempts.ts';
import { isSuperseded, readJob } from '../journal/job.ts';
import { cancelledStep, saveStep } from '../journal/saveStep.ts';
import { actionStepsAtTurn, readStep, stepIdOf } from '../journal/steps.ts';
import { kindOf } from './kinds.ts';
import {
  begun,
  deadlineOf,
  fail,
  LATEST,
  leaveOut,
  rejected,
  saved,
  secondsUntil,
  SOON,
  succeed,
  timedOut,
  type Next,
  type Turn,
} from '../attempts/turn.ts';

export interface FollowActionsInput {
  readonly jobId: string;
  readonly epoch: number;
}

export interface FollowedActions {
  readonly superseded: boolean;
  /** How many have their turn and are not over. */
  readonly open: number;
  readonly nextSeconds: number;
}

const AFTER_TROUBLE = 30;
/** How soon a job that is paused sees that it may go on. */
const WHILE_HELD = 30;

export async function followActions({ jobId, epoch }: FollowActionsInput): Promise<FollowedActions> {
  const [job, steps, control] = await Promise.all([
    readJob(jobId),
    actionStepsAtTurn(jobId),
    readControl(jobId),
  ]);
  if (!job || isSuperseded(job, epoch) || steps.some((step) => isSuperseded(step, epoch)))
    return { superseded: true, open: steps.length, nextSeconds: 0 };
  const now = await clock().now();
  const isDrillOver = await isTimeOver(job);
  const isActing = steps.some((step) => kindOf(step).acts && step.state !== 'waiting');
  let said: ReturnType<typeof answersOf> | undefined;
  const answers = () => (said ??= answersOf(jobId));
  const nexts = await someAtATime(steps, (step) =>
    lookSafely(
      { step, job, epoch, now, answers, isDrillOver },
      isOver(step, control) && !isActing ? 'cancelled' : heldFor(step, control),
    ),
  );
  const waits = nexts.filter((next) => next !== 'ended');
  return {
    superseded: false,
    open: waits.length,
    nextSeconds: waits.length === 0 ? 0 : Math.max(1, Math.min(...waits, LATEST)),
  };
}

/** The time to live of the drill is over: nothing waits any more. */
async function isTimeOver({ jobId, command, plan }: JobDocument): Promise<boolean> {
  if (command.operation !== 'testFailover' || plan === null) return false;
  const hold = await readStep(jobId, stepIdOf('action', TIME_TO_LIVE));
  return hold !== undefined && isGoodStep(hold.state);
}

/**
 * A clean-up is done also in a job that is cancelled: the time before it is over then, once nothing
 * acts in the test VMs any more.
 */
const isOver = ({ work }: StepDocument, control: ControlDocument | undefined): boolean =>
  work.kind === 'hold' && control?.wish === 'cancelled';

/** Whatever goes wrong with one step holds up no other: it is told, and looked at again. */
async function lookSafely(turn: Turn, wish: ControlDocument['wish']): Promise<Next> {
  try {
    const next = await look(turn, wish);
    const deadline = deadlineOf(turn.step);
    if (next === 'ended' || deadline === null || deadline <= turn.now) return next;
    return Math.min(next, secondsUntil(deadline, turn.now));
  } catch (error) {
    await tellTrouble(turn.step, `the next look; this one has failed: ${messageOf(error)}`, turn.now);
    return AFTER_TROUBLE;
  }
}

async function tellTrouble(step: Stored<StepDocument>, waitsFor: string, now: Date): Promise<void> {
  if (step.waitsFor === waitsFor) return;
  await saveStep(step, { step: { waitsFor }, log: `Waits for ${waitsFor}.` }, now).catch(() => undefined);
}

function look(turn: Turn, wish: ControlDocument['wish']): Promise<Next> {
  const kind = kindOf(turn.step);
  if (turn.isDrillOver) return endWithDrill(turn);
  if (wish === 'cancelled' && (turn.step.state === 'waiting' || !kind.acts)) return giveUp(turn);
  if (turn.step.state !== 'waiting') return follow(turn);
  return wish === 'paused' ? Promise.resolve(WHILE_HELD) : begin(turn);
}

/** What waits is given up. What acts in Azure is told to stop, as when its own time is over. */
async function endWithDrill(turn: Turn): Promise<Next> {
  const { step } = turn;
  const kind = kindOf(step);
  const waited = step.waitsFor === null ? '' : ` It was waiting for ${step.waitsFor}.`;
  const fault = rejected(
    'TimeToLiveOver',
    `${step.targetName} was given up: the drill's time to live was over.${waited}`,
  );
  if (step.state === 'waiting' || !kind.acts) return leaveOut(turn, fault);
  // Nothing is sent any more; what may have been started is proven, and looked at once more.
  const attempt = await readAttempt(step);
  const isStarted =
    attempt?.state === 'sending' ||
    attempt?.state === 'accepted' ||
    (attempt?.state === 'unknown' && kind.timeOut !== undefined);
  if (isStarted && (await kind.follow(turn)) === 'ended') return 'ended';
  return kind.timeOut ? kind.timeOut(turn, fault) : fail(turn, fault);
}

/**
 * Of a run that was cancelled: what was not begun, and what only waits. The end of a drill's time
 * is what its clean-up waits for.
 */
function giveUp(turn: Turn): Promise<Next> {
  const { work, state } = turn.step;
  if (work.kind === 'hold' && work.why === 'timeToLive')
    return succeed(
      turn,
      'Over at once, because the job was cancelled: what it brought up is cleaned up now.',
    );
  if (state === 'waiting') return saved(turn, cancelledStep(turn.now), 'ended');
  return leaveOut(turn, rejected('JobCancelled', 'Given up, because the job was cancelled.'));
}

async function begin(turn: Turn): Promise<Next> {
  const { step, now } = turn;
  const early = step.notBefore === null ? 0 : secondsUntil(new Date(step.notBefore), now);
  const deadline = deadlineOf(step);
  if (deadline !== null && now >= deadline) return fail(turn, timedOut(step));
  if (early > 0) return early;
  const kind = kindOf(step);
  if (kind.begin) return kind.begin(turn);
  const started = await saveStep(step, { step: begun(now), log: 'Begun.' }, now);
  return started ? kind.follow({ ...turn, step: started }) : SOON;
}

async function follow(turn: Turn): Promise<Next> {
  const kind = kindOf(turn.step);
  const next = await kind.follow(turn);
  const deadline = deadlineOf(turn.step);
  if (next === 'ended' || deadline === null || turn.now < deadline) return next;
  const fault = timedOut(turn.step);
  return kind.timeOut ? kind.timeOut(turn, fault) : fail(turn, fault);
}
