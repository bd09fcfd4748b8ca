// The bucket of write tokens after a long time without requests.
import { reserveTokens } from '../../../shared/core/tokenBucket.ts';

test('after a quiet day the bucket grants no more at once than it holds [OP-6]', () => {
  const rule = { burst: 150, perSecond: 8 };
  const grant = reserveTokens({ tokens: 20, at: 0 }, rule, 1000, 86_400_000);
  expect([grant.granted, grant.budget.tokens]).toEqual([150, 0]);
});
