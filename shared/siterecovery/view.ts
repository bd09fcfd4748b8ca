// What one look at a vault sees: the lists once, however many steps ask, and a job's details once each.
import type { ArmJob, ArmJobEntry, Item } from '../domain/item.ts';
import type { SiteRecovery } from './port.ts';

export interface View {
  /** By id in lower case. A job that was accepted just now may not be listed yet. */
  entries(): Promise<ReadonlyMap<string, ArmJobEntry>>;
  /** By ARM id in lower case. */
  items(): Promise<ReadonlyMap<string, Item>>;
  job(id: string): Promise<ArmJob | undefined>;
}

export function viewOf(siteRecovery: SiteRecovery): View {
  let entries: Promise<ReadonlyMap<string, ArmJobEntry>> | undefined;
  let items: Promise<ReadonlyMap<string, Item>> | undefined;
  const jobs = new Map<string, Promise<ArmJob | undefined>>();
  return {
    entries: () => (entries ??= siteRecovery.jobs().then((list) => new Map(list.map((job) => [job.id.toLowerCase(), job])))),
    items: () => (items ??= siteRecovery.items().then((list) => new Map(list.map((item) => [item.armId.toLowerCase(), item])))),
    job(id) {
      const asked = jobs.get(id) ?? siteRecovery.job(id);
      jobs.set(id, asked);
      return asked;
    },
  };
}
