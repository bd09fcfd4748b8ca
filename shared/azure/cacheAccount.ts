// What a cache storage account must be: changes pass through it on their way out of the region that
// replication reads from.
import type { Refusal } from '../core/refusal.ts';
import type { StorageAccountFacts } from './facts.ts';

type Account = Pick<StorageAccountFacts, 'name' | 'region' | 'sku' | 'kind'>;

/**
 * `there`: undefined when there is no such account, `hidden` when nothing is known of it. `region`:
 * where replication reads from.
 */
export function wrongCache(
  there: Account | undefined | 'hidden',
  id: string,
  region: string,
): Refusal | undefined {
  if (there === 'hidden') return undefined;
  if (!there)
    return {
      code: 'StorageAccountUnknown',
      message: `The storage account ${id} does not exist, or cannot be seen.`,
    };
  if (there.region !== region)
    return {
      code: 'CacheElsewhere',
      message:
        `The cache storage account ${there.name} is in ${there.region}; a cache must be in the ` +
        `region that replication reads from, ${region}.`,
    };
  // Block blobs are for VMs that write much; of other premium accounts Site Recovery makes no cache.
  if (!there.sku.startsWith('Premium') || there.kind === 'BlockBlobStorage') return undefined;
  return {
    code: 'CacheNotStandard',
    message:
      `The cache storage account ${there.name} is a premium one (${there.sku}, ${there.kind}); ` +
      'a cache is a standard account.',
  };
}
