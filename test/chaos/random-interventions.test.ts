// Plans whose runs differ, steered by chance: one seed here, more in `npm run chaos`.
// STEERED_SEEDS=4,5,6 plays others.
import { startTestEnvironment } from '../support/test-environment.ts';
import { runWithInterventions, INTERVENTION_VMS } from './random-interventions.ts';

const SEEDS = (process.env['STEERED_SEEDS'] ?? '5').split(',').map(Number);

test.each(SEEDS)(
  'seed %i: taken over, given up or killed, a run touches its own VMs once, and nobody else (A1) [OP-8]',
  async (seed) => {
    const world = await startTestEnvironment(INTERVENTION_VMS);
    try {
      await runWithInterventions(world, seed);
    } finally {
      await world.simulator.stop();
    }
  },
  300_000,
);
