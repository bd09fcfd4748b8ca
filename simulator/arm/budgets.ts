// ARM's call budgets: token buckets of reads, writes and deletes. Each principal has its own
// buckets in each subscription, and all principals of a subscription share others.

import * as z from 'zod';

export type BudgetKind = 'reads' | 'writes' | 'deletes';

export interface TokenBucket {
  /** The capacity of the bucket. */
  readonly burst: number;
  /** The tokens that return per second of simulated time. */
  readonly perSecond: number;
}

/** The bucket of each kind of call. */
export type BudgetSettings = Readonly<Record<BudgetKind, TokenBucket>>;

export const DEFAULT_BUDGETS: BudgetSettings = {
  reads: { burst: 250, perSecond: 25 },
  writes: { burst: 200, perSecond: 10 },
  deletes: { burst: 200, perSecond: 10 },
};

/** The shared budget of all principals is this many times the budget of one principal. */
const ALL_PRINCIPALS_FACTOR = 15;

const bucketSchema = z.strictObject({ burst: z.int().min(1), perSecond: z.number().positive() });
export const budgetChangeSchema = z
  .strictObject({ reads: bucketSchema, writes: bucketSchema, deletes: bucketSchema })
  .partial();

export const budgetKindOf = (method: string): BudgetKind => {
  if (method === 'GET' || method === 'HEAD') return 'reads';
  return method === 'DELETE' ? 'deletes' : 'writes';
};

interface BucketLevel {
  tokens: number;
  at: number;
}

export interface BudgetScope {
  readonly principal: string;
  /** The subscription of the call. Undefined for calls to the tenant. */
  readonly subscription: string | undefined;
}

export type TakeResult =
  { readonly headers: Readonly<Record<string, string>> } | { readonly retryAfterSeconds: number };

export class Budgets {
  /** The accepted calls and the throttled calls. */
  readonly calls = { taken: 0, throttled: 0 };
  readonly #settings: () => BudgetSettings;
  readonly #levels = new Map<string, BucketLevel>();

  /** New buckets are full. A restart also fills all buckets, as a few seconds would. */
  constructor(settings: () => BudgetSettings) {
    this.#settings = settings;
  }

  /** Takes a token from both buckets, or returns the wait until the next token. */
  takeToken({ principal, subscription }: BudgetScope, kind: BudgetKind, now: number): TakeResult {
    const { burst, perSecond } = this.#settings()[kind];
    const scope = subscription?.toLowerCase() ?? 'tenant';
    const own = this.#level(`${kind} ${scope} ${principal}`, { burst, perSecond }, now);
    const all = this.#level(
      `${kind} ${scope}`,
      { burst: burst * ALL_PRINCIPALS_FACTOR, perSecond: perSecond * ALL_PRINCIPALS_FACTOR },
      now,
    );
    if (own.tokens < 1 || all.tokens < 1) this.calls.throttled += 1;
    else this.calls.taken += 1;
    if (own.tokens < 1) return { retryAfterSeconds: Math.max(1, Math.ceil((1 - own.tokens) / perSecond)) };
    if (all.tokens < 1) return { retryAfterSeconds: 1 };
    own.tokens -= 1;
    all.tokens -= 1;
    const name = `x-ms-ratelimit-remaining-${subscription === undefined ? 'tenant' : 'subscription'}`;
    return {
      headers: {
        [`${name}-${kind}`]: String(Math.floor(own.tokens)),
        [`${name}-global-${kind}`]: String(Math.floor(all.tokens)),
      },
    };
  }

  /** Adds the tokens since the last call and returns the bucket. */
  #level(key: string, { burst, perSecond }: TokenBucket, now: number): BucketLevel {
    const level = this.#levels.get(key) ?? { tokens: burst, at: now };
    level.tokens = Math.min(burst, level.tokens + (Math.max(0, now - level.at) / 1000) * perSecond);
    level.at = Math.max(now, level.at);
    this.#levels.set(key, level);
    return level;
  }
}
