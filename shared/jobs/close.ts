// Between phases and at the end: who goes on, what came of it all, and the VMs given back.
import { clock } from '../clock.ts';
import { outcomeOf } from '../domain/outcome.ts';
import { isFinalJob, isGoodStep, type PhaseOperation } from '../domain/words.ts';
import { ErrorKind } from '../errors.ts';
import type { StepDocument } from '../store/documents.ts';
import { isOpen, isSuperseded, logLine, Place, readJob, saveJob, saveStep, stepsOf } from '../store/jobs.ts';
import { freeLock } from '../store/registry.ts';
import { reindex } from './summaries.ts';

/** A VM whose step in an earlier phase did not bring it there takes no part in this one. */
export async function openPhase(input: { readonly jobId: string; readonly epoch: number; readonly phase: PhaseOperation }): Promise<{ readonly superseded: boolean; readonly open: readonly string[] }> {
  const now = await clock().now();
  const steps = await stepsOf(input.jobId);
  const mine = steps.filter((step) => step.phase === input.phase && isOpen(step));
  if (mine.some((step) => isSuperseded(step, input.epoch))) return { superseded: true, open: [] };
  const open: string[] = [];
  for (const step of mine) {
    const before = steps.find((other) => other.vmId === step.vmId && other.order < step.order && !isGoodStep(other.state));
    if (!before) open.push(step.vmId);
    else await saveStep(step, { step: { state: 'skipped', endedAt: now.toISOString(), error: { kind: ErrorKind.rejected, code: 'EarlierPhaseFailed', message: `Skipped, because ${before.phase} of ${step.vmName} ended ${before.state}.` } }, log: `Skipped: ${before.phase} ended ${before.state}.` }, now);
  }
  return { superseded: false, open };
}

/** A document holds 2 MB; 5,000 VMs may fail. */
const MOST_EXCEPTIONS = 500;

/** Gives the VMs back, then writes the outcome: who sees the job ended finds its VMs free. Safe to repeat at any point. */
export async function closeJob(walk: { readonly jobId: string; readonly epoch: number }): Promise<string> {
  const state = await end(walk);
  await reindex(walk.jobId);
  return state;
}

async function end({ jobId, epoch }: { readonly jobId: string; readonly epoch: number }): Promise<string> {
  const now = await clock().now();
  const job = await readJob(jobId);
  if (!job || isSuperseded(job, epoch) || isFinalJob(job.state)) return job?.state ?? 'gone';
  const steps = await stepsOf(jobId);
  const open = steps.filter(isOpen);
  if (open.length > 0) throw new Error(`Job ${jobId} cannot be closed: ${open.length} of its steps are open.`);
  const outcome = outcomeOf(steps);
  for (const vm of uniqueVms(steps)) await freeLock(vm, jobId, epoch);
  const log = logLine(jobId, Place.last, 'closed', `Ended: ${outcome.state}${outcome.exceptions.length > 0 ? `, with ${outcome.exceptions.length} exceptions` : ''}.`, now);
  const saved = await saveJob(job, { state: outcome.state, exceptions: outcome.exceptions.slice(0, MOST_EXCEPTIONS), exceptionCount: outcome.exceptions.length, endedAt: now.toISOString() }, [log], now);
  return saved ? outcome.state : end({ jobId, epoch });
}

const uniqueVms = (steps: readonly StepDocument[]): { vaultId: string; vmId: string }[] =>
  [...new Map(steps.map((step) => [step.vmId, { vaultId: step.vaultId, vmId: step.vmId }])).values()];
