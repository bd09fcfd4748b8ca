// A drill whose tests are tried again needs its time to live and its clean-ups again: they have ended once.
import type { JobDocument, StepDocument } from '../store/documents.ts';
import { isLeftOver } from './control.ts';

/**
 * Whether a retry opens this step because it belongs to a test that is tried again.
 * A test whose epoch is the retry's own is open again already: the retry may have died after it had opened some of the steps.
 */
export function isOfNextDrill({ retried }: Pick<JobDocument, 'retried'>, step: StepDocument, known: readonly StepDocument[]): boolean {
  if (!step.always || retried === null || step.epoch >= retried) return false;
  const again = known.filter((one) => one.node !== null && one.phase === 'testFailover' && (one.epoch >= retried || isLeftOver(one)));
  return step.work.kind === 'hold' ? again.length > 0 : again.some(({ targetId }) => targetId === step.targetId);
}
