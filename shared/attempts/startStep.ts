// The attempt protocol: one ARM write for a step, from intention to known end, and never a second
// one by accident. The orchestrators call this module through the activities.
//
//   prepared -> sending -> accepted | notAccepted | unknown
//
// The record before the request decides everything. After a crash the next invocation finds
// `sending`. It waits until the deadline of the attempt. Then it looks for proof
// (resolveUnknown.ts) instead of sending again.
import { mapLimited } from '../azure/clients.ts';
import { azureCredential, ARM_SCOPE } from '../core/credential.ts';
import { clock, addSeconds } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { isBusy, judgeWriteAnswer, MAX_LOST_ATTEMPTS } from './rules/attemptRules.ts';
import { type WriteAnswer, NOT_SENT_CODE } from '../azure/writeAnswer.ts';
import type { Phase } from '../core/operations.ts';
import { isUndecided } from '../core/states/attempt.ts';
import { isFinalStepState } from '../core/states/step.ts';
import { ambiguous, ErrorKind, LifeboatError, type Fault } from '../core/errors.ts';
import { newGuid } from '../core/ids.ts';
import { mayBegin } from '../journal/control.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../journal/documents.ts';
import { advanceAttempt, nextAttemptOf, readNewestAttempt, type NextAttempt } from '../journal/attempts.ts';
import { isSuperseded } from '../journal/job.ts';
import { addLogLine } from '../journal/log.ts';
import { saveStep, type StepChange } from '../journal/saveStep.ts';
import { readStep, stepIdOf } from '../journal/steps.ts';
import { siteRecoveryClientFor } from '../scenarios/adapter.ts';
import { assertPhaseSupported } from '../scenarios/drivers.ts';
import { refusedByAzure, tooManyAttempts } from './stepFaults.ts';
import type { StepStarter, StartDecision } from './targets/target.ts';
import { targetOf } from './targets/targets.ts';
import { createVaultSnapshot, type VaultSnapshot } from '../siterecovery/vaultSnapshot.ts';

/** The step to start, and the epoch of the orchestration that starts the step. */
export interface StartInput {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly vaultId: string;
  readonly targetId: string;
  /** How many steps begin at the same moment. Absent means 1. */
  readonly wave?: number;
}

/** `later`: the protocol must not send now. The poll says when to try again. */
export type StartResult = 'started' | 'later' | 'ended' | 'superseded';

const BUSY_SECONDS = 30;
/** The limit for a pause, even if Azure asks for more: a person must see that the job is alive. */
const MAX_PAUSE_SECONDS = 3600;
const MAX_TRIES = 5;

/** The VMs of one vault that need no write. */
export interface AlreadyReplicatedInput extends Omit<StartInput, 'targetId'> {
  readonly vaultArmId: string;
  readonly targetIds: readonly string[];
}

/** Handles VMs that need no write. One list of the items of the vault covers all of them. */
export async function inspectAlreadyReplicated({
  vaultArmId,
  targetIds,
  ...of
}: AlreadyReplicatedInput): Promise<void> {
  const view = createVaultSnapshot(await siteRecoveryClientFor(vaultArmId), vaultArmId, await clock().now());
  await mapLimited(targetIds, (targetId) => startStepOfTarget({ ...of, targetId }, view));
}

/** Starts the step of one target. Returns `superseded` if the step is gone. */
export async function startStepOfTarget(input: StartInput, view?: VaultSnapshot): Promise<StartResult> {
  const step = await readStep(input.jobId, stepIdOf(input.phase, input.targetId));
  return step ? startStep(step, input, view) : 'superseded';
}

/** Starts the step if its target allows the operation now. Safe to call again after a crash. */
export async function startStep(
  step: WithEtag<StepDocument>,
  owner: StepStarter,
  view?: VaultSnapshot,
): Promise<StartResult> {
  if (isSuperseded(step, owner.epoch)) return 'superseded';
  if (isFinalStepState(step.state)) return 'ended';
  const [newestAttempt, mayStart] = await Promise.all([readNewestAttempt(step), mayBegin(step)]);
  const preparedAttempt = newestAttempt?.state === 'prepared' ? newestAttempt : undefined;
  if (step.state === 'waiting' || preparedAttempt)
    return mayStart ? startByDecision(owner, step, preparedAttempt, view) : deferStep(step);
  return isUndecided(newestAttempt?.state) ? 'later' : 'started';
}

