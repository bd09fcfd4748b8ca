// SIGKILL ends the app at named boundaries. A VM goes through the operations of its scenario, and
// dies at another boundary in each. Here the boundaries rotate, and the test plays a few rotations.
// `npm run chaos` plays every operation at every boundary.
import { story } from '../support/story.ts';
import type { TestEnvironment } from '../support/test-environment.ts';
import { BOUNDARIES } from './boundaries.ts';
import { KILL_SCENARIOS, type KillScenarioName, type OperationRun } from './kill-scenarios.ts';
import { canDieAt, runOperationKill, type OperationKill } from './operation-kills.ts';

/**
 * The boundaries for each VM, in order. The three moments of one write go to three different
 * operations. The next write starts with another operation.
 */
function inTurns(runs: readonly OperationRun[], turnCount: number): readonly (readonly OperationKill[])[] {
  return Array.from({ length: turnCount }, (_, turn) =>
    runs.map((run, index) => {
      const boundaries = BOUNDARIES.filter((boundary) => canDieAt(run, boundary));
      const at = turn * runs.length + ((index + turn) % runs.length);
      return { run, boundary: boundaries[at % boundaries.length] ?? null };
    }),
  );
}

/**
 * Every fourth rotation of the shop still covers each operation and each of a write's three moments,
 * in changing pairs. A VM of a site has more operations.
 */
const SAMPLES: readonly { readonly scenario: KillScenarioName; readonly turns: readonly number[] }[] = [
  { scenario: 'azureToAzure', turns: [0, 4, 8, 12] },
  { scenario: 'hyperVToAzure', turns: [1] },
];

describe.each(SAMPLES)('$scenario', ({ scenario, turns }) => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    environment = await KILL_SCENARIOS[scenario].start(turns.length);
  });
  afterAll(() => environment.simulator.stop());

  const all = inTurns(KILL_SCENARIOS[scenario].runs, Math.max(...turns) + 1);
  describe.each(turns.map((turn, index) => ({ kills: all[turn] ?? [], index })))(
    'VM $index',
    ({ kills, index }) => {
      // Each operation needs the state after the operation before it.
      const test = story();
      test.each(
        kills.map((kill) => ({
          kill,
          operation: kill.run.operation.name,
          boundary: kill.boundary?.name ?? 'no boundary',
        })),
      )(
        '$operation killed at "$boundary" sends one write and reports the true state [TRG-1] [OP-6]',
        async ({ kill }) => {
          const vm = environment.vms[index];
          if (!vm) throw new Error('The environment needs a VM for each turn.');
          await runOperationKill(environment, vm, kill);
        },
      );
    },
  );
});
