// The first activity of every orchestration. It claims the job for one execution at its epoch,
// locks the targets, and plans the steps. It must start no step itself.
import { clock } from '../core/clock.ts';
import { isEnablingCommand, isPlanCommand } from '../commands/command.ts';
import type { Phase } from '../core/operations.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { hasBegun } from '../core/states/step.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import { isToBeRetried } from '../journal/leftOver.ts';
import { isOfRetriedDrill } from './retriedDrill.ts';
import {
  releaseIfEnded,
  lockTargets,
  blockedMessage,
  lockTargetsOf,
  type BlockedTarget,
} from '../runs/lockTargets.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { saveJobSummary } from '../journal/jobSummaries.ts';
import { readNewestAttempt } from '../journal/attempts.ts';
import { handedOverVmsOf, readControl } from '../journal/control.ts';
import { isSuperseded, transitionJob, readJob, saveJob } from '../journal/job.ts';
import { logLine, LogSection } from '../journal/log.ts';
import { raiseStepEpochs, saveStep } from '../journal/saveStep.ts';
import { createSteps, isOpen, listSteps } from '../journal/steps.ts';
import { vmIdsOfStep } from '../journal/stepVms.ts';
import { planEnablingSteps } from './planEnablingSteps.ts';
import { planRecoveryPlanSteps } from './planRecoveryPlanSteps.ts';
import { planVmSteps } from './planVmSteps.ts';
import { saveInventoryBefore } from '../runs/inventory.ts';
import type { StepPlan, VaultTargets } from '../runs/stepPlan.ts';
import { refreshSummary } from './repairSummaries.ts';
import { warningFieldsOf, warningLogLines } from './jobWarnings.ts';
import { askToYield, canAllYield, YIELD_POLL_SECONDS } from './yielding.ts';

/** The job, the epoch and the execution that wants to run the job. */
export interface BeginInput {
  readonly jobId: string;
  readonly epoch: number;
  /** The id of this execution: its repeated activity may continue, another execution must not. */
  readonly run: string;
}

/** The result: stop, wait, or run these phases. */
export type BeginResult =
  | { readonly go: false; readonly why: string }
  /** The job has asked other jobs to release VMs. */
  | { readonly go: 'later'; readonly seconds: number }
  | {
      readonly go: true;
      /** The orchestration of the plan follows these phases. */
      readonly runsPlan: boolean;
      readonly phases: readonly Phase[];
      readonly vaults: readonly VaultTargets[];
    };

/** Claims the job, locks its targets and plans its steps. Safe to repeat. */
export async function beginJob(input: BeginInput): Promise<BeginResult> {
  const now = await clock().now();
  const job = await claimJob(input.jobId, input.epoch, input.run, now);
  if (typeof job === 'string') return stopOrchestration(input.jobId, job);
  await saveJobSummary(job);
  const result = job.laidOut ? await continueJob(job, now) : await beginFirst(job, now);
  // Another process changed the job meanwhile: decide again by its current state.
  return result ?? beginJob(input);
}

/** No step has begun. The job may ask other jobs for VMs, and Lifeboat may refuse the job. */
async function beginFirst(job: WithEtag<JobDocument>, now: Date): Promise<BeginResult | undefined> {
  const firstStepPlan = await planStepsFor(job);
  if ('kind' in firstStepPlan) return refuseJob(job, firstStepPlan, now);
  const mayWait = (blockedTargets: readonly BlockedTarget[]): Promise<boolean> =>
    canAllYield(
      blockedTargets.map(({ jobId }) => jobId),
      job.command,
    );
  const blocked = await lockTargets(job, firstStepPlan.lockTargets, now, mayWait);
  if (blocked.length > 0) {
    if (!(await mayWait(blocked))) return refuseJob(job, lockedFault(blocked), now);
    const asked = [...Map.groupBy(blocked, ({ jobId }) => jobId)].map(([holderId, targets]) =>
      askToYield(holderId, targets, job),
    );
    // Some VMs are free now: lock them at once.
    if ((await Promise.all(asked)).includes('freed')) return undefined;
    // Keep the locks on the free VMs. Otherwise another job could take one while a drill makes way.
    return { go: 'later', seconds: YIELD_POLL_SECONDS };
  }
  // Plan the steps again under the lock: the VM may have changed before.
  const stepPlan = isEnablingCommand(job.command) ? firstStepPlan : await planStepsFor(job);
  if ('kind' in stepPlan) return refuseJob(job, stepPlan, now);
  await saveStepPlan(job, stepPlan);
  await stepPlan.afterSave();
  await saveInventoryBefore(job, stepPlan.steps);
  // From this write on the job may begin steps. If the write fails, another orchestration has the
  // job, and this one must begin none.
  const warningFields = stepPlan.warnings ? warningFieldsOf(stepPlan.warnings) : {};
  const saved = await saveJob(
    job,
    { laidOut: true, ...warningFields },
    warningLogLines({ ...job, ...warningFields }, now),
    now,
  );
  return saved ? beginResultOf(job, stepPlan) : undefined;
}

