// Changing steps: each move of a step's state is held against the table, and written under the step's ETag.
import { CANCELLED } from '../core/states/node.ts';
import { mustMove } from '../core/states/moves.ts';
import { STEP_MOVES, StepState, type StepMover } from '../core/states/step.ts';
import { ErrorKind } from '../core/errors.ts';
import { batch, chunks, type Stored, type Write } from '../store/cosmos.ts';
import type { Actor, StepDocument } from './documents.ts';
import type { NextAttempt } from './attempts.ts';
import { lineOf } from './log.ts';
import { newsOfStep } from './outbox.ts';
import { isOpen } from './steps.ts';

const JOBS = 'jobs';

export interface StepChange {
  readonly step?: Partial<StepDocument>;
  readonly attempt?: NextAttempt;
  readonly log?: string;
  /** Whose word it was. */
  readonly by?: Actor;
  /** `work` where nothing is said. */
  readonly mover?: StepMover;
}

function mustMoveStep(before: StepDocument, next: StepDocument, mover: StepMover): void {
  if (next.state !== before.state) mustMove('step', STEP_MOVES, mover, before.state, next.state);
}

/**
 * One batch under the step's ETag: the step, its attempt, the line and the news that tell of it
 * change together, or not at all.
 */
export async function saveStep(
  step: Stored<StepDocument>,
  change: StepChange,
  now: Date,
): Promise<Stored<StepDocument> | undefined> {
  const changed: StepDocument = { ...step, ...change.step };
  mustMoveStep(step, changed, change.mover ?? 'work');
  const news = newsOfStep(step, changed, step.lines + 1, now);
  const next: StepDocument = {
    ...changed,
    lines: step.lines + (change.log === undefined && news.length === 0 ? 0 : 1),
  };
  const line = change.log === undefined ? [] : [{ put: lineOf(next, change.log, now, change.by) }];
  const attempt = change.attempt ? [{ put: change.attempt }] : [];
  const etags = await batch(JOBS, step.jobId, [
    { replace: next, etag: step._etag },
    ...attempt,
    ...line,
    ...news.map((entry): Write => ({ create: entry })),
  ]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/**
 * Their turn has come. Whoever changed one of them meanwhile keeps the others of its batch for the
 * next look.
 */
export async function openSteps(
  jobId: string,
  steps: readonly Stored<StepDocument>[],
): Promise<readonly StepDocument[]> {
  const opened = await Promise.all(
    chunks(steps).map(async (some) => {
      const next = some.map(({ _etag, ...step }) => {
        const opened: StepDocument = { ...step, state: StepState.waiting };
        mustMoveStep(step, opened, 'turn');
        return { step: opened, etag: _etag };
      });
      return (await batch(
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
 * Raises steps to an epoch, so that what an older walk still writes under their old ETags is
 * refused; those that had ended begin again.
 */
export async function raiseSteps(
  jobId: string,
  steps: readonly Stored<StepDocument>[],
  epoch: number,
): Promise<boolean> {
  const raised = steps.map((step): Write => {
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
    mustMoveStep(step, next, 'retry');
    return { replace: next, etag: step._etag };
  });
  const done = await Promise.all(chunks(raised).map((some) => batch(JOBS, jobId, some)));
  return done.every((etags) => etags !== undefined);
}

/** In a running job a person has said so. */
export const triedAgain = ({ tries }: StepDocument): Partial<StepDocument> => ({
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

/** A step that was not begun when its job was cancelled. */
export const cancelledStep = (now: Date): StepChange => {
  const message = 'Not begun, because the job was cancelled.';
  return {
    step: {
      state: 'skipped',
      endedAt: now.toISOString(),
      waitsFor: null,
      error: { kind: ErrorKind.rejected, code: CANCELLED, message },
    },
    log: message,
  };
};
