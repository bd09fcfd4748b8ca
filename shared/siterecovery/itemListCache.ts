// What a list of a vault's items has shown a moment ago: a wave of many begins from one list, and
// not from a read for each of them.
import type { Item } from './item.ts';
import type { SiteRecovery } from './port.ts';

export type Items = ReadonlyMap<string, Item>;

interface Listed {
  /** Story time in milliseconds. */
  readonly at: number;
  readonly items: Promise<Items>;
}

/** An item that was read by itself may be as old as that before its write goes out. */
const LATELY = 5_000;
const MOST_VAULTS = 8;
const listed = new Map<string, Listed>();

/** A new list, by ARM id in lower case; those who begin now may go by it. */
export function listNow(siteRecovery: SiteRecovery, vaultArmId: string, now: Date): Promise<Items> {
  const items = siteRecovery
    .items()
    .then((list) => new Map(list.map((item) => [item.armId.toLowerCase(), item])));
  listed.delete(vaultArmId);
  listed.set(vaultArmId, { at: now.getTime(), items });
  for (const oldest of [...listed.keys()].slice(0, -MOST_VAULTS)) listed.delete(oldest);
  items.catch(() => listed.delete(vaultArmId));
  return items;
}

export function listLately(siteRecovery: SiteRecovery, vaultArmId: string, now: Date): Promise<Items> {
  const known = listed.get(vaultArmId);
  return known && Math.abs(now.getTime() - known.at) <= LATELY
    ? known.items
    : listNow(siteRecovery, vaultArmId, now);
}

/**
 * How many pages the list of a vault's items had when it was read last; a page is one read, and so
 * is an item.
 */
const pages = new Map<string, number>();
export const pagesOfItems = (vaultArmId: string): number => pages.get(vaultArmId) ?? 1;

export async function allPages<T>(
  vaultArmId: string,
  list: { byPage(): AsyncIterable<readonly T[]> },
): Promise<T[]> {
  const all: T[] = [];
  let count = 0;
  for await (const page of list.byPage()) {
    all.push(...page);
    count += 1;
  }
  pages.set(vaultArmId, count);
  return all;
}
