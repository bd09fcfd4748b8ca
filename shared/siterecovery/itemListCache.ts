// What a list of a vault's items has shown a moment ago: a wave of many begins from one list, and
// not from a read for each of them.
import type { ReplicatedItem } from './item.ts';
import type { SiteRecovery } from './siteRecovery.ts';

export type ItemsById = ReadonlyMap<string, ReplicatedItem>;

interface CachedList {
  /** Story time in milliseconds. */
  readonly at: number;
  readonly items: Promise<ItemsById>;
}

/** An item that was read by itself may be as old as that before its write goes out. */
const MAX_AGE_MS = 5_000;
const MAX_CACHED_VAULTS = 8;
const cachedLists = new Map<string, CachedList>();

/** A new list, by ARM id in lower case; those who begin now may go by it. */
export function refreshItemList(
  siteRecovery: SiteRecovery,
  vaultArmId: string,
  now: Date,
): Promise<ItemsById> {
  const items = siteRecovery
    .listItems()
    .then((list) => new Map(list.map((item) => [item.armId.toLowerCase(), item])));
  cachedLists.delete(vaultArmId);
  cachedLists.set(vaultArmId, { at: now.getTime(), items });
  for (const oldest of [...cachedLists.keys()].slice(0, -MAX_CACHED_VAULTS)) cachedLists.delete(oldest);
  items.catch(() => cachedLists.delete(vaultArmId));
  return items;
}

export function readCachedItemList(
  siteRecovery: SiteRecovery,
  vaultArmId: string,
  now: Date,
): Promise<ItemsById> {
  const cached = cachedLists.get(vaultArmId);
  return cached && Math.abs(now.getTime() - cached.at) <= MAX_AGE_MS
    ? cached.items
    : refreshItemList(siteRecovery, vaultArmId, now);
}

/**
 * How many pages the list of a vault's items had when it was read last; a page is one read, and so
 * is an item.
 */
const pageCounts = new Map<string, number>();
export const itemPageCountOf = (vaultArmId: string): number => pageCounts.get(vaultArmId) ?? 1;

export async function collectItemPages<T>(
  vaultArmId: string,
  list: { byPage(): AsyncIterable<readonly T[]> },
): Promise<T[]> {
  const items: T[] = [];
  let count = 0;
  for await (const page of list.byPage()) {
    items.push(...page);
    count += 1;
  }
  pageCounts.set(vaultArmId, count);
  return items;
}
