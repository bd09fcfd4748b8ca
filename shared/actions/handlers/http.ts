// Handles http actions: a signed request to an allowed address.
// The request can arrive more than once, always with the same id. A receiver must ignore known ids.

import { clock, addSeconds } from '../../core/clock.ts';
import { config } from '../../core/config.ts';
import { NOT_SENT_CODE } from '../../azure/writeAnswer.ts';
import { secondsToNextTry } from '../../outbox/rules/events.ts';
import { newGuid } from '../../core/ids.ts';
import { sendRequest, type OutboundResult } from '../../delivery/outboundHttp.ts';
import { signWebhook } from '../../delivery/signature.ts';
import { mayBegin } from '../../journal/control.ts';
import type { WithEtag } from '../../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import {
  advanceAttempt,
  nextAttemptOf,
  listAttemptsSince,
  readNewestAttempt,
} from '../../journal/attempts.ts';
import { saveStep, type StepChange } from '../../journal/saveStep.ts';
import {
  actionOf,
  startedFields,
  fail,
  rejectedFault,
  saveActionThen,
  secondsUntil,
  SOON_SECONDS,
  succeed,
  type ActionHandler,
  type NextActionPoll,
  type ActionContext,
} from '../../attempts/actionContext.ts';

export const httpHandler: ActionHandler = {
  runsExternally: true,
  begin: (context) => sendAttempt(context, startedFields(context.now)),
  poll: pollHttp,
};

const MAX_TRIES = 10;
const MAX_OUTPUT_BYTES = 2048;

/** The id is the same for each automatic retry. A retry by a person gets a new id. */
export const requestIdOf = ({ jobId, id, tries }: StepDocument): string => `${jobId}:${id}:${tries}`;

async function pollHttp(context: ActionContext): Promise<NextActionPoll> {
  const { step, now } = context;
  const attempt = await readNewestAttempt(step);
  if (attempt?.state === 'sending') {
    // Real time, as for the request itself: another instance may be sending at this moment.
    if (Date.parse(attempt.deadline ?? '') > Date.now()) return SOON_SECONDS;
    return retryLater(context, attempt, {
      kind: 'silent',
      reason: 'The instance that sent the request has stopped.',
    });
  }
  const secondsLeft = step.notBefore === null ? 0 : secondsUntil(new Date(step.notBefore), now);
  return secondsLeft > 0 ? secondsLeft : sendAttempt(context, { notBefore: null });
}

async function sendAttempt(context: ActionContext, change: Partial<StepDocument>): Promise<NextActionPoll> {
  const { step, now } = context;
  const { url, method, body, key: keyName } = actionOf(step, 'http');
  const {
    LIFEBOAT_CALLBACK_KEYS: keys,
    LIFEBOAT_CALLBACKS: allowed,
    LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: timeoutSeconds,
  } = config();
  const secret = keys.get(keyName);
  if (!secret)
    return fail(
      context,
      rejectedFault(
        'KeyUnknown',
        `${step.targetName} is to be signed with the key "${keyName}", which is not in ` +
          'LIFEBOAT_CALLBACK_KEYS, and nothing goes out unsigned. Nothing was sent.',
      ),
    );
  const sendDeadline = addSeconds(new Date(), timeoutSeconds);
  const attempt = nextAttemptOf(step, 'sending', now, {
    clientRequestId: requestIdOf(step),
    owner: newGuid(),
    deadline: sendDeadline.toISOString(),
    sentAt: now.toISOString(),
  });
  const claimedStep = await saveStep(
    step,
    {
      step: { ...change, state: 'started', attempt: attempt.number },
      attempt,
      log: `${method} ${url} is sent for the ${ordinal(attempt.number)} time, as ${requestIdOf(step)}.`,
    },
    now,
  );
  if (!claimedStep) return SOON_SECONDS;
  // Read the control after the claim: a later pause or cancellation then comes after the claim.
  if (step.state === 'waiting' && !(await mayBegin(claimedStep)))
    return withdrawAttempt({ ...context, step: claimedStep }, attempt);
  const headers = {
    ...(body === ''
      ? {}
      : { 'content-type': isJson(body) ? 'application/json' : 'text/plain; charset=utf-8' }),
    ...signWebhook(requestIdOf(step), body, [secret], new Date()),
  };
  const result = await sendRequest(
    { url, method, headers, body },
    { allowed, timeoutSeconds, notAfter: sendDeadline.getTime(), maxBytes: MAX_OUTPUT_BYTES },
  );
  return recordResult({ ...context, step: claimedStep, now: await clock().now() }, attempt, result);
}

