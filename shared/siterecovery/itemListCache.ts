// Caches the item list of each vault for a few seconds. A wave of many steps then needs one list
// instead of one read for each step.
import type { ReplicatedItem } from './item.ts';
import type { SiteRecovery } from './siteRecovery.ts';

/** The items of a vault, by ARM id in lower case. */
export type ItemsById = ReadonlyMap<string, ReplicatedItem>;

interface CachedList {
  /** Simulated time in milliseconds. */
  readonly at: number;
  readonly items: Promise<ItemsById>;
}

/** The maximum age of a list. A single read of an item can be as old before its write leaves. */
const MAX_AGE_MS = 5_000;
const MAX_CACHED_VAULTS = 8;
const cachedLists = new Map<string, CachedList>();

/** Reads a new list and caches it for the steps that begin now. */
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

/** Returns the cached list, or reads a new list when the cached one is too old. */
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

/** The number of pages of the last item list of each vault. One page costs one read, like one item. */
const pageCounts = new Map<string, number>();
/** Returns the number of pages of the vault's last item list; 1 before the first list. */
export const itemPageCountOf = (vaultArmId: string): number => pageCounts.get(vaultArmId) ?? 1;

/** Reads all pages of an item list and records the number of pages. */
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
