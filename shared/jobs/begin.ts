// The first activity of every walk: one execution gets the job at its epoch, holds its targets, and
// lays out its steps.
import { clock } from '../core/clock.ts';
import { isEnabling, isOnPlan } from '../commands/command.ts';
import type { Phase } from '../core/words.ts';
import { isFinalJob } from '../core/states/job.ts';
import { hasBegun } from '../core/states/step.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import { isTriedAgain } from '../journal/leftOver.ts';
import { isOfNextDrill } from './drillAgain.ts';
import { freeIfEnded, hold, messageOfHeld, targetsOf, vmIdsOf, type Blocked } from '../runs/held.ts';
import type { Stored } from '../store/cosmos.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { indexJob } from '../journal/jobIndex.ts';
import { readAttempt } from '../journal/attempts.ts';
import { isSuperseded, moveJob, readJob, saveJob } from '../journal/job.ts';
import { logLine, Place } from '../journal/log.ts';
import { raiseSteps, saveStep } from '../journal/saveStep.ts';
import { createSteps, isOpen, stepsOf } from '../journal/steps.ts';
import { layOutEnabling } from './layOutEnabling.ts';
import { layOutOnPlan } from './layOutOnPlan.ts';
import { layOutOnVms } from './layOutOnVms.ts';
import { inventoryBefore } from '../runs/inventory.ts';
import type { Layout, VaultGroup } from '../runs/layout.ts';
import { reindex } from './summaries.ts';
import { keptWarnings, warningLines } from './warnings.ts';
import { askToYield, mayAllYield, UNTIL_YIELDED } from './yielding.ts';

export interface BeginInput {
  readonly jobId: string;
  readonly epoch: number;
  /** Names this execution: a repeated activity of the same one may go on, another execution may not. */
  readonly run: string;
}

export type Begun =
  | { readonly go: false; readonly why: string }
  /** Others have been asked to give VMs back. */
  | { readonly go: 'later'; readonly seconds: number }
  | {
      readonly go: true;
      /** After these phases comes the walk of its plan. */ readonly runsPlan: boolean;
      readonly phases: readonly Phase[];
      readonly vaults: readonly VaultGroup[];
    };

export async function beginJob(input: BeginInput): Promise<Begun> {
  const now = await clock().now();
  const job = await claimJob(input.jobId, input.epoch, input.run, now);
  if (typeof job === 'string') return ended(input.jobId, job);
  await indexJob(job);
  const begun = job.laidOut ? await beginAnew(job, now) : await beginFirst(job, now);
  // Somebody changed the job meanwhile: what stands now decides.
  return begun ?? beginJob(input);
}

/** Nothing of the job has begun. Other jobs may be asked to give VMs back, and the job may be refused. */
async function beginFirst(job: Stored<JobDocument>, now: Date): Promise<Begun | undefined> {
  const seen = await layoutFor(job);
  if ('kind' in seen) return refuse(job, seen, now);
  const mayWait = (some: readonly Blocked[]): Promise<boolean> =>
    mayAllYield(
      some.map(({ jobId }) => jobId),
      job.command,
    );
  const blocked = await hold(job, seen.held, now, mayWait);
  if (blocked.length > 0) {
    if (!(await mayWait(blocked))) return refuse(job, heldFault(blocked), now);
    for (const jobId of new Set(blocked.map((one) => one.jobId))) await askToYield(jobId, job);
    // The VMs that are free stay held: nobody else may take one while a drill makes way for this job.
    return { go: 'later', seconds: UNTIL_YIELDED };
  }
  // Plan the steps again after locking: the VM may have changed before the lock was taken.
  const laid = isEnabling(job.command) ? seen : await layoutFor(job);
  if ('kind' in laid) return refuse(job, laid, now);
  await layOut(job, laid);
  await laid.whenLaid();
  await inventoryBefore(job, laid.steps);
  // From this write on the job may begin steps. A walk that loses it must not begin any: another
  // one has the job.
  const warned = laid.warnings ? keptWarnings(laid.warnings) : {};
  const saved = await saveJob(
    job,
    { laidOut: true, ...warned },
    warningLines({ ...job, ...warned }, now),
    now,
  );
  return saved ? go(job, laid) : undefined;
}

/**
 * Steps stand, and some may have begun: their VMs belong to this job.
 * So no other job is asked to yield, and every step that has begun is followed.
 */
async function beginAnew(job: Stored<JobDocument>, now: Date): Promise<Begun | undefined> {
  const layout = await layoutFor(job);
  if ('kind' in layout) throw new Error(`Job ${job.jobId} is laid out and cannot be read: ${layout.message}`);
  const left = layout.steps.filter((step) => isOpen(step) || isOpenAgain(job, step, layout.steps));
  const blocked = await hold(job, targetsOf(layout.steps, left), now, () => true);
  if (blocked.some(({ jobId }) => jobId === job.jobId)) return undefined;
  if (blocked.length > 0) {
    const known = await stepsOf(job.jobId);
    // All steps have ended: a person wanted a retry, and nothing of that has begun.
    if (!known.some(isOpen)) return refuse(job, heldFault(blocked), now);
    if (!(await failBlocked(job, known, blocked, now))) return undefined;
  }
  await layOut(job, layout);
  return go(job, layout);
}

const go = (job: JobDocument, { steps, vaults }: Layout): Begun => ({
  go: true,
  runsPlan: job.plan !== null,
  phases: phasesOf(steps),
  vaults,
});

