// A write for an action takes its turn in the budget of its subscription, as all that Lifeboat writes.
import { grantWrites } from '../grant.ts';
import type { StepDocument } from '../../journal/documents.ts';
import type { StartDecision } from './target.ts';

/** Undefined: it may be sent. */
export async function waitForBudget(
  { jobId, always }: StepDocument,
  subscription: string,
): Promise<Extract<StartDecision, { kind: 'wait' }> | undefined> {
  const { granted, held } = await grantWrites({ jobId, phase: 'action', subscription, want: 1, always });
  if (granted > 0) return undefined;
  return {
    kind: 'wait',
    waitsFor: held ? 'the job, which is held up' : 'its turn in the write budget of the subscription',
  };
}
