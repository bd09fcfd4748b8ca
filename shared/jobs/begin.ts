// The first activity of every walk: one execution gets the job at its epoch, holds its VMs, and lays out its steps.
import { clock } from '../clock.ts';
import { PHASES } from '../domain/story.ts';
import { isFinalJob, isFinalStep, type PhaseOperation } from '../domain/words.ts';
import { ErrorKind, type Fault } from '../errors.ts';
import { vaultAddressOf } from '../siterecovery/adapter.ts';
import type { Stored } from '../store/cosmos.ts';
import { SCHEMA, type JobDocument, type ReplicatedVmDocument, type StepDocument } from '../store/documents.ts';
import { indexJob } from '../store/jobIndex.ts';
import { createSteps, isSuperseded, logLine, Place, raiseSteps, readJob, saveJob, stepIdOf, stepsOf } from '../store/jobs.ts';
import { findVms, freeLock, takeLock } from '../store/registry.ts';
import { reindex } from './summaries.ts';

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
  readonly vmIds: readonly string[];
}

export type Begun =
  | { readonly go: false; readonly why: string }
  | { readonly go: true; readonly phases: readonly PhaseOperation[]; readonly vaults: readonly VaultGroup[] };

export async function beginJob({ jobId, epoch, run }: BeginInput): Promise<Begun> {
  const now = await clock().now();
  const job = await claimJob(jobId, epoch, run, now);
  if (typeof job === 'string') return ended(jobId, job);
  await indexJob(job);
  const vms = (await findVms(job.command.vms)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const conflict = missingOf(job, vms) ?? (await holdAll(job, vms, now));
  if (conflict) {
    await saveJob(job, { state: 'failed', error: conflict, endedAt: now.toISOString() }, [logLine(jobId, Place.last, 'refused', conflict.message, now)], now);
    return ended(jobId, conflict.message);
  }
  await layOut(job, vms);
  return { go: true, phases: PHASES[job.command.operation], vaults: groupByVault(vms) };
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
  const log = logLine(jobId, Place.first, `begin:${epoch}`, epoch === 1 ? `Started: ${job.command.operation}.` : `Begun anew at epoch ${epoch}; steps already done stay done.`, now);
  await saveJob(job, { state: 'running', run, startedAt: job.startedAt ?? now.toISOString() }, [log], now);
  return claimJob(jobId, epoch, run, now);
}

/** A VM that the registry has lost is not left out in silence. */
function missingOf(job: JobDocument, vms: readonly ReplicatedVmDocument[]): Fault | undefined {
  const known = new Set(vms.map((vm) => vm.id));
  const missing = job.command.vms.filter((id) => !known.has(id));
  if (missing.length === 0) return undefined;
  return { kind: ErrorKind.rejected, code: 'VmUnknown', message: `Lifeboat knows no replicated VM ${missing.join(', ')} any more. Nothing was started.` };
}

/** In sorted order, so that two jobs never wait for each other; what was taken is given back on conflict. */
async function holdAll(job: JobDocument, vms: readonly ReplicatedVmDocument[], now: Date): Promise<Fault | undefined> {
  const taken: ReplicatedVmDocument[] = [];
  for (const vm of vms) {
    const taking = await takeLock({ vaultId: vm.vaultId, vmId: vm.id }, job.jobId, job.epoch, now);
    if (taking.taken) {
      taken.push(vm);
      continue;
    }
    for (const held of taken) await freeLock({ vaultId: held.vaultId, vmId: held.id }, job.jobId, job.epoch);
    return { kind: ErrorKind.rejected, code: 'VmHeld', message: `One operation at a time: ${vm.name} is held by job ${taking.holder}. Nothing was started. Send the command again when that job has ended.` };
  }
  return undefined;
}

/** Every step of every phase is there before the first begins; those an older epoch left open are raised to this one. */
async function layOut(job: JobDocument, vms: readonly ReplicatedVmDocument[]): Promise<void> {
  const known = await stepsOf(job.jobId);
  const ids = new Set(known.map((step) => step.id));
  const missing = PHASES[job.command.operation]
    .flatMap((phase, order) => vms.map((vm) => newStep(job, vm, phase, order)))
    .filter((step) => !ids.has(step.id));
  const older = known.filter((step) => !isFinalStep(step.state) && isSuperseded(step, job.epoch));
  const done = (await createSteps(job.jobId, missing)) && (await raiseSteps(job.jobId, older, job.epoch));
  // Somebody wrote at the same time: an older walk, or this very activity run twice. What stands now is read anew.
  if (!done) await layOut(job, vms);
}

const newStep = (job: JobDocument, vm: ReplicatedVmDocument, phase: PhaseOperation, order: number): StepDocument => ({
  id: stepIdOf(phase, vm.id), type: 'step', schema: SCHEMA, jobId: job.jobId, epoch: job.epoch, phase, order,
  vmId: vm.id, vmName: vm.name, vaultId: vm.vaultId, scenario: vm.scenario, begunIn: vm.direction,
  state: 'waiting', attempt: 0, armJobId: null, foreign: false, notBefore: null, waitsFor: null, error: null, warnings: [],
  startedAt: null, endedAt: null, armStartedAt: null, armEndedAt: null, armIdBefore: null, armIdAfter: null, lines: 0,
});

function groupByVault(vms: readonly ReplicatedVmDocument[]): VaultGroup[] {
  return [...Map.groupBy(vms, (vm) => vm.vaultId)].map(([vaultId, members]) => {
    const vaultArmId = members[0]?.vaultArmId ?? '';
    return { vaultId, vaultArmId, subscription: vaultAddressOf(vaultArmId).subscription, vmIds: members.map((vm) => vm.id) };
  });
}
