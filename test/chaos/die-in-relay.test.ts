// A sample of the relay's deaths by SIGKILL: each write of its in one moment or two. `npm run
// chaos` plays them all.
import { listening, type Listening } from '../support/news.ts';
import { dieInRelay, RELAY_BOUNDARIES } from './die-in-relay.ts';

const SAMPLE = RELAY_BOUNDARIES.filter((_boundary, place) => place % 2 === 1);

let world: Listening;
beforeAll(async () => {
  world = await listening(SAMPLE.length);
});
afterAll(() => world.stop());

test.each(SAMPLE.map((boundary, index) => ({ ...boundary, index })))(
  '[TRG-5] killed at "$name"',
  ({ index, ...boundary }) => dieInRelay(world, boundary, index),
);
