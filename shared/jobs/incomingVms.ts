// Finds the VMs that other running jobs enable in the same place. These VMs use the same quota, but
// Azure does not count them yet.
import { isClassicId } from '../core/armId.ts';
import type { IncomingVm, AzureFacts } from '../azure/facts.ts';
import type { FindVmsBeingEnabled } from '../enabling/previewFromAzure.ts';
import type { EnablingPreview } from '../scenarios/enabling/preview.ts';
import { sameId } from '../siterecovery/item.ts';
import { listUnfinishedJobs } from '../journal/job.ts';
import { readPreview } from '../journal/previews.ts';
import { enablingFor } from '../scenarios/drivers.ts';
import type { CommonRequest } from '../scenarios/enabling/support.ts';

/** The VMs that all running jobs enable in the target of the request. */
export const incomingVms: FindVmsBeingEnabled = (facts, request) =>
  readIncomingVms(facts, request, undefined);

/** The same, without the VMs of the given job. */
export const incomingVmsExceptJob =
  (jobId: string): FindVmsBeingEnabled =>
  (facts, request) =>
    readIncomingVms(facts, request, jobId);

async function readIncomingVms(
  facts: AzureFacts,
  request: CommonRequest,
  excludedJobId: string | undefined,
): Promise<readonly IncomingVm[]> {
  const jobs = (await listUnfinishedJobs()).filter(
    ({ jobId, command }) => command.operation === 'enableReplication' && jobId !== excludedJobId,
  );
  if (jobs.length === 0) return [];
  const target = enablingFor(request.goal).targetOf(facts, request);
  const previews = await Promise.all(jobs.map(({ jobId }) => readPreview(jobId)));
  return previews.flatMap((stored) =>
    stored &&
    stored.preview.target.region === target.region &&
    sameId(stored.preview.target.subscription, target.subscription)
      ? (stored.coming ?? [])
      : [],
  );
}

/** The VMs that a preview is about to enable, with their sizes. */
export const incomingVmsOf = ({ vms }: EnablingPreview): readonly IncomingVm[] =>
  vms.flatMap(({ vmId, verdict, choices }) => {
    const size = choices.find(({ what }) => what === 'size')?.chosen;
    return verdict === 'enable' && size !== undefined && !isClassicId(vmId) ? [{ vmId, size }] : [];
  });
