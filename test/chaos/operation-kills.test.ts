// The app is killed by SIGKILL at named boundaries. A VM goes through a failover, a commit and a
// reprotect, and dies at another boundary in each; here they take turns, and every fourth turn is
// played. Every operation at every boundary: `npm run chaos`.
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { BOUNDARIES, type Boundary } from './boundaries.ts';
import { runOperationKill, OPERATIONS, type OperationKill } from './operation-kills.ts';

/**
 * For each VM what it dies of, in order. The three moments of one write fall to another operation
 * each, and not to the same at the next write.
 */
function inTurns(boundaries: readonly Boundary[]): readonly (readonly OperationKill[])[] {
  return Array.from({ length: Math.ceil(boundaries.length / OPERATIONS.length) }, (_, turn) =>
    OPERATIONS.map((operation, index) => {
      const boundary =
        boundaries[(turn * OPERATIONS.length + ((index + turn) % OPERATIONS.length)) % boundaries.length];
      if (!boundary) throw new Error('There is no boundary.');
      return { operation, boundary };
    }),
  );
}

// Every fourth turn: still each operation, each of a write's three moments, and not always the same of both.
const turns = inTurns(BOUNDARIES).filter((_deaths, turn) => turn % 4 === 0);
let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(turns.length);
});
afterAll(() => environment.simulator.stop());

describe.each(turns.map((deaths, index) => ({ deaths, index })))('VM $index', ({ deaths, index }) => {
  test.each(deaths.map((death) => ({ ...death, name: death.boundary.name })))(
    '[TRG-1] [OP-6] $operation killed at "$name": once, and the truth',
    async (death) => {
      const vm = environment.vms[index];
      if (!vm) throw new Error('The environment has a VM for each turn.');
      await runOperationKill(environment, vm, death);
    },
  );
});
