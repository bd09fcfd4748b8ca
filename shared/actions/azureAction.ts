// Runs an action in Azure: a runbook or a script. The attempt protocol starts the action at most once.
// Then Lifeboat polls the action until its end.
// This module must never start an action twice, even after a lost answer.

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

/** The state of an action in Azure. */
export type AzureActionState =
  /** `waitsFor`: null while the action simply runs. */
  | { readonly state: 'runs'; readonly waitsFor: string | null }
  | { readonly state: 'gone' }
  | { readonly state: 'succeeded'; readonly output: string; readonly message: string }
  | { readonly state: 'failed'; readonly output: string; readonly fault: Fault };

/** The operations that differ between runbooks and scripts. */
export interface AzureAction {
  readonly poll: (step: StepDocument, attempt: AttemptDocument) => Promise<AzureActionState>;
  /** Stops the running action as far as Azure can. Returns a sentence about the result. */
  readonly stop: (step: StepDocument, attempt: AttemptDocument) => Promise<string>;
  /**
   * Deletes the remains of the action in Azure. Lifeboat saves the result before: the deletion also
   * removes the evidence. Returns a warning if the deletion failed.
   */
  readonly cleanUp?: (step: StepDocument, attempt: AttemptDocument) => Promise<Warning | undefined>;
}

/** Makes an action handler from the operations of an Azure action. */
export const azureActionHandler = (action: AzureAction): ActionHandler => ({
  runsExternally: true,
  begin: beginAttempt,
  poll: (context) => pollAttempt(action, context),
  timeOut: (context, fault) => stopAndFail(action, context, fault),
});

/** After this time, Azure must show an accepted action. */
const APPEARS_WITHIN_SECONDS = 300;

async function beginAttempt(context: ActionContext): Promise<NextActionPoll> {
  // The timeout counts from the step's turn, even while the target machine does not answer.
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

/**
 * True after the timeout. An instance may have stopped the action in Azure, and died before it saved
 * the end. So the missing action proves nothing.
 */
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

/** Saves the known result. A failed clean-up adds only a warning. */
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

/** Most actions end early, so the polls are frequent at first, and then rarer. */
const pollIntervalSeconds = (elapsedSeconds: number): number =>
  elapsedSeconds < 300 ? 15 : elapsedSeconds < 1800 ? 30 : 60;

async function stopAndFail(
  action: AzureAction,
  context: ActionContext,
  fault: Fault,
): Promise<NextActionPoll> {
  if (context.step.state === 'settling') return SOON_SECONDS;
  const attempt = await readNewestAttempt(context.step);
  // First find out whether Azure started the action: a person may retry an ended step.
  if (isUndecided(attempt?.state)) return SOON_SECONDS;
  if (attempt?.state !== 'accepted') return fail(context, fault);
  return fail(context, { ...fault, message: `${fault.message} ${await action.stop(context.step, attempt)}` });
}

const MAX_OUTPUT_CHARS = 2048;
/** The end of an output. The last lines usually say most. */
export const outputTail = (...parts: readonly string[]): string =>
  parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n')
    .slice(-MAX_OUTPUT_CHARS);
