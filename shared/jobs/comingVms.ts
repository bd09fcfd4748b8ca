// What other jobs that run are enabling in the same place: their VMs come up under the same quota,
// and Azure counts none of them yet.
import { isClassicId } from '../core/armId.ts';
import type { ComingVm, Facts } from '../azure/facts.ts';
import type { ComingVms } from '../enabling/previewNow.ts';
import { layGround } from '../enabling/rules/request/scope.ts';
import type { Preview } from '../enabling/rules/preview.ts';
import type { PrepareWish } from '../enabling/rules/request/request.ts';
import { sameId } from '../siterecovery/item.ts';
import { unfinishedJobs } from '../journal/job.ts';
import { readPreview } from '../journal/previews.ts';

export const comingVms: ComingVms = (facts, wish) => comingExcept(facts, wish, undefined);

/** The same without those of the job that asks. */
export const comingVmsBeside =
  (jobId: string): ComingVms =>
  (facts, wish) =>
    comingExcept(facts, wish, jobId);

async function comingExcept(
  facts: Facts,
  wish: PrepareWish,
  except: string | undefined,
): Promise<readonly ComingVm[]> {
  const jobs = (await unfinishedJobs()).filter(
    ({ jobId, command }) => command.operation === 'enableReplication' && jobId !== except,
  );
  if (jobs.length === 0) return [];
  const { target } = layGround(facts, wish).ground;
  const decided = await Promise.all(jobs.map(({ jobId }) => readPreview(jobId)));
  return decided.flatMap((one) =>
    one &&
    one.preview.target.region === target.region &&
    sameId(one.preview.target.subscription, target.subscription)
      ? (one.coming ?? [])
      : [],
  );
}

/** Of a preview that is about to be done. */
export const comingOf = ({ vms }: Preview): readonly ComingVm[] =>
  vms.flatMap(({ vmId, verdict, choices }) => {
    const size = choices.find(({ what }) => what === 'size')?.chosen;
    return verdict === 'enable' && size !== undefined && !isClassicId(vmId) ? [{ vmId, size }] : [];
  });
