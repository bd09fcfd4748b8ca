// How a job ended, told from its steps alone: never "completed" with something left out.
import type { Warning } from './warning.ts';
import type { JobEnd } from './states/job.ts';
import { type StepState, isGoodStep } from './states/step.ts';

export interface StepEnd {
  /** Whether it is about a VM, or about what VMs need. */
  readonly ofVm: boolean;
  readonly targetId: string;
  readonly targetName: string;
  readonly phase: string;
  readonly state: StepState;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly warnings: readonly Warning[];
}

export interface Exception {
  readonly targetId: string;
  readonly targetName: string;
  readonly phase: string;
  readonly state: StepState;
  readonly code: string;
  readonly message: string;
}

export interface Outcome {
  /** By its steps alone no job is cancelled. */
  readonly state: Exclude<JobEnd, 'cancelled'>;
  readonly exceptions: readonly Exception[];
}

/** `alreadyThere`: for something that was asked there was nothing left to do, and no step tells of it. */
export function outcomeOf(steps: readonly StepEnd[], alreadyThere = false): Outcome {
  const exceptions = steps.flatMap((step) => [...warningsOf(step), ...failureOf(step)]);
  if (steps.length === 0) return { state: 'completed', exceptions };
  // What was made for VMs is no success when none of them arrived.
  const counted = steps.some((step) => step.ofVm) ? steps.filter((step) => step.ofVm) : steps;
  // What Site Recovery goes on with is on its way: that nobody waits for it any more is an
  // exception, and no failure.
  const left = new Set(
    counted
      .filter((step) => !isGoodStep(step.state) && step.state !== 'leftRunning')
      .map((step) => step.targetId),
  );
  const arrived = new Set(counted.map((step) => step.targetId)).difference(left);
  if (arrived.size === 0 && !alreadyThere) return { state: 'failed', exceptions };
  return { state: exceptions.length > 0 ? 'completedWithExceptions' : 'completed', exceptions };
}

type Where = Omit<Exception, 'code' | 'message'>;
const whereOf = ({ targetId, targetName, phase, state }: StepEnd): Where => ({
  targetId,
  targetName,
  phase,
  state,
});

/** Each warning is an exception, also of a step that ended well. */
export const warningsOf = (step: StepEnd): Exception[] =>
  step.warnings.map((warning) => ({ ...whereOf(step), ...warning }));

export function failureOf(step: StepEnd): Exception[] {
  if (isGoodStep(step.state)) return [];
  const error = step.error ?? { code: 'NotFinished', message: `The step ended in state ${step.state}.` };
  return [{ ...whereOf(step), ...error }];
}
