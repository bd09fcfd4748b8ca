// SIGKILL ends the app at named boundaries. A VM goes through a failover, a commit and a reprotect,
// and dies at another boundary in each. Here the boundaries rotate, and the test plays every fourth
// rotation. `npm run chaos` plays every operation at every boundary.
import { story } from '../support/story.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { BOUNDARIES, type Boundary } from './boundaries.ts';
import { runOperationKill, OPERATIONS, type OperationKill } from './operation-kills.ts';

/**
 * The boundaries for each VM, in order. The three moments of one write go to three different
 * operations. The next write starts with another operation.
 */
function inTurns(boundaries: readonly Boundary[]): readonly (readonly OperationKill[])[] {
  return Array.from({ length: Math.ceil(boundaries.length / OPERATIONS.length) }, (_, turn) =>
    OPERATIONS.map((operation, index) => {
      const boundary =
        boundaries[(turn * OPERATIONS.length + ((index + turn) % OPERATIONS.length)) % boundaries.length];
      if (!boundary) throw new Error('No boundary exists.');
      return { operation, boundary };
    }),
  );
}

// Every fourth rotation still covers each operation and each of a write's three moments, in
// changing pairs.
const turns = inTurns(BOUNDARIES).filter((_deaths, turn) => turn % 4 === 0);
let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(turns.length);
});
afterAll(() => environment.simulator.stop());

describe.each(turns.map((deaths, index) => ({ deaths, index })))('VM $index', ({ deaths, index }) => {
  // Each operation needs the state after the operation before it.
  const test = story();
  test.each(deaths.map((death) => ({ ...death, name: death.boundary.name })))(
    '$operation killed at "$name" sends one write and reports the true state [TRG-1] [OP-6]',
    async (death) => {
      const vm = environment.vms[index];
      if (!vm) throw new Error('The environment needs a VM for each turn.');
      await runOperationKill(environment, vm, death);
    },
  );
});
