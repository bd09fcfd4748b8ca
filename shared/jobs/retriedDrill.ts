// Decides which steps of a drill a retry opens again. A retried test needs its time to live and its
// clean-up again, although both have ended once.
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { isOpen } from '../journal/steps.ts';
import { isLeftOver } from '../journal/leftOver.ts';

/**
 * Tells whether a retry opens this step because it belongs to a retried test. The retry may have
 * died after it opened some steps, so a test may be open at its epoch already. A test that ended at
 * that epoch needs nothing. Another job locks its VM, and Lifeboat must not touch that VM.
 */
export function isOfRetriedDrill(
  { retried }: Pick<JobDocument, 'retried'>,
  step: StepDocument,
  allSteps: readonly StepDocument[],
): boolean {
  if (!step.always || retried === null || step.epoch >= retried) return false;
  const retriedTests = allSteps.filter(
    (other) =>
      other.node !== null &&
      other.phase === 'testFailover' &&
      (other.epoch >= retried ? isOpen(other) : isLeftOver(other)),
  );
  return step.work.kind === 'hold'
    ? retriedTests.length > 0
    : retriedTests.some(({ targetId }) => targetId === step.targetId);
}
