// Reads one storage account by its id, and caches the result.
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import type { StorageAccountFacts } from './facts.ts';
import { undefinedIfNotFound, storageClient } from './clients.ts';
import { hiddenIfForbidden, withReadFaults } from './readFaults.ts';
import { toStorageAccount } from './resourceFacts.ts';

/**
 * The region and kind of an account never change, so one read is enough. A thousand VMs may share
 * one account.
 */
const cachedAccounts = new Map<string, StorageAccountFacts>();
const MAX_CACHED_ACCOUNTS = 500;

const readProperties = async (id: string) =>
  (await storageClient(subscriptionOf(id))).storageAccounts.getProperties(
    resourceGroupNameOf(id),
    nameOf(id),
  );

/**
 * Returns the account, or undefined when it does not exist. `hidden`: Lifeboat may not read the
 * account, so only Azure can check it.
 */
export async function readStorageAccount(id: string): Promise<StorageAccountFacts | undefined | 'hidden'> {
  const cached = cachedAccounts.get(id.toLowerCase());
  if (cached) return cached;
  const found = await withReadFaults(`the storage account ${id}`, () =>
    undefinedIfNotFound(readProperties(id)),
  ).catch(hiddenIfForbidden);
  if (found === undefined || found === 'hidden') return found;
  const account = toStorageAccount(found);
  if (cachedAccounts.size >= MAX_CACHED_ACCOUNTS) cachedAccounts.clear();
  cachedAccounts.set(id.toLowerCase(), account);
  return account;
}
