// Takes the lock of one VM for a job, as the job does at its epoch: a lock that the job has already
// is raised.
import { locksOf, raiseLocks, takeLocks, type Held } from '../../shared/replications/registry.ts';

export async function takeLock(target: Held, jobId: string, epoch: number, now: Date): Promise<boolean> {
  const own = (await locksOf(jobId)).filter(
    ({ vaultId, targetId }) => vaultId === target.vaultId && targetId === target.targetId,
  );
  return own.length > 0 ? raiseLocks(own, epoch) : takeLocks([target], jobId, epoch, now);
}
