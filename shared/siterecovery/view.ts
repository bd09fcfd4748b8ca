// What one look at a vault sees: the lists once, however many steps ask, and a job's details and an
// item once each.
import type { ArmJob, ArmJobEntry, Item } from './item.ts';
import { listNow, type Items } from './itemListCache.ts';
import type { SiteRecovery } from './port.ts';

export interface View {
  /** By id in lower case. A job that was accepted just now may not be listed yet. */
  entries(): Promise<ReadonlyMap<string, ArmJobEntry>>;
  /** By ARM id in lower case. */
  items(): Promise<Items>;
  /** By itself, where that takes fewer reads than the list. */
  item(armId: string): Promise<Item | undefined>;
  job(id: string): Promise<ArmJob | undefined>;
}

export function viewOf(siteRecovery: SiteRecovery, vaultArmId: string, now: Date): View {
  let entries: Promise<ReadonlyMap<string, ArmJobEntry>> | undefined;
  let items: Promise<Items> | undefined;
  const jobs = new Map<string, Promise<ArmJob | undefined>>();
  return {
    entries: () =>
      (entries ??= siteRecovery
        .jobs()
        .then((list) => new Map(list.map((job) => [job.id.toLowerCase(), job])))),
    items: () => (items ??= listNow(siteRecovery, vaultArmId, now)),
    item: (armId) => siteRecovery.item(armId),
    job(id) {
      const asked = jobs.get(id) ?? siteRecovery.job(id);
      jobs.set(id, asked);
      return asked;
    },
  };
}
