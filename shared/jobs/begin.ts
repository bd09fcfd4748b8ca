// The first activity of every walk: one execution gets the job at its epoch, holds its targets, and lays out its steps.
import { clock } from '../clock.ts';
import { isEnabling, isOnPlan } from '../domain/command.ts';
import { isFinalJob, isFinalStep, type Phase } from '../domain/words.ts';
import { ErrorKind, type Fault } from '../errors.ts';
import { isLeftOver } from './control.ts';
import { isOfNextDrill } from './drillAgain.ts';
import { messageOfHeld } from './held.ts';
import { chunks, type Stored } from '../store/cosmos.ts';
import type { JobDocument, StepDocument } from '../store/documents.ts';
import { indexJob } from '../store/jobIndex.ts';
import { createSteps, isSuperseded, logLine, Place, raiseSteps, readJob, saveJob, stepsOf } from '../store/jobs.ts';
import { freeLocks, locksOf, takeLock, takeLocks } from '../store/registry.ts';
import { layOutEnabling } from './layOutEnabling.ts';
import { layOutOnPlan } from './layOutOnPlan.ts';
import { layOutOnVms } from './layOutOnVms.ts';
import { inventoryBefore } from '../plans/inventory.ts';
import type { Layout } from './layout.ts';
import { reindex } from './summaries.ts';
import { keptWarnings, warningLines } from './warnings.ts';
import { askToYield, UNTIL_YIELDED } from './yielding.ts';

export interface BeginInput {
  readonly jobId: string;
  readonly epoch: number;
  /** Names this execution: a repeated activity of the same one may go on, another execution may not. */
  readonly run: string;
}

export interface VaultGroup {
  readonly vaultId: string;
  readonly vaultArmId: string;
  readonly subscription: string;
  readonly targetIds: readonly string[];
}

export type Begun =
  | { readonly go: false; readonly why: string }
  /** Others have been asked to give VMs back. */
  | { readonly go: 'later'; readonly seconds: number }
  | { readonly go: true; /** After these phases comes the walk of its plan. */ readonly runsPlan: boolean; readonly phases: readonly Phase[]; readonly vaults: readonly VaultGroup[] };

export async function beginJob({ jobId, epoch, run }: BeginInput): Promise<Begun> {
  const now = await clock().now();
  const job = await claimJob(jobId, epoch, run, now);
  if (typeof job === 'string') return ended(jobId, job);
  await indexJob(job);
  const seen = await layoutFor(job);
  const conflict = 'kind' in seen ? seen : await holdAll(job, seen, now);
  if (conflict === 'yielding') return { go: 'later', seconds: UNTIL_YIELDED };
  // Only what is held stands still: whoever held it before may have left it otherwise than it was seen.
  const laid = conflict ?? (job.laidOut || isEnabling(job.command) ? seen : await layoutFor(job));
  if ('kind' in laid) return refuse(job, laid, now);
  await layOut(job, laid);
  await laid.whenLaid();
  await inventoryBefore(job, laid.steps);
  // Should this fail, a twin has said it, or a newer epoch has the job and lays it out again.
  const warned = laid.warnings ? keptWarnings(laid.warnings) : {};
  if (!job.laidOut) await saveJob(job, { laidOut: true, ...warned }, warningLines({ ...job, ...warned }, now), now);
  return { go: true, runsPlan: job.plan !== null, phases: phasesOf(laid.steps), vaults: laid.vaults };
}

function layoutFor(job: Stored<JobDocument>): Promise<Layout | Fault> {
  const { command } = job;
  if (isEnabling(command)) return layOutEnabling(job, command);
  return isOnPlan(command) ? layOutOnPlan(job, command) : layOutOnVms(job, command);
}

/** At this epoch nothing was started. */
async function refuse(job: Stored<JobDocument>, fault: Fault, now: Date): Promise<Begun> {
  // An older walk of it may have died with its targets held.
  for (const { vaultId, epoch } of await locksOf(job.jobId)) await freeLocks(vaultId, job.jobId, epoch);
  await saveJob(job, { state: 'failed', error: fault, endedAt: now.toISOString() }, [logLine(job.jobId, Place.last, 'refused', fault.message, now)], now);
  return ended(job.jobId, fault.message);
}

