// Locks one VM for a job, as the job does at its epoch. It raises an existing lock of the job to
// this epoch.
import {
  readLocksOf,
  raiseLockEpochs,
  createLocks,
  type LockTarget,
} from '../../shared/replications/registry.ts';

export async function takeLock(
  target: LockTarget,
  jobId: string,
  epoch: number,
  now: Date,
): Promise<boolean> {
  const own = (await readLocksOf(jobId)).filter(
    ({ vaultId, targetId }) => vaultId === target.vaultId && targetId === target.targetId,
  );
  return own.length > 0 ? raiseLockEpochs(own, epoch) : createLocks([target], jobId, epoch, now);
}