/** The job is paused or cancelled. The poll keeps the step waiting, or skips the step. */
async function deferStep(step: WithEtag<StepDocument>): Promise<StartResult> {
  return step.state === 'started'
    ? saveOrLater(step, { step: { state: 'waiting' } }, await clock().now(), 'later')
    : 'later';
}

/** Lifeboat has no open attempt, or only an intention: the target decides the next action. */
async function startByDecision(
  owner: StepStarter,
  step: WithEtag<StepDocument>,
  preparedAttempt: AttemptDocument | undefined,
  view?: VaultSnapshot,
): Promise<StartResult> {
  const now = await clock().now();
  const decision = await inspectTarget(step, owner, now, view).catch(refusedDecision);
  switch (decision.kind) {
    case 'start':
      if ((step.lost ?? 0) >= MAX_LOST_ATTEMPTS && !preparedAttempt)
        return saveFailed(step, tooManyAttempts(step), now);
      return prepareAndSend(decision, step, preparedAttempt);
    case 'alreadySo':
      if (!(await decision.updateRegistry())) return 'later';
      return saveOrLater(
        step,
        {
          step: {
            state: 'alreadySo',
            armIdBefore: decision.armIdBefore,
            armIdAfter: decision.armIdAfter,
            endedAt: now.toISOString(),
            ...(decision.warnings && { warnings: decision.warnings }),
          },
          log: 'Already done before this step began.',
        },
        now,
        'ended',
      );
    case 'follow':
      return saveOrLater(
        step,
        {
          step: {
            state: decision.armJobId === null ? 'settling' : 'following',
            foreign: true,
            armJobId: decision.armJobId,
            armIdBefore: decision.armIdBefore,
            armIdAfter: decision.armIdAfter,
            startedAt: now.toISOString(),
          },
          log:
            `Somebody else's ${step.phase} ` +
            `runs${decision.armJobId === null ? '' : ` (job ${decision.armJobId})`}: this step follows it.`,
        },
        now,
        'started',
      );
    case 'wait':
      return saveWaiting(step, decision.waitsFor, now);
    case 'refused':
      return saveFailed(step, decision.fault, now);
  }
}

/** Inspects the target. A refused target stays refused until a person changes something. */
async function inspectTarget(
  step: WithEtag<StepDocument>,
  owner: StepStarter,
  now: Date,
  view?: VaultSnapshot,
): Promise<StartDecision> {
  assertPhaseSupported(step);
  return targetOf(step).inspect(step, owner, now, view);
}

function refusedDecision(error: unknown): StartDecision {
  if (!(error instanceof LifeboatError) || error.kind !== ErrorKind.rejected) throw error;
  return { kind: 'refused', fault: { kind: error.kind, code: error.code, message: error.message } };
}

function saveWaiting(step: WithEtag<StepDocument>, waitsFor: string, now: Date): Promise<StartResult> {
  const logIfNew = step.waitsFor === waitsFor ? {} : { log: `Waits for ${waitsFor}.` };
  return saveOrLater(
    step,
    {
      step: { state: 'waiting', waitsFor, notBefore: addSeconds(now, BUSY_SECONDS).toISOString() },
      ...logIfNew,
    },
    now,
    'later',
  );
}

