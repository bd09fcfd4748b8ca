// A sample of requests to the routes, valid and invalid by their schemas. `npm run chaos -- --only
// fuzz` plays 5,000.
import { loadContract } from '../support/openapi-contract.ts';
import { findTooFewAccepted } from './summary.ts';
import { EFFECTS } from './check-answer.ts';
import { operationsOf } from './operations.ts';
import { runSeedRange, type SeedResult } from './run-seeds.ts';

const SAMPLE = 50;

test('the fuzz knows the effect of an accepted request for every route', async () => {
  expect(Object.keys(EFFECTS).sort()).toEqual(
    operationsOf((await loadContract()).document)
      .map(({ route }) => route)
      .sort(),
  );
});

// Also covers [RBAC-1].
test('valid calls take effect, refused calls change nothing [TRG-1] [TRG-2] [TRG-4]', async () => {
  const wrong: string[] = [];
  const played: readonly SeedResult[] = await runSeedRange(1, SAMPLE, (why) => void wrong.push(why));
  expect(wrong).toEqual([]);
  expect(findTooFewAccepted(played)).toEqual([]);
});
