// Actions that run in Azure: begun by the attempt protocol, once and never twice, then looked at
// until they have ended.
import type { Warning } from '../core/warning.ts';
import { clock } from '../core/clock.ts';
import { isUndecided } from '../core/states/attempt.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import { startStep } from '../attempts/startStep.ts';
import { resolveByName, markSenderLost } from '../attempts/resolveUnknown.ts';
import type { AttemptDocument, StepDocument } from '../journal/documents.ts';
import { readNewestAttempt } from '../journal/attempts.ts';
import { saveStep } from '../journal/saveStep.ts';
import { readStep } from '../journal/steps.ts';
import {
  startedFields,
  deadlineOf,
  fail,
  saveActionThen,
  secondsUntil,
  SOON_SECONDS,
  succeed,
  keepWaiting,
  type ActionHandler,
  type NextActionPoll,
  type ActionContext,
} from '../attempts/actionContext.ts';

export type AzureActionState =
  /** `waitsFor`: only when it is not just on its way. */
  | { readonly state: 'runs'; readonly waitsFor: string | null }
  | { readonly state: 'gone' }
  | { readonly state: 'succeeded'; readonly output: string; readonly message: string }
  | { readonly state: 'failed'; readonly output: string; readonly fault: Fault };

export interface AzureAction {
  readonly poll: (step: StepDocument, attempt: AttemptDocument) => Promise<AzureActionState>;
  /** Ends what runs, as far as Azure can; tells what came of it. */
  readonly stop: (step: StepDocument, attempt: AttemptDocument) => Promise<string>;
  /**
   * Takes away what is left of it, once it is written down how it ended: nobody could see that
   * afterwards. A warning when that did not go.
   */
  readonly cleanUp?: (step: StepDocument, attempt: AttemptDocument) => Promise<Warning | undefined>;
}

export const azureActionHandler = (action: AzureAction): ActionHandler => ({
  runsExternally: true,
  begin: beginAttempt,
  poll: (context) => pollAttempt(action, context),
  timeOut: (context, fault) => stopAndFail(action, context, fault),
});

/** Seconds for which what Azure has taken may not be shown yet. */
const APPEARS_WITHIN_SECONDS = 300;

async function beginAttempt(context: ActionContext): Promise<NextActionPoll> {
  // Its time runs from its turn on, also while the machine it is for does not answer.
  const { startedAt, endedAt, error, output } = startedFields(context.now);
  const step =
    context.step.startedAt === null
      ? await saveStep(
          context.step,
          { step: { startedAt, endedAt, error, output } as Partial<StepDocument> },
          context.now,
        )
      : context.step;
  if (!step) return SOON_SECONDS;
  const result = await startStep(step, { jobId: step.jobId, epoch: context.epoch });
  if (result === 'ended') return 'ended';
  const savedStep = result === 'later' ? await readStep(step.jobId, step.id) : undefined;
  return savedStep?.notBefore
    ? Math.max(1, secondsUntil(new Date(savedStep.notBefore), await clock().now()))
    : SOON_SECONDS;
}

async function pollAttempt(action: AzureAction, context: ActionContext): Promise<NextActionPoll> {
  const { step, now } = context;
  const attempt = await readNewestAttempt(step);
  if (step.state === 'settling' && attempt) return cleanUpAndEnd(action, context, attempt);
  switch (attempt?.state) {
    case undefined:
    case 'prepared':
    case 'notAccepted':
      return beginAttempt(context);
    case 'sending':
      await markSenderLost(step, attempt, now);
      return SOON_SECONDS;
    case 'unknown':
      await resolveByName(step, attempt, now);
      return SOON_SECONDS;
    case 'accepted':
      return pollAccepted(action, context, attempt);
  }
}

async function pollAccepted(
  action: AzureAction,
  context: ActionContext,
  attempt: AttemptDocument,
): Promise<NextActionPoll> {
  const { step, now } = context;
  const elapsedSeconds = (now.getTime() - Date.parse(attempt.sentAt ?? attempt.preparedAt)) / 1000;
  const azureState = await action.poll(step, attempt);
  switch (azureState.state) {
    case 'runs':
      return azureState.waitsFor === null
        ? pollIntervalSeconds(elapsedSeconds)
        : keepWaiting(context, azureState.waitsFor, pollIntervalSeconds(elapsedSeconds));
    case 'gone':
      return elapsedSeconds < APPEARS_WITHIN_SECONDS || isPastDeadline(context)
        ? SOON_SECONDS
        : fail(context, {
            kind: ErrorKind.needsHuman,
            code: 'Gone',
            message:
              `Azure took ${step.targetName} (attempt ${attempt.number}), and does not show it any ` +
              'more. Whether it was done is not known. Look there, then try again or go on.',
          });
    case 'succeeded':
      return action.cleanUp
        ? recordEndThenCleanUp(
            action,
            context,
            attempt,
            { output: azureState.output, error: null },
            azureState.message,
          )
        : succeed(context, azureState.message, { output: azureState.output });
    case 'failed':
      return action.cleanUp
        ? recordEndThenCleanUp(
            action,
            context,
            attempt,
            { output: azureState.output, error: azureState.fault },
            azureState.fault.message,
          )
        : fail(context, azureState.fault, { output: azureState.output });
  }
}

/** Its time is over: whoever was about to end it may have died after that. */
const isPastDeadline = ({ step, now }: ActionContext): boolean => (deadlineOf(step) ?? now) < now;

async function recordEndThenCleanUp(
  action: AzureAction,
  context: ActionContext,
  attempt: AttemptDocument,
  outcome: Pick<StepDocument, 'output' | 'error'>,
  log: string,
): Promise<NextActionPoll> {
  const step = await saveStep(
    context.step,
    { step: { state: 'settling', waitsFor: null, ...outcome }, log },
    context.now,
  );
  return step ? cleanUpAndEnd(action, { ...context, step }, attempt) : SOON_SECONDS;
}

/** It ends as it ended, whatever is left lying there. */
async function cleanUpAndEnd(
  action: AzureAction,
  context: ActionContext,
  attempt: AttemptDocument,
): Promise<NextActionPoll> {
  const { step } = context;
  const warning = await action.cleanUp?.(step, attempt);
  const state = step.error === null ? 'succeeded' : 'failed';
  return saveActionThen(
    context,
    {
      step: {
        state,
        endedAt: context.now.toISOString(),
        notBefore: null,
        warnings: [...step.warnings, ...(warning === undefined ? [] : [warning])],
      },
    },
    'ended',
  );
}

/** Often at first, when most have ended, then by and by less. */
const pollIntervalSeconds = (elapsedSeconds: number): number =>
  elapsedSeconds < 300 ? 15 : elapsedSeconds < 1800 ? 30 : 60;

async function stopAndFail(action: AzureAction, turn: ActionContext, fault: Fault): Promise<NextActionPoll> {
  if (turn.step.state === 'settling') return SOON_SECONDS;
  const attempt = await readNewestAttempt(turn.step);
  // What may have been started is proven first: a step that has ended might be tried again.
  if (isUndecided(attempt?.state)) return SOON_SECONDS;
  if (attempt?.state !== 'accepted') return fail(turn, fault);
  return fail(turn, { ...fault, message: `${fault.message} ${await action.stop(turn.step, attempt)}` });
}

const MAX_OUTPUT_CHARS = 2048;
/** What was written last says most. */
export const outputTail = (...parts: readonly string[]): string =>
  parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n')
    .slice(-MAX_OUTPUT_CHARS);
