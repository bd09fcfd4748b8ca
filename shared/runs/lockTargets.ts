// The VMs that a job holds: which ones its steps name, how it takes them, and what is said when
// another job has one.
import { isFinalJobState } from '../core/states/job.ts';
import { splitIntoBatches } from '../store/cosmos.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import type { LockDocument } from '../replications/documents.ts';
import { readJob } from '../journal/job.ts';
import { findLocks, releaseLocks, raiseLockEpochs, createLocks } from '../replications/registry.ts';
import type { StepPlan } from './stepPlan.ts';

export type NamedLockTarget = StepPlan['lockTargets'][number];

/** A VM that another job holds. */
export interface BlockedTarget extends NamedLockTarget {
  readonly jobId: string;
}

/** The VMs that a step acts on, by Lifeboat's ids. */
export function vmIdsOfStep({ work, targetId }: StepDocument): readonly string[] {
  switch (work.kind) {
    case 'group':
      return work.vms.map(({ id }) => id);
    case 'replicatedVm':
      return [targetId];
    case 'newVm':
      return work.preview.verdict === 'refused' ? [] : [targetId];
    case 'action':
      return work.vm === null ? [] : [work.vm];
    case 'hold':
    case 'part':
      return [];
  }
}

/**
 * The VMs of some steps. An action names only an id; the vault and the name stand in the other
 * steps of that VM.
 */
export function lockTargetsOf(
  steps: readonly StepDocument[],
  stepsToLock = steps,
): readonly NamedLockTarget[] {
  const knownTargets = steps.flatMap(({ work, vaultId, targetId, targetName }): NamedLockTarget[] => {
    if (work.kind === 'group') return work.vms.map(({ id, name }) => ({ vaultId, targetId: id, name }));
    return work.kind === 'replicatedVm' || work.kind === 'newVm'
      ? [{ vaultId, targetId, name: targetName }]
      : [];
  });
  const wantedIds = new Set(stepsToLock.flatMap(vmIdsOfStep));
  const byId = new Map(knownTargets.map((target) => [target.targetId, target]));
  return [...byId.values()].filter(({ targetId }) => wantedIds.has(targetId));
}

/**
 * Takes what is free, in sorted order, and raises what the job holds from an older epoch.
 * The result names the VMs of other jobs. With such VMs, `takesRest` decides whether the free ones
 * are taken all the same.
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
  // A newer walk of the job has raised one of them, or an older one has given it back.
  if (!(await raiseLockEpochs(olderLocks, job.epoch))) return lockTargets(job, targets, now, shouldLockRest);
  if (blocked.length > 0 && !(await shouldLockRest(blocked))) return blocked;
  const unlocked = targets.filter(({ targetId }) => !locks.has(targetId));
  unlocked.sort((a, b) => (a.targetId < b.targetId ? -1 : 1));
  for (const vaultTargets of Map.groupBy(unlocked, ({ vaultId }) => vaultId).values()) {
    for (const chunk of splitIntoBatches(vaultTargets)) {
      // Another job has just taken one of them. Whether the rest is still wanted is decided anew.
      if (!(await createLocks(chunk, job.jobId, job.epoch, now)))
        return lockTargets(job, targets, now, shouldLockRest);
    }
  }
  return blocked;
}

/**
 * A job that has ended holds nothing. Its walk may have died before it gave the VMs back, or a slow
 * one took them too late.
 */
export async function releaseIfEnded(jobId: string): Promise<void> {
  const job = await readJob(jobId);
  if (job && isFinalJobState(job.state)) await releaseLocks(jobId, job.epoch);
}

const MAX_NAMED = 20;

export function blockedMessage(
  blocked: readonly { readonly name: string; readonly jobId: string }[],
  advice = '',
): string {
  const texts = blocked.slice(0, MAX_NAMED).map(({ name, jobId }) => `${name} is held by job ${jobId}`);
  const moreText = blocked.length > MAX_NAMED ? `; and ${blocked.length - MAX_NAMED} more` : '';
  return (
    `One operation at a time: ${texts.join('; ')}${moreText}. Nothing was ` +
    `started.${advice === '' ? '' : ` ${advice}`}`
  );
}
