// Runs one job at one epoch: begin, phase after phase, close. It carries only ids, because all its
// knowledge is in the store. startOrchestration.ts starts it.
import type { OrchestrationContext } from 'durable-functions';
import type { BeginInput, BeginResult } from '../shared/jobs/beginJob.ts';
import { callWithRetry, sleep, type OrchestrationTask } from './callWithRetry.ts';
import type { PhaseInput } from './startWaves.ts';

/** The job and the epoch to run. */
export interface RunJobInput {
  readonly jobId: string;
  readonly epoch: number;
}

/** The orchestrator of a job. */
export function* runJob(context: OrchestrationContext): OrchestrationTask<string> {
  const { jobId, epoch } = context.df.getInput<RunJobInput>();
  // The same id at each replay of this execution. A new id if the instance starts again.
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

/**
 * The instance id of the orchestration of the plan. An answer of a person wakes that orchestration.
 */
export const planOrchestrationIdOf = (jobOrchestrationId: string): string => `${jobOrchestrationId}-plan`;

/** Begins the job. Other jobs may have to release VMs first. */
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
