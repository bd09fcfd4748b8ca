// Checks whether a reprotect uses the requested cache storage account. Only the account that Site
// Recovery shows counts.
import type { Warning } from '../core/warning.ts';
import { sameId, type ReplicatedItem } from '../siterecovery/item.ts';
import type { StepDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';
import { readVm } from '../replications/registry.ts';
import { otherCacheWarning } from './stepFaults.ts';
import { cacheFor } from './reprotectTarget.ts';

/**
 * Returns a warning if the account differs. Returns nothing if it matches or if nobody requested an
 * account.
 */
export async function findCacheWarnings(
  step: StepDocument,
  item: ReplicatedItem | undefined,
): Promise<readonly Warning[]> {
  if (step.phase !== 'reprotect' || step.work.kind !== 'replicatedVm' || !item) return [];
  const requested = await readRequestedCache(step, step.work.cacheStorageAccountId);
  // Some items show no account.
  const actual = [...new Set(item.disks.map((disk) => disk.cacheStorageAccountId))].filter((id) => id !== '');
  return requested === null || actual.every((id) => sameId(id, requested))
    ? []
    : [otherCacheWarning(step, requested, actual)];
}

/** A job that follows a foreign reprotect has requested only the account that the command names. */
async function readRequestedCache(
  { jobId, vaultId, targetId, foreign, begunIn }: StepDocument,
  createdCache: string | null,
): Promise<string | null> {
  const [job, vm] = await Promise.all([readJob(jobId), readVm(vaultId, targetId)]);
  if (!job || !vm) return null;
  const named = 'cacheStorageAccountId' in job.command ? (job.command.cacheStorageAccountId ?? null) : null;
  // If an orchestration died after the registry update, the registry already shows the new
  // direction.
  if (foreign || named !== null || vm.direction !== begunIn) return named;
  return cacheFor(vm, job.command) ?? createdCache;
}
