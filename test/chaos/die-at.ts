// For each boundary: the app is killed there by SIGKILL, once in a failover, once in a commit, once in a reprotect.
import { scene, type Scene } from '../support/story.ts';
import type { Boundary, KilledOperation } from './boundaries.ts';
import { judge, play } from './kill.ts';

const OPERATIONS: readonly KilledOperation[] = ['failover', 'commit', 'reprotect'];

export function dieAt(boundaries: readonly Boundary[]): void {
  let world: Scene;
  beforeAll(async () => {
    world = await scene(boundaries.length);
  });
  afterAll(() => world.desk.stop());

  test.each(boundaries.map((boundary, index) => ({ ...boundary, index })))('[TRG-1] [OP-6] killed at "$name": once, and the truth', async ({ point, where, index }) => {
    const vm = world.vms[index];
    if (!vm) throw new Error('The estate has a VM for each boundary.');
    for (const operation of OPERATIONS) {
      const { job, kills } = await play(world, operation, [vm], (pid) => [{ ...where(operation), point, times: 1, do: { kind: 'kill', pid } }]);
      expect({ operation, kills }).toEqual({ operation, kills: 1 });
      expect(job.state).toBe('completed');
      await judge(world, operation, vm, job);
    }
  });
}
