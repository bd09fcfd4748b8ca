// Following a phase: one look at the vault for all of its open steps. Each step's state says what
// is looked for.
import { clock, later } from '../core/clock.ts';
import { judgeJobEnd } from './rules/attempt.ts';
import { secondsBetweenLooks } from '../core/polling.ts';
import type { Command } from '../commands/command.ts';
import { ArmJobState, type ArmJob } from '../siterecovery/item.ts';
import { usually } from '../scenarios/drivers.ts';
import { pointsTogether } from './rules/partiallyCompletedGroup.ts';
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
import { jobFailed, partFailed, partMissing } from './faults.ts';
import { pagesOfItems } from '../siterecovery/itemListCache.ts';
import {
  LIST_LAG,
  saved,
  secondsSince,
  SOON,
  tellIfLate,
  type FollowInput,
  type Look,
  type Next,
} from './look.ts';
import { jobInTheWay, resolveUnknown, senderIsGone } from './proof.ts';
import { settle } from './settle.ts';
import { findPart, partOf } from './targets/part.ts';
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

const AFTER_TROUBLE = 30;
/** How soon a job that is paused sees that it may go on. */
const WHILE_HELD = 30;
/** A thousand jobs that have ended since the last look are asked for by and by: reads have a budget too. */
const MOST_DETAILS = 120;
/** One job costs one read by itself, and two by way of the list once it has ended. */
const FEW = 2;
/** What an activity answers must stay small: more than these are found by the next look. */
const MOST_STARTABLE = 300;
const AT_ONCE = 8;
/** Nothing of the ground takes longer to appear. */
const MAKING = 900;

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

function followStep(
  look: Look,
  step: Stored<StepDocument>,
  attempt: AttemptDocument | undefined,
): Promise<Next> | Next {
  switch (step.state) {
    // Its turn has not come; whoever walks the plan says when.
    case 'planned':
      return 'ended';
    case 'waiting': {
      const wait = step.notBefore === null ? 0 : (Date.parse(step.notBefore) - look.now.getTime()) / 1000;
      return wait <= 0 ? 'start' : Math.ceil(wait);
    }
    case 'started':
      return attempt ? followAttempt(look, step, attempt) : 'start';
    case 'settling':
      return settle(look, step);
    case 'following':
      return followForeign(look, step);
    case 'succeeded':
    case 'alreadySo':
    case 'takenOver':
    case 'failed':
    case 'skipped':
    case 'leftRunning':
      return 'ended';
  }
}

async function followAttempt(
  look: Look,
  step: Stored<StepDocument>,
  attempt: AttemptDocument,
): Promise<Next> {
  switch (attempt.state) {
    case 'prepared':
      return 'start';
    case 'sending': {
      await senderIsGone(step, attempt, look.now);
      return SOON;
    }
    case 'unknown': {
      await resolveUnknown(step, attempt, look.view, look.now);
      return SOON;
    }
    case 'accepted':
      return attempt.armJobId === null ? followPart(look, step, attempt) : followJob(look, step, attempt);
    case 'notAccepted':
      return 'start';
  }
}

/**
 * The job's details, once its list entry says that it has ended (a list entry has no errors).
 * `notNow`: this look has asked enough.
 */
async function endedJob(
  look: Look,
  armJobId: string,
  since: string | null,
): Promise<ArmJob | 'notNow' | undefined> {
  if (!look.alone && !(await seemsEnded(look, armJobId, since))) return undefined;
  if (look.details.left-- <= 0) return 'notNow';
  const job = await look.view.job(armJobId);
  return job && job.state !== ArmJobState.running ? job : undefined;
}

async function seemsEnded(look: Look, armJobId: string, since: string | null): Promise<boolean> {
  const entry = (await look.view.entries()).get(armJobId.toLowerCase());
  return entry ? entry.state !== ArmJobState.running : secondsSince(since, look.now) > LIST_LAG;
}

