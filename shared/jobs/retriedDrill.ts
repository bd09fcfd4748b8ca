// A drill whose tests are tried again needs its time to live and its clean-ups again: they have ended once.
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { isOpen } from '../journal/steps.ts';
import { isLeftOver } from '../journal/leftOver.ts';

/**
 * Whether a retry opens this step because it belongs to a test that is tried again.
 * A test of the retry's own epoch may be open already: the retry may have died after it had opened
 * some of the steps.
 * A test that has ended at that epoch needs nothing again: another job holds its VM, and that VM is
 * not touched.
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
