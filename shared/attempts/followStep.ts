// Following one step: the step's state says whose job is read, and what follows from its end.
import { later } from '../core/clock.ts';
import { judgeJobEnd } from './rules/attempt.ts';
import { ArmJobState, type ArmJob } from '../siterecovery/item.ts';
import { usually } from '../scenarios/drivers.ts';
import { pointsTogether } from './rules/partiallyCompletedGroup.ts';
import type { Stored } from '../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../journal/documents.ts';
import { saveStep } from '../journal/saveStep.ts';
import { jobFailed, partFailed, partMissing } from './faults.ts';
import {
  AFTER_TROUBLE,
  LIST_LAG,
  saved,
  secondsSince,
  SOON,
  tellIfLate,
  type Look,
  type Next,
} from './look.ts';
import { jobInTheWay, resolveUnknown, senderIsGone } from './proof.ts';
import { settle } from './settle.ts';
import { findPart, partOf } from './targets/part.ts';

/** A prerequisite that Azure has not shown after this many seconds is missing. */
const MAKING = 900;

export function followStep(
  look: Look,
  step: Stored<StepDocument>,
  attempt: AttemptDocument | undefined,
): Promise<Next> | Next {
  switch (step.state) {
    // The run of the plan opens the step.
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
