// Between phases and at the end: who goes on, what came of it all, and the VMs given back.
import { clock } from '../core/clock.ts';
import { jobOutcomeOf, type JobOutcome } from '../core/jobOutcome.ts';
import type { Phase } from '../core/operations.ts';
import { type FinalJobState, isFinalJobState } from '../core/states/job.ts';
import { isNotBegun } from '../core/states/step.ts';
import { nodeStateOf, NodeState } from '../core/states/node.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { saveLearnedDurations } from '../journal/learnedDurations.ts';
import { checkInventoryAfter } from '../runs/inventory.ts';
import { measureJobToStore } from '../runs/jobMeasures.ts';
import { readRunOutcome } from '../runs/runOutcome.ts';
import { publishRunbooksAfterJob } from '../runs/publishRunbook.ts';
import { readControl } from '../journal/control.ts';
import { splitIntoBatches } from '../store/cosmos.ts';
import { isSuperseded, transitionJob, readJob } from '../journal/job.ts';
import { logLine, LogSection } from '../journal/log.ts';
import { cancelledStepChange, saveStep } from '../journal/saveStep.ts';
import {
  listUnsuccessfulStepsBefore,
  isOpen,
  listOpenStepsInPhase,
  removeSteps,
  listSteps,
  listVaultCreationSteps,
} from '../journal/steps.ts';
import { releaseLocks } from '../replications/registry.ts';
import { addVault } from '../replications/sources.ts';
import { refreshSummary } from './repairSummaries.ts';

export interface OpenPhaseResult {
  readonly superseded: boolean;
  readonly open: readonly string[];
  /** Of the open ones, those for which nothing will be written. */
  readonly unwritten: readonly string[];
}

/** When it was decided, the VM replicated already: it is only looked at. */
const isAlreadyReplicated = ({ work, phase }: StepDocument): boolean =>
  phase === 'enableReplication' && work.kind === 'newVm' && work.preview.verdict === 'alreadyEnabled';

/**
 * A target takes no part in this phase when it was refused, or when an earlier phase did not bring
 * it, or what it needs, there.
 */
export async function openPhase(input: {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
}): Promise<OpenPhaseResult> {
  const now = await clock().now();
  const phaseSteps = await listOpenStepsInPhase(input.jobId, input.phase);
  if (phaseSteps.some((step) => isSuperseded(step, input.epoch)))
    return { superseded: true, open: [], unwritten: [] };
  await addCreatedVaults(input.jobId, now);
  const controlState = (await readControl(input.jobId))?.wish ?? 'running';
  const cancelled = controlState === 'cancelled';
  const unsuccessfulSteps = phaseSteps[0]
    ? await listUnsuccessfulStepsBefore(input.jobId, phaseSteps[0].order)
    : [];
  const open: string[] = [];
  const unwritten: string[] = [];
  for (const step of phaseSteps) {
    if (cancelled && step.state === 'waiting') {
      if (!(await saveStep(step, cancelledStepChange(now), now))) return openPhase(input);
      continue;
    }
    const exclusion = exclusionOf(
      step,
      unsuccessfulSteps.find(
        (other) => other.targetId === step.targetId || step.needs.includes(other.targetId),
      ),
    );
    // Somebody changed the step meanwhile: one that takes no part must not be found open.
    if (
      exclusion &&
      !(await saveStep(
        step,
        { step: { ...exclusion, endedAt: now.toISOString() }, log: exclusion.error.message },
        now,
      ))
    )
      return openPhase(input);
    if (!exclusion) open.push(step.targetId);
    if (!exclusion && controlState === 'running' && isAlreadyReplicated(step)) unwritten.push(step.targetId);
  }
  return { superseded: false, open, unwritten };
}

/** A vault that this job has made is one that Lifeboat knows, and reads, from then on. */
async function addCreatedVaults(jobId: string, now: Date): Promise<void> {
  for (const { work, vaultId } of await listVaultCreationSteps(jobId))
    if (work.kind === 'part') await addVault(vaultId, work.part.id, now);
}

function exclusionOf(
  { work, targetName }: StepDocument,
  earlierStep: StepDocument | undefined,
): { readonly state: 'failed' | 'skipped'; readonly error: Fault } | undefined {
  if (work.kind === 'newVm' && work.preview.verdict === 'refused') {
    const [first] = work.preview.refusals;
    return {
      state: 'failed',
      error: {
        kind: ErrorKind.rejected,
        code: first?.code ?? 'Refused',
        message: `${targetName}: ${work.preview.refusals.map(({ message }) => message).join(' ')}`,
      },
    };
  }
  if (!earlierStep) return undefined;
  return {
    state: 'skipped',
    error: {
      kind: ErrorKind.rejected,
      code: 'EarlierPhaseFailed',
      message: `Skipped, because ${earlierStep.phase} of ${earlierStep.targetName} ended ${earlierStep.state}.`,
    },
  };
}

/** A document holds 2 MB; 5,000 VMs may fail, each with a text of Azure's. */
const MAX_EXCEPTIONS = 500;
const MAX_EXCEPTION_BYTES = 500_000;

/**
 * Gives the VMs back, then writes the outcome: who sees the job ended finds its VMs free. Safe to
 * repeat at any point.
 */
export async function closeJob(orchestration: {
  readonly jobId: string;
  readonly epoch: number;
}): Promise<string> {
  const state = await endJob(orchestration);
  await refreshSummary(orchestration.jobId);
  await saveLearnedDurations(orchestration.jobId);
  // The job has its outcome: what goes wrong here, the timer finds.
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
  // An older walk wrote them too late, when this one had laid out the job: nobody has begun them,
  // and they are no part of it.
  const lateSteps = open.filter((step) => step.epoch < epoch && step.attempt === 0 && isNotBegun(step.state));
  if (lateSteps.length > 0) {
    await removeSteps(jobId, lateSteps);
    return endJob({ jobId, epoch });
  }
  if (open.length > 0)
    throw new Error(`Job ${jobId} cannot be closed: ${open.length} of its steps are open.`);
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
  // Of VMs whose ground is all there, no step tells.
  const alreadyThere =
    isPrepareVault && !steps.some(({ work }) => work.kind === 'part') && command.vms.length > steps.length;
  const outcome = jobOutcomeOf(
    steps.map((step) => ({ ...step, ofVm: step.work.kind !== 'part' && !isPrepareVault })),
    alreadyThere,
  );
  // Site Recovery's own code for a job that somebody cancelled in Azure may be the same word.
  return steps.some(({ state, error }) => nodeStateOf(state, error?.code, false) === NodeState.givenUp)
    ? { ...outcome, state: 'cancelled' }
    : outcome;
}
