// Walks one job at one epoch: begin, phase after phase, close. Everything it knows stands in the
// store; it carries ids.
import type { OrchestrationContext } from 'durable-functions';
import type { BeginInput, BeginResult } from '../shared/jobs/beginJob.ts';
import { callWithRetry, sleep, type OrchestrationTask } from './callWithRetry.ts';
import type { PhaseInput } from './startWaves.ts';

export interface RunJobInput {
  readonly jobId: string;
  readonly epoch: number;
}

export function* runJob(context: OrchestrationContext): OrchestrationTask<string> {
  const { jobId, epoch } = context.df.getInput<RunJobInput>();
  // The same at each replay of this execution, another one when the id is started again.
  const run = context.df.newGuid(context.df.instanceId);
  const begun = yield* begin(context, { jobId, epoch, run });
  if (!begun.go) return begun.why;
  for (const phase of begun.phases) {
    const input: PhaseInput = { jobId, epoch, phase, vaults: begun.vaults, waiting: null };
    const ended = (yield context.df.callSubOrchestrator(
      'phase',
      input,
      `${context.df.instanceId}-${phase}`,
    )) as string;
    if (ended === 'superseded') return ended;
  }
  if (begun.runsPlan) {
    const ended = (yield context.df.callSubOrchestrator(
      'runPlan',
      { jobId, epoch },
      planOrchestrationIdOf(context.df.instanceId),
    )) as string;
    if (ended === 'superseded') return ended;
  }
  return yield* callWithRetry<string>(context, 'closeJob', { jobId, epoch });
}

/** The walk of its plan, which people's answers wake. */
export const planOrchestrationIdOf = (jobOrchestrationId: string): string => `${jobOrchestrationId}-plan`;

/** Others may have to give VMs back first. */
function* begin(
  context: OrchestrationContext,
  input: BeginInput,
): OrchestrationTask<Exclude<BeginResult, { go: 'later' }>> {
  for (;;) {
    const begun = yield* callWithRetry<BeginResult>(context, 'beginJob', input);
    if (begun.go !== 'later') return begun;
    yield* sleep(context, begun.seconds);
  }
}
