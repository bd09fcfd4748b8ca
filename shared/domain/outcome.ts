// How a job ended, told from its steps alone: never "completed" with something left out.
import { isGoodStep, type JobState, type StepState } from './words.ts';

export interface StepEnd {
  readonly vmId: string;
  readonly vmName: string;
  readonly phase: string;
  readonly state: StepState;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly warnings: readonly string[];
}

export interface Exception {
  readonly vmId: string;
  readonly vmName: string;
  readonly phase: string;
  readonly state: StepState;
  readonly code: string;
  readonly message: string;
}

export interface Outcome {
  readonly state: Extract<JobState, 'completed' | 'completedWithExceptions' | 'failed'>;
  readonly exceptions: readonly Exception[];
}

export function outcomeOf(steps: readonly StepEnd[]): Outcome {
  const exceptions = steps.flatMap(exceptionsOf);
  const left = new Set(steps.filter((step) => !isGoodStep(step.state)).map((step) => step.vmId));
  const arrived = new Set(steps.map((step) => step.vmId)).difference(left);
  if (arrived.size === 0) return { state: 'failed', exceptions };
  return { state: exceptions.length > 0 ? 'completedWithExceptions' : 'completed', exceptions };
}

function exceptionsOf(step: StepEnd): Exception[] {
  const where = { vmId: step.vmId, vmName: step.vmName, phase: step.phase, state: step.state };
  const warnings = step.warnings.map((message) => ({ ...where, code: 'Warning', message }));
  if (isGoodStep(step.state)) return warnings;
  const error = step.error ?? { code: 'NotFinished', message: `The step ended in state ${step.state}.` };
  return [...warnings, { ...where, ...error }];
}
