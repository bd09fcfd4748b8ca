// Killed at random, by seed, with faults on: a few seeds in each test file, so that the desks stay small; 500 in `npm run chaos`.
import { scene, type Scene } from '../support/story.ts';
import { playSeed } from './random.ts';

export function playSeeds(first: number, last: number): void {
  const seeds = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  let world: Scene;
  let kills = 0;

  beforeAll(async () => {
    world = await scene(seeds.length);
  });
  afterAll(() => world.desk.stop());

  test.each(seeds)('[TRG-1] [OP-6] seed %i: once, and the truth', async (seed) => {
    const vm = world.vms[seed - first];
    if (!vm) throw new Error('The estate has a VM for each seed.');
    const told = await playSeed(world, seed, vm);
    kills += told.kills;
  }, 120_000);

  test('the app was killed at least once per seed on average', () => expect(kills).toBeGreaterThanOrEqual(seeds.length));
}
