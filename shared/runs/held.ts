// The VMs that a job holds: which ones its steps name, how it takes them, and what is said when
// another job has one.
import { isFinalJob } from '../core/states/job.ts';
import { chunks } from '../store/cosmos.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import type { LockDocument } from '../replications/documents.ts';
import { readJob } from '../journal/job.ts';
import { findLocks, freeLocks, raiseLocks, takeLocks } from '../replications/registry.ts';
import type { Layout } from './layout.ts';

export type Target = Layout['held'][number];

/** A VM that another job holds. */
export interface Blocked extends Target {
  readonly jobId: string;
}

/** The VMs that a step acts on, by Lifeboat's ids. */
export function vmIdsOf({ work, targetId }: StepDocument): readonly string[] {
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
export function targetsOf(steps: readonly StepDocument[], some = steps): readonly Target[] {
  const known = steps.flatMap(({ work, vaultId, targetId, targetName }): Target[] => {
    if (work.kind === 'group') return work.vms.map(({ id, name }) => ({ vaultId, targetId: id, name }));
    return work.kind === 'replicatedVm' || work.kind === 'newVm'
      ? [{ vaultId, targetId, name: targetName }]
      : [];
  });
  const wanted = new Set(some.flatMap(vmIdsOf));
  const byId = new Map(known.map((target) => [target.targetId, target]));
  return [...byId.values()].filter(({ targetId }) => wanted.has(targetId));
}

/**
 * Takes what is free, in sorted order, and raises what the job holds from an older epoch.
 * The result names the VMs of other jobs. With such VMs, `takesRest` decides whether the free ones
 * are taken all the same.
 */
export async function hold(
  job: JobDocument,
  targets: readonly Target[],
  now: Date,
  takesRest: (blocked: readonly Blocked[]) => Promise<boolean> | boolean,
): Promise<readonly Blocked[]> {
  const found = await findLocks(targets.map(({ targetId }) => targetId));
  const locks = new Map(found.map((lock) => [lock.targetId, lock]));
  const isOurs = (lock: LockDocument): boolean => lock.jobId === job.jobId && lock.epoch <= job.epoch;
  const blocked = targets.flatMap((target): Blocked[] => {
    const lock = locks.get(target.targetId);
    return lock && !isOurs(lock) ? [{ ...target, jobId: lock.jobId }] : [];
  });
  const older = found.filter((lock) => isOurs(lock) && lock.epoch < job.epoch);
  // A newer walk of the job has raised one of them, or an older one has given it back.
  if (!(await raiseLocks(older, job.epoch))) return hold(job, targets, now, takesRest);
  if (blocked.length > 0 && !(await takesRest(blocked))) return blocked;
  const free = targets.filter(({ targetId }) => !locks.has(targetId));
  free.sort((a, b) => (a.targetId < b.targetId ? -1 : 1));
  for (const some of Map.groupBy(free, ({ vaultId }) => vaultId).values()) {
    for (const chunk of chunks(some)) {
      // Another job has just taken one of them. Whether the rest is still wanted is decided anew.
      if (!(await takeLocks(chunk, job.jobId, job.epoch, now))) return hold(job, targets, now, takesRest);
    }
  }
  return blocked;
}

/**
 * A job that has ended holds nothing. Its walk may have died before it gave the VMs back, or a slow
 * one took them too late.
 */
export async function freeIfEnded(jobId: string): Promise<void> {
  const job = await readJob(jobId);
  if (job && isFinalJob(job.state)) await freeLocks(jobId, job.epoch);
}

const MOST_NAMED = 20;

export function messageOfHeld(
  held: readonly { readonly name: string; readonly jobId: string }[],
  then = '',
): string {
  const named = held.slice(0, MOST_NAMED).map(({ name, jobId }) => `${name} is held by job ${jobId}`);
  const more = held.length > MOST_NAMED ? `; and ${held.length - MOST_NAMED} more` : '';
  return (
    `One operation at a time: ${named.join('; ')}${more}. Nothing was ` +
    `started.${then === '' ? '' : ` ${then}`}`
  );
}
