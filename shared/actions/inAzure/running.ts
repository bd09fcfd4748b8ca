// Actions that run in Azure: begun by the attempt protocol, once and never twice, then looked at
// until they have ended.
import type { Warning } from '../../core/warning.ts';
import { clock } from '../../core/clock.ts';
import { isUndecided } from '../../core/states/attempt.ts';
import { ErrorKind, type Fault } from '../../core/errors.ts';
import { startStep } from '../../attempts/attempts.ts';
import { resolveByName, senderIsGone } from '../../attempts/proof.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import { readAttempt } from '../../journal/attempts.ts';
import { saveStep } from '../../journal/saveStep.ts';
import { readStep } from '../../journal/steps.ts';
import {
  begun,
  deadlineOf,
  fail,
  saved,
  secondsUntil,
  SOON,
  succeed,
  waits,
  type Kind,
  type Next,
  type Turn,
} from '../../attempts/turn.ts';

export type Seen =
  /** `waitsFor`: only when it is not just on its way. */
  | { readonly state: 'runs'; readonly waitsFor: string | null }
  | { readonly state: 'gone' }
  | { readonly state: 'succeeded'; readonly output: string; readonly said: string }
  | { readonly state: 'failed'; readonly output: string; readonly fault: Fault };

export interface InAzure {
  readonly see: (step: StepDocument, attempt: AttemptDocument) => Promise<Seen>;
  /** Ends what runs, as far as Azure can; tells what came of it. */
  readonly stop: (step: StepDocument, attempt: AttemptDocument) => Promise<string>;
  /**
   * Takes away what is left of it, once it is written down how it ended: nobody could see that
   * afterwards. A warning when that did not go.
   */
  readonly tidy?: (step: StepDocument, attempt: AttemptDocument) => Promise<Warning | undefined>;
}

export const inAzure = (of: InAzure): Kind => ({
  acts: true,
  begin,
  follow: (turn) => follow(of, turn),
  timeOut: (turn, fault) => timeOut(of, turn, fault),
});

/** Seconds for which what Azure has taken may not be shown yet. */
const APPEARS_WITHIN = 300;

async function begin(turn: Turn): Promise<Next> {
  // Its time runs from its turn on, also while the machine it is for does not answer.
  const { startedAt, endedAt, error, output } = begun(turn.now);
  const step =
    turn.step.startedAt === null
      ? await saveStep(
          turn.step,
          { step: { startedAt, endedAt, error, output } as Partial<StepDocument> },
          turn.now,
        )
      : turn.step;
  if (!step) return SOON;
  const result = await startStep(step, { jobId: step.jobId, epoch: turn.epoch });
  if (result === 'ended') return 'ended';
  const written = result === 'later' ? await readStep(step.jobId, step.id) : undefined;
  return written?.notBefore
    ? Math.max(1, secondsUntil(new Date(written.notBefore), await clock().now()))
    : SOON;
}

async function follow(of: InAzure, turn: Turn): Promise<Next> {
  const { step, now } = turn;
  const attempt = await readAttempt(step);
  if (step.state === 'settling' && attempt) return tidy(of, turn, attempt);
  switch (attempt?.state) {
    case undefined:
    case 'prepared':
    case 'notAccepted':
      return begin(turn);
    case 'sending':
      await senderIsGone(step, attempt, now);
      return SOON;
    case 'unknown':
      await resolveByName(step, attempt, now);
      return SOON;
    case 'accepted':
      return look(of, turn, attempt);
  }
}

async function look(of: InAzure, turn: Turn, attempt: AttemptDocument): Promise<Next> {
  const { step, now } = turn;
  const elapsed = (now.getTime() - Date.parse(attempt.sentAt ?? attempt.preparedAt)) / 1000;
  const seen = await of.see(step, attempt);
  switch (seen.state) {
    case 'runs':
      return seen.waitsFor === null ? pauseAfter(elapsed) : waits(turn, seen.waitsFor, pauseAfter(elapsed));
    case 'gone':
      return elapsed < APPEARS_WITHIN || isLate(turn)
        ? SOON
        : fail(turn, {
            kind: ErrorKind.needsHuman,
            code: 'Gone',
            message:
              `Azure took ${step.targetName} (attempt ${attempt.number}), and does not show it any ` +
              'more. Whether it was done is not known. Look there, then try again or go on.',
          });
    case 'succeeded':
      return of.tidy
        ? settle(of, turn, attempt, { output: seen.output, error: null }, seen.said)
        : succeed(turn, seen.said, { output: seen.output });
    case 'failed':
      return of.tidy
        ? settle(of, turn, attempt, { output: seen.output, error: seen.fault }, seen.fault.message)
        : fail(turn, seen.fault, { output: seen.output });
  }
}

/** Its time is over: whoever was about to end it may have died after that. */
const isLate = ({ step, now }: Turn): boolean => (deadlineOf(step) ?? now) < now;

async function settle(
  of: InAzure,
  turn: Turn,
  attempt: AttemptDocument,
  ended: Pick<StepDocument, 'output' | 'error'>,
  log: string,
): Promise<Next> {
  const step = await saveStep(
    turn.step,
    { step: { state: 'settling', waitsFor: null, ...ended }, log },
    turn.now,
  );
  return step ? tidy(of, { ...turn, step }, attempt) : SOON;
}

/** It ends as it ended, whatever is left lying there. */
async function tidy(of: InAzure, turn: Turn, attempt: AttemptDocument): Promise<Next> {
  const { step } = turn;
  const warning = await of.tidy?.(step, attempt);
  const state = step.error === null ? 'succeeded' : 'failed';
  return saved(
    turn,
    {
      step: {
        state,
        endedAt: turn.now.toISOString(),
        notBefore: null,
        warnings: [...step.warnings, ...(warning === undefined ? [] : [warning])],
      },
    },
    'ended',
  );
}

/** Often at first, when most have ended, then by and by less. */
const pauseAfter = (elapsed: number): number => (elapsed < 300 ? 15 : elapsed < 1800 ? 30 : 60);

async function timeOut(of: InAzure, turn: Turn, fault: Fault): Promise<Next> {
  if (turn.step.state === 'settling') return SOON;
  const attempt = await readAttempt(turn.step);
  // What may have been started is proven first: a step that has ended might be tried again.
  if (isUndecided(attempt?.state)) return SOON;
  if (attempt?.state !== 'accepted') return fail(turn, fault);
  return fail(turn, { ...fault, message: `${fault.message} ${await of.stop(turn.step, attempt)}` });
}

const MOST_OUTPUT = 2048;
/** What was written last says most. */
export const tail = (...parts: readonly string[]): string =>
  parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n')
    .slice(-MOST_OUTPUT);
