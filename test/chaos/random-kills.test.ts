// Random kills by seed, with faults on: one seed of each scenario here, 500 in `npm run chaos`.
import type { TestEnvironment } from '../support/test-environment.ts';
import { KILL_SCENARIOS, type KillScenarioName } from './kill-scenarios.ts';
import { runSeed } from './random-kills.ts';

const SEEDS = [1];
const SCENARIOS = Object.keys(KILL_SCENARIOS) as readonly KillScenarioName[];

describe.each(SCENARIOS)('%s', (scenario) => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    environment = await KILL_SCENARIOS[scenario].start(SEEDS.length);
  });
  afterAll(() => environment.simulator.stop());

  test.each(SEEDS)(
    'seed %i sends one write for each step and reports the true state [TRG-1] [OP-6]',
    async (seed) => {
      const vm = environment.vms[SEEDS.indexOf(seed)];
      if (!vm) throw new Error('The environment needs a VM for each seed.');
      const { kills } = await runSeed(environment, seed, vm, scenario);
      expect(kills).toBeGreaterThanOrEqual(1);
    },
  );
});
