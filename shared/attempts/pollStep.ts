// The poll of one step. The state of the step decides which job the poll reads and which state
// follows. pollPhase.ts calls this module, which must never send a write.
import { addSeconds } from '../core/clock.ts';
import { judgeJobEnd } from './rules/attemptRules.ts';
import { ArmJobState, type ArmJob } from '../siterecovery/item.ts';
import { typicalSecondsOf } from '../scenarios/drivers.ts';
import { mergePointsUsed } from './rules/partiallyCompletedGroup.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../journal/documents.ts';
import { saveStep } from '../journal/saveStep.ts';
import { jobFailed, prerequisiteFailed, prerequisiteMissing } from './stepFaults.ts';
import {
  RETRY_SECONDS,
  LIST_LAG_SECONDS,
  saveStepThen,
  secondsSince,
  SOON_SECONDS,
  warnIfLate,
  type PollPass,
  type NextPoll,
} from './pollPass.ts';
import { findBlockingJob, resolveUnknown, markSenderLost } from './resolveUnknown.ts';
import { pollSettling } from './pollSettling.ts';
import { findPrerequisite, prerequisiteOf } from './targets/prerequisiteTarget.ts';

/** A prerequisite that Azure has not shown after this many seconds is missing. */
const MAX_CREATE_SECONDS = 900;

export function pollStep(
  pass: PollPass,
  step: WithEtag<StepDocument>,
  attempt: AttemptDocument | undefined,
): Promise<NextPoll> | NextPoll {
  switch (step.state) {
    // The orchestration of the plan opens the step.
    case 'planned':
      return 'ended';
    case 'waiting': {
      const waitSeconds =
        step.notBefore === null ? 0 : (Date.parse(step.notBefore) - pass.now.getTime()) / 1000;
      return waitSeconds <= 0 ? 'start' : Math.ceil(waitSeconds);
    }
    case 'started':
      return attempt ? pollAttempt(pass, step, attempt) : 'start';
    case 'settling':
      return pollSettling(pass, step);
    case 'following':
      return pollForeignJob(pass, step);
    case 'succeeded':
    case 'alreadySo':
    case 'takenOver':
    case 'failed':
    case 'skipped':
    case 'leftRunning':
      return 'ended';
  }
}

async function pollAttempt(
  pass: PollPass,
  step: WithEtag<StepDocument>,
  attempt: AttemptDocument,
): Promise<NextPoll> {
  switch (attempt.state) {
    case 'prepared':
      return 'start';
    case 'sending': {
      await markSenderLost(step, attempt, pass.now);
      return SOON_SECONDS;
    }
    case 'unknown': {
      await resolveUnknown(step, attempt, pass.snapshot, pass.now);
      return SOON_SECONDS;
    }
    case 'accepted':
      return attempt.armJobId === null ? pollPrerequisite(pass, step, attempt) : pollJob(pass, step, attempt);
    case 'notAccepted':
      return 'start';
  }
}

/**
 * Reads the details of a job once its list entry shows the end: a list entry has no errors.
 * `notNow`: this poll has used up its job reads.
 */
async function findEndedJob(
  pass: PollPass,
  armJobId: string,
  since: string | null,
): Promise<ArmJob | 'notNow' | undefined> {
  if (!pass.jobByJob && !(await seemsEnded(pass, armJobId, since))) return undefined;
  if (pass.jobReads.remaining-- <= 0) return 'notNow';
  const job = await pass.snapshot.job(armJobId);
  return job && job.state !== ArmJobState.running ? job : undefined;
}

async function seemsEnded(pass: PollPass, armJobId: string, since: string | null): Promise<boolean> {
  const entry = (await pass.snapshot.jobEntries()).get(armJobId.toLowerCase());
  return entry ? entry.state !== ArmJobState.running : secondsSince(since, pass.now) > LIST_LAG_SECONDS;
}