/**
 * The steps exist, and some may have begun: their VMs belong to this job. So the job asks no other
 * job for VMs, and the poll covers every begun step.
 */
async function continueJob(job: WithEtag<JobDocument>, now: Date): Promise<BeginResult | undefined> {
  const stepPlan = await planStepsFor(job);
  if ('kind' in stepPlan)
    throw new Error(`Lifeboat cannot read the existing steps of job ${job.jobId}: ${stepPlan.message}`);
  // Another job has the VMs that this one handed over. `followHandedOver` locks them again if it must.
  const control = await readControl(job.jobId);
  const openSteps = stepPlan.steps.filter(
    (step) =>
      (isOpen(step) || isReopened(job, step, stepPlan.steps)) && handedOverVmsOf(step, control).length === 0,
  );
  const blocked = await lockTargets(job, lockTargetsOf(stepPlan.steps, openSteps), now, () => true);
  if (blocked.some(({ jobId }) => jobId === job.jobId)) return undefined;
  if (blocked.length > 0) {
    const currentSteps = await listSteps(job.jobId);
    // All steps have ended: a person wanted a retry, and no step of the retry has begun.
    if (!currentSteps.some(isOpen)) return refuseJob(job, lockedFault(blocked), now);
    if (!(await failBlocked(job, currentSteps, blocked, now))) return undefined;
  }
  await saveStepPlan(job, stepPlan);
  return beginResultOf(job, stepPlan);
}

const beginResultOf = (job: JobDocument, { steps, vaults }: StepPlan): BeginResult => ({
  go: true,
  runsPlan: job.plan !== null,
  phases: phasesInOrder(steps),
  vaults,
});

const lockedFault = (blocked: readonly BlockedTarget[]): Fault => ({
  kind: ErrorKind.rejected,
  code: 'VmHeld',
  message: blockedMessage(blocked, 'Send the command again when that job has ended.'),
});

/**
 * Ends the steps without a write on VMs that another job locks. False: another process changed such
 * a step meanwhile.
 */
async function failBlocked(
  job: JobDocument,
  steps: readonly WithEtag<StepDocument>[],
  blocked: readonly BlockedTarget[],
  now: Date,
): Promise<boolean> {
  const byVm = new Map(blocked.map((target) => [target.targetId, target]));
  for (const step of steps.filter((candidate) => isOpen(candidate) || isToBeRetried(job, candidate))) {
    const blockedOfStep = vmIdsOfStep(step).flatMap((id) => byVm.get(id) ?? []);
    if (blockedOfStep.length === 0 || (await hasSent(step))) continue;
    const error = { kind: ErrorKind.rejected, code: 'VmHeld', message: blockedMessage(blockedOfStep) };
    const endedAt = now.toISOString();
    const change = { state: 'failed', epoch: job.epoch, error, endedAt, waitsFor: null } as const;
    // The retry has not opened these steps yet, so it ends them at its epoch.
    const cause = isOpen(step) ? 'work' : 'retry';
    if (!(await saveStep(step, { step: change, cause, log: error.message }, now))) return false;
  }
  return true;
}

/** An intention alone does not count: Lifeboat has sent nothing. */
async function hasSent(step: StepDocument): Promise<boolean> {
  if (step.state === 'started') return (await readNewestAttempt(step))?.state !== 'prepared';
  return hasBegun(step.state);
}

