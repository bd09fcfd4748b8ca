// A command: one request for an operation, the same JSON whichever door it comes through.
import { z } from 'zod';
import { Operation } from './words.ts';

const STORAGE_ACCOUNT = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i;
const MOST_VMS = 5000;

export const Command = z.strictObject({
  operation: z.enum(Operation),
  /** Lifeboat's ids of replicated VMs. */
  vms: z.array(z.string().regex(/^vm-[a-z2-7]{26}$/, "must be one of Lifeboat's ids, as GET /api/v1/replications lists them"))
    .min(1).max(MOST_VMS).refine((ids) => new Set(ids).size === ids.length, 'names a VM twice'),
  /** Follow an operation of the same kind that somebody else has begun, instead of waiting for its end. */
  adopt: z.boolean().default(false),
  /** For a reprotect: the cache storage account in the region that is now the source. Remembered once it is known. */
  cacheStorageAccountId: z.string().regex(STORAGE_ACCOUNT, 'must be the ARM id of a storage account').optional(),
  ticket: z.string().trim().min(1).max(200).optional(),
  reason: z.string().trim().min(1).max(1000).optional(),
});
export type Command = z.infer<typeof Command>;

export const IdempotencyKey = z.string().trim().min(1).max(200);
