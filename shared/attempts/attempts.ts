// The attempt protocol: one ARM write for a step, from intention to known end, and never a second
// one by accident.
//
//   prepared -> sending -> accepted | notAccepted | unknown
//
// What is written down before the request goes out decides everything: after a crash the next
// invocation finds `sending`, waits until its deadline, and then looks for proof (proof.ts) instead
// of sending again.
import { someAtATime } from '../azure/clients.ts';
import { azureCredential, ARM_SCOPE } from '../core/credential.ts';
import { clock, later } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { isBusy, judgeAnswer, MOST_LOST } from './rules/attempt.ts';
import { type WriteAnswer, NOT_SENT } from '../azure/writeAnswer.ts';
import type { Phase } from '../core/words.ts';
import { isUndecided } from '../core/states/attempt.ts';
import { isFinalStep } from '../core/states/step.ts';
import { ambiguous, ErrorKind, LifeboatError, type Fault } from '../core/errors.ts';
import { freshGuid } from '../core/ids.ts';
import { mayBegin } from '../journal/control.ts';
import type { Stored } from '../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../journal/documents.ts';
import { advance, firstOf, readAttempt, type NextAttempt } from '../journal/attempts.ts';
import { isSuperseded } from '../journal/job.ts';
import { addLine } from '../journal/log.ts';
import { saveStep, type StepChange } from '../journal/saveStep.ts';
import { readStep, stepIdOf } from '../journal/steps.ts';
import { siteRecoveryOf } from '../scenarios/adapter.ts';
import { mustPerform } from '../scenarios/drivers.ts';
import { refusedByAzure, tooManyAttempts } from './faults.ts';
import type { Holder, Sight } from './targets/target.ts';
import { targetOf } from './targets/targets.ts';
import { viewOf, type View } from '../siterecovery/view.ts';

export interface StartInput {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly vaultId: string;
  readonly targetId: string;
  /** With how many others it begins at this moment; 1 where nothing is said. */
  readonly wave?: number;
}

/** `later`: nothing may be sent now; the follower says when to come again. */
export type StartResult = 'started' | 'later' | 'ended' | 'superseded';

const BUSY_SECONDS = 30;
/** Whatever Azure asks for: a person who looks at the job must see that it is alive. */
const LONGEST_PAUSE_SECONDS = 3600;
const MOST_TRIES = 5;

export interface FoundInput extends Omit<StartInput, 'targetId'> {
  readonly vaultArmId: string;
  readonly targetIds: readonly string[];
}

/** Many for which nothing is to be written: one list of the vault's items tells of all of them. */
export async function lookAtFound({ vaultArmId, targetIds, ...of }: FoundInput): Promise<void> {
  const view = viewOf(await siteRecoveryOf(vaultArmId), vaultArmId, await clock().now());
  await someAtATime(targetIds, (targetId) => startOperation({ ...of, targetId }, view));
}

export async function startOperation(input: StartInput, view?: View): Promise<StartResult> {
  const step = await readStep(input.jobId, stepIdOf(input.phase, input.targetId));
  return step ? startStep(step, input, view) : 'superseded';
}

export async function startStep(
  step: Stored<StepDocument>,
  holder: Holder,
  view?: View,
): Promise<StartResult> {
  if (isSuperseded(step, holder.epoch)) return 'superseded';
  if (isFinalStep(step.state)) return 'ended';
  const [newest, free] = await Promise.all([readAttempt(step), mayBegin(step)]);
  const intention = newest?.state === 'prepared' ? newest : undefined;
  if (step.state === 'waiting' || intention)
    return free ? look(holder, step, intention, view) : holdBack(step);
  return isUndecided(newest?.state) ? 'later' : 'started';
}

/** The job is paused or cancelled. Who follows the step lets it wait, or leaves it out. */
async function holdBack(step: Stored<StepDocument>): Promise<StartResult> {
  return step.state === 'started'
    ? save(step, { step: { state: 'waiting' } }, await clock().now(), 'later')
    : 'later';
}

