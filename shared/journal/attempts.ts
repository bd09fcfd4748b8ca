// The attempts of a step: what each write was to do, and what came of it.
import {
  ATTEMPT_MOVES,
  type AttemptMover,
  type AttemptState,
  type FirstAttemptState,
} from '../core/states/attempt.ts';
import { mustMove } from '../core/states/moves.ts';
import { query, read, type Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { AttemptDocument, StepDocument } from './documents.ts';
import { stepIdOf } from './steps.ts';

const JOBS = 'jobs';
const partition = (jobId: string) => ({ key: 'jobId', value: jobId });

export const attemptIdOf = (stepId: string, number: number): string => `attempt:${stepId}:${number}`;

export const readAttempt = (step: StepDocument): Promise<Stored<AttemptDocument> | undefined> =>
  step.attempt === 0
    ? Promise.resolve(undefined)
    : read<AttemptDocument>(JOBS, attemptIdOf(step.id, step.attempt), step.jobId);

export const attemptsInPhase = (jobId: string, phase: string): Promise<Stored<AttemptDocument>[]> =>
  query<AttemptDocument>(JOBS, {
    where: "c.type = 'attempt' AND STARTSWITH(c.stepId, @step)",
    parameters: { step: stepIdOf(phase, '') },
    partition: partition(jobId),
  });

/** Of one step, from a moment on. */
export const attemptsSince = (
  jobId: string,
  stepId: string,
  since: string,
): Promise<Stored<AttemptDocument>[]> =>
  query<AttemptDocument>(JOBS, {
    where: "c.type = 'attempt' AND c.stepId = @step AND c.preparedAt >= @since",
    parameters: { step: stepId, since },
    partition: partition(jobId),
  });

declare const moved: unique symbol;
/**
 * An attempt as one of the functions below has made it. `saveStep` takes no other one,
 * so an attempt cannot get a state that the table of moves does not allow.
 */
export type NextAttempt = AttemptDocument & { readonly [moved]: true };

/** The next attempt of a step. */
export const firstOf = (
  step: StepDocument,
  state: FirstAttemptState,
  now: Date,
  change: Partial<AttemptDocument> = {},
): NextAttempt =>
  ({
    id: attemptIdOf(step.id, step.attempt + 1),
    type: 'attempt',
    schema: SCHEMA,
    jobId: step.jobId,
    stepId: step.id,
    number: step.attempt + 1,
    epoch: step.epoch,
    clientRequestId: null,
    owner: null,
    deadline: null,
    preparedAt: now.toISOString(),
    sentAt: null,
    unknownSince: null,
    armJobId: null,
    answer: null,
    ...change,
    state,
  }) satisfies AttemptDocument as NextAttempt;

const movedBy =
  (mover: AttemptMover) =>
  (attempt: AttemptDocument, state: AttemptState, change: Partial<AttemptDocument> = {}): NextAttempt => {
    mustMove('attempt', ATTEMPT_MOVES, mover, attempt.state, state);
    return { ...attempt, ...change, state } satisfies AttemptDocument as NextAttempt;
  };
/** What the invocation that sends has to say of its attempt. */
export const advance = movedBy('sender');
/** What was found out about an attempt by others than its sender. */
export const prove = movedBy('proof');
