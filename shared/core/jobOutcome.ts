// Computes the outcome of a job from the results of its steps alone. A job with an unfinished step
// never ends as "completed" without an exception.
import type { Warning } from './warning.ts';
import type { FinalJobState } from './states/job.ts';
import { type StepState, isSuccessfulStepState } from './states/step.ts';

/** The end of one step, as input for the outcome of the job. */
export interface StepResult {
  /** True for a step of a VM, false for a step of a prerequisite. */
  readonly ofVm: boolean;
  readonly targetId: string;
  readonly targetName: string;
  readonly phase: string;
  readonly state: StepState;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly warnings: readonly Warning[];
}

/** A warning or a failure that the report of a job lists. */
export interface JobException {
  readonly targetId: string;
  readonly targetName: string;
  readonly phase: string;
  readonly state: StepState;
  readonly code: string;
  readonly message: string;
}

/** The final state of a job and its exceptions. */
export interface JobOutcome {
  /** The steps alone never cancel a job. */
  readonly state: Exclude<FinalJobState, 'cancelled'>;
  readonly exceptions: readonly JobException[];
}

/**
 * Computes the outcome of a job. `hasTargetsAlreadyThere`: some requested targets needed no work,
 * so no step covers them.
 */
export function jobOutcomeOf(steps: readonly StepResult[], hasTargetsAlreadyThere = false): JobOutcome {
  const exceptions = steps.flatMap((step) => [...warningExceptionsOf(step), ...failureExceptionsOf(step)]);
  if (steps.length === 0) return { state: 'completed', exceptions };
  // Prerequisites alone are no success when no VM has reached its target.
  const relevantSteps = steps.some((step) => step.ofVm) ? steps.filter((step) => step.ofVm) : steps;
  // A step in `leftRunning` still runs in Site Recovery, but the job no longer waits for it. Such a
  // step is an exception, but no failure.
  const unfinished = new Set(
    relevantSteps
      .filter((step) => !isSuccessfulStepState(step.state) && step.state !== 'leftRunning')
      .map((step) => step.targetId),
  );
  const succeeded = new Set(relevantSteps.map((step) => step.targetId)).difference(unfinished);
  if (succeeded.size === 0 && !hasTargetsAlreadyThere) return { state: 'failed', exceptions };
  return { state: exceptions.length > 0 ? 'completedWithExceptions' : 'completed', exceptions };
}

type StepIdentity = Omit<JobException, 'code' | 'message'>;
const stepIdentityOf = ({ targetId, targetName, phase, state }: StepResult): StepIdentity => ({
  targetId,
  targetName,
  phase,
  state,
});

/** Returns an exception for each warning, also of a step that ended well. */
export const warningExceptionsOf = (step: StepResult): JobException[] =>
  step.warnings.map((warning) => ({ ...stepIdentityOf(step), ...warning }));

/** Returns the exception of a step that did not end well. */
export function failureExceptionsOf(step: StepResult): JobException[] {
  if (isSuccessfulStepState(step.state)) return [];
  const error = step.error ?? { code: 'NotFinished', message: `The step ended in state ${step.state}.` };
  return [{ ...stepIdentityOf(step), ...error }];
}