const heldFault = (blocked: readonly Blocked[]): Fault => ({
  kind: ErrorKind.rejected,
  code: 'VmHeld',
  message: messageOfHeld(blocked, 'Send the command again when that job has ended.'),
});

/**
 * Ends the steps that have sent nothing and whose VM another job holds. False when somebody changed
 * one of them meanwhile.
 */
async function failBlocked(
  job: JobDocument,
  steps: readonly Stored<StepDocument>[],
  blocked: readonly Blocked[],
  now: Date,
): Promise<boolean> {
  const byVm = new Map(blocked.map((one) => [one.targetId, one]));
  for (const step of steps.filter((one) => isOpen(one) || isTriedAgain(job, one))) {
    const mine = vmIdsOf(step).flatMap((id) => byVm.get(id) ?? []);
    if (mine.length === 0 || (await hasSent(step))) continue;
    const error = { kind: ErrorKind.rejected, code: 'VmHeld', message: messageOfHeld(mine) };
    const endedAt = now.toISOString();
    const change = { state: 'failed', epoch: job.epoch, error, endedAt, waitsFor: null } as const;
    // A retry has not opened these yet: it ends them at its epoch.
    const mover = isOpen(step) ? 'work' : 'retry';
    if (!(await saveStep(step, { step: change, mover, log: error.message }, now))) return false;
  }
  return true;
}

/** An intention alone is no beginning: nothing was sent. */
async function hasSent(step: StepDocument): Promise<boolean> {
  if (step.state === 'started') return (await readAttempt(step))?.state !== 'prepared';
  return hasBegun(step.state);
}

function layoutFor(job: Stored<JobDocument>): Promise<Layout | Fault> {
  const { command } = job;
  if (isEnabling(command)) return layOutEnabling(job, command);
  return isOnPlan(command) ? layOutOnPlan(job, command) : layOutOnVms(job, command);
}

/**
 * At this epoch nothing was started. The job's own ETag proves that; only then are its VMs given back.
 * Undefined: somebody has changed the job.
 */
async function refuse(job: Stored<JobDocument>, fault: Fault, now: Date): Promise<Begun | undefined> {
  const { endedBefore } = job;
  const end = endedBefore ?? { state: 'failed' as const, error: fault, endedAt: now.toISOString() };
  const stays =
    endedBefore && `Not tried again: ${fault.message} The job stays ${endedBefore.state}, as it was.`;
  const line = logLine(job.jobId, Place.last, 'refused', stays ?? fault.message, now);
  if (!(await moveJob(job, 'refuse', end, [line], now))) return undefined;
  return ended(job.jobId, fault.message);
}

/**
 * This walk goes no further. If the job has ended, an earlier try of this walk may have died
 * before it gave the VMs back, or before it wrote the job's summary.
 */
async function ended(jobId: string, why: string): Promise<Begun> {
  await freeIfEnded(jobId);
  await reindex(jobId);
  return { go: false, why };
}

/** Accepted -> running under If-Match, at this epoch and for this execution only. */
async function claimJob(
  jobId: string,
  epoch: number,
  run: string,
  now: Date,
): Promise<Stored<JobDocument> | string> {
  const job = await readJob(jobId);
  if (!job) return 'There is no such job.';
  if (isSuperseded(job, epoch)) return `The job is at epoch ${job.epoch}, this walk is of epoch ${epoch}.`;
  if (isFinalJob(job.state)) return `The job has ended: ${job.state}.`;
  if (job.run !== null) return job.run === run ? job : 'Another execution walks the job.';
  const log = logLine(
    jobId,
    Place.first,
    `begin:${epoch}`,
    epoch === 1
      ? `Started: ${job.command.operation}.`
      : `Begun anew at epoch ${epoch}; steps already done stay done.`,
    now,
    epoch === 1 ? job.caller : undefined,
  );
  await moveJob(
    job,
    'begin',
    { state: 'running', run, startedAt: job.startedAt ?? now.toISOString() },
    [log],
    now,
  );
  return claimJob(jobId, epoch, run, now);
}

/**
 * Every step of every phase is there before the first begins; those an older epoch left open are
 * raised to this one.
 */
async function layOut(job: JobDocument, layout: Layout): Promise<void> {
  const known = await stepsOf(job.jobId);
  const ids = new Set(known.map((step) => step.id));
  const missing = layout.steps.filter((step) => !ids.has(step.id));
  // A newer epoch may have the job by now: what is its own stays so, and this walk ends at its next look.
  const older = known.filter(
    (step) => step.epoch < job.epoch && (isOpen(step) || isOpenAgain(job, step, known)),
  );
  const done = (await createSteps(job.jobId, missing)) && (await raiseSteps(job.jobId, older, job.epoch));
  // Somebody wrote at the same time: an older walk, or this very activity run twice. What stands
  // now is read anew.
  if (!done) await layOut(job, layout);
}

/** A retry opens what was left over and, in a drill, what cleans up after it. */
const isOpenAgain = (job: JobDocument, step: StepDocument, known: readonly StepDocument[]): boolean =>
  isTriedAgain(job, step) || isOfNextDrill(job, step, known);

/** Those of a plan's nodes are walked otherwise. */
const phasesOf = (steps: readonly StepDocument[]): Phase[] => [
  ...new Set(
    steps
      .filter(({ node }) => node === null)
      .sort((a, b) => a.order - b.order)
      .map((step) => step.phase),
  ),
];
