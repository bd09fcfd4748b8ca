// The attempt protocol: one ARM write for a step, from intention to known end, and never a second one by accident.
//
//   prepared -> sending -> accepted | notAccepted | unknown
//
// What is written down before the request goes out decides everything: after a crash the next invocation finds `sending`,
// waits until its deadline, and then looks for proof (proof.ts) instead of sending again.
import { someAtATime } from '../azure/clients.ts';
import { azureCredential, ARM_SCOPE } from '../azure/credential.ts';
import { clock, later } from '../clock.ts';
import { config } from '../config.ts';
import { isBusy, judgeAnswer, MOST_ATTEMPTS, type WriteAnswer } from '../domain/attempt.ts';
import { isFinalStep, type Phase } from '../domain/words.ts';
import { ErrorKind, LifeboatError, type Fault } from '../errors.ts';
import { freshGuid } from '../ids.ts';
import type { Stored } from '../store/cosmos.ts';
import { SCHEMA, type AttemptDocument, type StepDocument } from '../store/documents.ts';
import { advance, attemptIdOf, isSuperseded, readAttempt, readStep, saveStep, stepIdOf, type StepChange } from '../store/jobs.ts';
import { siteRecoveryOf } from './adapter.ts';
import { refusedByAzure, tooManyAttempts } from './faults.ts';
import type { Holder, Sight } from './targets/target.ts';
import { targetOf } from './targets/targets.ts';
import { viewOf, type View } from './view.ts';

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

export async function startStep(step: Stored<StepDocument>, holder: Holder, view?: View): Promise<StartResult> {
  if (isSuperseded(step, holder.epoch)) return 'superseded';
  if (isFinalStep(step.state)) return 'ended';
  const newest = await readAttempt(step);
  const intention = newest?.state === 'prepared' ? newest : undefined;
  if (step.state === 'waiting' || intention) return look(holder, step, intention, view);
  return newest?.state === 'sending' || newest?.state === 'unknown' ? 'later' : 'started';
}

/** Nothing of ours is open, or only an intention: what does the target allow? */
async function look(holder: Holder, step: Stored<StepDocument>, intention: AttemptDocument | undefined, view?: View): Promise<StartResult> {
  const now = await clock().now();
  const sight = await targetOf(step).look(step, holder, now, view).catch(refusedSight);
  switch (sight.kind) {
    case 'start':
      if (step.attempt >= MOST_ATTEMPTS && !intention) return end(step, tooManyAttempts(step), now);
      return intend(sight, step, intention);
    case 'alreadySo':
      if (!(await sight.remember())) return 'later';
      return save(step, {
        step: { state: 'alreadySo', armIdBefore: sight.armIdBefore, armIdAfter: sight.armIdAfter, endedAt: now.toISOString(), ...(sight.warnings && { warnings: sight.warnings }) },
        log: 'Already so: done before this step began.',
      }, now, 'ended');
    case 'follow':
      return save(step, {
        step: {
          state: sight.armJobId === null ? 'settling' : 'following', foreign: true, armJobId: sight.armJobId,
          armIdBefore: sight.armIdBefore, armIdAfter: sight.armIdAfter, startedAt: now.toISOString(),
        },
        log: `Somebody else's ${step.phase} runs${sight.armJobId === null ? '' : ` (job ${sight.armJobId})`}: it is followed.`,
      }, now, 'started');
    case 'wait':
      return wait(step, sight.waitsFor, now);
    case 'refused':
      return end(step, sight.fault, now);
  }
}

/** What somebody must change first is no reason to look again. */
function refusedSight(error: unknown): Sight {
  if (!(error instanceof LifeboatError) || error.kind !== ErrorKind.rejected) throw error;
  return { kind: 'refused', fault: { kind: error.kind, code: error.code, message: error.message } };
}

function wait(step: Stored<StepDocument>, waitsFor: string, now: Date): Promise<StartResult> {
  const news = step.waitsFor === waitsFor ? {} : { log: `Waits for ${waitsFor}.` };
  return save(step, { step: { state: 'waiting', waitsFor, notBefore: later(now, BUSY_SECONDS).toISOString() }, ...news }, now, 'later');
}

