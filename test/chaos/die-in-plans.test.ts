// The app dies while a plan is drilled, failed over and given up again: some of the boundaries,
// several in each run.
// All of them, in all operations and on all bad days: `npm run chaos`.
import type { Listening } from '../support/news.ts';
import { dieOnPlan, namedDeath } from './die-in-plans.ts';
import { planStage } from './plan-stage.ts';

let world: Listening;
beforeAll(async () => {
  world = await planStage();
});
afterAll(() => world.stop());

const SAMPLE = [
  namedDeath('testFailover', [
    'steps laid out: done, not answered',
    'turns given: before it arrives',
    'action ended: done, not answered',
    'first round of the next history',
  ]),
  namedDeath('failover', [
    'told that all steps stand: acknowledged',
    'ARM write: done, not answered',
    'its answer recorded: before it arrives',
    'runbook sent: done, not answered',
    'script taken away: acknowledged',
    'job closed: done, not answered',
  ]),
  namedDeath('cancelFailover', ['registry updated: done, not answered', 'VMs given back: acknowledged']),
];

test.each(
  SAMPLE.map((death) => ({ ...death, names: death.boundaries.map(({ name }) => name).join('", "') })),
)(
  '[OP-6] [OP-9] [TRG-5] $operation of a plan, killed at "$names": each VM once, nothing held, all told',
  async (death) => {
    await dieOnPlan(world, death);
  },
  240_000,
);
