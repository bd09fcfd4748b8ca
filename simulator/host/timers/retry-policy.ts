// The retries of a failed timer function: how many, and after which delay.

import type { Duration, RetryContext, RetryOptions } from '../app/core-api.ts';
import { StartError } from '../start-error.ts';
import { messageOf, stackOf } from '../log.ts';

export interface RetryPolicy {
  readonly maxRetryCount: number;
  /** Milliseconds before this retry. The first retry has the number 1. */
  delay(retry: number): number;
}

const UNLIMITED_RETRIES = -1;
/**
 * The range of a random factor for delays, so that runs that failed together do not retry together.
 */
const JITTER = { from: 0.8, to: 1.2 };

/** Creates the policy of a function's `retry` option. Throws a StartError for an invalid option. */
export function createRetryPolicy(
  options: RetryOptions | undefined,
  owner: string,
  random: () => number = Math.random,
): RetryPolicy | undefined {
  if (options === undefined) return undefined;
  const { strategy, maxRetryCount, delayInterval, minimumInterval, maximumInterval } = options;
  if (!Number.isInteger(maxRetryCount) || maxRetryCount < UNLIMITED_RETRIES)
    throw new StartError(
      `Function "${owner}": "retry.maxRetryCount" must be a whole number, or -1 for ever.`,
    );
  if (strategy === 'fixedDelay') {
    const delay = requireMilliseconds(delayInterval, 'delayInterval', owner);
    return { maxRetryCount, delay: () => delay };
  }
  if (strategy !== 'exponentialBackoff')
    throw new StartError(`Function "${owner}": the retry strategy "${strategy}" is not known to this host.`);
  const minDelay = requireMilliseconds(minimumInterval, 'minimumInterval', owner);
  const maxDelay = requireMilliseconds(maximumInterval, 'maximumInterval', owner);
  const backoff = (retry: number) =>
    2 ** (retry - 2) * minDelay * (JITTER.from + random() * (JITTER.to - JITTER.from));
  return {
    maxRetryCount,
    delay: (retry) => (retry === 1 ? minDelay : Math.min(maxDelay, Math.round(minDelay + backoff(retry)))),
  };
}

function requireMilliseconds(duration: Duration | undefined, name: string, owner: string): number {
  if (duration === undefined) throw new StartError(`Function "${owner}": "retry.${name}" is missing.`);
  return duration.seconds * 1000;
}

/**
 * Runs until the work succeeds or the policy is exhausted, and then fails with the last error.
 * `pause` returns whether to continue: a stopping host does not wait. Without a policy, the work
 * runs once.
 */
export async function withRetries<T>(
  policy: RetryPolicy | undefined,
  run: (context: RetryContext | undefined) => Promise<T>,
  pause: (delay: number, error: unknown) => Promise<boolean>,
): Promise<T> {
  if (!policy) return await run(undefined);
  const { maxRetryCount } = policy;
  let context: RetryContext = { retryCount: 0, maxRetryCount };
  for (;;) {
    try {
      return await run(context);
    } catch (error) {
      const retry = context.retryCount + 1;
      if (maxRetryCount !== UNLIMITED_RETRIES && retry > maxRetryCount) throw error;
      if (!(await pause(policy.delay(retry), error))) throw error;
      context = {
        retryCount: retry,
        maxRetryCount,
        exception: { message: messageOf(error), stackTrace: stackOf(error) },
      };
    }
  }
}