async function followJob(look: Look, step: Stored<StepDocument>, attempt: AttemptDocument): Promise<Next> {
  const job = await endedJob(look, attempt.armJobId ?? '', attempt.sentAt);
  if (job === 'notNow') return SOON;
  if (!job)
    return tellIfLate(
      look,
      step,
      secondsSince(attempt.sentAt, look.now),
      usually(step.phase, step.scenario).job,
      look.learned.job,
    );
  const times = { armStartedAt: job.startTime, armEndedAt: job.endTime };
  switch (judgeJobEnd(job)) {
    case 'succeeded': {
      const warnings = job.errors.map(({ code, message }) => ({ code, message }));
      const settling = await saveStep(
        step,
        {
          step: {
            ...times,
            state: 'settling',
            recoveryPoint: pointsTogether(step.recoveryPoint, job.recoveryPoint),
            warnings,
            waitsFor: null,
            armIdAfter: job.newItemId ?? step.armIdAfter,
          },
          log: `Site Recovery's job ${job.id} has succeeded.`,
        },
        look.now,
      );
      return settling ? settle(look, settling) : SOON;
    }
    case 'startAgain':
      return keptOut(look, step, attempt, jobFailed(step, job).message);
    case 'failed': {
      const error = jobFailed(step, job);
      if (mayBeTorn(step)) {
        const seen = await saveStep(
          step,
          {
            step: {
              ...times,
              state: 'settling',
              error,
              recoveryPoint: pointsTogether(step.recoveryPoint, job.recoveryPoint),
              warnings: [],
              waitsFor: null,
            },
            log: `${error.message} It is seen who has gone.`,
          },
          look.now,
        );
        return seen ? settle(look, seen) : SOON;
      }
      return saved(
        look,
        step,
        {
          step: { ...times, state: 'failed', error, endedAt: look.now.toISOString(), waitsFor: null },
          log: error.message,
        },
        'ended',
      );
    }
  }
}

/** Of a group some may run on the other side although its job has failed. */
const mayBeTorn = ({ work, phase }: StepDocument): boolean => work.kind === 'group' && phase === 'failover';

/**
 * Somebody else was first. With adopt theirs is followed, even when it has ended meanwhile;
 * otherwise ours waits for its turn.
 */
async function keptOut(
  look: Look,
  step: Stored<StepDocument>,
  attempt: AttemptDocument,
  why: string,
): Promise<Next> {
  const theirs = look.adopt ? await jobInTheWay(step, attempt, look.view) : undefined;
  if (theirs) {
    return saved(
      look,
      step,
      {
        step: { state: 'following', foreign: true, armJobId: theirs, waitsFor: null },
        log:
          `Our job ended without touching anything (${why}) Somebody else's job ${theirs} was ` +
          'first: it is followed, as the command asks.',
      },
      SOON,
    );
  }
  return saved(
    look,
    step,
    {
      step: {
        state: 'waiting',
        armJobId: null,
        notBefore: later(look.now, AFTER_TROUBLE).toISOString(),
        waitsFor: "somebody else's operation on the VM",
      },
      log: `Our job ended without touching anything: ${why}`,
    },
    AFTER_TROUBLE,
  );
}

/** What Azure makes without a job of Site Recovery is looked at itself. */
async function followPart(look: Look, step: Stored<StepDocument>, attempt: AttemptDocument): Promise<Next> {
  const part = partOf(step);
  const seen = await findPart(step.scenario, part);
  const elapsed = secondsSince(attempt.sentAt, look.now);
  const endedAt = look.now.toISOString();
  if (seen?.ready)
    return saved(
      look,
      step,
      {
        step: { state: 'succeeded', endedAt, waitsFor: null },
        log: `${part.spec.kind} ${part.name} is there.`,
      },
      'ended',
    );
  const error = seen?.failed ? partFailed(part) : !seen && elapsed > MAKING ? partMissing(part) : undefined;
  if (error)
    return saved(
      look,
      step,
      { step: { state: 'failed', error, endedAt, waitsFor: null }, log: error.message },
      'ended',
    );
  return tellIfLate(look, step, elapsed, usually(step.phase, step.scenario).job);
}

async function followForeign(look: Look, step: Stored<StepDocument>): Promise<Next> {
  const job = await endedJob(look, step.armJobId ?? '', step.startedAt);
  if (job === 'notNow') return SOON;
  if (!job)
    return tellIfLate(
      look,
      step,
      secondsSince(step.startedAt, look.now),
      usually(step.phase, step.scenario).job,
      look.learned.job,
    );
  if (job.state === ArmJobState.succeeded) {
    return saved(
      look,
      step,
      {
        step: { state: 'settling', armIdAfter: job.newItemId ?? step.armIdAfter },
        log: `The followed job ${job.id} has succeeded.`,
      },
      SOON,
    );
  }
  return saved(
    look,
    step,
    {
      step: { state: 'waiting', armJobId: null, notBefore: null },
      log: `The followed job ${job.id} ended ${job.state}: our own turn.`,
    },
    'start',
  );
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