/** Nothing of ours is open, or only an intention: what does the target allow? */
async function look(
  holder: Holder,
  step: Stored<StepDocument>,
  intention: AttemptDocument | undefined,
  view?: View,
): Promise<StartResult> {
  const now = await clock().now();
  const sight = await lookAt(step, holder, now, view).catch(refusedSight);
  switch (sight.kind) {
    case 'start':
      if ((step.lost ?? 0) >= MOST_LOST && !intention) return end(step, tooManyAttempts(step), now);
      return intend(sight, step, intention);
    case 'alreadySo':
      if (!(await sight.remember())) return 'later';
      return save(
        step,
        {
          step: {
            state: 'alreadySo',
            armIdBefore: sight.armIdBefore,
            armIdAfter: sight.armIdAfter,
            endedAt: now.toISOString(),
            ...(sight.warnings && { warnings: sight.warnings }),
          },
          log: 'Already so: done before this step began.',
        },
        now,
        'ended',
      );
    case 'follow':
      return save(
        step,
        {
          step: {
            state: sight.armJobId === null ? 'settling' : 'following',
            foreign: true,
            armJobId: sight.armJobId,
            armIdBefore: sight.armIdBefore,
            armIdAfter: sight.armIdAfter,
            startedAt: now.toISOString(),
          },
          log:
            `Somebody else's ${step.phase} ` +
            `runs${sight.armJobId === null ? '' : ` (job ${sight.armJobId})`}: it is followed.`,
        },
        now,
        'started',
      );
    case 'wait':
      return wait(step, sight.waitsFor, now);
    case 'refused':
      return end(step, sight.fault, now);
  }
}

/** What somebody must change first is no reason to look again. */
async function lookAt(step: Stored<StepDocument>, holder: Holder, now: Date, view?: View): Promise<Sight> {
  mustPerform(step);
  return targetOf(step).look(step, holder, now, view);
}

function refusedSight(error: unknown): Sight {
  if (!(error instanceof LifeboatError) || error.kind !== ErrorKind.rejected) throw error;
  return { kind: 'refused', fault: { kind: error.kind, code: error.code, message: error.message } };
}

function wait(step: Stored<StepDocument>, waitsFor: string, now: Date): Promise<StartResult> {
  const news = step.waitsFor === waitsFor ? {} : { log: `Waits for ${waitsFor}.` };
  return save(
    step,
    { step: { state: 'waiting', waitsFor, notBefore: later(now, BUSY_SECONDS).toISOString() }, ...news },
    now,
    'later',
  );
}

/** Writes the intention down, claims the right to send, sends, and writes down what came of it. */
async function intend(
  sight: Extract<Sight, { kind: 'start' }>,
  waiting: Stored<StepDocument>,
  intention: AttemptDocument | undefined,
): Promise<StartResult> {
  // Whether a write could be sent at all is known before anything says that it will be.
  await (await azureCredential()).getToken(ARM_SCOPE);
  const now = await clock().now();
  const prepared = firstOf(waiting, 'prepared', now);
  const attempt = intention ?? prepared;
  const step = await saveStep(
    waiting,
    {
      step: {
        state: 'started',
        attempt: attempt.number,
        armIdBefore: sight.armIdBefore,
        armIdAfter: sight.armIdAfter,
        startedAt: waiting.startedAt ?? now.toISOString(),
        notBefore: null,
        waitsFor: null,
        armJobId: null,
        foreign: false,
      },
      ...(intention ? {} : { attempt: prepared }),
      ...(sight.log === undefined ? {} : { log: sight.log }),
    },
    now,
  );
  if (!step) return 'later';
  const claim = await claimToSend(step, attempt, now);
  if (!claim) return 'later';
  // Read after the claim: a person who pauses or cancels later than this has done so after the claim.
  if (!(await mayBegin(claim.step))) return withdraw(claim);
  return record(claim, await sight.send(claim.clientRequestId, claim.until, claim.attempt.number));
}

interface Claim {
  readonly step: Stored<StepDocument>;
  readonly attempt: AttemptDocument;
  readonly clientRequestId: string;
  readonly until: Date;
}

/**
 * Durable may run one activity twice at the same time: under the step's ETag only one of them gets
 * to send.
 */
async function claimToSend(
  step: Stored<StepDocument>,
  prepared: AttemptDocument,
  now: Date,
): Promise<Claim | undefined> {
  const clientRequestId = freshGuid();
  // Wall time: it bounds a request on a real network, whatever the story's pace.
  const until = later(new Date(), config().LIFEBOAT_SEND_TIMEOUT_SECONDS);
  const attempt = advance(prepared, 'sending', {
    clientRequestId,
    owner: freshGuid(),
    deadline: until.toISOString(),
    sentAt: now.toISOString(),
  });
  const claimed = await saveStep(
    step,
    { attempt, log: `Attempt ${attempt.number}: ${step.phase} is sent with request id ${clientRequestId}.` },
    now,
  );
  return claimed && { step: claimed, attempt, clientRequestId, until };
}

/** Claimed, and nothing was sent: the job was paused or cancelled before that. */
async function withdraw({ step, attempt }: Claim): Promise<StartResult> {
  const message = 'The job was paused or cancelled before it was sent.';
  const answer = { status: null, code: NOT_SENT, message };
  const change: StepChange = {
    step: { state: 'waiting', notBefore: null, waitsFor: null },
    attempt: advance(attempt, 'notAccepted', { answer }),
    log: `Attempt ${attempt.number} was not sent. ${message}`,
  };
  return save(step, change, await clock().now(), 'later');
}

