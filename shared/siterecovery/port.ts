// What Lifeboat asks of Site Recovery, whoever answers.
import type { WriteAnswer } from '../domain/attempt.ts';
import type { ArmJob, ArmJobEntry, Item } from '../domain/item.ts';
import type { PhaseOperation } from '../domain/words.ts';

/** One ARM write: what it does, to which item, with which body. */
export interface WriteRequest {
  readonly operation: PhaseOperation;
  readonly item: Item;
  /** For a reprotect: where the replicas go, and what the new source caches in. */
  readonly reprotect: { readonly resourceGroupId: string; readonly cacheStorageAccountId: string } | null;
}

export interface SiteRecovery {
  /** All items of the vault, all pages. */
  items(): Promise<readonly Item[]>;
  /** Undefined when there is none under this ARM id. */
  item(armId: string): Promise<Item | undefined>;
  jobs(): Promise<readonly ArmJobEntry[]>;
  job(id: string): Promise<ArmJob | undefined>;
  /** Whether a write could be sent at all: a token is at hand. Throws when not. */
  ready(): Promise<void>;
  /** Sends one request, once, and tells the write's own answer. Never throws: no answer is an answer too. */
  send(request: WriteRequest, clientRequestId: string, deadline: Date): Promise<WriteAnswer>;
}

/** What of an ARM id the SDK wants as separate arguments. */
export interface ItemAddress {
  readonly fabric: string;
  readonly container: string;
  readonly name: string;
}

export function addressOf(armId: string): ItemAddress {
  const part = (collection: string) => new RegExp(`/${collection}/([^/]+)`, 'i').exec(armId)?.[1] ?? '';
  return { fabric: part('replicationFabrics'), container: part('replicationProtectionContainers'), name: part('replicationProtectedItems') };
}

export const resourceGroupOf = (armId: string): string => /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(armId)?.[0] ?? '';

export const lastSegment = (path: string): string => path.split('?')[0]?.split('/').at(-1) ?? '';
