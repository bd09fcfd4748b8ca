// Changes steps. Each change of state must be in the transition table, and each write needs the
// ETag of the step. The attempt protocol depends on both rules.
import { CANCELLED_CODE, CLEANED_UP_CODE } from '../core/states/node.ts';
import { assertTransition } from '../core/states/transitions.ts';
import { STEP_TRANSITIONS, StepState, type StepTransitionCause } from '../core/states/step.ts';
import { ErrorKind } from '../core/errors.ts';
import { writeBatch, splitIntoBatches, type WithEtag, type BatchWrite } from '../store/cosmos.ts';
import type { Actor, StepDocument } from './documents.ts';
import type { NextAttempt } from './attempts.ts';
import { stepLogLine } from './log.ts';
import { eventsOfStepChange } from './outbox.ts';
import { isOpen } from './steps.ts';

const JOBS = 'jobs';

/** A change of a step, and the attempt and log line for the same batch. */
export interface StepChange {
  readonly step?: Partial<StepDocument>;
  readonly attempt?: NextAttempt;
  readonly log?: string;
  /** The person or app behind the change. */
  readonly by?: Actor;
  /** `work` if absent. */
  readonly cause?: StepTransitionCause;
}

function assertStepTransition(before: StepDocument, next: StepDocument, cause: StepTransitionCause): void {
  if (next.state !== before.state)
    assertTransition('step', STEP_TRANSITIONS, cause, before.state, next.state);
}

/**
 * Saves a change in one batch under the ETag of the step. The step, its attempt, its log line and
 * its events change together, or not at all. Undefined: a lost race, without any write.
 */
export async function saveStep(
  step: WithEtag<StepDocument>,
  change: StepChange,
  now: Date,
): Promise<WithEtag<StepDocument> | undefined> {
  const changed: StepDocument = { ...step, ...change.step };
  assertStepTransition(step, changed, change.cause ?? 'work');
  const events = eventsOfStepChange(step, changed, step.lines + 1, now);
  const next: StepDocument = {
    ...changed,
    lines: step.lines + (change.log === undefined && events.length === 0 ? 0 : 1),
  };
  const line = change.log === undefined ? [] : [{ put: stepLogLine(next, change.log, now, change.by) }];
  const attempt = change.attempt ? [{ put: change.attempt }] : [];
  const etags = await writeBatch(JOBS, step.jobId, [
    { replace: next, etag: step._etag },
    ...attempt,
    ...line,
    ...events.map((event): BatchWrite => ({ create: event })),
  ]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/**
 * Opens the steps at their turn. If another process changed one step meanwhile, its whole batch
 * waits for the next poll.
 */
export async function setStepsWaiting(
  jobId: string,
  steps: readonly WithEtag<StepDocument>[],
): Promise<readonly StepDocument[]> {
  const opened = await Promise.all(
    splitIntoBatches(steps).map(async (chunk) => {
      const next = chunk.map(({ _etag, ...step }) => {
        const opened: StepDocument = { ...step, state: StepState.waiting };
        assertStepTransition(step, opened, 'turn');
        return { step: opened, etag: _etag };
      });
      return (await writeBatch(
        JOBS,
        jobId,
        next.map(({ step, etag }) => ({ replace: step, etag })),
      ))
        ? next.map(({ step }) => step)
        : [];
    }),
  );
  return opened.flat();
}

/**
 * Raises steps to an epoch, so that Cosmos refuses late writes of an older orchestration under the
 * old ETags. Ended steps begin again.
 */
export async function raiseStepEpochs(
  jobId: string,
  steps: readonly WithEtag<StepDocument>[],
  epoch: number,
): Promise<boolean> {
  const raised = steps.map((step): BatchWrite => {
    const next: StepDocument = isOpen(step)
      ? { ...step, epoch }
      : {
          ...step,
          epoch,
          state: step.node === null ? StepState.waiting : StepState.planned,
          startedAt: step.node === null ? step.startedAt : null,
          tries: step.tries + 1,
          lost: 0,
          error: null,
          endedAt: null,
          waitsFor: null,
          notBefore: null,
          armJobId: null,
          foreign: false,
          warnings: [],
        };
    assertStepTransition(step, next, 'retry');
    return { replace: next, etag: step._etag };
  });
  const done = await Promise.all(splitIntoBatches(raised).map((chunk) => writeBatch(JOBS, jobId, chunk)));
  return done.every((etags) => etags !== undefined);
}

/** The fields of a step that a person wants to try again in a running job. */
export const retryFields = ({ tries }: StepDocument): Partial<StepDocument> => ({
  state: 'planned',
  tries: tries + 1,
  lost: 0,
  error: null,
  startedAt: null,
  endedAt: null,
  waitsFor: null,
  notBefore: null,
  armJobId: null,
  foreign: false,
  warnings: [],
  output: null,
});

/** The change of a step that had not begun when a person cancelled its job. */
export const cancelledStepChange = (now: Date): StepChange =>
  skippedChange(CANCELLED_CODE, 'Not begun, because the job was cancelled.', now);

/** Ends a clean-up that has not begun, because another job has taken the VM. */
export const leftToOtherJobChange = (otherJobId: string, now: Date): StepChange =>
  skippedChange('LeftToOtherJob', `Not begun: job ${otherJobId} takes the VM, and cleans its test up.`, now);

/** Ends a clean-up that another job has done. */
export const cleanedUpByOtherJobChange = (otherJobIds: readonly string[], now: Date): StepChange =>
  skippedChange(CLEANED_UP_CODE, `Job ${otherJobIds.join(' and ')} has cleaned this test up.`, now);

const skippedChange = (code: string, message: string, now: Date): StepChange => ({
  step: {
    state: 'skipped',
    endedAt: now.toISOString(),
    waitsFor: null,
    error: { kind: ErrorKind.rejected, code, message },
  },
  log: message,
});
