// For each boundary: the app is killed there by SIGKILL. A VM goes through a failover, a commit and a reprotect, and dies at another boundary in each;
// here they take turns, and every other turn is played. Every operation at every boundary: `npm run chaos`.
import assert from 'node:assert/strict';
import { scene, type Scene } from '../support/story.ts';
import type { Boundary, KilledOperation } from './boundaries.ts';
import { commandFor, judge, play } from './kill.ts';
import type { Replication } from '../support/lifeboat.ts';

export const OPERATIONS: readonly KilledOperation[] = ['failover', 'commit', 'reprotect'];

export interface Death {
  readonly operation: KilledOperation;
  readonly boundary: Boundary;
}

/** For each VM what it dies of, in order. The three moments of one write fall to another operation each, and not to the same at the next write. */
export function inTurns(boundaries: readonly Boundary[]): readonly (readonly Death[])[] {
  return Array.from({ length: Math.ceil(boundaries.length / OPERATIONS.length) }, (_, turn) =>
    OPERATIONS.map((operation, index) => {
      const boundary = boundaries[(turn * OPERATIONS.length + ((index + turn) % OPERATIONS.length)) % boundaries.length];
      if (!boundary) throw new Error('There is no boundary.');
      return { operation, boundary };
    }));
}

/** Killed once there; throws with what was not true. */
export async function die(world: Scene, vm: Replication, { operation, boundary: { point, where } }: Death): Promise<void> {
  const { job, kills } = await play(world, commandFor(operation, [vm]), (pid) => [{ ...where(operation), point, times: 1, do: { kind: 'kill', pid } }]);
  assert.deepEqual({ operation, kills, state: job.state }, { operation, kills: 1, state: 'completed' });
  await judge(world, operation, vm, job);
}

export function dieAt(boundaries: readonly Boundary[]): void {
  // Every other turn: still each operation, and each of a write's three moments.
  const turns = inTurns(boundaries).filter((_deaths, turn) => turn % 2 === 0);
  let world: Scene;
  beforeAll(async () => {
    world = await scene(turns.length);
  });
  afterAll(() => world.desk.stop());

  describe.each(turns.map((deaths, index) => ({ deaths, index })))('VM $index', ({ deaths, index }) => {
    test.each(deaths.map((death) => ({ ...death, name: death.boundary.name })))('[TRG-1] [OP-6] $operation killed at "$name": once, and the truth', async (death) => {
      const vm = world.vms[index];
      if (!vm) throw new Error('The estate has a VM for each turn.');
      await die(world, vm, death);
    });
  });
}
