// What a cache storage account must be: changes pass through it on their way out of the region that
// replication reads from.
import type { Refusal } from '../core/refusal.ts';
import type { StorageAccountFacts } from './facts.ts';

type Account = Pick<StorageAccountFacts, 'name' | 'region' | 'sku' | 'kind'>;

/**
 * `there`: undefined when there is no such account, `hidden` when nothing is known of it. `region`:
 * where replication reads from.
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
      message: `The storage account ${id} does not exist, or cannot be seen.`,
    };
  if (found.region !== region)
    return {
      code: 'CacheElsewhere',
      message:
        `The cache storage account ${found.name} is in ${found.region}; a cache must be in the ` +
        `region that replication reads from, ${region}.`,
    };
  // Block blobs are for VMs that write much; of other premium accounts Site Recovery makes no cache.
  if (!found.sku.startsWith('Premium') || found.kind === 'BlockBlobStorage') return undefined;
  return {
    code: 'CacheNotStandard',
    message:
      `The cache storage account ${found.name} is a premium one (${found.sku}, ${found.kind}); ` +
      'a cache is a standard account.',
  };
}
