// The attempts of a step: what each write was to do, and what came of it.
import {
  ATTEMPT_TRANSITIONS,
  type AttemptTransitionCause,
  type AttemptState,
  type InitialAttemptState,
} from '../core/states/attempt.ts';
import { assertTransition } from '../core/states/transitions.ts';
import { queryDocuments, readDocument, type WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { AttemptDocument, StepDocument } from './documents.ts';
import { stepIdOf } from './steps.ts';

const JOBS = 'jobs';
const partition = (jobId: string) => ({ key: 'jobId', value: jobId });

export const attemptIdOf = (stepId: string, number: number): string => `attempt:${stepId}:${number}`;

export const readNewestAttempt = (step: StepDocument): Promise<WithEtag<AttemptDocument> | undefined> =>
  step.attempt === 0
    ? Promise.resolve(undefined)
    : readDocument<AttemptDocument>(JOBS, attemptIdOf(step.id, step.attempt), step.jobId);

export const listAttemptsInPhase = (jobId: string, phase: string): Promise<WithEtag<AttemptDocument>[]> =>
  queryDocuments<AttemptDocument>(JOBS, {
    where: "c.type = 'attempt' AND STARTSWITH(c.stepId, @step)",
    parameters: { step: stepIdOf(phase, '') },
    partition: partition(jobId),
  });

/** Of one step, from a moment on. */
export const listAttemptsSince = (
  jobId: string,
  stepId: string,
  since: string,
): Promise<WithEtag<AttemptDocument>[]> =>
  queryDocuments<AttemptDocument>(JOBS, {
    where: "c.type = 'attempt' AND c.stepId = @step AND c.preparedAt >= @since",
    parameters: { step: stepId, since },
    partition: partition(jobId),
  });

declare const transitioned: unique symbol;
/**
 * An attempt as one of the functions below has made it. `saveStep` takes no other one,
 * so an attempt cannot get a state that the table of moves does not allow.
 */
export type NextAttempt = AttemptDocument & { readonly [transitioned]: true };

/** The next attempt of a step. */
export const nextAttemptOf = (
  step: StepDocument,
  state: InitialAttemptState,
  now: Date,
  change: Partial<AttemptDocument> = {},
): NextAttempt =>
  ({
    id: attemptIdOf(step.id, step.attempt + 1),
    type: 'attempt',
    schema: SCHEMA_VERSION,
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

const transitionBy =
  (cause: AttemptTransitionCause) =>
  (attempt: AttemptDocument, state: AttemptState, change: Partial<AttemptDocument> = {}): NextAttempt => {
    assertTransition('attempt', ATTEMPT_TRANSITIONS, cause, attempt.state, state);
    return { ...attempt, ...change, state } satisfies AttemptDocument as NextAttempt;
  };
/** What the invocation that sends has to say of its attempt. */
export const advanceAttempt = transitionBy('sender');
/** What was found out about an attempt by others than its sender. */
export const proveAttempt = transitionBy('proof');