/** Withdraws a claimed attempt before the send: a person has paused or cancelled the job. */
function withdrawAttempt(context: ActionContext, attempt: AttemptDocument): Promise<NextActionPoll> {
  const answer = {
    status: null,
    code: NOT_SENT_CODE,
    message: 'The job was paused or cancelled before it was sent.',
  };
  const change: StepChange = {
    step: { state: 'waiting', startedAt: null },
    attempt: advanceAttempt(attempt, 'notAccepted', { answer }),
    log: `Request ${attempt.number} was not sent. ${answer.message}`,
  };
  return saveActionThen(context, change, SOON_SECONDS);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const ordinal = (number: number): string =>
  `${number}${['th', 'st', 'nd', 'rd'][number % 100 > 10 && number % 100 < 14 ? 0 : number % 10] ?? 'th'}`;

/** True: the answer is not final, because the receiver or the network can recover. */
const isTransient = (result: OutboundResult): boolean =>
  result.kind === 'silent' ||
  (result.kind === 'answer' && (result.status === 408 || result.status === 429 || result.status >= 500));

async function recordResult(
  context: ActionContext,
  attempt: AttemptDocument,
  result: OutboundResult,
): Promise<NextActionPoll> {
  if (isTransient(result)) return retryLater(context, attempt, result);
  const { targetName } = context.step;
  if (result.kind !== 'answer')
    return fail(
      context,
      rejectedFault('AddressNotAllowed', `${targetName} was not sent: ${result.reason}`),
      undefined,
      advanceAttempt(attempt, 'notAccepted'),
    );
  const { status, text } = result;
  const stepChange = { output: `${status}\n${text}`.trim() };
  const attemptChange = { answer: { status, code: `Http${status}`, message: '' } };
  if (status >= 200 && status < 300)
    return succeed(
      context,
      `Answered with ${status}.`,
      stepChange,
      advanceAttempt(attempt, 'accepted', attemptChange),
    );
  const reason = status < 400 ? 'a redirect, which is not followed' : 'which trying again does not change';
  return fail(
    context,
    rejectedFault(
      `Http${status}`,
      `${targetName} was answered with ${status}, ${reason}. Its output shows how the answer begins.`,
    ),
    stepChange,
    advanceAttempt(attempt, 'notAccepted', attemptChange),
  );
}

async function retryLater(
  context: ActionContext,
  attempt: AttemptDocument,
  result: OutboundResult,
): Promise<NextActionPoll> {
  const { step, now } = context;
  const [status, reason] =
    result.kind === 'answer'
      ? [result.status, `answered with ${result.status}`]
      : [null, `not answered (${result.reason})`];
  const attemptChange = {
    answer: { status, code: status === null ? 'NoAnswer' : `Http${status}`, message: reason },
  };
  const nextAttempt =
    status === null
      ? advanceAttempt(attempt, 'unknown', { ...attemptChange, unknownSince: now.toISOString() })
      : advanceAttempt(attempt, 'notAccepted', attemptChange);
  const output = result.kind === 'answer' ? { output: `${result.status}\n${result.text}`.trim() } : {};
  const triesSoFar = await countTries(step);
  if (triesSoFar >= MAX_TRIES)
    return fail(
      context,
      rejectedFault(
        'NoSuccess',
        `${step.targetName} was sent ${triesSoFar} times, and the last was ${reason}. Look at the ` +
          `receiver, which knows the request as ${requestIdOf(step)}.`,
      ),
      output,
      nextAttempt,
    );
  const pauseSeconds = secondsToNextTry(
    triesSoFar,
    result.kind === 'answer' ? result.retryAfterSeconds : null,
  );
  const notBefore = addSeconds(now, pauseSeconds).toISOString();
  return saveActionThen(
    context,
    {
      step: {
        ...output,
        notBefore,
        waitsFor: `its receiver: the ${ordinal(triesSoFar)} request was ${reason}`,
      },
      attempt: nextAttempt,
      log: `The ${ordinal(triesSoFar)} request was ${reason}; it is sent again after ${notBefore}.`,
    },
    pauseSeconds,
  );
}

/** Counts the attempts since the begin of the step. A retry by a person resets the count. */
const countTries = async (step: WithEtag<StepDocument>): Promise<number> =>
  (await listAttemptsSince(step.jobId, step.id, step.startedAt ?? '')).length;
