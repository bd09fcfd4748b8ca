// The reads of one poll of a vault. Any number of steps share one read of each list and of each
// job's details.
import type { ArmJob, ArmJobEntry, ReplicatedItem } from './item.ts';
import { refreshItemList, type ItemsById } from './itemListCache.ts';
import type { SiteRecovery } from './siteRecovery.ts';

/** Reads of one vault that happen at most once in a poll. */
export interface VaultSnapshot {
  /** By id in lower case. The list may still lack a job that Azure has just accepted. */
  jobEntries(): Promise<ReadonlyMap<string, ArmJobEntry>>;
  /** By ARM id in lower case. */
  items(): Promise<ItemsById>;
  /** Reads a single item. Use this method when it costs fewer reads than the list. */
  item(armId: string): Promise<ReplicatedItem | undefined>;
  job(id: string): Promise<ArmJob | undefined>;
}

/** Creates a snapshot; the first use of each list reads it from Azure. */
export function createVaultSnapshot(
  siteRecovery: SiteRecovery,
  vaultArmId: string,
  now: Date,
): VaultSnapshot {
  let jobEntries: Promise<ReadonlyMap<string, ArmJobEntry>> | undefined;
  let items: Promise<ItemsById> | undefined;
  const jobs = new Map<string, Promise<ArmJob | undefined>>();
  return {
    jobEntries: () =>
      (jobEntries ??= siteRecovery
        .listJobs()
        .then((list) => new Map(list.map((job) => [job.id.toLowerCase(), job])))),
    items: () => (items ??= refreshItemList(siteRecovery, vaultArmId, now)),
    item: (armId) => siteRecovery.readItem(armId),
    job(id) {
      const pendingJob = jobs.get(id) ?? siteRecovery.readJob(id);
      jobs.set(id, pendingJob);
      return pendingJob;
    },
  };
}
