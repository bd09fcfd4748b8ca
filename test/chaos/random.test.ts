// Killed at random, by seed, with faults on: one seed here, 500 in `npm run chaos`.
import { scene, type Scene } from '../support/story.ts';
import { playSeed } from './random.ts';

const SEEDS = [1];
let world: Scene;
let kills = 0;
beforeAll(async () => {
  world = await scene(SEEDS.length);
});
afterAll(() => world.simulator.stop());

test.each(SEEDS)('[TRG-1] [OP-6] seed %i: once, and the truth', async (seed) => {
  const vm = world.vms[SEEDS.indexOf(seed)];
  if (!vm) throw new Error('The environment has a VM for each seed.');
  kills += (await playSeed(world, seed, vm)).kills;
});

test('the app was killed at least once per seed on average', () =>
  expect(kills).toBeGreaterThanOrEqual(SEEDS.length));
