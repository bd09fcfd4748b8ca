// Steps that a job left over when it ended, and that a retry opens again.
import { isUnsuccessfulStepState } from '../core/states/step.ts';
import type { JobDocument, StepDocument } from './documents.ts';

/** A wait that a person wanted left out was left out. */
export const isLeftOver = (step: StepDocument): boolean =>
  step.work.kind !== 'hold' && isUnsuccessfulStepState(step.state);

/** What was left over when the job ended, and no walk has begun again since a person wanted that. */
export const isToBeRetried = ({ retried }: JobDocument, step: StepDocument): boolean =>
  retried !== null && step.epoch < retried && isLeftOver(step);
