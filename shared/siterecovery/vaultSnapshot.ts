// What one look at a vault sees: the lists once, however many steps ask, and a job's details and an
// item once each.
import type { ArmJob, ArmJobEntry, ReplicatedItem } from './item.ts';
import { refreshItemList, type ItemsById } from './itemListCache.ts';
import type { SiteRecovery } from './siteRecovery.ts';

export interface VaultSnapshot {
  /** By id in lower case. A job that was accepted just now may not be listed yet. */
  jobEntries(): Promise<ReadonlyMap<string, ArmJobEntry>>;
  /** By ARM id in lower case. */
  items(): Promise<ItemsById>;
  /** By itself, where that takes fewer reads than the list. */
  item(armId: string): Promise<ReplicatedItem | undefined>;
  job(id: string): Promise<ArmJob | undefined>;
}

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
