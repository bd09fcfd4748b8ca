// So many calls at once, and so many a second after that, for each caller in each instance of the
// app. Instances do not know of one another: with n of them a caller may have n times as much,
// which is what n of them can bear. It keeps one caller from taking what others need; it is no
// quota.
import { rejected } from '../core/errors.ts';

export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Forgotten are those who have been away for so long that their bucket is full again. */
const MAX_CALLERS = 10_000;

export class RateLimiter {
  readonly #rate: RateLimit;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** `now`: in milliseconds of wall time, for calls are made in that. */
  constructor(rate: RateLimit, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  /** Seconds after which the caller may come again; 0: now, and this call is counted. */
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

export function assertWithinRate(limiter: RateLimiter, caller: string, { perSecond }: RateLimit): void {
  const waitSeconds = limiter.takeToken(caller);
  if (waitSeconds === 0) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(waitSeconds));
  throw rejected(
    429,
    'TooManyRequests',
    `These are more calls than ${perSecond} a second. Nothing was done. Come again in ` +
      `${retryAfterSeconds} s; a command that is sent again with the same key is the same job.`,
    { retryAfterSeconds },
  );
}
