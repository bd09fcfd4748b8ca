// What other jobs that run are enabling in the same place: their VMs come up under the same quota,
// and Azure counts none of them yet.
import { isClassicId } from '../core/armId.ts';
import type { IncomingVm, AzureFacts } from '../azure/facts.ts';
import type { FindVmsBeingEnabled } from '../enabling/previewFromAzure.ts';
import { resolveScope } from '../enabling/rules/request/requestScope.ts';
import type { EnablingPreview } from '../enabling/rules/preview.ts';
import type { PrepareRequest } from '../enabling/rules/request/request.ts';
import { sameId } from '../siterecovery/item.ts';
import { listUnfinishedJobs } from '../journal/job.ts';
import { readPreview } from '../journal/previews.ts';

export const incomingVms: FindVmsBeingEnabled = (facts, wish) => readIncomingVms(facts, wish, undefined);

/** The same without those of the job that asks. */
export const incomingVmsExceptJob =
  (jobId: string): FindVmsBeingEnabled =>
  (facts, wish) =>
    readIncomingVms(facts, wish, jobId);

async function readIncomingVms(
  facts: AzureFacts,
  request: PrepareRequest,
  excludedJobId: string | undefined,
): Promise<readonly IncomingVm[]> {
  const jobs = (await listUnfinishedJobs()).filter(
    ({ jobId, command }) => command.operation === 'enableReplication' && jobId !== excludedJobId,
  );
  if (jobs.length === 0) return [];
  const { target } = resolveScope(facts, request).scope;
  const previews = await Promise.all(jobs.map(({ jobId }) => readPreview(jobId)));
  return previews.flatMap((stored) =>
    stored &&
    stored.preview.target.region === target.region &&
    sameId(stored.preview.target.subscription, target.subscription)
      ? (stored.coming ?? [])
      : [],
  );
}

/** Of a preview that is about to be done. */
export const incomingVmsOf = ({ vms }: EnablingPreview): readonly IncomingVm[] =>
  vms.flatMap(({ vmId, verdict, choices }) => {
    const size = choices.find(({ what }) => what === 'size')?.chosen;
    return verdict === 'enable' && size !== undefined && !isClassicId(vmId) ? [{ vmId, size }] : [];
  });