/** Records the intention, claims the right to send, sends, and records the answer. */
async function prepareAndSend(
  decision: Extract<StartDecision, { kind: 'start' }>,
  waitingStep: WithEtag<StepDocument>,
  preparedAttempt: AttemptDocument | undefined,
): Promise<StartResult> {
  // Without a token no write is possible. Check before the record says that a write will follow.
  await (await azureCredential()).getToken(ARM_SCOPE);
  const now = await clock().now();
  const nextAttempt = nextAttemptOf(waitingStep, 'prepared', now);
  const attempt = preparedAttempt ?? nextAttempt;
  const step = await saveStep(
    waitingStep,
    {
      step: {
        state: 'started',
        attempt: attempt.number,
        armIdBefore: decision.armIdBefore,
        armIdAfter: decision.armIdAfter,
        startedAt: waitingStep.startedAt ?? now.toISOString(),
        notBefore: null,
        waitsFor: null,
        armJobId: null,
        foreign: false,
      },
      ...(preparedAttempt ? {} : { attempt: nextAttempt }),
      ...(decision.log === undefined ? {} : { log: decision.log }),
    },
    now,
  );
  if (!step) return 'later';
  const claim = await claimToSend(step, attempt, now);
  if (!claim) return 'later';
  // Read after the claim: a later pause or cancellation comes too late for this write.
  if (!(await mayBegin(claim.step))) return withdrawAttempt(claim);
  return handleWriteAnswer(
    claim,
    await decision.send(claim.clientRequestId, claim.deadline, claim.attempt.number),
  );
}

interface SendClaim {
  readonly step: WithEtag<StepDocument>;
  readonly attempt: AttemptDocument;
  readonly clientRequestId: string;
  readonly deadline: Date;
}

/**
 * Durable Functions may run one activity twice at the same time. The ETag of the step lets only one
 * of the runs send.
 */
async function claimToSend(
  step: WithEtag<StepDocument>,
  prepared: AttemptDocument,
  now: Date,
): Promise<SendClaim | undefined> {
  const clientRequestId = newGuid();
  // Wall time: the deadline limits a request on a real network, at any pace of simulated time.
  const deadline = addSeconds(new Date(), config().LIFEBOAT_SEND_TIMEOUT_SECONDS);
  const attempt = advanceAttempt(prepared, 'sending', {
    clientRequestId,
    owner: newGuid(),
    deadline: deadline.toISOString(),
    sentAt: now.toISOString(),
  });
  const claimed = await saveStep(
    step,
    { attempt, log: `Attempt ${attempt.number}: ${step.phase} is sent with request id ${clientRequestId}.` },
    now,
  );
  return claimed && { step: claimed, attempt, clientRequestId, deadline };
}

/**
 * The job was paused or cancelled after the claim and before the request. Records that Lifeboat
 * sent nothing.
 */
async function withdrawAttempt({ step, attempt }: SendClaim): Promise<StartResult> {
  const message = 'The job was paused or cancelled before it was sent.';
  const answer = { status: null, code: NOT_SENT_CODE, message };
  const change: StepChange = {
    step: { state: 'waiting', notBefore: null, waitsFor: null },
    attempt: advanceAttempt(attempt, 'notAccepted', { answer }),
    log: `Attempt ${attempt.number} was not sent. ${message}`,
  };
  return saveOrLater(step, change, await clock().now(), 'later');
}

