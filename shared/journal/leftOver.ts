// The steps that did not succeed when a job ended: a retry opens them again.
import { CLEANED_UP_CODE } from '../core/states/node.ts';
import { isUnsuccessfulStepState } from '../core/states/step.ts';
import type { JobDocument, StepDocument } from './documents.ts';

/**
 * Tells whether a retry opens the step again. A hold does not count: a person decided to skip it. A
 * clean-up by another job does not count either: the test VM is gone.
 */
export const isLeftOver = (step: StepDocument): boolean =>
  step.work.kind !== 'hold' && isUnsuccessfulStepState(step.state) && step.error?.code !== CLEANED_UP_CODE;

/**
 * Tells whether the retry must still open this step: no orchestration has reopened it since the
 * request.
 */
export const isToBeRetried = ({ retried }: JobDocument, step: StepDocument): boolean =>
  retried !== null && step.epoch < retried && isLeftOver(step);
