// Kills the app while a plan runs a drill, a failover and a cancel. This sample plays some
// boundaries, several in each run. `npm run chaos` plays all boundaries in all operations and in
// all difficult runs.
import type { EventEnvironment } from '../support/event-environment.ts';
import { story } from '../support/story.ts';
import { runPlanKills, planKillsNamed } from './plan-kills.ts';
import { startPlanEnvironment } from './plan-environment.ts';

// A later test uses the state that the earlier tests leave behind.
const test = story();

let environment: EventEnvironment;
beforeAll(async () => {
  environment = await startPlanEnvironment();
});
afterAll(() => environment.stop());

const SAMPLE = [
  planKillsNamed('testFailover', [
    'steps planned: done, not answered',
    'turns given: before it arrives',
    'action ended: done, not answered',
    'first round of the next history',
  ]),
  planKillsNamed('failover', [
    'all steps stored: acknowledged',
    'ARM write: done, not answered',
    'its answer recorded: before it arrives',
    'runbook sent: done, not answered',
    'script taken away: acknowledged',
    'job closed: done, not answered',
  ]),
  planKillsNamed('cancelFailover', ['registry updated: done, not answered', 'VMs given back: acknowledged']),
];

test.each(
  SAMPLE.map((death) => ({ ...death, names: death.boundaries.map(({ name }) => name).join('", "') })),
)(
  '$operation of a plan, killed at "$names": each VM once, no lock left, all events [OP-6] [OP-9] [TRG-5]',
  async (death) => {
    await runPlanKills(environment, death);
  },
  240_000,
);
