// One storage account by its id.
import { groupNameOf, nameOf, subscriptionOf } from '../domain/armId.ts';
import type { StorageAccountFacts } from '../domain/enabling/facts.ts';
import { orUndefined, storage } from './clients.ts';
import { reading } from './faults.ts';
import { toStorageAccount } from './ground.ts';

/** Region and kind of an account never change, so each is read once: a thousand VMs may share one. */
const known = new Map<string, StorageAccountFacts>();
const MOST_KNOWN = 500;

/** Undefined when there is none. */
export async function storageAccount(id: string): Promise<StorageAccountFacts | undefined> {
  const seen = known.get(id.toLowerCase());
  if (seen) return seen;
  const found = await reading(`the storage account ${id}`, async () => orUndefined((await storage(subscriptionOf(id))).storageAccounts.getProperties(groupNameOf(id), nameOf(id))));
  if (!found) return undefined;
  const account = toStorageAccount(found);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(id.toLowerCase(), account);
  return account;
}
