// A drill whose tests are tried again lives anew: what comes up this time is cleaned up too.
import type { StepDocument } from '../store/documents.ts';
import { isLeftOver } from './control.ts';

/** The time to live of such a drill, and the clean-up of each VM whose test is tried again: done once, they would not be done again. */
export function isOfNextDrill(step: StepDocument, known: readonly StepDocument[]): boolean {
  if (!step.always) return false;
  const again = known.filter((one) => one.node !== null && one.phase === 'testFailover' && isLeftOver(one));
  return step.work.kind === 'hold' ? again.length > 0 : again.some(({ targetId }) => targetId === step.targetId);
}
