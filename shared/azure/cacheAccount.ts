// Checks a cache storage account. Changes pass through this account on their way out of the source
// region.
import type { Refusal } from '../core/refusal.ts';
import type { StorageAccountFacts } from './facts.ts';

type Account = Pick<StorageAccountFacts, 'name' | 'region' | 'sku' | 'kind'>;

/**
 * Returns the reason against this cache account, or undefined. `found`: undefined when the account
 * does not exist; `hidden` when Lifeboat may not read the account. `region`: the region that
 * replication reads from.
 */
export function checkCacheAccount(
  found: Account | undefined | 'hidden',
  id: string,
  region: string,
): Refusal | undefined {
  if (found === 'hidden') return undefined;
  if (!found)
    return {
      code: 'StorageAccountUnknown',
      message: `The storage account ${id} does not exist, or Lifeboat cannot see it.`,
    };
  if (found.region !== region)
    return {
      code: 'CacheElsewhere',
      message:
        `The cache storage account ${found.name} is in ${found.region}; a cache must be in the ` +
        `region that replication reads from, ${region}.`,
    };
  // Block blob accounts serve VMs with many writes. Site Recovery accepts no other premium account
  // as a cache.
  if (!found.sku.startsWith('Premium') || found.kind === 'BlockBlobStorage') return undefined;
  return {
    code: 'CacheNotStandard',
    message:
      `The cache storage account ${found.name} is a premium account (${found.sku}, ${found.kind}); ` +
      'a cache must be a standard account.',
  };
}