function planStepsFor(job: WithEtag<JobDocument>): Promise<StepPlan | Fault> {
  const { command } = job;
  if (isEnablingCommand(command)) return planEnablingSteps(job, command);
  return isPlanCommand(command) ? planRecoveryPlanSteps(job, command) : planVmSteps(job, command);
}

/**
 * Refuses the job: at this epoch Lifeboat started nothing. The ETag of the job proves that, and
 * only then the VMs become free. Undefined: another process changed the job.
 */
async function refuseJob(
  job: WithEtag<JobDocument>,
  fault: Fault,
  now: Date,
): Promise<BeginResult | undefined> {
  const { endedBefore } = job;
  const end = endedBefore ?? { state: 'failed' as const, error: fault, endedAt: now.toISOString() };
  const unchangedText =
    endedBefore && `Not tried again: ${fault.message} The job stays ${endedBefore.state}, as it was.`;
  const line = logLine(job.jobId, LogSection.last, 'refused', unchangedText ?? fault.message, now);
  if (!(await transitionJob(job, 'refuse', end, [line], now))) return undefined;
  return stopOrchestration(job.jobId, fault.message);
}

/**
 * Stops this orchestration. An earlier try of this activity may have died after the end of the job,
 * but before it released the VMs or wrote the summary. So this function repeats both.
 */
async function stopOrchestration(jobId: string, reason: string): Promise<BeginResult> {
  await releaseIfEnded(jobId);
  await refreshSummary(jobId);
  return { go: false, why: reason };
}

/**
 * Moves the job from accepted to running under its ETag, for this epoch and this execution only.
 */
async function claimJob(
  jobId: string,
  epoch: number,
  run: string,
  now: Date,
): Promise<WithEtag<JobDocument> | string> {
  const job = await readJob(jobId);
  if (!job) return 'The job does not exist.';
  if (isSuperseded(job, epoch))
    return `The job is at epoch ${job.epoch}, this orchestration is of epoch ${epoch}.`;
  if (isFinalJobState(job.state)) return `The job has ended: ${job.state}.`;
  if (job.run !== null) return job.run === run ? job : 'Another execution runs the job.';
  const log = logLine(
    jobId,
    LogSection.first,
    `begin:${epoch}`,
    epoch === 1
      ? `Started: ${job.command.operation}.`
      : `Restarted at epoch ${epoch}; finished steps stay finished.`,
    now,
    epoch === 1 ? job.caller : undefined,
  );
  await transitionJob(
    job,
    'begin',
    { state: 'running', run, startedAt: job.startedAt ?? now.toISOString() },
    [log],
    now,
  );
  return claimJob(jobId, epoch, run, now);
}

/**
 * Writes all steps of all phases before the first one begins. Raises the open steps of an older
 * epoch to this epoch.
 */
async function saveStepPlan(job: JobDocument, stepPlan: StepPlan): Promise<void> {
  const existingSteps = await listSteps(job.jobId);
  const ids = new Set(existingSteps.map((step) => step.id));
  const missing = stepPlan.steps.filter((step) => !ids.has(step.id));
  // A newer epoch may have the job by now. Its steps stay untouched, and this orchestration ends at
  // its next poll.
  const olderSteps = existingSteps.filter(
    (step) => step.epoch < job.epoch && (isOpen(step) || isReopened(job, step, existingSteps)),
  );
  const done =
    (await createSteps(job.jobId, missing)) && (await raiseStepEpochs(job.jobId, olderSteps, job.epoch));
  // Another process wrote at the same time: an older orchestration, or a second run of this
  // activity. Read the steps again.
  if (!done) await saveStepPlan(job, stepPlan);
}

/** A retry opens the unsuccessful steps and, in a drill, the steps that clean up after it. */
const isReopened = (job: JobDocument, step: StepDocument, known: readonly StepDocument[]): boolean =>
  isToBeRetried(job, step) || isOfRetriedDrill(job, step, known);

/** The steps of plan nodes are not in phases: another orchestration runs them. */
const phasesInOrder = (steps: readonly StepDocument[]): Phase[] => [
  ...new Set(
    steps
      .filter(({ node }) => node === null)
      .sort((a, b) => a.order - b.order)
      .map((step) => step.phase),
  ),
];
