// Whether a reprotect has got the cache storage account that was asked for: what Site Recovery
// shows is what counts.
import type { Warning } from '../core/warning.ts';
import { sameId, type Item } from '../siterecovery/item.ts';
import type { StepDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';
import { readVm } from '../replications/registry.ts';
import { otherCache } from './faults.ts';
import { cacheFor } from './reprotectTarget.ts';

/** A warning where it is another one; nothing where it is the one, or where none was asked for. */
export async function cacheNotAsAsked(
  step: StepDocument,
  item: Item | undefined,
): Promise<readonly Warning[]> {
  if (step.phase !== 'reprotect' || step.work.kind !== 'replicatedVm' || !item) return [];
  const asked = await cacheAsked(step, step.work.cacheStorageAccountId);
  const shown = [...new Set(item.disks.map((disk) => disk.cacheStorageAccountId))];
  return asked === null || shown.every((id) => sameId(id, asked)) ? [] : [otherCache(step, asked, shown)];
}

/** Whoever follows somebody else's reprotect has asked only for what the command names. */
async function cacheAsked(
  { jobId, vaultId, targetId, foreign, begunIn }: StepDocument,
  made: string | null,
): Promise<string | null> {
  const [job, vm] = await Promise.all([readJob(jobId), readVm(vaultId, targetId)]);
  if (!job || !vm) return null;
  const named = 'cacheStorageAccountId' in job.command ? (job.command.cacheStorageAccountId ?? null) : null;
  // A walk that died after the registry had learned of it finds the VM turned.
  if (foreign || named !== null || vm.direction !== begunIn) return named;
  return cacheFor(vm, job.command) ?? made;
}
