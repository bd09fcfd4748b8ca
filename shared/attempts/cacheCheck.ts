// Whether a reprotect has got the cache storage account that was asked for: what Site Recovery
// shows is what counts.
import type { Warning } from '../core/warning.ts';
import { sameId, type ReplicatedItem } from '../siterecovery/item.ts';
import type { StepDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';
import { readVm } from '../replications/registry.ts';
import { otherCacheWarning } from './stepFaults.ts';
import { cacheFor } from './reprotectTarget.ts';

/** A warning where it is another one; nothing where it is the one, or where none was asked for. */
export async function findCacheWarnings(
  step: StepDocument,
  item: ReplicatedItem | undefined,
): Promise<readonly Warning[]> {
  if (step.phase !== 'reprotect' || step.work.kind !== 'replicatedVm' || !item) return [];
  const requested = await readRequestedCache(step, step.work.cacheStorageAccountId);
  const actual = [...new Set(item.disks.map((disk) => disk.cacheStorageAccountId))];
  return requested === null || actual.every((id) => sameId(id, requested))
    ? []
    : [otherCacheWarning(step, requested, actual)];
}

/** Whoever follows somebody else's reprotect has asked only for what the command names. */
async function readRequestedCache(
  { jobId, vaultId, targetId, foreign, begunIn }: StepDocument,
  createdCache: string | null,
): Promise<string | null> {
  const [job, vm] = await Promise.all([readJob(jobId), readVm(vaultId, targetId)]);
  if (!job || !vm) return null;
  const named = 'cacheStorageAccountId' in job.command ? (job.command.cacheStorageAccountId ?? null) : null;
  // A walk that died after the registry had learned of it finds the VM turned.
  if (foreign || named !== null || vm.direction !== begunIn) return named;
  return cacheFor(vm, job.command) ?? createdCache;
}
