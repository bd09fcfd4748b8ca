// Locks the VMs of a job, so that one operation at a time acts on a VM.
// The start of an orchestration, retries and the sweep call this module.
// A job never takes a lock that belongs to another job.

import { isFinalJobState } from '../core/states/job.ts';
import { splitIntoBatches } from '../store/cosmos.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import type { LockDocument } from '../replications/documents.ts';
import { readJob } from '../journal/job.ts';
import { vmIdsOfStep } from '../journal/stepVms.ts';
import { findLocks, releaseLocks, raiseLockEpochs, createLocks } from '../replications/registry.ts';
import type { StepPlan } from './stepPlan.ts';

/** A target to lock, with its name for people. */
export type NamedLockTarget = StepPlan['lockTargets'][number];

/** A VM that another job has locked. */
export interface BlockedTarget extends NamedLockTarget {
  readonly jobId: string;
}

/**
 * The VMs of the given steps. An action names only an id. The other steps of that VM know its vault
 * and its name.
 */
export function lockTargetsOf(
  steps: readonly StepDocument[],
  stepsToLock = steps,
): readonly NamedLockTarget[] {
  const knownTargets = steps.flatMap(({ work, vaultId, targetId, targetName }): NamedLockTarget[] => {
    if (work.kind === 'multiVmGroup')
      return work.vms.map(({ id, name }) => ({ vaultId, targetId: id, name }));
    return work.kind === 'replicatedVm' || work.kind === 'newVm'
      ? [{ vaultId, targetId, name: targetName }]
      : [];
  });
  const wantedIds = new Set(stepsToLock.flatMap(vmIdsOfStep));
  const byId = new Map(knownTargets.map((target) => [target.targetId, target]));
  return [...byId.values()].filter(({ targetId }) => wantedIds.has(targetId));
}

/**
 * Locks the free VMs in sorted order, and raises the job's own older locks to the new epoch.
 * The result names the VMs that other jobs have locked. With such VMs, `shouldLockRest` decides
 * whether the job still locks the free VMs.
 */
export async function lockTargets(
  job: JobDocument,
  targets: readonly NamedLockTarget[],
  now: Date,
  shouldLockRest: (blocked: readonly BlockedTarget[]) => Promise<boolean> | boolean,
): Promise<readonly BlockedTarget[]> {
  const existingLocks = await findLocks(targets.map(({ targetId }) => targetId));
  const locks = new Map(existingLocks.map((lock) => [lock.targetId, lock]));
  const isOwnLock = (lock: LockDocument): boolean => lock.jobId === job.jobId && lock.epoch <= job.epoch;
  const blocked = targets.flatMap((target): BlockedTarget[] => {
    const lock = locks.get(target.targetId);
    return lock && !isOwnLock(lock) ? [{ ...target, jobId: lock.jobId }] : [];
  });
  const olderLocks = existingLocks.filter((lock) => isOwnLock(lock) && lock.epoch < job.epoch);
  // A newer orchestration of the job has raised a lock, or an older one has released a lock.
  if (!(await raiseLockEpochs(olderLocks, job.epoch))) return lockTargets(job, targets, now, shouldLockRest);
  if (blocked.length > 0 && !(await shouldLockRest(blocked))) return blocked;
  const unlocked = targets.filter(({ targetId }) => !locks.has(targetId));
  unlocked.sort((a, b) => (a.targetId < b.targetId ? -1 : 1));
  for (const vaultTargets of Map.groupBy(unlocked, ({ vaultId }) => vaultId).values()) {
    for (const chunk of splitIntoBatches(vaultTargets)) {
      // Another job has just locked one of these VMs. The new call decides again about the rest.
      if (!(await createLocks(chunk, job.jobId, job.epoch, now)))
        return lockTargets(job, targets, now, shouldLockRest);
    }
  }
  return blocked;
}

/**
 * Releases the locks of an ended job. Its orchestration may have died before the release, or a slow
 * orchestration may have locked VMs after the end.
 */
export async function releaseIfEnded(jobId: string): Promise<void> {
  const job = await readJob(jobId);
  if (job && isFinalJobState(job.state)) await releaseLocks(jobId, job.epoch);
}

const MAX_NAMED = 20;

/** The message for VMs that other jobs have locked, with optional advice at the end. */
export function blockedMessage(
  blocked: readonly { readonly name: string; readonly jobId: string }[],
  advice = '',
): string {
  const texts = blocked.slice(0, MAX_NAMED).map(({ name, jobId }) => `${name} is locked by job ${jobId}`);
  const moreText = blocked.length > MAX_NAMED ? `; and ${blocked.length - MAX_NAMED} more` : '';
  return (
    `One operation at a time: ${texts.join('; ')}${moreText}. Nothing was ` +
    `started.${advice === '' ? '' : ` ${advice}`}`
  );
}
