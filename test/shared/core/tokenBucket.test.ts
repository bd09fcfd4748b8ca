// The bucket of write tokens after a long time in which nobody has asked.
import { reserveTokens } from '../../../shared/core/tokenBucket.ts';

test('[OP-6] after a quiet day no more is granted at once than the bucket holds', () => {
  const rule = { burst: 150, perSecond: 8 };
  const grant = reserveTokens({ tokens: 20, at: 0 }, rule, 1000, 86_400_000);
  expect([grant.granted, grant.budget.tokens]).toEqual([150, 0]);
});
