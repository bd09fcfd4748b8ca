// How a job ended, told from its steps alone: never "completed" with something left out.
import type { Warning } from './warning.ts';
import type { FinalJobState } from './states/job.ts';
import { type StepState, isSuccessfulStepState } from './states/step.ts';

export interface StepResult {
  /** Whether it is about a VM, or about what VMs need. */
  readonly ofVm: boolean;
  readonly targetId: string;
  readonly targetName: string;
  readonly phase: string;
  readonly state: StepState;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly warnings: readonly Warning[];
}

export interface JobException {
  readonly targetId: string;
  readonly targetName: string;
  readonly phase: string;
  readonly state: StepState;
  readonly code: string;
  readonly message: string;
}

export interface JobOutcome {
  /** By its steps alone no job is cancelled. */
  readonly state: Exclude<FinalJobState, 'cancelled'>;
  readonly exceptions: readonly JobException[];
}

/** `alreadyThere`: for something that was asked there was nothing left to do, and no step tells of it. */
export function jobOutcomeOf(steps: readonly StepResult[], hasTargetsAlreadyThere = false): JobOutcome {
  const exceptions = steps.flatMap((step) => [...warningExceptionsOf(step), ...failureExceptionsOf(step)]);
  if (steps.length === 0) return { state: 'completed', exceptions };
  // What was made for VMs is no success when none of them arrived.
  const relevantSteps = steps.some((step) => step.ofVm) ? steps.filter((step) => step.ofVm) : steps;
  // What Site Recovery goes on with is on its way: that nobody waits for it any more is an
  // exception, and no failure.
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

/** Each warning is an exception, also of a step that ended well. */
export const warningExceptionsOf = (step: StepResult): JobException[] =>
  step.warnings.map((warning) => ({ ...stepIdentityOf(step), ...warning }));

export function failureExceptionsOf(step: StepResult): JobException[] {
  if (isSuccessfulStepState(step.state)) return [];
  const error = step.error ?? { code: 'NotFinished', message: `The step ended in state ${step.state}.` };
  return [{ ...stepIdentityOf(step), ...error }];
}