/** Writes the intention down, claims the right to send, sends, and writes down what came of it. */
async function intend(sight: Extract<Sight, { kind: 'start' }>, waiting: Stored<StepDocument>, intention: AttemptDocument | undefined): Promise<StartResult> {
  // Whether a write could be sent at all is known before anything says that it will be.
  await (await azureCredential()).getToken(ARM_SCOPE);
  const now = await clock().now();
  const attempt = intention ?? prepare(waiting, now);
  const step = await saveStep(waiting, {
    step: {
      state: 'started', attempt: attempt.number, armIdBefore: sight.armIdBefore, armIdAfter: sight.armIdAfter, startedAt: waiting.startedAt ?? now.toISOString(),
      notBefore: null, waitsFor: null, armJobId: null, foreign: false,
    },
    attempt, ...(sight.log === undefined ? {} : { log: sight.log }),
  }, now);
  if (!step) return 'later';
  const claim = await claimToSend(step, attempt, now);
  if (!claim) return 'later';
  return record(claim, await sight.send(claim.clientRequestId, claim.until, claim.attempt.number));
}

const prepare = (step: StepDocument, now: Date): AttemptDocument => ({
  id: attemptIdOf(step.id, step.attempt + 1), type: 'attempt', schema: SCHEMA, jobId: step.jobId, stepId: step.id, number: step.attempt + 1, epoch: step.epoch,
  state: 'prepared', clientRequestId: null, owner: null, deadline: null, preparedAt: now.toISOString(), sentAt: null, unknownSince: null, armJobId: null, answer: null,
});

interface Claim {
  readonly step: Stored<StepDocument>;
  readonly attempt: AttemptDocument;
  readonly clientRequestId: string;
  readonly until: Date;
}

/** Durable may run one activity twice at the same time: under the step's ETag only one of them gets to send. */
async function claimToSend(step: Stored<StepDocument>, prepared: AttemptDocument, now: Date): Promise<Claim | undefined> {
  const clientRequestId = freshGuid();
  // Wall time: it bounds a request on a real network, whatever the story's pace.
  const until = later(new Date(), config().LIFEBOAT_SEND_TIMEOUT_SECONDS);
  const attempt = advance(prepared, 'sending', { clientRequestId, owner: freshGuid(), deadline: until.toISOString(), sentAt: now.toISOString() });
  const claimed = await saveStep(step, { attempt, log: `Attempt ${attempt.number}: ${step.phase} is sent with request id ${clientRequestId}.` }, now);
  return claimed && { step: claimed, attempt, clientRequestId, until };
}

async function record({ step, attempt }: Claim, answer: WriteAnswer): Promise<StartResult> {
  const now = await clock().now();
  const judged = judgeAnswer(answer, targetOf(step).startsJob);
  const known = { answer: { status: answer.status, code: answer.code, message: answer.message } };
  switch (judged.kind) {
    case 'accepted':
      return save(step, {
        step: { armJobId: judged.armJobId }, attempt: advance(attempt, 'accepted', { ...known, armJobId: judged.armJobId }),
        log: judged.armJobId === null ? 'Accepted by Azure.' : `Accepted: Site Recovery's job ${judged.armJobId}.`,
      }, now, 'started');
    case 'unknown':
      return save(step, {
        attempt: advance(attempt, 'unknown', { ...known, unknownSince: now.toISOString() }),
        log: `The answer is not known (${answer.message}). Nothing is repeated before it is proven what came of it.`,
      }, now, 'later');
    case 'notAccepted': {
      const refused = advance(attempt, 'notAccepted', known);
      if (!judged.again) return end(step, refusedByAzure(answer), now, refused);
      const notBefore = later(now, answer.retryAfterSeconds ?? BUSY_SECONDS).toISOString();
      return save(step, {
        step: { state: 'waiting', notBefore, waitsFor: isBusy(answer) ? "somebody else's change of the same thing in Azure" : 'Azure, which asks for fewer requests' }, attempt: refused,
        log: `Not accepted for now (${answer.code}); tried again after ${notBefore}.`,
      }, now, 'later');
    }
  }
}

const end = (step: Stored<StepDocument>, error: Fault, now: Date, attempt?: AttemptDocument): Promise<StartResult> =>
  save(step, { step: { state: 'failed', error, endedAt: now.toISOString() }, log: error.message, ...(attempt ? { attempt } : {}) }, now, 'ended');

/** A lost race is no failure: whoever won has written what is true, and the next look reads it. */
const save = async (step: Stored<StepDocument>, change: StepChange, now: Date, result: StartResult): Promise<StartResult> =>
  (await saveStep(step, change, now)) ? result : 'later';
