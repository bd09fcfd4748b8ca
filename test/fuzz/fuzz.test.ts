// The doors, asked for whatever their schemas allow, and for what they do not: a sample. 5,000 in
// `npm run chaos -- --only fuzz`.
import { contract } from '../support/contract.ts';
import { tooFew } from './figures.ts';
import { EFFECTS } from './judge.ts';
import { operationsOf } from './operations.ts';
import { playStretch, type Played } from './play.ts';

const SAMPLE = 50;

test('of every route it is known what an accepted request does', async () => {
  expect(Object.keys(EFFECTS).sort()).toEqual(
    operationsOf((await contract()).document)
      .map(({ route }) => route)
      .sort(),
  );
});

test('valid calls take effect, refused calls change nothing [TRG-1] [TRG-2] [TRG-4] [RBAC-1]', async () => {
  const wrong: string[] = [];
  const played: readonly Played[] = await playStretch(1, SAMPLE, (why) => void wrong.push(why));
  expect(wrong).toEqual([]);
  expect(tooFew(played)).toEqual([]);
});