async function handleWriteAnswer(claim: SendClaim, answer: WriteAnswer): Promise<StartResult> {
  const { step, attempt } = claim;
  const now = await clock().now();
  const judgement = judgeWriteAnswer(answer, targetOf(step).startsJob);
  const answerChange = { answer: { status: answer.status, code: answer.code, message: answer.message } };
  switch (judgement.kind) {
    case 'accepted': {
      const change = {
        step: { armJobId: judgement.armJobId },
        attempt: advanceAttempt(attempt, 'accepted', { ...answerChange, armJobId: judgement.armJobId }),
        log:
          judgement.armJobId === null
            ? 'Accepted by Azure.'
            : `Accepted: Site Recovery's job ${judgement.armJobId}.`,
      };
      return (await saveWriteAnswer(claim, change, now))
        ? 'started'
        : reportLostAnswer(claim, judgement.armJobId, now);
    }
    case 'unknown':
      return saveWriteAnswerAndReturn(
        claim,
        {
          attempt: advanceAttempt(attempt, 'unknown', { ...answerChange, unknownSince: now.toISOString() }),
          log:
            `The answer is unknown (${answer.message}). Lifeboat repeats nothing before a proof of ` +
            'the result.',
        },
        now,
        'later',
      );
    case 'notAccepted': {
      const refusedAttempt = advanceAttempt(attempt, 'notAccepted', answerChange);
      if (!judgement.mayRetry)
        return saveWriteAnswerAndReturn(
          claim,
          failedChange(refusedByAzure(answer), now, refusedAttempt),
          now,
          'ended',
        );
      const pauseSeconds = Math.min(answer.retryAfterSeconds ?? BUSY_SECONDS, MAX_PAUSE_SECONDS);
      const notBefore = addSeconds(now, pauseSeconds).toISOString();
      return saveWriteAnswerAndReturn(
        claim,
        {
          step: { state: 'waiting', notBefore, waitsFor: waitReasonOf(answer) },
          attempt: refusedAttempt,
          log: `Not accepted for now (${answer.code}); next attempt after ${notBefore}.`,
        },
        now,
        'later',
      );
    }
  }
}

/** Explains a refusal that ends by itself. Such a refusal counts towards no limit. */
function waitReasonOf(answer: WriteAnswer): string {
  if (isBusy(answer)) return "somebody else's change of the same thing in Azure";
  return answer.code === NOT_SENT_CODE
    ? 'another attempt: the last one came too late to be sent'
    : 'Azure, which asks for fewer requests';
}

/**
 * Records the answer to a claimed write. A person may have changed the step meanwhile, with an
 * answer to a question. The answer still counts while the attempt of this process is the current
 * one.
 */
async function saveWriteAnswer(
  { step, attempt }: SendClaim,
  change: StepChange,
  now: Date,
): Promise<boolean> {
  let currentStep = step;
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    if (await saveStep(currentStep, change, now)) return true;
    const newerStep = await readStep(step.jobId, step.id);
    if (!newerStep || isSuperseded(newerStep, step.epoch) || newerStep.attempt !== attempt.number)
      return false;
    if ((await readNewestAttempt(newerStep))?.state !== 'sending') return false;
    currentStep = newerStep;
  }
  return false;
}

const saveWriteAnswerAndReturn = async (
  claim: SendClaim,
  change: StepChange,
  now: Date,
  result: StartResult,
): Promise<StartResult> => ((await saveWriteAnswer(claim, change, now)) ? result : 'later');

/**
 * Azure runs the operation, but the step has moved on without this answer. Both the log of the job
 * and the log of the app report that.
 */
async function reportLostAnswer(
  { step, attempt, clientRequestId }: SendClaim,
  armJobId: string | null,
  now: Date,
): Promise<never> {
  const message =
    `Azure accepted attempt ${attempt.number} at ${step.phase} of ${step.targetName} ` +
    `(request id ${clientRequestId}` +
    `${armJobId === null ? '' : `, Site Recovery's job ${armJobId}`}), and the step had ` +
    'changed before the answer came. ' +
    'Lifeboat searches for this request id by itself; check in the portal whether the operation ran twice.';
  await addLogLine(step, `lost:${step.id}:${attempt.number}`, message, now);
  throw ambiguous('AnswerLost', message);
}

const failedChange = (error: Fault, now: Date, attempt?: NextAttempt): StepChange => ({
  step: { state: 'failed', error, endedAt: now.toISOString() },
  log: error.message,
  ...(attempt ? { attempt } : {}),
});
const saveFailed = (step: WithEtag<StepDocument>, error: Fault, now: Date): Promise<StartResult> =>
  saveOrLater(step, failedChange(error, now), now, 'ended');

/**
 * A lost race is no failure: the winner has recorded the truth, and the next poll reads the record.
 */
const saveOrLater = async (
  step: WithEtag<StepDocument>,
  change: StepChange,
  now: Date,
  result: StartResult,
): Promise<StartResult> => ((await saveStep(step, change, now)) ? result : 'later');
