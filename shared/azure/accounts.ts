// One storage account by its id.
import { groupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import type { StorageAccountFacts } from './facts.ts';
import { LifeboatError } from '../core/errors.ts';
import { orUndefined, storage } from './clients.ts';
import { reading } from './faults.ts';
import { toStorageAccount } from './resourceFacts.ts';

/** Region and kind of an account never change, so each is read once: a thousand VMs may share one. */
const known = new Map<string, StorageAccountFacts>();
const MOST_KNOWN = 500;

const read = async (id: string) =>
  (await storage(subscriptionOf(id))).storageAccounts.getProperties(groupNameOf(id), nameOf(id));

function asHidden(error: unknown): 'hidden' {
  if (error instanceof LifeboatError && error.code === 'AzureForbids') return 'hidden';
  throw error;
}

/** Undefined when there is none. `hidden`: Lifeboat may not read it, so Azure alone can judge it. */
export async function storageAccount(id: string): Promise<StorageAccountFacts | undefined | 'hidden'> {
  const seen = known.get(id.toLowerCase());
  if (seen) return seen;
  const found = await reading(`the storage account ${id}`, () => orUndefined(read(id))).catch(asHidden);
  if (found === undefined || found === 'hidden') return found;
  const account = toStorageAccount(found);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(id.toLowerCase(), account);
  return account;
}
