// Limits the call rate of each caller in each instance of the app. Instances do not share their
// counts, so n instances allow n times the rate and can also bear it. The limit stops one caller
// from blocking the others; it is no quota.
import { rejected } from '../core/errors.ts';

/** A burst and a sustained rate. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Above this number the limiter forgets the callers with a full bucket, because they have been away
 * long enough.
 */
const MAX_CALLERS = 10_000;

/** Counts the calls of each caller with token buckets. */
export class RateLimiter {
  readonly #rate: RateLimit;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** `now`: system time in milliseconds, because calls arrive in system time. */
  constructor(rate: RateLimit, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  /**
   * Takes a token. Returns the seconds until the next possible call; 0 means that the call may
   * proceed.
   */
  takeToken(caller: string): number {
    const { burst, perSecond } = this.#rate;
    const now = this.#now();
    const bucket = this.#buckets.get(caller) ?? { tokens: burst, at: now };
    bucket.tokens = this.#filled(bucket, now);
    bucket.at = now;
    this.#buckets.set(caller, bucket);
    if (this.#buckets.size > MAX_CALLERS) this.#forget(now);
    if (bucket.tokens < 1) return (1 - bucket.tokens) / perSecond;
    bucket.tokens -= 1;
    return 0;
  }

  #filled({ tokens, at }: Bucket, now: number): number {
    return Math.min(this.#rate.burst, tokens + ((now - at) / 1000) * this.#rate.perSecond);
  }

  #forget(now: number): void {
    for (const [caller, bucket] of this.#buckets)
      if (this.#filled(bucket, now) >= this.#rate.burst) this.#buckets.delete(caller);
  }
}

/** Throws 429 when the caller exceeds its rate. */
export function assertWithinRate(limiter: RateLimiter, caller: string, { perSecond }: RateLimit): void {
  const waitSeconds = limiter.takeToken(caller);
  if (waitSeconds === 0) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(waitSeconds));
  throw rejected(
    429,
    'TooManyRequests',
    `The caller sends more than ${perSecond} calls a second. Nothing was done. Try again in ` +
      `${retryAfterSeconds} s; a repeated command with the same key stays the same job.`,
    { retryAfterSeconds },
  );
}
