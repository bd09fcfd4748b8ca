// The attempts of a step: the intention and the result of each write. Only this module creates the
// next state of an attempt.
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

/** The document id of an attempt. */
export const attemptIdOf = (stepId: string, number: number): string => `attempt:${stepId}:${number}`;

/** The newest attempt of a step. Undefined before the first attempt. */
export const readNewestAttempt = (step: StepDocument): Promise<WithEtag<AttemptDocument> | undefined> =>
  step.attempt === 0
    ? Promise.resolve(undefined)
    : readDocument<AttemptDocument>(JOBS, attemptIdOf(step.id, step.attempt), step.jobId);

/** All attempts of the steps of a phase. */
export const listAttemptsInPhase = (jobId: string, phase: string): Promise<WithEtag<AttemptDocument>[]> =>
  queryDocuments<AttemptDocument>(JOBS, {
    where: "c.type = 'attempt' AND STARTSWITH(c.stepId, @step)",
    parameters: { step: stepIdOf(phase, '') },
    partition: partition(jobId),
  });

/** The attempts of one step since a time. */
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
 * An attempt from one of the functions below. `saveStep` accepts nothing else, so an attempt cannot
 * get a state outside the transition table.
 */
export type NextAttempt = AttemptDocument & { readonly [transitioned]: true };

/** Creates the next attempt of a step. */
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
/** Changes an attempt on behalf of the invocation that sends it. */
export const advanceAttempt = transitionBy('sender');
/** Changes an attempt after a proof, on behalf of other invocations than its sender. */
export const proveAttempt = transitionBy('proof');
