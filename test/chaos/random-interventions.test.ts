// Random interventions in the runs of a plan: one seed here, more in `npm run chaos`.
// STEERED_SEEDS=4,5,6 plays other seeds.
import { startTestEnvironment } from '../support/test-environment.ts';
import { runWithInterventions, INTERVENTION_VMS } from './random-interventions.ts';

const SEEDS = (process.env['STEERED_SEEDS'] ?? '5').split(',').map(Number);

test.each(SEEDS)(
  'seed %i: after take-over, cancel or kill a run starts its own VMs once and no others [OP-8]',
  async (seed) => {
    const environment = await startTestEnvironment(INTERVENTION_VMS);
    try {
      await runWithInterventions(environment, seed);
    } finally {
      await environment.simulator.stop();
    }
  },
  300_000,
);
