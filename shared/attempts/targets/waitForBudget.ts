// The wait for the write budget. A write of an action takes its turn like every other write of
// Lifeboat.
import { grantWrites } from '../reserveWrites.ts';
import type { StepDocument } from '../../journal/documents.ts';
import type { StartDecision } from './target.ts';

/** Undefined: the action may send its write. */
export async function waitForBudget(
  { jobId, always }: StepDocument,
  subscription: string,
): Promise<Extract<StartDecision, { kind: 'wait' }> | undefined> {
  const { granted, held } = await grantWrites({ jobId, phase: 'action', subscription, want: 1, always });
  if (granted > 0) return undefined;
  return {
    kind: 'wait',
    waitsFor: held
      ? 'the job, which is paused or cancelled'
      : 'its turn in the write budget of the subscription',
  };
}
