// Killed at random, by seed, with faults on: 20 here, 500 in `npm run chaos`.
import { scene, type Scene } from '../support/story.ts';
import { playSeed } from './random.ts';

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
let world: Scene;
let kills = 0;

beforeAll(async () => {
  world = await scene(SEEDS.length);
});
afterAll(() => world.desk.stop());

test.each(SEEDS)('[TRG-1] [OP-6] seed %i: once, and the truth', async (seed) => {
  const vm = world.vms[seed - 1];
  if (!vm) throw new Error('The estate has a VM for each seed.');
  const told = await playSeed(world, seed, vm);
  kills += told.kills;
});

test('the app was killed at least once per seed on average', () => expect(kills).toBeGreaterThanOrEqual(SEEDS.length));
