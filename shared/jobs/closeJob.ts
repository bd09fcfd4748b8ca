// Closes a job: computes the outcome, releases the VMs, and repeats nothing that is done. The
// orchestrators call this module through the activity `closeJob`.
import { clock } from '../core/clock.ts';
import { jobOutcomeOf, type JobOutcome } from '../core/jobOutcome.ts';
import { type FinalJobState, isFinalJobState } from '../core/states/job.ts';
import { isNotBegun } from '../core/states/step.ts';
import { nodeStateOf, NodeState } from '../core/states/node.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { saveLearnedDurations } from '../journal/learnedDurations.ts';
import { checkInventoryAfter } from '../runs/inventory.ts';
import { measureJobToStore } from '../runs/jobMeasures.ts';
import { readRunOutcome } from '../runs/runOutcome.ts';
import { publishRunbooksAfterJob } from '../runs/publishRunbook.ts';
import { splitIntoBatches } from '../store/cosmos.ts';
import { isSuperseded, transitionJob, readJob } from '../journal/job.ts';
import { logLine, LogSection } from '../journal/log.ts';
import { isOpen, removeSteps, listSteps } from '../journal/steps.ts';
import { releaseLocks } from '../replications/registry.ts';
import { refreshSummary } from './repairSummaries.ts';

/** Limits for a document of 2 MB: 5,000 VMs may fail, each with a message from Azure. */
const MAX_EXCEPTIONS = 500;
const MAX_EXCEPTION_BYTES = 500_000;

/**
 * Releases the VMs, then records the outcome: after the end of a job, its VMs are free. Safe to
 * repeat at any point.
 */
export async function closeJob(orchestration: {
  readonly jobId: string;
  readonly epoch: number;
}): Promise<string> {
  const state = await endJob(orchestration);
  await refreshSummary(orchestration.jobId);
  await saveLearnedDurations(orchestration.jobId);
  // The job has its outcome: the timer repairs a failure of the next call.
  await readJob(orchestration.jobId)
    .then((job) => job && publishRunbooksAfterJob(job))
    .catch(() => undefined);
  return state;
}

async function endJob({ jobId, epoch }: { readonly jobId: string; readonly epoch: number }): Promise<string> {
  const now = await clock().now();
  const job = await readJob(jobId);
  if (!job || isSuperseded(job, epoch) || isFinalJobState(job.state)) return job?.state ?? 'gone';
  const steps = await listSteps(jobId);
  const open = steps.filter(isOpen);
  // An older orchestration wrote these steps after this one had planned the steps. They never began
  // and do not belong to the job.
  const lateSteps = open.filter((step) => step.epoch < epoch && step.attempt === 0 && isNotBegun(step.state));
  if (lateSteps.length > 0) {
    await removeSteps(jobId, lateSteps);
    return endJob({ jobId, epoch });
  }
  if (open.length > 0)
    throw new Error(`Lifeboat cannot close job ${jobId}: ${open.length} of its steps are open.`);
  const leftovers = await checkInventoryAfter(job, steps);
  const outcome = withExceptions(
    job.plan && job.laidOut ? await readRunOutcome(job, steps) : outcomeOnVms(job, steps),
    leftovers.exceptions,
  );
  await releaseLocks(jobId, epoch);
  const { state } = outcome;
  const log = logLine(
    jobId,
    LogSection.last,
    `closed:${epoch}`,
    'Ended: ' +
      `${state}${outcome.exceptions.length > 0 ? `, with ${outcome.exceptions.length} exceptions` : ''}.`,
    now,
  );
  const saved = await transitionJob(
    job,
    'close',
    {
      state,
      error: null,
      exceptions: splitIntoBatches(outcome.exceptions, MAX_EXCEPTIONS, MAX_EXCEPTION_BYTES)[0] ?? [],
      exceptionCount: outcome.exceptions.length,
      needs: [],
      measures: await measureJobToStore(job, steps),
      endedAt: now.toISOString(),
    },
    [
      ...(leftovers.message === null
        ? []
        : [logLine(jobId, LogSection.last, `an-inventory:${epoch}`, leftovers.message, now)]),
      log,
    ],
    now,
  );
  return saved ? state : endJob({ jobId, epoch });
}

const withExceptions = (outcome: EndedOutcome, otherExceptions: JobOutcome['exceptions']): EndedOutcome =>
  otherExceptions.length === 0
    ? outcome
    : {
        state: outcome.state === 'completed' ? 'completedWithExceptions' : outcome.state,
        exceptions: [...outcome.exceptions, ...otherExceptions],
      };

type EndedOutcome = Omit<JobOutcome, 'state'> & { readonly state: FinalJobState };

function outcomeOnVms({ command }: JobDocument, steps: readonly StepDocument[]): EndedOutcome {
  const isPrepareVault = command.operation === 'prepareVault';
  // No step exists for a VM if all its prerequisites exist.
  const alreadyThere =
    isPrepareVault &&
    !steps.some(({ work }) => work.kind === 'prerequisite') &&
    command.vms.length > steps.length;
  const outcome = jobOutcomeOf(
    steps.map((step) => ({ ...step, ofVm: step.work.kind !== 'prerequisite' && !isPrepareVault })),
    alreadyThere,
  );
  // Site Recovery may use the same error code for a job that a person cancelled in Azure. So the
  // code alone is not enough, and nodeStateOf also checks the state of the step.
  return steps.some(({ state, error }) => nodeStateOf(state, error?.code, false) === NodeState.givenUp)
    ? { ...outcome, state: 'cancelled' }
    : outcome;
}
