// A signed request to an address on the list. It may arrive more than once, always under the same
// id: a receiver that knows ids does it once.
import { clock, later } from '../../core/clock.ts';
import { config } from '../../core/config.ts';
import { NOT_SENT } from '../../azure/writeAnswer.ts';
import { secondsToNextTry } from '../../outbox/rules/events.ts';
import { freshGuid } from '../../core/ids.ts';
import { call, type Heard } from '../../delivery/outbound.ts';
import { sign } from '../../delivery/signature.ts';
import { mayBegin } from '../../journal/control.ts';
import type { Stored } from '../../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import { advance, firstOf, attemptsSince, readAttempt } from '../../journal/attempts.ts';
import { saveStep, type StepChange } from '../../journal/saveStep.ts';
import {
  actionOf,
  begun,
  fail,
  rejected,
  saved,
  secondsUntil,
  SOON,
  succeed,
  type Kind,
  type Next,
  type Turn,
} from '../../attempts/turn.ts';

export const http: Kind = { acts: true, begin: (turn) => send(turn, begun(turn.now)), follow };

const MOST_TRIES = 10;
const MOST_OUTPUT = 2048;

/** The same for each try of the wire, another one when a person has it tried again. */
export const requestIdOf = ({ jobId, id, tries }: StepDocument): string => `${jobId}:${id}:${tries}`;

async function follow(turn: Turn): Promise<Next> {
  const { step, now } = turn;
  const attempt = await readAttempt(step);
  if (attempt?.state === 'sending') {
    // Wall time, as the request itself: somebody else may be sending at this moment.
    if (Date.parse(attempt.deadline ?? '') > Date.now()) return SOON;
    return again(turn, attempt, { kind: 'silent', why: 'Whoever sent it is gone.' });
  }
  const left = step.notBefore === null ? 0 : secondsUntil(new Date(step.notBefore), now);
  return left > 0 ? left : send(turn, { notBefore: null });
}

async function send(turn: Turn, change: Partial<StepDocument>): Promise<Next> {
  const { step, now } = turn;
  const { url, method, body, key: name } = actionOf(step, 'http');
  const {
    LIFEBOAT_CALLBACK_KEYS: keys,
    LIFEBOAT_CALLBACKS: allowed,
    LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: timeoutSeconds,
  } = config();
  const secret = keys.get(name);
  if (!secret)
    return fail(
      turn,
      rejected(
        'KeyUnknown',
        `${step.targetName} is to be signed with the key "${name}", which is not in ` +
          'LIFEBOAT_CALLBACK_KEYS, and nothing goes out unsigned. Nothing was sent.',
      ),
    );
  const until = later(new Date(), timeoutSeconds);
  const attempt = firstOf(step, 'sending', now, {
    clientRequestId: requestIdOf(step),
    owner: freshGuid(),
    deadline: until.toISOString(),
    sentAt: now.toISOString(),
  });
  const claimed = await saveStep(
    step,
    {
      step: { ...change, state: 'started', attempt: attempt.number },
      attempt,
      log: `${method} ${url} is sent for the ${ordinal(attempt.number)} time, as ${requestIdOf(step)}.`,
    },
    now,
  );
  if (!claimed) return SOON;
  // Read after the claim: a person who pauses or cancels later than this has done so after the claim.
  if (step.state === 'waiting' && !(await mayBegin(claimed)))
    return withdraw({ ...turn, step: claimed }, attempt);
  const headers = {
    ...(body === ''
      ? {}
      : { 'content-type': isJson(body) ? 'application/json' : 'text/plain; charset=utf-8' }),
    ...sign(requestIdOf(step), body, [secret], new Date()),
  };
  const heard = await call(
    { url, method, headers, body },
    { allowed, timeoutSeconds, notAfter: until.getTime(), mostBytes: MOST_OUTPUT },
  );
  return record({ ...turn, step: claimed, now: await clock().now() }, attempt, heard);
}

/** Claimed, and nothing was sent: the job was paused or cancelled before that. */
function withdraw(turn: Turn, attempt: AttemptDocument): Promise<Next> {
  const answer = {
    status: null,
    code: NOT_SENT,
    message: 'The job was paused or cancelled before it was sent.',
  };
  const change: StepChange = {
    step: { state: 'waiting', startedAt: null },
    attempt: advance(attempt, 'notAccepted', { answer }),
    log: `Request ${attempt.number} was not sent. ${answer.message}`,
  };
  return saved(turn, change, SOON);
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

/** What is no final answer: the receiver, or the way to it, may be better in a while. */
const mayPass = (heard: Heard): boolean =>
  heard.kind === 'silent' ||
  (heard.kind === 'answer' && (heard.status === 408 || heard.status === 429 || heard.status >= 500));

async function record(turn: Turn, attempt: AttemptDocument, heard: Heard): Promise<Next> {
  if (mayPass(heard)) return again(turn, attempt, heard);
  const { targetName } = turn.step;
  if (heard.kind !== 'answer')
    return fail(
      turn,
      rejected('AddressNotAllowed', `${targetName} was not sent: ${heard.why}`),
      undefined,
      advance(attempt, 'notAccepted'),
    );
  const { status, text } = heard;
  const more = { output: `${status}\n${text}`.trim() };
  const known = { answer: { status, code: `Http${status}`, message: '' } };
  if (status >= 200 && status < 300)
    return succeed(turn, `Answered with ${status}.`, more, advance(attempt, 'accepted', known));
  const why = status < 400 ? 'a redirect, which is not followed' : 'which trying again does not change';
  return fail(
    turn,
    rejected(
      `Http${status}`,
      `${targetName} was answered with ${status}, ${why}. Its output shows how the answer begins.`,
    ),
    more,
    advance(attempt, 'notAccepted', known),
  );
}

async function again(turn: Turn, attempt: AttemptDocument, heard: Heard): Promise<Next> {
  const { step, now } = turn;
  const [status, why] =
    heard.kind === 'answer'
      ? [heard.status, `answered with ${heard.status}`]
      : [null, `not answered (${heard.why})`];
  const ended = { answer: { status, code: status === null ? 'NoAnswer' : `Http${status}`, message: why } };
  const unknown =
    status === null
      ? advance(attempt, 'unknown', { ...ended, unknownSince: now.toISOString() })
      : advance(attempt, 'notAccepted', ended);
  const output = heard.kind === 'answer' ? { output: `${heard.status}\n${heard.text}`.trim() } : {};
  const tried = await triesOf(step);
  if (tried >= MOST_TRIES)
    return fail(
      turn,
      rejected(
        'NoSuccess',
        `${step.targetName} was sent ${tried} times, and the last was ${why}. Look at the ` +
          `receiver, which knows the request as ${requestIdOf(step)}.`,
      ),
      output,
      unknown,
    );
  const pause = secondsToNextTry(tried, heard.kind === 'answer' ? heard.retryAfterSeconds : null);
  const notBefore = later(now, pause).toISOString();
  return saved(
    turn,
    {
      step: { ...output, notBefore, waitsFor: `its receiver: the ${ordinal(tried)} request was ${why}` },
      attempt: unknown,
      log: `The ${ordinal(tried)} request was ${why}; it is sent again after ${notBefore}.`,
    },
    pause,
  );
}

/** Since a person had it tried again, it counts anew. */
const triesOf = async (step: Stored<StepDocument>): Promise<number> =>
  (await attemptsSince(step.jobId, step.id, step.startedAt ?? '')).length;