async function pollJob(
  pass: PollPass,
  step: WithEtag<StepDocument>,
  attempt: AttemptDocument,
): Promise<NextPoll> {
  const job = await findEndedJob(pass, attempt.armJobId ?? '', attempt.sentAt);
  if (job === 'notNow') return SOON_SECONDS;
  if (!job)
    return warnIfLate(
      pass,
      step,
      secondsSince(attempt.sentAt, pass.now),
      typicalSecondsOf(step.phase, step.scenario).job,
      pass.learned.job,
    );
  const times = { armStartedAt: job.startTime, armEndedAt: job.endTime };
  switch (judgeJobEnd(job)) {
    case 'succeeded': {
      const warnings = job.errors.map(({ code, message }) => ({ code, message }));
      const settlingStep = await saveStep(
        step,
        {
          step: {
            ...times,
            state: 'settling',
            recoveryPoint: mergePointsUsed(step.recoveryPoint, job.recoveryPoint),
            warnings,
            waitsFor: null,
            armIdAfter: job.newItemId ?? step.armIdAfter,
          },
          log: `Site Recovery's job ${job.id} has succeeded.`,
        },
        pass.now,
      );
      return settlingStep ? pollSettling(pass, settlingStep) : SOON_SECONDS;
    }
    case 'startAgain':
      return handleOtherOperation(pass, step, attempt, jobFailed(step, job).message);
    case 'failed': {
      const error = jobFailed(step, job);
      if (mayBePartiallyCompleted(step)) {
        const failedStep = await saveStep(
          step,
          {
            step: {
              ...times,
              state: 'settling',
              error,
              recoveryPoint: mergePointsUsed(step.recoveryPoint, job.recoveryPoint),
              warnings: [],
              waitsFor: null,
            },
            log: `${error.message} Lifeboat checks which members have moved.`,
          },
          pass.now,
        );
        return failedStep ? pollSettling(pass, failedStep) : SOON_SECONDS;
      }
      return saveStepThen(
        pass,
        step,
        {
          step: { ...times, state: 'failed', error, endedAt: pass.now.toISOString(), waitsFor: null },
          log: error.message,
        },
        'ended',
      );
    }
  }
}

/** The job of a group may fail after some members already run on the other side. */
const mayBePartiallyCompleted = ({ work, phase }: StepDocument): boolean =>
  work.kind === 'multiVmGroup' && phase === 'failover';

/**
 * Handles a foreign operation that was first. With adopt the step follows that operation, even if
 * it has ended meanwhile. Otherwise the step waits for its turn.
 */
async function handleOtherOperation(
  pass: PollPass,
  step: WithEtag<StepDocument>,
  attempt: AttemptDocument,
  reason: string,
): Promise<NextPoll> {
  const otherJobId = pass.adopt ? await findBlockingJob(step, attempt, pass.snapshot) : undefined;
  if (otherJobId) {
    return saveStepThen(
      pass,
      step,
      {
        step: { state: 'following', foreign: true, armJobId: otherJobId, waitsFor: null },
        log:
          `Our job ended without any change (${reason}) Somebody else's job ${otherJobId} was ` +
          'first: the step follows it, as the command asks.',
      },
      SOON_SECONDS,
    );
  }
  return saveStepThen(
    pass,
    step,
    {
      step: {
        state: 'waiting',
        armJobId: null,
        notBefore: addSeconds(pass.now, RETRY_SECONDS).toISOString(),
        waitsFor: "somebody else's operation on the VM",
      },
      log: `Our job ended without any change: ${reason}`,
    },
    RETRY_SECONDS,
  );
}

/** A prerequisite without a Site Recovery job: the poll reads the resource itself. */
async function pollPrerequisite(
  pass: PollPass,
  step: WithEtag<StepDocument>,
  attempt: AttemptDocument,
): Promise<NextPoll> {
  const prerequisite = prerequisiteOf(step);
  const found = await findPrerequisite(step.scenario, prerequisite);
  const elapsedSeconds = secondsSince(attempt.sentAt, pass.now);
  const endedAt = pass.now.toISOString();
  if (found?.ready)
    return saveStepThen(
      pass,
      step,
      {
        step: { state: 'succeeded', endedAt, waitsFor: null },
        log: `${prerequisite.spec.kind} ${prerequisite.name} exists.`,
      },
      'ended',
    );
  const error = found?.failed
    ? prerequisiteFailed(prerequisite)
    : !found && elapsedSeconds > MAX_CREATE_SECONDS
      ? prerequisiteMissing(prerequisite)
      : undefined;
  if (error)
    return saveStepThen(
      pass,
      step,
      { step: { state: 'failed', error, endedAt, waitsFor: null }, log: error.message },
      'ended',
    );
  return warnIfLate(pass, step, elapsedSeconds, typicalSecondsOf(step.phase, step.scenario).job);
}

async function pollForeignJob(pass: PollPass, step: WithEtag<StepDocument>): Promise<NextPoll> {
  const job = await findEndedJob(pass, step.armJobId ?? '', step.startedAt);
  if (job === 'notNow') return SOON_SECONDS;
  if (!job)
    return warnIfLate(
      pass,
      step,
      secondsSince(step.startedAt, pass.now),
      typicalSecondsOf(step.phase, step.scenario).job,
      pass.learned.job,
    );
  if (job.state === ArmJobState.succeeded) {
    return saveStepThen(
      pass,
      step,
      {
        step: { state: 'settling', armIdAfter: job.newItemId ?? step.armIdAfter },
        log: `The followed job ${job.id} has succeeded.`,
      },
      SOON_SECONDS,
    );
  }
  return saveStepThen(
    pass,
    step,
    {
      step: { state: 'waiting', armJobId: null, notBefore: null },
      log: `The followed job ${job.id} ended ${job.state}: now Lifeboat starts its own.`,
    },
    'start',
  );
}