/** This walk goes no further. Should that be because the job has ended, it may have died before the job's summary said so. */
async function ended(jobId: string, why: string): Promise<Begun> {
  await reindex(jobId);
  return { go: false, why };
}

/** Accepted -> running under If-Match, at this epoch and for this execution only. */
async function claimJob(jobId: string, epoch: number, run: string, now: Date): Promise<Stored<JobDocument> | string> {
  const job = await readJob(jobId);
  if (!job) return 'There is no such job.';
  if (isSuperseded(job, epoch)) return `The job is at epoch ${job.epoch}, this walk is of epoch ${epoch}.`;
  if (isFinalJob(job.state)) return `The job has ended: ${job.state}.`;
  if (job.run !== null) return job.run === run ? job : 'Another execution walks the job.';
  const log = logLine(jobId, Place.first, `begin:${epoch}`, epoch === 1 ? `Started: ${job.command.operation}.` : `Begun anew at epoch ${epoch}; steps already done stay done.`, now, epoch === 1 ? job.caller : undefined);
  await saveJob(job, { state: 'running', run, startedAt: job.startedAt ?? now.toISOString() }, [log], now);
  return claimJob(jobId, epoch, run, now);
}

/** In sorted order, so that two jobs never wait for each other; what was taken is given back with the refusal. */
async function holdAll(job: JobDocument, layout: Layout, now: Date): Promise<Fault | 'yielding' | undefined> {
  const sorted = [...layout.held].sort((a, b) => (a.targetId < b.targetId ? -1 : 1));
  for (const [vaultId, targets] of Map.groupBy(sorted, (target) => target.vaultId)) {
    for (const some of chunks(targets)) {
      if (await takeLocks(some.map(({ targetId }) => ({ vaultId, targetId })), job.jobId, job.epoch, now)) continue;
      // One of them is held, perhaps by this very job: one by one it is seen which.
      for (const target of some) {
        const taking = await takeLock({ vaultId, targetId: target.targetId }, job.jobId, job.epoch, now);
        if (taking.taken) continue;
        if (await askToYield(taking.holder, job)) {
          for (const lock of await locksOf(job.jobId)) await freeLocks(lock.vaultId, job.jobId, lock.epoch);
          return 'yielding';
        }
        return { kind: ErrorKind.rejected, code: 'VmHeld', message: messageOfHeld([{ name: target.name, jobId: taking.holder }], 'Send the command again when that job has ended.') };
      }
    }
  }
  return undefined;
}

/** Every step of every phase is there before the first begins; those an older epoch left open are raised to this one. */
async function layOut(job: JobDocument, layout: Layout): Promise<void> {
  const known = await stepsOf(job.jobId);
  const ids = new Set(known.map((step) => step.id));
  const missing = layout.steps.filter((step) => !ids.has(step.id));
  // A newer epoch may have the job by now: what is its own stays so, and this walk ends at its next look.
  const older = known.filter((step) => step.epoch < job.epoch && (!isFinalStep(step.state) || isTriedAgain(job, step, known)));
  const done = (await createSteps(job.jobId, missing)) && (await raiseSteps(job.jobId, older, job.epoch));
  // Somebody wrote at the same time: an older walk, or this very activity run twice. What stands now is read anew.
  if (!done) await layOut(job, layout);
}

/** What was left over when the job ended, if it is this epoch that is to try it again. */
const isTriedAgain = (job: JobDocument, step: StepDocument, known: readonly StepDocument[]): boolean => job.retried === job.epoch && (isLeftOver(step) || isOfNextDrill(step, known));

/** Those of a plan's nodes are walked otherwise. */
const phasesOf = (steps: readonly StepDocument[]): Phase[] => [...new Set(steps.filter(({ node }) => node === null).sort((a, b) => a.order - b.order).map((step) => step.phase))];
