import { createRetryPolicy, withRetries } from '../../host/timers/retry-policy.ts';

const exponential = (chance: number) =>
  createRetryPolicy(
    {
      strategy: 'exponentialBackoff',
      maxRetryCount: -1,
      minimumInterval: { seconds: 10 },
      maximumInterval: { seconds: 60 },
    },
    'a',
    () => chance,
  );
const delays = (chance: number) => [1, 2, 3, 4, 5, 50].map((retry) => exponential(chance)?.delay(retry));

test('exponential back-off doubles from the minimum to the maximum, with a spread of a fifth', () => {
  expect(delays(0)).toEqual([10_000, 18_000, 26_000, 42_000, 60_000, 60_000]);
  expect(delays(0.5)).toEqual([10_000, 20_000, 30_000, 50_000, 60_000, 60_000]);
  expect(delays(1)).toEqual([10_000, 22_000, 34_000, 58_000, 60_000, 60_000]);
});

test('a fixed delay is always the same', () => {
  const policy = createRetryPolicy(
    { strategy: 'fixedDelay', maxRetryCount: 3, delayInterval: { seconds: 7 } },
    'a',
  );
  expect([1, 2, 3].map((retry) => policy?.delay(retry))).toEqual([7_000, 7_000, 7_000]);
});

test('retries stop with the last error when the policy is exhausted or the pause is interrupted', async () => {
  const policy = createRetryPolicy(
    { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { seconds: 7 } },
    'a',
  );
  const counts: (number | undefined)[] = [];
  const run = (context: { retryCount: number } | undefined) => {
    counts.push(context?.retryCount);
    return Promise.reject(new Error(`failure ${String(context?.retryCount)}`));
  };
  await expect(withRetries(policy, run, () => Promise.resolve(true))).rejects.toThrow('failure 2');
  await expect(withRetries(policy, run, () => Promise.resolve(false))).rejects.toThrow('failure 0');
  await expect(withRetries(undefined, run, () => Promise.resolve(true))).rejects.toThrow('failure undefined');
  expect(counts).toEqual([0, 1, 2, 0, undefined]);
});
