// Following a phase: one look at the vault for all open steps of the phase. followStep.ts follows each step.
import { clock } from '../core/clock.ts';
import { secondsBetweenLooks } from '../core/polling.ts';
import type { Command } from '../commands/command.ts';
import { ArmJobState } from '../siterecovery/item.ts';
import { LifeboatError } from '../core/errors.ts';
import type { Stored } from '../store/cosmos.ts';
import { heldFor, readControl } from '../journal/control.ts';
import type { AttemptDocument, ControlDocument, StepDocument } from '../journal/documents.ts';
import { attemptsInPhase } from '../journal/attempts.ts';
import { isSuperseded, readJob } from '../journal/job.ts';
import { cancelledStep, saveStep } from '../journal/saveStep.ts';
import { stepsAtTurn } from '../journal/steps.ts';
import { expectedIn } from '../journal/learnedDurations.ts';
import { siteRecoveryOf } from '../scenarios/adapter.ts';
import { pagesOfItems } from '../siterecovery/itemListCache.ts';
import { followStep } from './followStep.ts';
import { AFTER_TROUBLE, SOON, type FollowInput, type Look, type Next } from './look.ts';
import { viewOf, type View } from '../siterecovery/view.ts';

export type { FollowInput } from './look.ts';

export interface Followed {
  readonly superseded: boolean;
  readonly open: number;
  /** VMs whose step may be started (again) now. */
  readonly startable: readonly string[];
  readonly nextSeconds: number;
  /** Until the next look at those that run, whatever may be started before. */
  readonly lookSeconds?: number;
}

const asked = (command: Command): Pick<Look, 'adopt' | 'limit'> => ({
  adopt: 'adopt' in command && command.adopt,
  limit: 'followHours' in command ? command.followHours * 3600 : null,
});

/** How soon a job that is paused sees that it may go on. */
const WHILE_HELD = 30;
/** A thousand jobs that have ended since the last look are asked for by and by: reads have a budget too. */
const MOST_DETAILS = 120;
/** One job costs one read by itself, and two by way of the list once it has ended. */
const FEW = 2;
/** What an activity answers must stay small: more than these are found by the next look. */
const MOST_STARTABLE = 300;
const AT_ONCE = 8;

export async function follow(input: FollowInput): Promise<Followed> {
  const [job, steps, wish] = await Promise.all([
    readJob(input.jobId),
    stepsAtTurn(input.jobId, input.phase, input.vaultId),
    readControl(input.jobId),
  ]);
  if (!job || isSuperseded(job, input.epoch) || steps.some((step) => isSuperseded(step, input.epoch)))
    return { superseded: true, open: steps.length, startable: [], nextSeconds: 0, lookSeconds: 0 };
  if (steps.length === 0)
    return { superseded: false, open: 0, startable: [], nextSeconds: 0, lookSeconds: 0 };
  const [attempts, learned] = await Promise.all([attemptsOf(input, steps), expectedIn(input)]);
  const now = await clock().now();
  const view = viewOf(await siteRecoveryOf(input.vaultArmId), input.vaultArmId, now);
  const alone = steps.length <= FEW;
  const ending = alone ? steps.length : await endingIn(view, steps, attempts);
  const look: Look = {
    input,
    learned,
    view,
    now,
    alone,
    itemByItem: ending <= pagesOfItems(input.vaultArmId),
    details: { left: MOST_DETAILS },
    ...asked(job.command),
  };
  const startable: string[] = [];
  const waits: number[] = [];
  await sideBySide(steps, async (step) => {
    const held = heldFor(step, wish);
    const next =
      held === 'running' || step.state !== 'waiting'
        ? await followSafely(look, step, attempts.get(`${step.id}:${step.attempt}`))
        : await heldUp(step, held, look.now);
    if (next === 'start' && held !== 'running') waits.push(await backToWaiting(step, look.now));
    else if (next === 'start') startable.push(step.targetId);
    else if (next !== 'ended') waits.push(next);
  });
  const lookSeconds = Math.max(secondsBetweenLooks(steps.length), Math.min(...waits, 600));
  return {
    superseded: false,
    open: startable.length + waits.length,
    startable: startable.slice(0, MOST_STARTABLE),
    nextSeconds: startable.length > 0 ? 0 : lookSeconds,
    lookSeconds,
  };
}

/**
 * Those that have ended since the last look, or settle: their items will be asked for. What cannot
 * be read is met again, and judged, by each step.
 */
async function endingIn(
  view: View,
  steps: readonly StepDocument[],
  attempts: ReadonlyMap<string, AttemptDocument>,
): Promise<number> {
  const jobs = steps.flatMap((step) => {
    const id = attempts.get(`${step.id}:${step.attempt}`)?.armJobId;
    return step.state === 'started' && id ? [id.toLowerCase()] : [];
  });
  const entries = jobs.length === 0 ? undefined : await view.entries().catch(() => undefined);
  const isOver = (id: string): boolean =>
    (entries?.get(id)?.state ?? ArmJobState.running) !== ArmJobState.running;
  return steps.filter(({ state }) => state === 'settling').length + jobs.filter(isOver).length;
}

/** Only what was sent has something to be followed by its attempt. */
async function attemptsOf(
  { jobId, phase }: FollowInput,
  steps: readonly StepDocument[],
): Promise<ReadonlyMap<string, AttemptDocument>> {
  const attempts = steps.some((step) => step.state === 'started') ? await attemptsInPhase(jobId, phase) : [];
  return new Map(attempts.map((attempt) => [`${attempt.stepId}:${attempt.number}`, attempt]));
}

/** The steps of a phase do not need each other, and most of a look is waiting for the store. */
async function sideBySide(
  steps: readonly Stored<StepDocument>[],
  work: (step: Stored<StepDocument>) => Promise<void>,
): Promise<void> {
  const left = [...steps];
  const worker = async (): Promise<void> => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) await work(step);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** An intention that was never sent, while nothing may be: the step has not begun. */
async function backToWaiting(step: Stored<StepDocument>, now: Date): Promise<number> {
  if (step.state === 'started') await saveStep(step, { step: { state: 'waiting' } }, now);
  return WHILE_HELD;
}

/** Paused, it is left as it is; cancelled, it is never begun. */
async function heldUp(step: Stored<StepDocument>, wish: ControlDocument['wish'], now: Date): Promise<Next> {
  if (wish !== 'cancelled') return WHILE_HELD;
  return (await saveStep(step, cancelledStep(now), now)) ? 'ended' : SOON;
}

/** When Azure cannot be read, nothing is concluded: the step stays as it is, and is looked at again. */
async function followSafely(
  look: Look,
  step: Stored<StepDocument>,
  attempt: AttemptDocument | undefined,
): Promise<Next> {
  try {
    return await followStep(look, step, attempt);
  } catch (error) {
    if (!isFromAzure(error)) throw error;
    return retryAfter(error) ?? AFTER_TROUBLE;
  }
}

/** As the SDKs throw it, or as what reads Azure has told it. */
const isFromAzure = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'RestError' ||
    error.name === 'AbortError' ||
    (error instanceof LifeboatError && error.code === 'AzureUnavailable'));

function retryAfter(error: unknown): number | undefined {
  const headers = (error as { response?: { headers?: { get(name: string): string | undefined } } }).response
    ?.headers;
  const seconds = Number(headers?.get('retry-after'));
  return Number.isFinite(seconds) && seconds > 0 ? Math.max(SOON, seconds) : undefined;
}
