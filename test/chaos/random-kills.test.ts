// Random kills by seed, with faults on: one seed here, 500 in `npm run chaos`.
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { story } from '../support/story.ts';
import { runSeed } from './random-kills.ts';

const SEEDS = [1];
// A later test uses the state that the earlier tests leave behind.
const test = story();

let environment: TestEnvironment;
let kills = 0;
beforeAll(async () => {
  environment = await startTestEnvironment(SEEDS.length);
});
afterAll(() => environment.simulator.stop());

test.each(SEEDS)(
  'seed %i sends one write for each step and reports the true state [TRG-1] [OP-6]',
  async (seed) => {
    const vm = environment.vms[SEEDS.indexOf(seed)];
    if (!vm) throw new Error('The environment needs a VM for each seed.');
    kills += (await runSeed(environment, seed, vm)).kills;
  },
);

test('the runner killed the app at least once per seed on average', () =>
  expect(kills).toBeGreaterThanOrEqual(SEEDS.length));