async function record(claim: Claim, answer: WriteAnswer): Promise<StartResult> {
  const { step, attempt } = claim;
  const now = await clock().now();
  const judged = judgeAnswer(answer, targetOf(step).startsJob);
  const known = { answer: { status: answer.status, code: answer.code, message: answer.message } };
  switch (judged.kind) {
    case 'accepted': {
      const change = {
        step: { armJobId: judged.armJobId },
        attempt: advance(attempt, 'accepted', { ...known, armJobId: judged.armJobId }),
        log:
          judged.armJobId === null
            ? 'Accepted by Azure.'
            : `Accepted: Site Recovery's job ${judged.armJobId}.`,
      };
      return (await saveAnswer(claim, change, now)) ? 'started' : lost(claim, judged.armJobId, now);
    }
    case 'unknown':
      return saveAnswered(
        claim,
        {
          attempt: advance(attempt, 'unknown', { ...known, unknownSince: now.toISOString() }),
          log:
            `The answer is not known (${answer.message}). Nothing is repeated before it is proven ` +
            'what came of it.',
        },
        now,
        'later',
      );
    case 'notAccepted': {
      const refused = advance(attempt, 'notAccepted', known);
      if (!judged.again)
        return saveAnswered(claim, ending(refusedByAzure(answer), now, refused), now, 'ended');
      const pause = Math.min(answer.retryAfterSeconds ?? BUSY_SECONDS, LONGEST_PAUSE_SECONDS);
      const notBefore = later(now, pause).toISOString();
      return saveAnswered(
        claim,
        {
          step: { state: 'waiting', notBefore, waitsFor: waitsForOf(answer) },
          attempt: refused,
          log: `Not accepted for now (${answer.code}); tried again after ${notBefore}.`,
        },
        now,
        'later',
      );
    }
  }
}

/** A refusal that time alone ends: it counts towards no limit, and the step says what it waits for. */
function waitsForOf(answer: WriteAnswer): string {
  if (isBusy(answer)) return "somebody else's change of the same thing in Azure";
  return answer.code === NOT_SENT
    ? 'another attempt: the last one came too late to be sent'
    : 'Azure, which asks for fewer requests';
}

/**
 * The answer to a claimed write. The step may have changed meanwhile (a person has answered a
 * question about it):
 * the answer is written all the same while the attempt is still the one that this process has sent.
 */
async function saveAnswer({ step, attempt }: Claim, change: StepChange, now: Date): Promise<boolean> {
  let present = step;
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    if (await saveStep(present, change, now)) return true;
    const next = await readStep(step.jobId, step.id);
    if (!next || isSuperseded(next, step.epoch) || next.attempt !== attempt.number) return false;
    if ((await readAttempt(next))?.state !== 'sending') return false;
    present = next;
  }
  return false;
}

const saveAnswered = async (
  claim: Claim,
  change: StepChange,
  now: Date,
  result: StartResult,
): Promise<StartResult> => ((await saveAnswer(claim, change, now)) ? result : 'later');

/**
 * Azure does what was asked, and the step has gone on without this answer: both the job's log and
 * the app's say so.
 */
async function lost(
  { step, attempt, clientRequestId }: Claim,
  armJobId: string | null,
  now: Date,
): Promise<never> {
  const message =
    `Azure accepted attempt ${attempt.number} at ${step.phase} of ${step.targetName} ` +
    `(request id ${clientRequestId}` +
    `${armJobId === null ? '' : `, Site Recovery's job ${armJobId}`}), and the step had ` +
    'changed before the answer came. ' +
    'Lifeboat looks for this request id by itself; look in the portal whether the operation ran twice.';
  await addLine(step, `lost:${step.id}:${attempt.number}`, message, now);
  throw ambiguous('AnswerLost', message);
}

const ending = (error: Fault, now: Date, attempt?: NextAttempt): StepChange => ({
  step: { state: 'failed', error, endedAt: now.toISOString() },
  log: error.message,
  ...(attempt ? { attempt } : {}),
});
const end = (step: Stored<StepDocument>, error: Fault, now: Date): Promise<StartResult> =>
  save(step, ending(error, now), now, 'ended');

/** A lost race is no failure: whoever won has written what is true, and the next look reads it. */
const save = async (
  step: Stored<StepDocument>,
  change: StepChange,
  now: Date,
  result: StartResult,
): Promise<StartResult> => ((await saveStep(step, change, now)) ? result : 'later');
